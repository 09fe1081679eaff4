"""Nodes of enhancement."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from linkqa_kedro.datasets.prompt_template import PromptTemplate
from linkqa_kedro.pipelines.answer_checks.checking import Checker, answer_figures
from linkqa_kedro.pipelines.answer_checks.parameters import AnswerCheckingParameters
from linkqa_kedro.pipelines.enhancement.change_loop import ChangeLoop, out_of_reach
from linkqa_kedro.pipelines.enhancement.parameters import EnhancementParameters
from linkqa_kedro.pipelines.enhancement.planning import LevelTries, wanted_counts
from linkqa_kedro.pipelines.enhancement.rating import level_map, rating_statistics
from linkqa_kedro.pipelines.enhancement.solving import solve_rate_figures
from linkqa_kedro.pipelines.enhancement.surroundings import Surroundings
from linkqa_kedro.pipelines.enhancement.tries import acceptance, cost_per_accepted
from linkqa_kedro.records import (
    DIFFICULTY_GAP,
    DIFFICULTY_LEVELS,
    DIFFICULTY_MATRIX,
    ENHANCED_QA,
    REJECTED_ENHANCEMENT,
    UNCONFIRMED_QA,
)
from linkqa_kedro.shards import ShardedTable
from linkqa_kedro.teacher.teacher import Teacher
from linkqa_kedro.teacher.usage import usage_metrics
from linkqa_kedro.walks.csr import CsrGraph

Row = dict[str, Any]


def enhance_qa(
    rated_qa: ShardedTable,
    paths: ShardedTable,
    seeds: pd.DataFrame,
    annotations: pd.DataFrame,
    kp_vertices: pd.DataFrame,
    kp_csr: CsrGraph,
    teacher: Teacher,
    raise_prompt: PromptTemplate,
    rate_prompt: PromptTemplate,
    solve_prompt: PromptTemplate,
    compare_prompt: PromptTemplate,
    refine_prompt: PromptTemplate,
    rating_usage: dict[str, Any],
    rater_figures: dict[str, Any],
    answer_checking: AnswerCheckingParameters,
    parameters: EnhancementParameters,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """QA with the mix asked; what was set aside, and why; the asked-versus-measured matrix; the gap; and statistics."""
    surroundings = Surroundings(paths, seeds, annotations, kp_vertices, kp_csr, parameters.neighbour_seeds)
    levels = level_map(rater_figures)
    checker = Checker(teacher, solve_prompt, compare_prompt, refine_prompt, answer_checking, "enhancement")
    loop = ChangeLoop(
        list(rated_qa.rows()), surroundings, teacher, raise_prompt, rate_prompt, checker, levels, parameters
    )
    before = _levels_by_discipline(loop.initial)
    loop.run()
    after = _levels_by_discipline(loop.rows.values())
    n_accepted = sum(row["origin"] == "enhanced" for row in loop.rows.values())
    statistics = {
        "rated": rated_qa.n_rows,
        "tries": loop.n_tries,
        "accepted": n_accepted,
        "acceptance_rate": n_accepted / loop.n_tries if loop.n_tries else None,
        "rounds": loop.n_rounds,
        **acceptance(loop.tried),
        **cost_per_accepted(loop.usage, n_accepted),
        "answers": answer_figures([row for row in loop.rows.values() if row["origin"] == "enhanced"], loop.unconfirmed),
        **solve_rate_figures(loop.rows.values()),
        "rating": rating_statistics(*_ratings_of(rated_qa), parameters.rating.repeats),
        "calibration": {name: value for name, value in rater_figures.items() if name != "teacher"},
        "repaired_replies": rating_usage["repaired_replies"] + loop.n_repaired,
        "rating_teacher": rating_usage,
        "calibration_teacher": rater_figures["teacher"],
        "change_teacher": usage_metrics(loop.usage),
    }
    return (
        ENHANCED_QA.frame(loop.rows.values()),
        REJECTED_ENHANCEMENT.frame(loop.rejected),
        UNCONFIRMED_QA.frame(loop.unconfirmed),
        _difficulty_matrix(rated_qa, loop.measured_tries),
        _difficulty_gap(before, after, loop.level_tries, parameters),
        statistics,
    )


def _ratings_of(rated_qa: ShardedTable) -> tuple[Iterable[list[int]], Iterable[str]]:
    frame = rated_qa.frame(["ratings", "difficulty_axes"])
    return frame["ratings"], frame["difficulty_axes"]


def _levels_by_discipline(rows: Iterable[Row]) -> Counter[tuple[str, int]]:
    return Counter((row["discipline"], row["measured_difficulty"]) for row in rows)


def _difficulty_matrix(rated_qa: ShardedTable, tries: Mapping[tuple[int, int], int]) -> pd.DataFrame:
    frame = rated_qa.frame(["asked_difficulty", "measured_difficulty"]).astype(np.int64)
    synthesis = Counter(frame.itertuples(index=False, name=None))
    return DIFFICULTY_MATRIX.frame(
        {"made_by": made_by, "asked_difficulty": asked, "measured_difficulty": measured, "n_rows": n_rows}
        for made_by, counts in (("enhancement", tries), ("synthesis", synthesis))
        for (asked, measured), n_rows in sorted(counts.items())
    )


def _difficulty_gap(
    before: Counter[tuple[str, int]],
    after: Counter[tuple[str, int]],
    level_tries: LevelTries,
    parameters: EnhancementParameters,
) -> pd.DataFrame:
    rows: list[Row] = []
    for discipline in parameters.enhanced(name for name, _ in after):
        given_up = out_of_reach(level_tries, discipline, parameters)
        n_rows = sum(n for (name, _), n in after.items() if name == discipline)
        wanted = wanted_counts(n_rows, parameters.difficulty)
        rows.extend(
            {
                "discipline": discipline,
                "difficulty": level,
                "wanted": wanted[level],
                "before": before[(discipline, level)],
                "after": after[(discipline, level)],
                "tries": level_tries.tries[(discipline, level)],
                "accepted": level_tries.accepted[(discipline, level)],
                "out_of_reach": level in given_up,
            }
            for level in DIFFICULTY_LEVELS
        )
    return DIFFICULTY_GAP.frame(rows)
