"""What a run asked of its teachers: one line for each stage and role, read from the statistics of the stages."""

from collections.abc import Mapping
from typing import Any


def ledger_lines(statistics: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One line for each stage and role that asked.

    Args:
        statistics: Figures by stage; usage stands under `teacher` and `…_teacher`, by role.

    Returns:
        stage, role, model, the counts of `RoleUsage`, and mean_seconds, the mean latency of an answer; None where no
        latency is known.
    """
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    for stage, figures in statistics.items():
        for name, usage in figures.items():
            if name != "teacher" and not name.endswith("_teacher"):
                continue
            for role, counts in usage.get("roles", {}).items():
                line = lines.get((stage, role))
                lines[stage, role] = {"stage": stage, "role": role, **counts} if line is None else _added(line, counts)
    return [{**line, "mean_seconds": _mean(line)} for line in lines.values() if line["requests"]]


def _added(line: Mapping[str, Any], counts: Mapping[str, Any]) -> dict[str, Any]:
    """The line with the counts of another asking of the same role."""
    added = dict(line)
    for name, value in counts.items():
        if name == "failures":
            kinds = sorted({*line[name], *value})
            added[name] = {kind: line[name].get(kind, 0) + value.get(kind, 0) for kind in kinds}
        elif name == "slowest_seconds":
            added[name] = max(line[name], value)
        elif name != "model":
            added[name] = None if line[name] is None or value is None else line[name] + value
    return added


def _mean(line: Mapping[str, Any]) -> float | None:
    return line["latency_seconds"] / line["timed"] if line["timed"] else None
