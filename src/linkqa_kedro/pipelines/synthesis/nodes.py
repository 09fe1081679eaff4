"""Nodes of synthesis."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import pandas as pd

from linkqa_kedro.datasets.prompt_template import PromptTemplate
from linkqa_kedro.errors import UserError
from linkqa_kedro.figures.total_variation import total_variation
from linkqa_kedro.pipelines.qa_rows import most_frequent, qa_row
from linkqa_kedro.pipelines.reply_fields import read_item
from linkqa_kedro.pipelines.reply_schemas import synthesis_schema
from linkqa_kedro.pipelines.seed_values import seed_links, seed_values, seeds_named
from linkqa_kedro.pipelines.synthesis.parameters import SynthesisParameters
from linkqa_kedro.pipelines.synthesis.type_mix import draw_types, type_name, type_shares
from linkqa_kedro.records import REJECTED_SYNTHESIS, WRITTEN_QA
from linkqa_kedro.shards import ShardedTable
from linkqa_kedro.teacher.completing import Completed, complete
from linkqa_kedro.teacher.errors import ReplyUnusable
from linkqa_kedro.teacher.replies import parse_json_object
from linkqa_kedro.teacher.requests import Answered, Completion, Request, canonical_json
from linkqa_kedro.teacher.teacher import Teacher
from linkqa_kedro.teacher.usage import usage_metrics


@dataclass(frozen=True)
class _Items:
    """The items of one reply: usable ones with their place in it, and the others with their reason."""

    usable: tuple[tuple[int, dict[str, Any]], ...]
    unusable: tuple[tuple[int, ReplyUnusable], ...]
    repaired: bool


def synthesise_qa(
    paths: ShardedTable,
    seeds: pd.DataFrame,
    annotations: pd.DataFrame,
    teacher: Teacher,
    prompt: PromptTemplate,
    parameters: SynthesisParameters,
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """New QA of every path, their answers still unchecked; requests and items that gave none; and figures.

    Raises:
        UserError: If no path gave a single QA.
    """
    by_id = seed_values(seeds, annotations)
    requests = _synthesis_requests(paths, by_id, prompt, parameters)
    completed = complete(requests, teacher, _read_items, n_expected=paths.n_rows)
    rows = [row for answered in completed.answered for row in _qa_rows(answered)]
    rejected = _rejected(completed)
    if paths.n_rows and not rows:
        raise UserError(
            f"Synthesis got no QA from {paths.n_rows} paths. "
            f"First reason: {rejected[0]['reason']}: {rejected[0]['detail']}"
        )
    by_type = Counter(row["question_type"] for row in rows)
    figures = {
        "paths": paths.n_rows,
        "written": len(rows),
        "rejected": len(rejected),
        "by_question_type": dict(sorted(by_type.items())),
        "question_type_total_variation": total_variation(
            type_shares(parameters.question_types), {name: n / len(rows) for name, n in by_type.items()}
        )
        if rows
        else None,
        "by_language": dict(sorted(Counter(row["language"] for row in rows).items())),
        "repaired_replies": sum(answered.value.repaired for answered in completed.answered),
        "teacher": usage_metrics(completed.usage),
    }
    return WRITTEN_QA.frame(rows), REJECTED_SYNTHESIS.frame(rejected), figures


def _synthesis_requests(
    paths: ShardedTable, seeds: dict[str, dict[str, Any]], prompt: PromptTemplate, parameters: SynthesisParameters
) -> Iterator[Request]:
    asked: Counter[bytes] = Counter()
    schema = synthesis_schema(parameters.fan_out)
    for path in paths.rows():
        shown = seeds_named(path, seeds)
        language = (
            most_frequent([seed["language"] for seed in shown])
            if parameters.language == "seeds"
            else parameters.language
        )
        # Of what is asked, not of the path's number: the same path drawn in another place is the same question.
        asked_of = [path[name] for name in ("knowledge_points", "seed_ids", "cell_discipline", "cell_difficulty")]
        types = draw_types(
            parameters.question_types,
            parameters.fan_out,
            Random(canonical_json([parameters.random_seed, *asked_of])),
        )
        values = {
            "path": path["knowledge_points"],
            "seeds": shown,
            "links": seed_links(shown),
            "fan_out": parameters.fan_out,
            "question_types": types.wanted,
            "other_types": types.others,
            "discipline": path["cell_discipline"],
            "difficulty": path["cell_difficulty"] or path["realised_difficulty"],
            "language": language,
        }
        # Two paths may be the same question: the second one is asked for another answer, not handed the first.
        question = hashlib.sha256(canonical_json(values).encode()).digest()
        yield Request(
            role="synthesise",
            stage="synthesis",
            record_id=path["path_id"],
            messages=prompt.messages(values),
            values=values,
            settings=parameters.teacher.sampling,
            prompt_version=prompt.version,
            reply_schema=schema,
            sample=asked[question],
        )
        asked[question] += 1


def _read_items(request: Request, completion: Completion) -> _Items:
    reply = parse_json_object(completion)
    items = reply.fields.get("items")
    if not isinstance(items, list) or not items:
        raise ReplyUnusable("no items", f"items is {items!r:.80}")
    usable: list[tuple[int, dict[str, Any]]] = []
    unusable: list[tuple[int, ReplyUnusable]] = []
    for place, item in enumerate(items):
        try:
            read = read_item(item, request.values["path"], len(request.values["seeds"]))
            usable.append((place, {**read, "question_type": type_name(read["question_type"])}))
        except ReplyUnusable as problem:
            unusable.append((place, problem))
    if not usable:
        raise ReplyUnusable("no usable item", "; ".join(str(problem) for _, problem in unusable))
    return _Items(tuple(usable), tuple(unusable), reply.repaired)


def _qa_rows(answered: Answered[_Items]) -> Iterator[dict[str, Any]]:
    values = answered.request.values
    for place, item in answered.value.usable:
        yield qa_row(
            answered,
            item,
            place,
            len(answered.value.usable),
            path_id=answered.request.record_id,
            seeds=values["seeds"],
            asked_difficulty=values["difficulty"],
            language=values["language"],
        )


def _rejected(completed: Completed[_Items]) -> list[dict[str, Any]]:
    whole = [
        {"path_id": u.request.record_id, "request_key": u.key, "reason": u.reason, "detail": u.detail}
        for u in completed.unanswered
    ]
    items = [
        {
            "path_id": answered.request.record_id,
            "request_key": answered.key,
            "reason": problem.reason,
            "detail": f"item {place + 1}: {problem.detail}",
        }
        for answered in completed.answered
        for place, problem in answered.value.unusable
    ]
    return whole + items
