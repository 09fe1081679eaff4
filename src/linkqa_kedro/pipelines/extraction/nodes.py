"""Nodes of extraction."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from linkqa_kedro.datasets.prompt_template import PromptTemplate
from linkqa_kedro.datasets.row_files import FileRow
from linkqa_kedro.errors import UserError
from linkqa_kedro.keyphrases import nearest_labelled, propose_candidates
from linkqa_kedro.pipelines.extraction.naming import name_counts, verdicts_of
from linkqa_kedro.pipelines.extraction.parameters import ExtractionParameters, fold_discipline
from linkqa_kedro.pipelines.extraction.seed_rows import LONGEST_NAME_CHARACTERS, UnusableSeed, seed_row
from linkqa_kedro.pipelines.reply_fields import read_level
from linkqa_kedro.pipelines.reply_schemas import LONGEST_POINT_NAME, annotation_schema
from linkqa_kedro.pipelines.seed_values import searchable_text
from linkqa_kedro.progress import track
from linkqa_kedro.records import (
    ALIASES,
    ANNOTATIONS,
    KP_CANDIDATES,
    RAW_ANNOTATIONS,
    REJECTED_ANNOTATIONS,
    REJECTED_SEEDS,
    SEEDS,
    rows_of,
)
from linkqa_kedro.teacher.completing import complete
from linkqa_kedro.teacher.errors import ReplyUnusable
from linkqa_kedro.teacher.replies import parse_json_object
from linkqa_kedro.teacher.requests import Answered, Completion, Request
from linkqa_kedro.teacher.teacher import Teacher
from linkqa_kedro.teacher.usage import usage_metrics
from linkqa_kedro.text_hygiene.canonical_names import merge_aliases
from linkqa_kedro.text_hygiene.judged_names import merge_judged


def read_seeds(seed_lines: Iterable[FileRow], parameters: ExtractionParameters) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Clean seeds, and the lines that are none with the reason.

    Raises:
        UserError: If not one line is a usable seed.
    """
    seeds: dict[str, dict[str, Any]] = {}
    rejected = []
    for line in track(seed_lines, "read_seeds", "lines"):
        try:
            row = seed_row(line, parameters)
            if row["seed_id"] in seeds:
                raise UnusableSeed("repeated id", f"{row['seed_id']} stands on an earlier line")
            seeds[row["seed_id"]] = row
        except UnusableSeed as problem:
            rejected.append(_rejected_seed(line, problem, parameters))
    if not seeds:
        raise UserError(_why_no_seeds(rejected))
    return SEEDS.frame(seeds.values()), REJECTED_SEEDS.frame(rejected)


def _rejected_seed(line: FileRow, problem: UnusableSeed, parameters: ExtractionParameters) -> dict[str, Any]:
    seed_id = (line.record or {}).get(parameters.columns.id)
    return {
        "file": line.file,
        "line": line.line,
        "seed_id": None if seed_id is None else f"{seed_id!s:.{LONGEST_NAME_CHARACTERS}}",
        "reason": problem.reason,
        "detail": problem.detail,
    }


def _why_no_seeds(rejected: list[dict[str, Any]]) -> str:
    reasons = ", ".join(f"{n} {reason}" for reason, n in Counter(r["reason"] for r in rejected).most_common(3))
    first = (
        f" First: line {rejected[0]['line']} of {rejected[0]['file']}: {rejected[0]['detail'].rstrip('.')}."
        if rejected
        else ""
    )
    return (
        f"None of the {len(rejected)} lines is a usable seed ({reasons or 'the file is empty'}).{first} "
        "Name another file with --params seeds.path=… ; docs/data_dictionary.md shows the fields."
    )


def propose_kp_candidates(seeds: pd.DataFrame, parameters: ExtractionParameters) -> pd.DataFrame:
    """A vocabulary for each seed, chosen over the whole corpus, and its nearest labelled seeds."""
    rows = rows_of(seeds)
    texts = [searchable_text(row) for row in rows]
    languages = [row["language"] for row in rows]
    settings = parameters.candidates
    candidates = propose_candidates(
        texts,
        languages,
        [row["knowledge_points"] for row in rows],
        max_per_seed=settings.per_seed,
        min_seeds=settings.min_seeds,
        max_seed_share=settings.max_seed_share,
    )
    neighbours = _labelled_neighbours(rows, texts, languages, settings.neighbours)
    return KP_CANDIDATES.frame(
        {
            "seed_id": row["seed_id"],
            "candidates": names,
            "neighbour_ids": [rows[place]["seed_id"] for place, _ in near],
            "neighbour_similarities": [float(similarity) for _, similarity in near],
        }
        for row, names, near in zip(rows, candidates, neighbours, strict=True)
    )


