"""The summary of a run, for the terminal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

# Cells of the bar that shows a share; its full length is the largest share of the table.
_BAR_CELLS = 20


@dataclass(frozen=True)
class StageSummary:
    """Rows of one stage: kept, and set aside with a reason; the note says what they are."""

    stage: str
    rows_kept: int
    rows_set_aside: int
    note: str


@dataclass(frozen=True)
class MixSummary:
    """One mix against its target.

    Attributes:
        subject: What is mixed: "discipline" or "difficulty".
        shares: (target, realised) by label, each 0 to 1; the target is None where none was set.
        distance: Total variation distance, 0 to 1; None without a target.
    """

    subject: str
    shares: Mapping[str, tuple[float | None, float]]
    distance: float | None


@dataclass(frozen=True)
class TeacherUsage:
    """What was asked of the teacher in this run.

    Attributes:
        model: Name of the model.
        n_asked: Completions that the run needed.
        n_bought: Those that were new, and paid for.
        n_reused: Those that the store already held.
        tokens: Tokens of the bought ones, prompts and answers.
        cost_usd: Price of the bought ones in US dollars; None where it is not known.
        ledger: One line for each stage and role, as in `ledger_lines`.
    """

    model: str
    n_asked: int
    n_bought: int
    n_reused: int
    tokens: int
    cost_usd: float | None
    ledger: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class SummaryFacts:
    """What the summary says.

    Attributes:
        title: First line, such as "120 rows from 240 seeds".
        stages: Rows by stage, in order.
        mixes: Mixes against their targets.
        figures: The few figures that matter, by name.
        teacher: Usage; None if no stage asked.
        places: Path by label: where things are.
        next_commands: (command, what it does), at most three are shown.
    """

    title: str
    stages: Sequence[StageSummary]
    mixes: Sequence[MixSummary]
    figures: Mapping[str, str]
    teacher: TeacherUsage | None
    places: Mapping[str, str]
    next_commands: Sequence[tuple[str, str]]


def run_summary(facts: SummaryFacts) -> RenderableType:
    """The summary for `rich.console.Console.print`: made for 80 to 100 columns, plain text where there is no terminal.

    Commands and paths are never cut: longer ones are wrapped.
    """
    parts: list[RenderableType] = [Text(facts.title, style="bold")]
    if facts.stages:
        parts.append(_stage_table(facts.stages))
    parts += [_mix_table(mix) for mix in facts.mixes if mix.shares]
    parts.append(_lines(_measured(facts)))
    if facts.teacher is not None and any(line["timed"] or line["cost_usd"] for line in facts.teacher.ledger):
        parts.append(_ledger_table(facts.teacher.ledger))
    if facts.places:
        parts.append(_lines({"Where": "", **facts.places}))
    if facts.next_commands:
        parts.append(_next_steps(facts.next_commands[:3]))
    # One empty line before each part, and none that a plain log would end with.
    return Group(*(Padding(part, (1, 0, 0, 1), expand=False) for part in parts))


def _table(first: str, *numbers: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    table.add_column(first, overflow="fold")
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _stage_table(stages: Sequence[StageSummary]) -> Table:
    table = _table("stage", "rows kept", "set aside")
    table.add_column("")
    for stage in stages:
        aside = Text(f"{stage.rows_set_aside:,}", style="yellow") if stage.rows_set_aside else Text("–", style="dim")
        table.add_row(stage.stage, f"{stage.rows_kept:,}", aside, Text(stage.note, style="dim"))
    return table


def _mix_table(mix: MixSummary) -> Table:
    table = _table(mix.subject, "target", "realised")
    # No longer than the bars below it: a wide column would fold the labels at 80 columns.
    distance = "" if mix.distance is None else f"total variation {mix.distance:.3f}"
    table.add_column(Text(distance, style="dim"), no_wrap=True)
    longest = max(max(target or 0.0, realised) for target, realised in mix.shares.values())
    for label, (target, realised) in mix.shares.items():
        shown = Text("–", style="dim") if target is None else Text(_percent(target))
        table.add_row(label, shown, _percent(realised), _bar(target, realised, longest))
    return table


def _bar(target: float | None, realised: float, longest: float) -> Text:
    """A bar of the realised share with a mark at the target."""
    cells = round(_BAR_CELLS * realised / longest) if longest else 0
    bar = list("━" * cells + " " * (_BAR_CELLS + 1 - cells))
    if target is not None and longest:
        bar[round(_BAR_CELLS * target / longest)] = "┃"
    return Text("".join(bar).rstrip(), style="cyan")


def _measured(facts: SummaryFacts) -> dict[str, str]:
    lines = dict(facts.figures)
    if facts.teacher is not None:
        usage = facts.teacher
        lines["Teacher"] = usage.model
        lines["Completions"] = f"{usage.n_asked:,} needed: {usage.n_bought:,} bought, {usage.n_reused:,} reused"
        price = "price not known" if usage.cost_usd is None else f"{usage.cost_usd:,.2f} USD"
        lines["Cost"] = f"{price}, {usage.tokens:,} tokens"
    return lines


def _ledger_table(ledger: Sequence[Mapping[str, Any]]) -> Table:
    """What was asked of which model; of no interest where nothing was timed and nothing paid."""
    table = _table("asked for", "bought", "reused", "unusable", "tokens", "USD", "mean s")
    table.add_column("tried again")
    for line in ledger:
        tokens = line["input_tokens"] + line["output_tokens"]
        table.add_row(
            f"{line['role']} ({line['model']})",
            *(f"{line[name]:,}" for name in ("bought", "reused", "unusable")),
            f"{tokens:,}",
            "?" if line["cost_usd"] is None else f"{line['cost_usd']:,.2f}",
            "–" if line["mean_seconds"] is None else f"{line['mean_seconds']:,.1f}",
            ", ".join(f"{n} {kind}" for kind, n in line["failures"].items()),
        )
    return table


def _lines(values: Mapping[str, str]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in values.items():
        # Text, not markup: a path may hold square brackets.
        table.add_row(Text(label, style="" if value else "bold"), Text(value))
    return table


def _next_steps(commands: Sequence[tuple[str, str]]) -> Group:
    lines = [Text("Next", style="bold")]
    for command, purpose in commands:
        # A line of its own, so that it can be copied whole.
        lines += [Text(f"# {purpose}", style="dim"), Text(command, style="green")]
    return Group(*lines)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
