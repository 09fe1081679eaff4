"""Control tokens of well-known chat templates, and a search for what could be taken for one."""

import unicodedata
from collections import Counter

CONTROL_TOKENS = (
    *("<|begin_of_text|>", "<|start_header_id|>", "<|eot_id|>", "<|header_start|>", "<|python_tag|>"),  # Llama 3, 4
    *("<s>", "</s>", "<unk>", "<<SYS>>", "<</SYS>>", "[INST]", "[/INST]"),  # Llama 2
    *(
        "<|im_start|>",
        "<|im_end|>",
        "<|endoftext|>",
        "<tool_call>",
        "</tool_call>",
        "<tool_response>",
        "<tools>",
    ),  # Qwen
    *(
        "<｜begin▁of▁sentence｜>",
        "<｜User｜>",
        "<｜Assistant｜>",
        "<｜tool▁calls▁begin｜>",
        "</｜DSML｜invoke>",
    ),  # DeepSeek
    *("<think>", "</think>", "<data>", "</data>"),
    *("[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[AVAILABLE_TOOLS]", "[TOOL_CALLS]", "[/TOOL_RESULTS]"),  # Mistral
    *("[THINK]", "[MODEL_SETTINGS]", "[IMG]", "[BEGIN_AUDIO]", "[STREAMING_PAD]", "<SPECIAL_20>"),  # Mistral
    *("<bos>", "<eos>", "<pad>", "<start_of_turn>", "<end_of_turn>", "<image_soft_token>", "<unused7>"),  # Gemma 3
    *("<|turn>", "<turn|>", "<|channel>", "<channel|>", '<|"|>', "<start_function_call>", "<escape>"),  # Gemma
    *("<|user|>", "<|end|>", "<|im_sep|>"),  # Phi
    *("[gMASK]", "<sop>", "<|observation|>", "<arg_key>", "</arg_value>"),  # GLM
    *("<|start|>", "<|channel|>", "<|message|>", "<|return|>", "<|call|>"),  # gpt-oss
    *("[EOT]", "<|tool_calls_section_begin|>", "<seed:bos>", "<minimax:tool_call>"),  # others
)


def tokens_seen(text: str) -> Counter[str]:
    """How often each token stands in a text for whoever overlooks white space and what cannot be seen."""
    visible = "".join(c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc"))
    return Counter({token: visible.count(token) for token in CONTROL_TOKENS if token in visible})
