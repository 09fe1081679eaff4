"""From a line of a seed file to a seed, or to the reason why it is none."""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from string import ascii_uppercase
from typing import Any, NamedTuple

from linkqa_kedro.datasets.row_files import FileRow
from linkqa_kedro.pipelines.extraction.parameters import (
    DifficultyScale,
    ExtractionParameters,
    fold_discipline,
    number_of,
)
from linkqa_kedro.records import DIFFICULTY_LEVELS, LANGUAGES

_HAN = re.compile(r"[㐀-鿿]")
_BETWEEN_LETTERS = re.compile(r"[\s,;.()、，；（）]+")

# Real seeds stay several times below these; what is above is a column that was mistaken for another.
LONGEST_NAME_CHARACTERS = 500
_MAX_KNOWLEDGE_POINTS = 200  # they all pair with one another


class UnusableSeed(Exception):
    """A line that is no usable seed.

    Args:
        reason: A short fixed word group.
        detail: What exactly was wrong.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def seed_row(line: FileRow, parameters: ExtractionParameters) -> dict[str, Any]:
    """A row of `seeds`.

    Raises:
        UnusableSeed: If the line is broken, or a field is missing, absurdly long, or makes no sense.
    """
    if line.record is None:
        raise UnusableSeed("broken line", line.problem)
    _check_columns(line.record, parameters)
    record = {field: _present(line.record.get(column)) for field, column in parameters.columns.model_dump().items()}
    question = _text(record, "question", _limit(parameters, "max_question_characters"))
    options = _options(record, parameters)
    answer = _answer(record, options, parameters)
    source = _name(record, "source") or line.collection
    return {
        "seed_id": _name(record, "id") or _content_id(source, question, options, answer),
        "question": question,
        "answer": answer,
        "options": options,
        "discipline": _discipline(record, parameters),
        "difficulty": _difficulty(record, source, parameters),
        "knowledge_points": _knowledge_points(record),
        "language": _language(record, question),
        "source": source,
        "licence": _name(record, "licence") or "unknown",
    }


def _content_id(source: str, question: str, options: list[dict[str, str]], answer: str) -> str:
    """Identifier of a seed that brings none: the same text has the same one, wherever it stands in its file."""
    content = json.dumps([question, options, answer], ensure_ascii=False)
    return f"{source}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"


class _Limit(NamedTuple):
    """Most characters of a text.

    Attributes:
        characters: Their number.
        where: What sets it, as it is said in the detail.
    """

    characters: int
    where: str


_NAME_LIMIT = _Limit(LONGEST_NAME_CHARACTERS, f"{LONGEST_NAME_CHARACTERS}")


def _limit(parameters: ExtractionParameters, key: str) -> _Limit:
    characters = getattr(parameters, key)
    return _Limit(characters, f"extraction.{key} = {characters}")


def _check_length(text: str, what: str, limit: _Limit) -> None:
    if len(text) > limit.characters:
        raise UnusableSeed(f"{what} too long", f"{len(text)} characters, more than {limit.where}")


def _check_columns(record: Mapping[str, Any], parameters: ExtractionParameters) -> None:
    """A column that goes by another name is the commonest mistake: say which there are, and the key to change."""
    for field in ("question", "answer"):
        column = getattr(parameters.columns, field)
        if column not in record:
            known = ", ".join(repr(name) for name in record) or "none"
            raise UnusableSeed(
                f"no {field}",
                f"there is no field '{column}', or it is empty; there are {known:.200}. "
                f"If yours has another name, set extraction.columns.{field} in parameters_extraction.yml",
            )


def _present(value: Any) -> Any:
    """The value; None for the NaN by which tables say that a cell is empty."""
    return None if isinstance(value, float) and math.isnan(value) else value


def _parsed(value: Any) -> Any:
    """A list or object that stands in a cell as JSON text; anything else as it is."""
    if isinstance(value, str) and value.lstrip().startswith(("[", "{")):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):  # no JSON, or none that can be read
            return value
    return value


def _text(record: Mapping[str, Any], field: str, limit: _Limit) -> str:
    value = record.get(field)
    if isinstance(value, dict | list | tuple):
        raise UnusableSeed(f"bad {field}", f"the field {field} must be text, got {value!r:.80}")
    text = "" if value is None else str(value).strip()
    if not text:
        raise UnusableSeed(f"no {field}", f"the field {field} is empty")
    _check_length(text, field, limit)
    return text


def _name(record: Mapping[str, Any], field: str) -> str:
    """Text of a field that may be missing."""
    value = record.get(field)
    return "" if value is None or not str(value).strip() else _text(record, field, _NAME_LIMIT)


def _options(record: Mapping[str, Any], parameters: ExtractionParameters) -> list[dict[str, str]]:
    options = _parsed(record.get("options")) or {}
    if isinstance(options, list) and len(options) <= len(ascii_uppercase):  # texts in order, as many collections have
        options = dict(zip(ascii_uppercase, options, strict=False))
    if not isinstance(options, dict):
        raise UnusableSeed("bad options", f"options must be an object of letter and text, got {options!r:.80}")
    # A Parquet column of objects has every letter that any row has: those this row lacks are null.
    rows = [
        {"letter": str(letter).strip(), "text": str(text).strip()}
        for letter, text in options.items()
        if text is not None
    ]
    if len(rows) == 1 or not all(row["text"] and re.fullmatch("[A-Z]", row["letter"]) for row in rows):
        raise UnusableSeed("bad options", f"options need two or more letters A-Z with texts, got {options!r:.80}")
    for row in rows:
        _check_length(row["text"], "option", _limit(parameters, "max_answer_characters"))
    return rows


def _answer(record: Mapping[str, Any], options: list[dict[str, str]], parameters: ExtractionParameters) -> str:
    given = _parsed(record.get("answer")) if options else record.get("answer")
    if options and isinstance(given, list):  # several right options
        given = " ".join(str(letter) for letter in given)
    answer = _text({"answer": given}, "answer", _limit(parameters, "max_answer_characters"))
    if not options:
        return answer
    letters = [row["letter"] for row in options]
    chosen = _BETWEEN_LETTERS.sub("", answer)
    if not chosen or not set(chosen) <= set(letters) or len(set(chosen)) != len(chosen):
        raise UnusableSeed("answer not among the options", f"answer {answer!r:.40}, options {''.join(letters)}")
    return "".join(sorted(chosen))


def _discipline(record: Mapping[str, Any], parameters: ExtractionParameters) -> str | None:
    value = record.get("discipline")
    if value is None or not str(value).strip():
        return None
    names = parameters.discipline_names()
    folded = fold_discipline(str(value))
    if folded not in names:
        known = ", ".join(sorted(parameters.disciplines))
        raise UnusableSeed(
            "unknown discipline",
            f"'{value!s:.80}'. Known: {known}. Add it to extraction.disciplines in parameters_extraction.yml.",
        )
    return names[folded]


def _difficulty(record: Mapping[str, Any], source: str, parameters: ExtractionParameters) -> int | None:
    value = record.get("difficulty")
    if value is None or value == "":
        return None
    scale = parameters.difficulty_scales.get(source)
    level = number_of(value) if scale is None else scale.level(value)
    if level is None or not DIFFICULTY_LEVELS[0] <= level <= DIFFICULTY_LEVELS[-1]:
        raise UnusableSeed("bad difficulty", _why_off_the_scale(value, source, scale))
    return int(level + 0.5)


def _why_off_the_scale(value: Any, source: str, scale: DifficultyScale | None) -> str:
    key = f"extraction.difficulty_scales.{source}"
    if scale is None:
        return (
            f"{value!r:.40} is no level from 1 to 5. Set {key} in parameters_extraction.yml, "
            "e.g. {easiest: 0, hardest: 4} or {labels: {easy: 2, medium: 3, hard: 4}}"
        )
    known = f"from {scale.easiest:g} to {scale.hardest:g}" if scale.labels is None else ", ".join(scale.labels)
    return f"{value!r:.40} is off the scale of source '{source}' ({known}). Set {key} in parameters_extraction.yml"


def _knowledge_points(record: Mapping[str, Any]) -> list[str]:
    value = _parsed(record.get("knowledge_points")) or []
    if isinstance(value, str):
        value = re.split("[;；]", value)
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise UnusableSeed("bad knowledge points", f"must be a list of names, got {value!r:.80}")
    names = list(dict.fromkeys(name.strip() for name in value if name.strip()))
    if len(names) > _MAX_KNOWLEDGE_POINTS:
        raise UnusableSeed("too many knowledge points", f"{len(names)}, more than {_MAX_KNOWLEDGE_POINTS}")
    for name in names:
        _check_length(name, "knowledge point", _NAME_LIMIT)
    return names


def _language(record: Mapping[str, Any], question: str) -> str:
    value = record.get("language")
    if value is None:
        return "zh" if len(_HAN.findall(question)) * 5 > len(question) else "en"
    if value not in LANGUAGES:
        raise UnusableSeed("unknown language", f"{value!r:.40}. Known: {', '.join(LANGUAGES)}")
    return str(value)
