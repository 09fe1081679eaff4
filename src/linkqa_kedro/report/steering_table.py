"""How the mix came nearer to the targets, round by round, for the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

_MOST_CELLS_NAMED = 6


def steering_table(rounds: Sequence[Mapping[str, Any]], tolerance: float, outcome: str) -> RenderableType:
    """One row a round, why steering ended, and what could not be reached.

    Args:
        rounds: Figures of each round: number, paths, rows, distance, distance_of_all, bought, cost_usd,
            unreachable_cells and short_cells.
        tolerance: Distance that was aimed at.
        outcome: Why there were no more rounds.
    """
    table = Table(box=None, pad_edge=False)
    for name in ("round", "paths", "rows", "distance", "of all cells", "bought", "cost so far"):
        table.add_column(name, justify="right")
    for one in rounds:
        cost = "unknown" if one["cost_usd"] is None else f"{one['cost_usd']:,.2f} USD"
        table.add_row(
            str(one["number"]),
            f"{one['paths']:,}",
            f"{one['rows']:,}",
            Text(f"{one['distance']:.4f}", style="green" if one["distance"] <= tolerance else "yellow"),
            f"{one['distance_of_all']:.4f}",
            f"{one['bought']:,}",
            cost,
        )
    lines = [f"Ended: {outcome} (tolerance {tolerance:g})."]
    last = rounds[-1] if rounds else None
    if last and last["unreachable_cells"]:
        named = _listed(last["unreachable_cells"])
        lines.append(f"Wanted, but hardly ever given by seeds and teacher, and left out of the distance: {named}.")
    if last and last["distance"] > tolerance:
        short = [f"{cell} by {share:.1%}" for cell, share in last["short_cells"].items()]
        lines.append(f"Short of what is wanted, in shares of all rows: {_listed(short)}.")
    lines.append("distance: total variation between the mix wanted and the mix measured, over disciplines and levels.")
    return Group("", table, "", *lines)


def _listed(cells: Sequence[str]) -> str:
    more = f" and {len(cells) - _MOST_CELLS_NAMED} more" if len(cells) > _MOST_CELLS_NAMED else ""
    return ", ".join(cells[:_MOST_CELLS_NAMED]) + more
