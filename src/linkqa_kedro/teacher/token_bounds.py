"""How many tokens a text has at most, without the model's tokenizer."""

from collections.abc import Iterable

from linkqa_kedro.teacher.requests import Message

# What chat templates write around messages, default system prompts of models included.
TEMPLATE_TOKENS = 256


def most_prompt_tokens(messages: Iterable[Message]) -> int:
    """Tokens of a prompt at most.

    Every tokenizer in use falls back to bytes for what it does not know, so a text never has more tokens than bytes of
    UTF-8. Real counts are three to five times less.
    """
    return TEMPLATE_TOKENS + sum(len(message["content"].encode("utf-8", "surrogatepass")) for message in messages)
