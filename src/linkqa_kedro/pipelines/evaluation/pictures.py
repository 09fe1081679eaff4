"""Nodes that draw the pictures."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from linkqa_kedro.figures.yields import StageRows, stage_yields
from linkqa_kedro.records import DIFFICULTY_LEVELS
from linkqa_kedro.report.plots import (
    plot_coverage,
    plot_difficulty_matrix,
    plot_difficulty_mix,
    plot_discipline_mix,
    plot_enhancement,
    plot_rater_calibration,
    plot_stage_rows,
    plot_visits,
)
from linkqa_kedro.shards import ShardedTable


def count_stage_rows(
    seeds: pd.DataFrame,
    rejected_seeds: pd.DataFrame,
    annotations: pd.DataFrame,
    rejected_annotations: pd.DataFrame,
    paths: ShardedTable,
    quota_shortfalls: pd.DataFrame,
    synthesised_qa: ShardedTable,
    rejected_synthesis: pd.DataFrame,
    unconfirmed_qa: pd.DataFrame,
    enhanced_qa: ShardedTable,
    rejected_ratings: pd.DataFrame,
    rejected_enhancement: pd.DataFrame,
    dataset: pd.DataFrame,
    rejected_qa: pd.DataFrame,
) -> pd.DataFrame:
    """Rows and yields of every stage; see `figures.yields.stage_yields` for the columns."""
    asked = paths.n_rows + int(quota_shortfalls["missing"].sum())
    stages = (
        StageRows("seeds", len(seeds) + len(rejected_seeds), len(seeds), len(rejected_seeds)),
        StageRows("extraction", len(seeds), len(annotations), len(rejected_annotations)),
        StageRows("sampling", asked, paths.n_rows, asked - paths.n_rows),
        StageRows("synthesis", paths.n_rows, synthesised_qa.n_rows, len(rejected_synthesis) + len(unconfirmed_qa)),
        StageRows(
            "enhancement",
            synthesised_qa.n_rows,
            enhanced_qa.n_rows,
            len(rejected_ratings) + len(rejected_enhancement),
        ),
        StageRows("evaluation", enhanced_qa.n_rows, len(dataset), int((rejected_qa["stage"] == "evaluation").sum())),
    )
    return stage_yields(stages)


def draw_mixes(target_gap: pd.DataFrame) -> tuple[Figure, Figure]:
    """Wanted against measured shares of the dataset, by discipline and by difficulty."""
    has_target = bool(target_gap["wanted_share"].sum())

    def mix(column: str) -> pd.DataFrame:
        sums = target_gap.groupby(column, as_index=False)[["wanted_share", "measured_share"]].sum()
        named = sums.rename(columns={"wanted_share": "target_fraction", "measured_share": "realised_fraction"})
        return named if has_target else named.assign(target_fraction=float("nan"))

    return plot_discipline_mix(mix("discipline")), plot_difficulty_mix(mix("difficulty"))


def draw_sampling(
    coverage_curve: pd.DataFrame, kp_visits: pd.DataFrame, sampling_statistics: dict[str, Any]
) -> tuple[Figure, Figure]:
    """Coverage against paths drawn, and visits against popularity."""
    correlation = sampling_statistics["visits_popularity_rank_correlation"]
    return (
        plot_coverage(
            {"this run": coverage_curve},
            sampling_statistics["knowledge_points_reachable"],
            sampling_statistics["path_length_mean"],
        ),
        plot_visits(
            kp_visits.loc[kp_visits["reachable"], ["popularity", "visits"]],
            float("nan") if correlation is None else correlation,
        ),
    )


def draw_difficulty(difficulty_matrix: pd.DataFrame, difficulty_gap: pd.DataFrame) -> tuple[Figure, Figure]:
    """Asked against measured difficulty of synthesis, and the named disciplines before and after enhancement."""
    synthesis = difficulty_matrix[difficulty_matrix["made_by"] == "synthesis"].rename(
        columns={"asked_difficulty": "asked", "measured_difficulty": "measured", "n_rows": "n_items"}
    )
    levels = (
        difficulty_gap.groupby("difficulty")[["wanted", "before", "after"]]
        .sum()
        .reindex(DIFFICULTY_LEVELS, fill_value=0)
        .reset_index()
    )
    n_wanted = int(levels["wanted"].sum())
    levels["target_fraction"] = levels["wanted"] / n_wanted if n_wanted else float("nan")
    return (
        plot_difficulty_matrix(synthesis[["asked", "measured", "n_items"]]),
        plot_enhancement(levels.rename(columns={"before": "rows_before", "after": "rows_after"})),
    )


def draw_rater(rater_calibration: pd.DataFrame) -> Figure:
    """Blind ratings of labelled seeds against their labels."""
    levels = {"labelled_difficulty": "labelled", "rated_difficulty": "rated"}
    return plot_rater_calibration(rater_calibration.rename(columns=levels)[["labelled", "rated"]])


def draw_stage_rows(stage_rows: pd.DataFrame) -> Figure:
    """Rows kept and set aside by each stage."""
    return plot_stage_rows(stage_rows)
