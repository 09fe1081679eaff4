"""Nodes that check the answers of written QA, and mend what is wrong or thin."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from linkqa_kedro.datasets.prompt_template import PromptTemplate
from linkqa_kedro.errors import UserError
from linkqa_kedro.pipelines.answer_checks import checking, refining
from linkqa_kedro.pipelines.answer_checks.parameters import AnswerCheckingParameters
from linkqa_kedro.pipelines.seed_values import seed_values
from linkqa_kedro.pipelines.statistics import json_ready
from linkqa_kedro.records import SOLVED_QA, SYNTHESISED_QA, UNCONFIRMED_QA
from linkqa_kedro.shards import ShardedTable
from linkqa_kedro.teacher.teacher import Teacher
from linkqa_kedro.teacher.usage import usage_metrics


def check_answers(
    written_qa: ShardedTable,
    seeds: pd.DataFrame,
    annotations: pd.DataFrame,
    teacher: Teacher,
    solve_prompt: PromptTemplate,
    compare_prompt: PromptTemplate,
    refine_prompt: PromptTemplate,
    parameters: AnswerCheckingParameters,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Every written QA with a verdict on its answer, and the teacher's usage.

    What the composer joined is recomputed from the keys of its seeds; other questions are solved blind, several times.
    """
    checker = checking.Checker(teacher, solve_prompt, compare_prompt, refine_prompt, parameters, "synthesis")
    checked = checking.check_answers(list(written_qa.rows()), seed_values(seeds, annotations), checker)
    return SOLVED_QA.frame(checked.rows), {**usage_metrics(checked.usage), "repaired_replies": checked.n_repaired}


def refine_answers(
    solved_qa: ShardedTable,
    teacher: Teacher,
    solve_prompt: PromptTemplate,
    compare_prompt: PromptTemplate,
    refine_prompt: PromptTemplate,
    parameters: AnswerCheckingParameters,
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """QA whose answer holds, as it was or mended; those set aside; and the teacher's usage.

    Raises:
        UserError: If not one answer holds.
    """
    checker = checking.Checker(teacher, solve_prompt, compare_prompt, refine_prompt, parameters, "synthesis")
    refined = refining.refine_answers(list(solved_qa.rows()), checker)
    if refined.set_aside and not refined.confirmed:
        first = refined.set_aside[0]
        raise UserError(
            f"Not one of {solved_qa.n_rows} answers was confirmed. First reason: {first['reason']}: {first['detail']}. "
            "Lower answer_checking.least_solve_rate or set answer_checking.attempts to 0 in "
            "parameters_answer_checking.yml, or have another model solve (roles.solve in catalog_teacher.yml)."
        )
    usage = {**usage_metrics(refined.usage), "repaired_replies": refined.n_repaired}
    return SYNTHESISED_QA.frame(refined.confirmed), UNCONFIRMED_QA.frame(refined.set_aside), usage


def measure_synthesis(
    writing_figures: dict[str, Any],
    synthesised_qa: ShardedTable,
    unconfirmed_qa: pd.DataFrame,
    solving_usage: dict[str, Any],
    refining_usage: dict[str, Any],
) -> dict[str, Any]:
    """Statistics of synthesis: what was written, what came of its answers, and what was asked for that."""
    names = ["asked_difficulty", "answer_check", "solve_rate", "attempts_agreement", "refine_key"]
    confirmed = _plain(synthesised_qa.frame(names))
    set_aside = _plain(unconfirmed_qa[[*names, "reason"]])
    return json_ready(
        {
            **writing_figures,
            "qa": synthesised_qa.n_rows,
            "unconfirmed": len(unconfirmed_qa),
            "qa_per_path": synthesised_qa.n_rows / max(writing_figures["paths"], 1),
            "repaired_replies": sum(
                figures["repaired_replies"] for figures in (writing_figures, solving_usage, refining_usage)
            ),
            "answers": checking.answer_figures(confirmed, set_aside),
            **_cost_per_row((writing_figures["teacher"], solving_usage, refining_usage), synthesised_qa.n_rows),
            "solving_teacher": solving_usage,
            "refining_teacher": refining_usage,
        }
    )


def _cost_per_row(usages: Sequence[Mapping[str, Any]], n_rows: int) -> dict[str, float | None]:
    """Dollars and tokens of writing, solving, comparing and refining, for each row whose answer holds.

    Answers that were bought in an earlier run count too. None where one price or count is unknown.
    """
    costs, tokens = ([usage[name] for usage in usages] for name in ("cost_with_reused_usd", "tokens_with_reused"))
    return {
        "usd_per_confirmed": None if None in costs or not n_rows else sum(costs) / n_rows,
        "tokens_per_confirmed": None if None in tokens or not n_rows else sum(tokens) / n_rows,
    }


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in frame.to_dict(orient="records")
    ]
