"""What came out of one stage, in half a line."""

from collections.abc import Mapping
from typing import Any

_NOTES = {
    "extraction": "{annotated:,} of {seeds:,} seeds annotated, {labelled_by_seed:,} by labels of their own",
    "graph": "{knowledge_points:,} knowledge points, {edges:,} edges; largest component {largest_component_share:.0%}",
    "sampling": "{paths:,} paths, {paths_missing:,} missing; coverage {coverage:.1%}",
    "synthesis": "{qa:,} QA from {paths:,} paths",
    "enhancement": "{accepted:,} QA moved to the level asked, in {tries:,} tries",
    "evaluation": "{rows:,} QA in the dataset, {rejected:,} set aside",
}


def stage_note(stage: str, statistics: Mapping[str, Any]) -> str:
    """What came out of a stage, and what its teacher was asked.

    Args:
        stage: Name of the pipeline.
        statistics: Its figures, as in `<stage>_statistics`; empty where they are not made in this run.
    """
    if not statistics or stage not in _NOTES:
        return ""
    note = _NOTES[stage].format(**statistics)
    usages = [usage for name, usage in statistics.items() if name == "teacher" or name.endswith("_teacher")]
    if not usages:
        return note
    bought, reused, unusable = (sum(usage[name] for usage in usages) for name in ("bought", "reused", "unusable"))
    costs = [usage["cost_usd"] for usage in usages]
    price = f" for {sum(costs):,.2f} USD" if None not in costs and sum(costs) else ""
    lost = f", {unusable:,} unusable" if unusable else ""
    return f"{note}; {bought:,} completions bought{price}, {reused:,} reused{lost}"
