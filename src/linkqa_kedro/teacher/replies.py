"""Reads the JSON object out of a completion: strictly first, then by rules that cannot change its meaning.

What models put around and into JSON: their thoughts, a Markdown fence, a sentence before or after, line breaks
inside strings, LaTeX with single backslashes, Chinese punctuation, quotes and commas of other languages. Each
way of reading is tried on the whole answer, on its fences and on its objects before the next one is. Nothing is
guessed: where two readings are possible the answer is asked for afresh.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from linkqa_kedro.teacher import strict_json
from linkqa_kedro.teacher.errors import ReplyUnusable
from linkqa_kedro.teacher.json_recovery import repair_object, with_json_quotes
from linkqa_kedro.teacher.latex_backslashes import STRING, repair_backslashes
from linkqa_kedro.teacher.requests import Completion

SHOWN_CHARACTERS = 120

_FENCE = re.compile(r"```[A-Za-z0-9_-]*[ \t]*+\n(.*?)```", re.DOTALL)
_BRACE_OR_STRING = re.compile(rf"[{{}}]|{STRING.pattern}", re.DOTALL)
# Thoughts that a server left in the answer: from the tag, or, where the template gave it, from the beginning.
_THOUGHTS = re.compile(r"\A<think>.*?</think>|\A(?![{｛\[`]).*?^[ \t]*+</think>", re.DOTALL | re.MULTILINE)
_OBJECT_BEGINS = re.compile(r"""[{｛]\s*+(?:["'“「]|[A-Za-z_]\w{2,60}+\s*+[:：]|\Z)""")


@dataclass(frozen=True)
class JsonReply:
    """The object of an answer.

    Args:
        fields: What it holds.
        repaired: Whether anything inside it had to be read otherwise than strict JSON does; what stands around
            it does not count.
    """

    fields: dict[str, Any]
    repaired: bool


def parse_json_object(completion: Completion) -> JsonReply:
    """The one JSON object that an answer holds.

    Raises:
        ReplyUnusable: With reason "cut by length", "refused by content filter", "empty answer", "not JSON",
            "several JSON objects" or "repeated key".
    """
    text = completion.text.strip()
    if completion.finish_reason == "length":
        n_tokens = "unknown" if completion.output_tokens is None else completion.output_tokens
        raise ReplyUnusable(
            "cut by length",
            f"finish_reason=length after {n_tokens} output tokens; raise max_output_tokens of this stage or "
            "shorten the prompt",
        )
    if completion.finish_reason == "content_filter":
        raise ReplyUnusable("refused by content filter", _shown(text), is_final=True)
    if not text:
        raise ReplyUnusable("empty answer", f"finish_reason={completion.finish_reason}")
    reply = _read(text) or _read_parts(_without_thoughts(text), is_complete=completion.finish_reason == "stop")
    if reply is None:
        raise ReplyUnusable("not JSON", _shown(text))
    return reply


def _read(source: str) -> JsonReply | None:
    """The object that a text is, backslashes of LaTeX and raw line breaks allowed for."""
    source = source.strip()
    if source[:1] != "{":
        return None
    repaired = repair_backslashes(source)
    fields, has_raw_line_breaks = strict_json.loads(repaired)
    return JsonReply(fields, has_raw_line_breaks or repaired != source) if isinstance(fields, dict) else None


def _recover(source: str, is_complete: bool) -> JsonReply | None:
    """The object that a text is, once its quotes and punctuation are JSON's, or json_repair has mended it."""
    rewritten = with_json_quotes(source) if source.lstrip()[:1] in ("{", "｛") else None
    if rewritten is None:
        return None
    reply = _read(rewritten)
    fields = reply.fields if reply else repair_object(repair_backslashes(rewritten)) if is_complete else None
    return None if fields is None else JsonReply(fields, repaired=True)


def _read_parts(text: str, is_complete: bool) -> JsonReply | None:
    """The object that a text holds, looked for in its fences and elsewhere, in the strictest way that finds it."""
    fences = _FENCE.findall(text)
    # Where an object may close is known only once its quotes are: until then it ends at the last brace.
    widest = _unless_cut_list(_cut_at_outer_braces(text))
    recover = partial(_recover, is_complete=is_complete)
    return (
        _only_one(fences, _read, text)
        or _only_one(_unless_cut_list(list(_cut_at_objects(text))), _read, text)
        or _only_one(fences, recover, text)
        or _only_one(widest, recover, text)
    )


def _only_one(candidates: list[str], read: Callable[[str], JsonReply | None], text: str) -> JsonReply | None:
    """What the candidates hold, where one of them, or several that say the same, can be read."""
    candidates = list(dict.fromkeys(candidates))
    replies = [read(candidate) for candidate in candidates]
    found = [reply for reply in replies if reply]
    if not found:
        return None
    # One that cannot be read may still be the one that was meant.
    missed = any(
        reply is None and _OBJECT_BEGINS.search(candidate) for candidate, reply in zip(candidates, replies, strict=True)
    )
    if missed or not all(strict_json.are_same(reply.fields, found[0].fields) for reply in found[1:]):
        raise ReplyUnusable("several JSON objects", _shown(text))
    return JsonReply(found[0].fields, any(reply.repaired for reply in found))


def _without_thoughts(text: str) -> str:
    answer = _THOUGHTS.sub("", text, count=1)
    # Thoughts that never end hold drafts, and no answer.
    return "" if answer.startswith("<think>") else answer


def _unless_cut_list(parts: list[str]) -> list[str]:
    """The parts of a text, objects and what stands around them; none where they are the rest of a list."""
    is_cut = parts[0].rstrip().endswith(("[", "［")) and not parts[-1].lstrip().startswith(("]", "］"))
    return [] if is_cut else parts


def _cut_at_outer_braces(text: str) -> list[str]:
    start = min((place for place in (text.find("{"), text.find("｛")) if place >= 0), default=len(text))
    end = max(text.rfind("}"), text.rfind("｝"), start - 1) + 1
    return [text[:start], text[start:end], text[end:]]


def _cut_at_objects(text: str) -> Iterator[str]:
    """The text in turns of prose and outermost object.

    Inner objects are no parts: where the outer one is broken, a part of it is not the answer. A brace that never
    closes ends the search for the same reason.
    """
    end = 0
    while (start := text.find("{", end)) >= 0:
        depth = 0
        for found in _BRACE_OR_STRING.finditer(text, start):
            depth += {"{": 1, "}": -1}.get(found.group(), 0)
            if depth == 0:
                break
        else:
            break
        yield text[end:start]
        end = found.end()
        yield text[start:end]
    yield text[end:]


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…")
