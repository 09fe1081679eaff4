"""Nodes of extraction that look at names which no rule merges, and at what merging did."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from linkqa_kedro.datasets.prompt_template import PromptTemplate
from linkqa_kedro.figures.linkage import linkage
from linkqa_kedro.pipelines.extraction.parameters import AliasParameters, ExtractionParameters
from linkqa_kedro.pipelines.reply_schemas import adjudication_schema
from linkqa_kedro.records import CLOSE_NAMES, rows_of
from linkqa_kedro.teacher.completing import Completed, complete
from linkqa_kedro.teacher.errors import ReplyUnusable
from linkqa_kedro.teacher.replies import parse_json_object
from linkqa_kedro.teacher.requests import Completion, Request
from linkqa_kedro.teacher.teacher import Teacher
from linkqa_kedro.teacher.usage import TeacherUsage, usage_metrics
from linkqa_kedro.text_hygiene.canonical_names import AliasTable, merge_aliases
from linkqa_kedro.text_hygiene.close_names import ClosePair, close_pairs
from linkqa_kedro.text_hygiene.judged_names import Verdict, contradicted, names_to_compare

SAME, DIFFERENT, CONTRADICTED = "same", "different", "contradicted"
UNANSWERED, NOT_ASKED = "unanswered", "not asked"
_SCHEMA = adjudication_schema()
_LONGEST_REASON = 300

Row = dict[str, Any]


def compare_close_names(
    raw_annotations: pd.DataFrame,
    seeds: pd.DataFrame,
    alias_edits: dict[str, str],
    teacher: Teacher,
    prompt: PromptTemplate,
    parameters: ExtractionParameters,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Pairs of names that may be one concept, with the teacher's verdict where it is asked, and its usage.

    Names that a person edited are compared with nothing.
    """
    counts = name_counts(raw_annotations)
    table = merge_aliases(counts, alias_edits)
    settings = parameters.aliases
    names = names_to_compare(table, counts, alias_edits)
    pairs = close_pairs(names, settings.least_likeness, settings.most_pairs).pairs
    if not settings.adjudicate:
        rows = [_row(pair, NOT_ASKED) for pair in pairs]
        return CLOSE_NAMES.frame(rows), usage_metrics(TeacherUsage())
    examples = _examples(raw_annotations, seeds, table)
    completed = complete(_requests(pairs, examples, prompt, settings), teacher, _read_verdict, n_expected=len(pairs))
    return CLOSE_NAMES.frame(_judged_rows(pairs, completed, alias_edits)), usage_metrics(completed.usage)


def name_counts(annotations: pd.DataFrame) -> dict[str, int]:
    """How many seeds name each knowledge point, in the order of the alphabet."""
    counts = Counter(name for row in rows_of(annotations) for name in row["knowledge_points"])
    return dict(sorted(counts.items()))


def verdicts_of(close_names: pd.DataFrame) -> list[Verdict]:
    """What the teacher said, as merging reads it; a contradicted pair says nothing."""
    return [
        Verdict(row["name"], row["other"], row["likeness"], row["verdict"] == SAME, row["better"])
        for row in rows_of(close_names)
        if row["verdict"] in (SAME, DIFFERENT)
    ]


def _row(pair: ClosePair, verdict: str, detail: str = "", key: str | None = None, better: str | None = None) -> Row:
    return {
        "name": pair.name,
        "other": pair.other,
        "likeness": pair.likeness,
        "verdict": verdict,
        "better": better,
        "detail": detail,
        "request_key": key,
    }


def _examples(raw_annotations: pd.DataFrame, seeds: pd.DataFrame, table: AliasTable) -> dict[str, str]:
    """The question of the first seed that holds each canonical name, under whatever spelling."""
    questions = dict(zip(seeds["seed_id"], seeds["question"], strict=True))
    examples: dict[str, str] = {}
    for row in rows_of(raw_annotations):
        for name in row["knowledge_points"]:
            examples.setdefault(table.canonical(name), questions.get(row["seed_id"], ""))
    return examples


def _requests(
    pairs: Sequence[ClosePair], examples: Mapping[str, str], prompt: PromptTemplate, settings: AliasParameters
) -> Iterator[Request]:
    for number, pair in enumerate(pairs):
        values = {
            "name": pair.name,
            "name_example": examples.get(pair.name, ""),
            "other": pair.other,
            "other_example": examples.get(pair.other, ""),
        }
        yield Request(
            role="adjudicate",
            stage="extraction",
            record_id=str(number),
            messages=prompt.messages(values),
            values=values,
            settings=settings.teacher.sampling,
            prompt_version=prompt.version,
            reply_schema=_SCHEMA,
        )


def _read_verdict(request: Request, completion: Completion) -> Row:
    """Verdict, better name and reason of a reply."""
    fields = parse_json_object(completion).fields
    verdict = str(fields.get("verdict")).strip().casefold()
    if verdict not in (SAME, DIFFERENT):
        raise ReplyUnusable("bad verdict", f"verdict is {fields.get('verdict')!r:.60}, not same or different")
    reason = " ".join(str(fields.get("reason") or "").split())[:_LONGEST_REASON]
    if verdict == DIFFERENT:
        return {"verdict": DIFFERENT, "better": None, "reason": reason}
    names = {"first": request.values["name"], "second": request.values["other"]}
    better = names.get(str(fields.get("better")).strip().casefold())
    if better is None:
        raise ReplyUnusable("bad better name", f"better is {fields.get('better')!r:.60}, not first or second")
    return {"verdict": SAME, "better": better, "reason": reason}


def _judged_rows(pairs: Sequence[ClosePair], completed: Completed[Row], alias_edits: dict[str, str]) -> list[Row]:
    rows: dict[int, Row] = {}
    for lost in completed.unanswered:
        place = int(lost.request.record_id)
        rows[place] = _row(pairs[place], UNANSWERED, f"{lost.reason}: {lost.detail}", lost.key)
    for answered in completed.answered:
        place, said = int(answered.request.record_id), answered.value
        rows[place] = _row(pairs[place], said["verdict"], said["reason"], answered.key, said["better"])
    ordered = [rows[place] for place in sorted(rows)]
    aside = contradicted(verdicts_of(CLOSE_NAMES.frame(ordered)), alias_edits)
    for row in ordered:
        if (row["name"], row["other"]) in aside:
            row["verdict"] = CONTRADICTED
    return ordered


def describe_extraction(
    raw_annotations: pd.DataFrame,
    annotations: pd.DataFrame,
    aliases: pd.DataFrame,
    close_names: pd.DataFrame,
    annotation_figures: dict[str, Any],
    adjudication_usage: dict[str, Any],
) -> dict[str, Any]:
    """Figures of extraction: of the annotations, and of the names before and after they were merged."""
    return {
        **annotation_figures,
        "names": {
            "before": _linkage_figures(raw_annotations),
            "after": _linkage_figures(annotations),
            "merged_by_rule": dict(sorted(Counter(aliases["rule"]).items())),
            "close_pairs_by_verdict": dict(sorted(Counter(close_names["verdict"]).items())),
        },
        "adjudication_teacher": adjudication_usage,
    }


def _linkage_figures(annotations: pd.DataFrame) -> dict[str, Any]:
    found = linkage(annotations["knowledge_points"])
    return {
        "knowledge_points": found.n_names,
        "singletons": found.n_singletons,
        "singleton_fraction": found.singleton_fraction,
        "largest_component_fraction": found.largest_component_fraction,
    }
