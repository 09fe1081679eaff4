"""From a line of a seed file to a seed, or to the reason why it is none."""

import json
import re
from collections.abc import Mapping
from string import ascii_uppercase
from typing import Any

from linkqa_kedro.datasets.row_files import FileRow
from linkqa_kedro.pipelines.extraction.parameters import ExtractionParameters, fold_discipline
from linkqa_kedro.records import DIFFICULTY_LEVELS, LANGUAGES

_HAN = re.compile(r"[㐀-鿿]")


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
        UnusableSeed: If the line is broken, or a field is missing or makes no sense.
    """
    if line.record is None:
        raise UnusableSeed("broken line", line.problem)
    record = {field: line.record.get(column) for field, column in parameters.columns.model_dump().items()}
    question = _text(record, "question")
    if len(question) > parameters.max_question_characters:
        limit = f"more than extraction.max_question_characters = {parameters.max_question_characters}"
        raise UnusableSeed("question too long", f"{len(question)} characters, {limit}")
    options = _options(record)
    source = str(record.get("source") or "unknown")
    return {
        "seed_id": _text(record, "id"),
        "question": question,
        "answer": _answer(record, options),
        "options": options,
        "discipline": _discipline(record, parameters),
        "difficulty": _difficulty(record, source, parameters),
        "knowledge_points": _knowledge_points(record),
        "language": _language(record, question),
        "source": source,
        "licence": str(record.get("licence") or "unknown"),
    }


def _parsed(value: Any) -> Any:
    """A list or object that stands in a cell as JSON text; anything else as it is."""
    if isinstance(value, str) and value.lstrip().startswith(("[", "{")):
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            return value
    return value


def _text(record: Mapping[str, Any], field: str) -> str:
    value = record.get(field)
    if value is None or not str(value).strip():
        raise UnusableSeed(f"no {field}", f"the field {field} is missing or empty")
    return str(value).strip()


def _options(record: Mapping[str, Any]) -> list[dict[str, str]]:
    options = _parsed(record.get("options")) or {}
    if isinstance(options, list):  # texts in order, as many collections have them
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
    return rows


def _answer(record: Mapping[str, Any], options: list[dict[str, str]]) -> str:
    answer = _text(record, "answer")
    letters = [row["letter"] for row in options]
    if options and (not set(answer) <= set(letters) or len(set(answer)) != len(answer)):
        raise UnusableSeed("answer not among the options", f"answer {answer!r:.40}, options {''.join(letters)}")
    return "".join(sorted(answer)) if options else answer


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
            f"'{value}'. Known: {known}. Add it to extraction.disciplines in parameters_extraction.yml.",
        )
    return names[folded]


def _difficulty(record: Mapping[str, Any], source: str, parameters: ExtractionParameters) -> int | None:
    value = record.get("difficulty")
    if value is None or value == "":
        return None
    scale = parameters.difficulty_scales.get(source)
    try:
        label = float(value)
    except (TypeError, ValueError):
        raise UnusableSeed("bad difficulty", f"{value!r:.40} is no number") from None
    lowest, highest = DIFFICULTY_LEVELS[0], DIFFICULTY_LEVELS[-1]
    level = label
    if scale is not None:
        level = lowest + (highest - lowest) * (label - scale.easiest) / (scale.hardest - scale.easiest)
    if not lowest <= level <= highest:
        raise UnusableSeed(
            "bad difficulty",
            f"{value} is off the scale of source '{source}'. "
            "Set extraction.difficulty_scales in parameters_extraction.yml.",
        )
    return int(level + 0.5)


def _knowledge_points(record: Mapping[str, Any]) -> list[str]:
    value = _parsed(record.get("knowledge_points")) or []
    if isinstance(value, str):
        value = value.split(";")
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise UnusableSeed("bad knowledge points", f"must be a list of names, got {value!r:.80}")
    return list(dict.fromkeys(name.strip() for name in value if name.strip()))


def _language(record: Mapping[str, Any], question: str) -> str:
    value = record.get("language")
    if value is None:
        return "zh" if len(_HAN.findall(question)) * 5 > len(question) else "en"
    if value not in LANGUAGES:
        raise UnusableSeed("unknown language", f"{value!r:.40}. Known: {', '.join(LANGUAGES)}")
    return str(value)