def _labelled_neighbours(
    rows: list[dict[str, Any]], texts: list[str], languages: list[str], n: int
) -> list[list[tuple[int, float]]]:
    """The n nearest seeds with labels of any kind, and more until half of n have knowledge points; (place, similarity).

    Those that are added lend names. Alone they would mislead: where one discipline only carries knowledge points, they
    say of every seed that it is of that discipline.
    """
    with_points = [bool(row["knowledge_points"]) for row in rows]
    with_any = [
        has_points or row["discipline"] is not None or row["difficulty"] is not None
        for has_points, row in zip(with_points, rows, strict=True)
    ]
    nearest = nearest_labelled(texts, languages, with_any, n)
    if with_any == with_points or not any(with_points):
        return nearest
    naming = nearest_labelled(texts, languages, with_points, n)
    n_naming = (n + 1) // 2
    filled = []
    for near, with_names in zip(nearest, naming, strict=True):
        n_lacking = max(n_naming - sum(with_points[place] for place, _ in near), 0)
        added = [one for one in with_names if one not in near][:n_lacking]
        filled.append(sorted([*near, *added], key=lambda one: (-one[1], one[0])))
    return filled


def annotate_seeds(
    seeds: pd.DataFrame,
    kp_candidates: pd.DataFrame,
    teacher: Teacher,
    prompt: PromptTemplate,
    parameters: ExtractionParameters,
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Annotations as named by seeds and teacher, seeds without a usable one, and figures.

    Labels that a seed carries are kept; a seed that carries all of them is not asked about.
    """
    rows = rows_of(seeds)
    unlabelled = [row for row in rows if not _is_labelled(row)]
    requests = annotation_requests(unlabelled, rows, rows_of(kp_candidates), prompt, parameters)
    read = AnnotationReader(parameters)
    completed = complete(requests, teacher, read, n_expected=len(unlabelled))
    found: dict[str, Answered[dict[str, Any]]] = {a.request.record_id: a for a in completed.answered}
    annotations = []
    for row in rows:
        if _is_labelled(row):
            annotations.append(_annotation(row, None))
        elif row["seed_id"] in found:
            annotations.append(_annotation(row, found[row["seed_id"]]))
    if not annotations:
        first = completed.unanswered[0]
        raise UserError(
            f"The teacher annotated none of the {len(rows)} seeds. First reason: {first.reason}: {first.detail}"
        )
    rejected = [
        {"seed_id": u.request.record_id, "request_key": u.key, "reason": u.reason, "detail": u.detail}
        for u in completed.unanswered
    ]
    statistics = {
        "seeds": len(rows),
        "annotated": len(annotations),
        "rejected": len(rejected),
        "labelled_by_seed": sum(a["labelled_by"] == "seed" for a in annotations),
        "knowledge_points_per_seed": sum(len(a["knowledge_points"]) for a in annotations) / len(annotations),
        "repaired_replies": sum(a.value["repaired"] for a in completed.answered),
        "teacher": usage_metrics(completed.usage),
    }
    return RAW_ANNOTATIONS.frame(annotations), REJECTED_ANNOTATIONS.frame(rejected), statistics


def merge_kp_names(
    raw_annotations: pd.DataFrame, alias_edits: dict[str, str], close_names: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Annotations with canonical names, and the table of merges.

    Args:
        raw_annotations: Names as found.
        alias_edits: A person's choices, canonical name by alias; equal names keep a name apart.
        close_names: Close pairs with the teacher's verdicts; None where it was not asked.
    """
    rows = rows_of(raw_annotations)
    counts = name_counts(raw_annotations)
    table = merge_aliases(counts, alias_edits)
    if close_names is not None:
        table = merge_judged(table, counts, alias_edits, verdicts_of(close_names))
    for row in rows:
        row["knowledge_points"] = list(dict.fromkeys(table.canonical(name) for name in row["knowledge_points"]))
    aliases = [
        {"alias": merge.alias, "canonical": merge.canonical, "rule": merge.rule, "score": merge.score}
        for merge in table.rows
    ]
    return ANNOTATIONS.frame(rows), ALIASES.frame(aliases)


def _is_labelled(seed: dict[str, Any]) -> bool:
    return bool(seed["knowledge_points"]) and seed["discipline"] is not None and seed["difficulty"] is not None


def annotation_requests(
    unlabelled: list[dict[str, Any]],
    seeds: list[dict[str, Any]],
    candidates: list[dict[str, Any]],
    prompt: PromptTemplate,
    parameters: ExtractionParameters,
) -> Iterator[Request]:
    """The requests that ask for what seeds lack.

    Args:
        unlabelled: Rows of `seeds` to ask about.
        seeds: All rows of `seeds`, the labelled neighbours among them.
        candidates: Rows of `kp_candidates`.
        prompt: Template of the messages.
        parameters: Taxonomy, limits and settings.
    """
    by_id = {row["seed_id"]: row for row in seeds}
    candidates_of = {row["seed_id"]: row for row in candidates}
    schema = annotation_schema(parameters.disciplines, parameters.max_knowledge_points)
    for seed in unlabelled:
        offered = candidates_of[seed["seed_id"]]
        near = zip(offered["neighbour_ids"], offered["neighbour_similarities"], strict=True)
        values = {
            "seed": {name: seed[name] for name in ("question", "answer", "options", "language")},
            "known": {name: seed[name] for name in ("knowledge_points", "discipline", "difficulty")},
            "candidates": offered["candidates"],
            "neighbours": [
                {
                    **{k: by_id[i][k] for k in ("question", "knowledge_points", "discipline", "difficulty")},
                    "similarity": round(similarity, 6),
                }
                for i, similarity in near
            ],
            "disciplines": sorted(parameters.disciplines),
            "max_knowledge_points": parameters.max_knowledge_points,
        }
        yield Request(
            role="annotate",
            stage="extraction",
            record_id=seed["seed_id"],
            messages=prompt.messages(values),
            values=values,
            settings=parameters.teacher.sampling,
            prompt_version=prompt.version,
            reply_schema=schema,
        )


class AnnotationReader:
    """Reads a reply into knowledge points, discipline and difficulty, or says why it cannot."""

    def __init__(self, parameters: ExtractionParameters) -> None:
        self._names = parameters.discipline_names()
        self._limit = parameters.max_knowledge_points

    def __call__(self, _: Request, completion: Completion) -> dict[str, Any]:
        """Knowledge points, discipline, difficulty, and whether the JSON had to be repaired.

        Raises:
            ReplyUnusable: If one of them is missing or wrong.
        """
        reply = parse_json_object(completion)
        return {
            "knowledge_points": self._knowledge_points(reply.fields.get("knowledge_points")),
            "discipline": self._discipline(reply.fields.get("discipline")),
            "difficulty": read_level(reply.fields.get("difficulty")),
            "repaired": reply.repaired,
        }

    def _knowledge_points(self, value: Any) -> list[str]:
        names = [" ".join(name.split()) for name in value if isinstance(name, str)] if isinstance(value, list) else []
        names = list(dict.fromkeys(name for name in names if name))
        if not names:
            raise ReplyUnusable("no knowledge points", f"knowledge_points is {value!r:.80}")
        too_long = [name for name in names if len(name) > LONGEST_POINT_NAME]
        if too_long:
            raise ReplyUnusable("knowledge point too long", f"{too_long[0]:.100}")
        return names[: self._limit]

    def _discipline(self, value: Any) -> str:
        folded = fold_discipline(str(value))
        if folded not in self._names:
            raise ReplyUnusable("unknown discipline", f"{value!r:.60} is not in extraction.disciplines")
        return self._names[folded]


def _annotation(seed: dict[str, Any], answer: Answered[dict[str, Any]] | None) -> dict[str, Any]:
    found = answer.value if answer else seed
    return {
        "seed_id": seed["seed_id"],
        "knowledge_points": seed["knowledge_points"] or found["knowledge_points"],
        "discipline": seed["discipline"] or found["discipline"],
        "difficulty": seed["difficulty"] or found["difficulty"],
        "labelled_by": "teacher" if answer else "seed",
        "request_key": answer.key if answer else None,
        "model": answer.completion.model if answer else None,
    }
