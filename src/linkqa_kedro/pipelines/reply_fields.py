"""Fields of teacher replies that several stages read, and the checks they share."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from linkqa_kedro.records import DIFFICULTY_LEVELS
from linkqa_kedro.teacher.errors import ReplyUnusable

_NOTHING = ("", "null", "none", "n/a", "na", "no answer", "无", "无答案")


def read_level(value: Any) -> int:
    """A difficulty level.

    Raises:
        ReplyUnusable: If it is no whole number from 1 to 5.
    """
    level = int(value) if isinstance(value, str) and value.strip().isdecimal() else value
    if isinstance(level, bool) or level not in DIFFICULTY_LEVELS:
        raise ReplyUnusable("bad difficulty", f"difficulty is {value!r:.40}, not 1 to 5")
    return int(level)


def read_item(value: Any, known_points: Collection[str], n_seeds: int) -> dict[str, Any]:
    """One QA item of a reply, checked and in the types of `records`.

    Args:
        value: The item as parsed from JSON.
        known_points: Knowledge points that the item may join: the path's, or its neighbours'.
        n_seeds: Number of seeds that the prompt showed.

    Returns:
        Options as rows of letter and text; `seeds` as places from 0, all of them where the reply names none.

    Raises:
        ReplyUnusable: If a part is missing or does not fit the others.
    """
    if not isinstance(value, dict):
        raise ReplyUnusable("item is no object", f"{value!r:.80}")
    options = _read_options(value.get("options"))
    return {
        "question_type": _required_text(value, "question_type"),
        "question": _required_text(value, "question"),
        "options": options,
        "answer": read_answer(value.get("answer"), options),
        "explanation": str(value.get("explanation") or "").strip(),
        "knowledge_points": _read_joined_points(value.get("knowledge_points"), known_points),
        "seeds": _read_seed_places(value.get("seeds"), n_seeds),
        "proof": value.get("proof"),
        "expression": read_expression(value),
    }


def read_answer(value: Any, options: Sequence[Mapping[str, str]]) -> str:
    """An answer: letters where there are options, in their order, else text.

    Args:
        value: The answer as parsed from JSON.
        options: Options of the question, rows of letter and text; empty for an open question.

    Raises:
        ReplyUnusable: If it is missing, or fits no option.
    """
    answer = _required_text({"answer": _as_text(value)}, "answer")
    if not options:
        return answer
    return _read_letters(answer, {option["letter"]: option["text"] for option in options})


def _as_text(value: Any) -> Any:
    """Several answers as one text: models write lists, and objects where parts have numbers."""
    if isinstance(value, list) and not any(isinstance(part, list | dict) for part in value):
        return ", ".join(map(str, value))
    if isinstance(value, dict) and not any(isinstance(part, list | dict) for part in value.values()):
        return ", ".join(f"{name}-{part}" for name, part in value.items())
    return value


def read_expression(fields: Mapping[str, Any]) -> str | None:
    """Arithmetic that gives a numeric answer; None where there is none."""
    return read_optional_text(fields.get("expression"))


def read_optional_text(value: Any) -> str | None:
    """A text that may be missing; None where it is, or where its writer says so in a word."""
    text = "" if value is None or isinstance(value, bool | dict | list) else str(value).strip()
    return None if text.casefold().rstrip(".。") in _NOTHING else text


def _required_text(item: Mapping[str, Any], field: str) -> str:
    value = item.get(field)
    text = "" if value is None or isinstance(value, dict | list) else str(value).strip()
    if not text:
        raise ReplyUnusable(f"no {field.replace('_', ' ')}", f"{field} is {value!r:.60}")
    return text


def _read_options(value: Any) -> list[dict[str, str]]:
    if not value:
        return []
    if not isinstance(value, dict) or len(value) < 2:
        raise ReplyUnusable("bad options", f"options are {value!r:.80}")
    options = [{"letter": str(letter).strip(), "text": str(text).strip()} for letter, text in value.items()]
    if not all(re.fullmatch("[A-Z]", option["letter"]) and option["text"] for option in options):
        raise ReplyUnusable("bad options", f"options are {value!r:.80}")
    return options


def _read_letters(answer: str, options: dict[str, str]) -> str:
    """The answer as its letters alone: "A, C", "(a) and (c)" and "AC" are one answer, and so is an option's text."""
    found = re.sub(r"(?i)\b(?:and|options?)\b|选项|[\W_和与及]+", "", answer).upper()
    if found and set(found) <= set(options) and len(set(found)) == len(found):
        return "".join(sorted(found))
    by_text = {_folded(text): letter for letter, text in options.items()}
    with_text = re.fullmatch(r"\W*([A-Z])\W+(.+)", answer, re.DOTALL)
    if with_text and by_text.get(_folded(with_text[2])) == with_text[1]:
        return with_text[1]
    if _folded(answer) in by_text:
        return by_text[_folded(answer)]
    raise ReplyUnusable("answer not among the options", f"answer {answer!r:.40}, options {''.join(options)}")


def _folded(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".。")


def _read_joined_points(value: Any, known_points: Collection[str]) -> list[str]:
    spelled = {" ".join(point.casefold().split()): point for point in known_points}
    names = value if isinstance(value, list) else []
    folded = [" ".join(str(name).casefold().split()) for name in names]
    joined = list(dict.fromkeys(spelled[name] for name in folded if name in spelled))
    if len(joined) < 2:
        raise ReplyUnusable("joins fewer than two knowledge points", f"knowledge_points is {value!r:.120}")
    return joined


def _read_seed_places(value: Any, n_seeds: int) -> list[int]:
    numbers = value if isinstance(value, list) else []
    places = [number - 1 for number in numbers if isinstance(number, int) and 1 <= number <= n_seeds]
    return sorted(set(places)) or list(range(n_seeds))
