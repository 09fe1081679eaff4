"""A language model of 300 kB with random weights, made on the spot in the format of llama.cpp.

It knows nothing, but it is a real one: any UTF-8 text is a prompt, a chat template is in the file, and what it says
differs with the prompt. It says random ASCII, mostly letters, and comes to an end after some fifty.
"""

from pathlib import Path

import gguf
import numpy as np

LAYERS, WIDTH, HEADS, FEED_FORWARD = 2, 64, 2, 128
RANDOM_SEED = 20251123

SPACE, LINE_BREAK = "Ġ", "Ċ"  # as the vocabulary writes them
START, END, PADDING = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
PAIRS = ("th", "he", "in", "er", "an", "re", "on", "at", "en", "nd", "ti", "es", "or", "te", "of", "ed", "is")

# Added to the logits, which spread by about 1: evenly random bytes would seldom be text, and never come to an end.
SAID_SELDOM, SAID_OFTEN = -3.0, 1.5
OFTEN = ('"', "}", "]", END)
# Random bytes are seldom UTF-8, and llama-server answers HTTP 500 where they come to stand in structured output.
NEVER_SAID = -30.0


def write_tiny_gguf(path: Path, context_tokens: int) -> Path:
    """The model as a file; the same bytes every time.

    Args:
        path: The file.
        context_tokens: Longest prompt and answer together; a token is a byte, or one of `PAIRS`.
    """
    tokens = [*_byte_letters(), *PAIRS, START, END, PADDING]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny-random")
    writer.add_context_length(context_tokens)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(
        [gguf.TokenType.CONTROL if token in (START, END, PADDING) else gguf.TokenType.NORMAL for token in tokens]
    )
    writer.add_token_merges([" ".join(pair) for pair in PAIRS])
    writer.add_eos_token_id(tokens.index(END))
    writer.add_pad_token_id(tokens.index(PADDING))
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)
    for name, weights in _weights(tokens).items():
        writer.add_tensor(name, weights.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _byte_letters() -> list[str]:
    """The letter that stands for each byte in vocabularies of GPT-2's kind: itself where it can be printed."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return [chr(byte) if byte in printable else chr(next(others)) for byte in range(256)]


def _weights(tokens: list[str]) -> dict[str, np.ndarray]:
    random = np.random.default_rng(RANDOM_SEED)

    def matrix(rows: int, columns: int) -> np.ndarray:
        return random.normal(0.0, 0.1, (rows, columns))

    # The first place of every vector is one large number: with it, the output layer has a bias for each token.
    embedding = random.normal(0.0, 1.0, (len(tokens), WIDTH))
    embedding[:, 0] = np.sqrt(WIDTH)
    output = random.normal(0.0, 0.2, (len(tokens), WIDTH))
    output[:, 0] = [_bias(token) / np.sqrt(WIDTH / 2) for token in tokens]
    weights = {"token_embd.weight": embedding, "output.weight": output, "output_norm.weight": np.ones(WIDTH)}
    for layer in range(LAYERS):
        block = {
            "attn_norm": np.ones(WIDTH),
            **{name: matrix(WIDTH, WIDTH) for name in ("attn_q", "attn_k", "attn_v", "attn_output")},
            "ffn_norm": np.ones(WIDTH),
            "ffn_gate": matrix(FEED_FORWARD, WIDTH),
            "ffn_up": matrix(FEED_FORWARD, WIDTH),
            "ffn_down": matrix(WIDTH, FEED_FORWARD),
        }
        weights |= {f"blk.{layer}.{name}.weight": value for name, value in block.items()}
    return weights


def _bias(token: str) -> float:
    if token in OFTEN:
        return SAID_OFTEN
    if token in (SPACE, LINE_BREAK):
        return SAID_SELDOM
    if not token.isascii():
        return NEVER_SAID
    return 0.0 if token.isalnum() else SAID_SELDOM
