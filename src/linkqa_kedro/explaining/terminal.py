"""An explanation in the terminal: made for 80 columns; whatever stands in a text, it is text and no markup."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from linkqa_kedro.explaining.costs import TotalCost, total_of
from linkqa_kedro.explaining.explanation import (
    CostLine,
    Explanation,
    Outcome,
    ShownAnswer,
    ShownCheck,
    ShownLink,
    ShownPath,
    ShownQa,
    ShownRequest,
    ShownSeed,
    ShownStep,
)
from linkqa_kedro.explaining.writing import count, dollars, number, percent

# A prompt repeats the seeds, and its instructions are the same for a whole run.
_PROMPT_LINES = 10
_PROMPT_CHARACTERS = 1200

_VERDICT_STYLE = {"passed": "green", "failed": "red", "not reached": "dim", "reported": "dim"}


_NOT_PRINTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def explanation_text(explanation: Explanation, is_full: bool = False) -> RenderableType:
    """The explanation for `rich.console.Console.print`.

    Args:
        explanation: What to show.
        is_full: Whether prompts and proofs are shown to their end; everything else always is.
    """
    explanation = _printable(explanation)
    fate = explanation.fate
    parts: list[RenderableType] = [
        Text(explanation.title, style="bold"),
        Text(fate.headline, style="green" if fate.is_kept else "yellow"),
        *(Text(line) for line in fate.lines),
    ]
    for qa in explanation.qas:
        parts += _section(qa.title, _qa(qa, qa is explanation.qas[0], is_full))
    if explanation.outcomes:
        parts += _section("What came of it", [_outcomes(explanation.outcomes)])
    parts += _section(f"Path {explanation.path.path_id}", _path(explanation.path))
    parts += _section("Seeds", [part for seed in explanation.seeds for part in _seed(seed)])
    if explanation.links:
        parts += _section("What links the seeds", [_link(link) for link in explanation.links])
    for request in explanation.requests:
        parts += _section(request.title, _request(request, is_full))
    if explanation.checks:
        parts += _section("Checks of evaluation", [_checks(explanation.checks)])
    parts += _section("Tokens and dollars", [_costs(explanation.costs), Text(explanation.cost_note, style="dim")])
    return Group(*parts)


def _section(title: str, parts: Sequence[RenderableType]) -> list[RenderableType]:
    heading = Rule(Text(title, style="bold"), align="left", style="dim")
    return [Text(), heading, *(Padding(part, (0, 0, 0, 1)) for part in parts)]


def _facts(values: Mapping[str, str]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in values.items():
        table.add_row(Text(name.replace("_", " "), style="dim"), Text(value))
    return table


def _block(name: str, text: str) -> list[RenderableType]:
    return [Text(name, style="bold"), Padding(Text(text), (0, 0, 0, 2))]


def _printable(value: Any) -> Any:
    """The same, with a mark where a text of a seed or model holds what a terminal would obey, or could not print."""
    if isinstance(value, str):
        return _NOT_PRINTED.sub("\ufffd", value.replace("\r\n", "\n"))
    if isinstance(value, Mapping):
        return {_printable(name): _printable(part) for name, part in value.items()}
    if isinstance(value, tuple | list):
        return [_printable(part) for part in value]
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{part.name: _printable(getattr(value, part.name)) for part in fields(value)})
    return value


def _qa(qa: ShownQa, is_first: bool, is_full: bool) -> list[RenderableType]:
    parts: list[RenderableType] = []
    if not is_first:
        parts.append(Text(qa.fate.headline, style="green" if qa.fate.is_kept else "yellow"))
        parts += [Text(line) for line in qa.fate.lines]
    parts += [Text(qa.question), *_options(qa.options), _labelled("Answer", qa.answer)]
    for name, text in qa.texts.items():
        if name == "proof" and not is_full:
            parts.append(_labelled("Proof", f"{len(text):,} characters: --full shows them, and --html FILE"))
        else:
            parts += _block(name.capitalize(), text)
    for group in qa.facts:
        parts += [Text(group.title, style="bold"), Padding(_facts(group.values), (0, 0, 0, 2))]
    return parts


def _options(options: Sequence[tuple[str, str]]) -> list[RenderableType]:
    return [Text(f"{letter}. {text}") for letter, text in options]


def _labelled(name: str, text: str) -> Text:
    return Text.assemble((f"{name}: ", "bold"), text)


def _outcomes(outcomes: Sequence[Outcome]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for one in outcomes:
        table.add_row(Text(one.name), Text(one.what, style="green" if one.is_kept else "yellow"))
    return table


def _path(path: ShownPath) -> list[RenderableType]:
    parts: list[RenderableType] = [_facts(path.facts)] if path.facts else []
    if path.problem is not None:
        parts.append(Text(f"The probabilities of the walk are not known: {path.problem}.", style="yellow"))
    for place, step in enumerate(path.steps, start=1):
        parts += _step(place, step)
    if path.probability is not None:
        parts += [Text(), _labelled("This walk", f"{path.probability:.2g}, the product of its probabilities")]
        legend = "P chance of the choice  V value in that round  q target share  c visits before  n seeds"
        parts.append(Text(legend, style="dim"))
    if path.ending:
        parts.append(Text(path.ending))
    return parts


def _step(place: int, step: ShownStep) -> list[RenderableType]:
    before = "start" if place == 1 else "step "
    figures = []
    if step.probability is not None:
        figures += [
            f"P {percent(step.probability)} of {count(step.n_alternatives)}",
            f"V {number(step.value)}",
            f"q {percent(step.target_share)}",
            f"c {count(step.visits)}",
        ]
    if step.popularity is not None:
        figures.append(f"n {count(step.popularity)}")
    if step.association is not None:
        figures.append(f"association {number(step.association)}")
    parts: list[RenderableType] = [Text.assemble((f"{before} {place}  ", "dim"), (step.name, "bold cyan"))]
    if figures:
        parts.append(Padding(Text("   ".join(figures)), (0, 0, 0, 9)))
    if step.alternatives:
        others = ", ".join(f"{other.name} {percent(other.probability)}" for other in step.alternatives)
        parts.append(Padding(Text(f"rather than {others}", style="dim"), (0, 0, 0, 9)))
    return parts


def _seed(seed: ShownSeed) -> list[RenderableType]:
    parts: list[RenderableType] = [] if seed.number == 1 else [Text()]
    parts.append(Text.assemble((f"{seed.number}  ", "dim"), (seed.seed_id, "bold"), (f"  {seed.note}", "dim")))
    body = [Text(seed.question), *_options(seed.options), _labelled("Answer", seed.answer), _facts(seed.facts)]
    return [*parts, *(Padding(part, (0, 0, 0, 3)) for part in body)]


def _link(link: ShownLink) -> Text:
    one, other = link.seeds
    others = ", ".join(link.others)
    return Text.assemble(
        f"{one} – {other}  ",
        (", ".join(link.on_path), "cyan"),
        ("; beside the path " if link.on_path else "beside the path ") + others if others else "",
    )


def _request(request: ShownRequest, is_full: bool) -> list[RenderableType]:
    parts: list[RenderableType] = [_facts(request.facts)]
    for role, text in request.messages:
        shown, n_left = (text, 0) if is_full else _beginning(text)
        parts += _block(f"Message of the {role}", shown)
        if n_left:
            note = f"… {n_left:,} further characters: --full shows them, and --html FILE"
            parts.append(Padding(Text(note, style="dim"), (0, 0, 0, 2)))
    for answer in request.answers:
        parts += _answer(answer)
    return parts


def _beginning(text: str) -> tuple[str, int]:
    beginning = "\n".join(text.splitlines()[:_PROMPT_LINES])[:_PROMPT_CHARACTERS]
    return beginning, len(text) - len(beginning)


def _answer(answer: ShownAnswer) -> list[RenderableType]:
    parts: list[RenderableType] = [Text(f"Answer, {answer.title}", style="bold")]
    parts.append(Padding(_facts(answer.facts), (0, 0, 0, 2)))
    if answer.says:
        parts.append(Padding(Text(answer.says, style="cyan"), (0, 0, 0, 2)))
    if answer.reasoning:
        parts += _block("Its reasoning", answer.reasoning)
    if answer.text is not None:
        parts += _block("Its text", answer.text)
    return parts


def _checks(checks: Sequence[ShownCheck]) -> Table:
    table = Table.grid(padding=(0, 2))
    for _ in range(3):
        table.add_column(overflow="fold")
    for check in checks:
        table.add_row(Text(check.name), Text(check.verdict, style=_VERDICT_STYLE[check.verdict]), Text(check.found))
    return table


def _costs(costs: Sequence[CostLine]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    table.add_column("asked for", overflow="fold")
    for name in ("answers", "tokens in", "tokens out", "USD in all", "this row"):
        table.add_column(name, justify="right", overflow="fold")
    for line in costs:
        _add_cost(table, line.title, line)
    _add_cost(table, "in all", total_of(costs))
    return table


def _add_cost(table: Table, title: str, line: CostLine | TotalCost) -> None:
    counts = (count(n) for n in (line.n_answers, line.input_tokens, line.output_tokens))
    table.add_row(Text(title), *counts, dollars(line.cost_usd), dollars(line.share_usd))
