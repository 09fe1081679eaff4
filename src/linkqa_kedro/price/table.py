"""The price of a run, for the terminal."""

from collections.abc import Sequence

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from linkqa_kedro.price.estimate import NONE, Interval, RoleEstimate


def price_table(estimates: Sequence[RoleEstimate], notes: Sequence[str]) -> RenderableType:
    """What each stage and role will still cost, the total, and what to know about the figures.

    Args:
        estimates: One for each role.
        notes: Sentences below the table.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    table.add_column("stage\n  role", no_wrap=True)
    for name in ("stored", "to buy", "tokens\nin", "tokens\nout", "USD"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("basis", style="dim", no_wrap=True)
    for one in estimates:
        table.add_row(
            Text(f"{one.stage}\n  {one.role}"),
            f"{one.n_stored:,}",
            _count(one.requests),
            _count(one.input_tokens),
            _count(one.output_tokens),
            _dollars(one.usd),
            _basis(one),
        )
    table.add_section()
    table.add_row("in all", "", *(_count(_total(estimates, name)) for name in _SUMMED), _dollars(_total_usd(estimates)))
    lines = [Text(note) for note in notes]
    return Group(*(Padding(part, (1, 0, 0, 1), expand=False) for part in (table, Group(*lines))))


_SUMMED = ("requests", "input_tokens", "output_tokens")


def _basis(one: RoleEstimate) -> str:
    if one.requests.high == 0:
        return "stored"
    if one.usd is not None and one.usd.high == 0:
        return "free"
    return f"{_short(one.n_observed)} seen" if one.n_observed else "guess"


def _total(estimates: Sequence[RoleEstimate], name: str) -> Interval:
    return sum((getattr(one, name) for one in estimates), NONE)


def _total_usd(estimates: Sequence[RoleEstimate]) -> Interval | None:
    known = [one.usd for one in estimates if one.usd is not None]
    return sum(known, NONE) if len(known) == len(estimates) else None


def _count(interval: Interval) -> str:
    likely = _short(interval.likely)
    if round(interval.low) == round(interval.high):
        return likely
    return f"{likely}\n{_short(interval.low)}–{_short(interval.high)}"


def _short(value: float) -> str:
    for least, size, name in ((1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if value >= least:
            return f"{value / size:.3g}{name}" if value < 1e3 * size else f"{value / size:,.0f}{name}"
    return f"{value:,.0f}"


def _dollars(interval: Interval | None) -> str:
    if interval is None:
        return "?"
    if interval.high == 0:
        return "0.00"
    if interval.high >= 10_000:
        return f"{_short(interval.likely)}\n{_short(interval.low)}–{_short(interval.high)}"
    digits = 2 if interval.high >= 0.1 else 4
    return f"{interval.likely:,.{digits}f}\n{interval.low:,.{digits}f}–{interval.high:,.{digits}f}"
