"""What a whole run says at its end, read from what it wrote."""

import os
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from kedro.io import DataCatalog

from linkqa_kedro.pipelines.evaluation.card import mix
from linkqa_kedro.report.ledger import ledger_lines
from linkqa_kedro.report.terminal import MixSummary, StageSummary, SummaryFacts, TeacherUsage, run_summary
from linkqa_kedro.tracking import SWITCH, is_on

IS_QUIET: ContextVar[bool] = ContextVar("is_quiet", default=False)
"""Whether runs end without a summary."""

_STAGES = ("extraction", "graph", "sampling", "synthesis", "enhancement", "evaluation")
_COMPARE = ("make mlflow", "compare this run with the next one")
_NEXT_COMMANDS = (
    ("kedro run --params sampling.popularity_exponent=0.0", "ask for uniform coverage"),
    ("kedro run --params seeds.path=my_seeds.jsonl", "your own seeds; fields in docs/data_dictionary.md"),
)


def print_summary(catalog: DataCatalog) -> None:
    """Print the summary to standard output."""
    from rich.console import Console

    Console(highlight=False).print(run_summary(summary_facts(catalog)))


def summary_facts(catalog: DataCatalog) -> SummaryFacts:
    """The facts of the summary, from the statistics and tables of a finished run."""
    statistics = {stage: catalog.load(f"{stage}_statistics") for stage in _STAGES}
    sampling, evaluation = statistics["sampling"], statistics["evaluation"]
    return SummaryFacts(
        title=f"{evaluation['rows']:,} question-answer rows from {statistics['extraction']['seeds']:,} seeds",
        stages=_stages(catalog, statistics),
        mixes=_mixes(catalog, evaluation),
        figures={**_figures(sampling, evaluation), "Answers": _answers(statistics["synthesis"]["answers"])},
        teacher=_teacher(catalog, statistics),
        places=_places(catalog),
        next_commands=(_COMPARE, *_NEXT_COMMANDS) if is_on() else _NEXT_COMMANDS,
    )


def _stages(catalog: DataCatalog, statistics: Mapping[str, Any]) -> list[StageSummary]:
    graph, sampling, enhancement = statistics["graph"], statistics["sampling"], statistics["enhancement"]
    notes = {
        "seeds": "records read",
        "extraction": f"annotated: {graph['knowledge_points']:,} knowledge points, {graph['edges']:,} edges",
        "sampling": f"paths over {sampling['cells'] or 'no'} cells, {sampling['seeds_per_path_mean']:.1f} seeds each",
        "synthesis": f"QA, {statistics['synthesis']['qa_per_path']:.1f} a path",
        "enhancement": f"QA, {enhancement['accepted']:,} moved to the level asked, in {enhancement['tries']:,} tries",
        "evaluation": "QA in the dataset",
    }
    rows = catalog.load("stage_rows")[["stage", "rows_kept", "rows_rejected"]]
    return [
        StageSummary(stage, int(kept), int(rejected), notes[stage])
        for stage, kept, rejected in rows.itertuples(index=False, name=None)
    ]


def _mixes(catalog: DataCatalog, evaluation: Mapping[str, Any]) -> list[MixSummary]:
    gap = catalog.load("target_gap")
    return [
        MixSummary(
            subject,
            {
                row.label: (
                    row.target_fraction if f"{subject}_total_variation" in evaluation else None,
                    row.realised_fraction,
                )
                for row in mix(gap, subject)
            },
            evaluation.get(f"{subject}_total_variation"),
        )
        for subject in ("discipline", "difficulty")
    ]


def _figures(sampling: Mapping[str, Any], evaluation: Mapping[str, Any]) -> dict[str, str]:
    figures = {
        "Coverage": f"{sampling['coverage']:.1%} of {sampling['knowledge_points_reachable']:,} reachable knowledge "
        f"points, by {sampling['paths']:,} paths",
    }
    if sampling["knowledge_points_supported"] < sampling["knowledge_points_reachable"]:
        figures["Coverage"] += (
            f"; {sampling['coverage_of_supported']:.1%} of the {sampling['knowledge_points_supported']:,} "
            "with seeds enough for a path in a cell"
        )
    if sampling["cells"] or sampling["paths_missing"]:
        met = f"{sampling['paths']:,} of {sampling['paths'] + sampling['paths_missing']:,} paths"
        short = f"; {sampling['cells_short']} of {sampling['cells']} cells fell short" if sampling["cells"] else ""
        figures["Quotas"] = met + short
    if "association_density" in sampling:
        figures["Linked seeds"] = (
            f"{sampling['association_density']:.0%} of a path's seed pairs share a knowledge point; "
            f"of random seeds {sampling['association_density_random']:.0%}"
        )
    figures["Novelty"] = f"{evaluation['novelty_mean']:.0%} of a row's n-grams stand in no one of its seeds"
    return figures


def _answers(figures: Mapping[str, Any]) -> str:
    """How the answers of synthesis were checked."""
    n_recomputed = figures["by_check"].get("recomputed", 0)
    parts = [f"{figures['confirmed']:,} of {figures['checked']:,} confirmed"]
    if n_recomputed:
        parts.append(f"{n_recomputed:,} recomputed from the keys of their seeds")
    if figures["solve_rate"] is not None:
        parts.append(f"blind attempts solve {figures['solve_rate']:.0%}")
    if figures["refined"]:
        parts.append(f"{figures['refined']:,} after their answer or solution was mended")
    return "; ".join(parts)


def _teacher(catalog: DataCatalog, statistics: Mapping[str, Any]) -> TeacherUsage:
    usages = [
        statistics["extraction"]["teacher"],
        statistics["extraction"]["adjudication_teacher"],
        statistics["synthesis"]["teacher"],
        statistics["synthesis"]["solving_teacher"],
        statistics["synthesis"]["refining_teacher"],
        statistics["enhancement"]["calibration_teacher"],
        statistics["enhancement"]["rating_teacher"],
        statistics["enhancement"]["change_teacher"],
    ]
    bought, reused = (sum(usage[name] for usage in usages) for name in ("bought", "reused"))
    costs = [usage["cost_usd"] for usage in usages]
    return TeacherUsage(
        model=", ".join(sorted(catalog.load("dataset")["model"].unique())),
        n_asked=bought + reused,
        n_bought=bought,
        n_reused=reused,
        tokens=sum(usage["input_tokens"] + usage["output_tokens"] for usage in usages),
        cost_usd=None if None in costs else sum(costs),
        ledger=ledger_lines(statistics),
    )


def _tracking_store() -> str:
    if not is_on():
        return f"none: {SWITCH} is off"
    return os.environ.get("MLFLOW_TRACKING_URI") or "mlflow.db (open it with: make mlflow)"


def _places(catalog: DataCatalog) -> dict[str, str]:
    def shown(name: str) -> Path:
        path = Path(str(catalog[name]._describe()["filepath"]))
        return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path

    return {
        "Dataset and card": str(shown("dataset").parent),
        "Set aside, and why": str(shown("rejected_qa")),
        "Pictures": str(shown("coverage_plot").parent),
        "Graph": str(shown("kp_graph")),
        "MLflow store": _tracking_store(),
        "Diagrams": "kedro viz run (or: make viz)",
    }
