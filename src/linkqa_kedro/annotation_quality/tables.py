"""The quality of annotations, for the terminal."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from linkqa_kedro.annotation_quality.figures import DifficultyFigures, DisciplineFigures, NameFigures, PointFigures
from linkqa_kedro.annotation_quality.measuring import ALL, AnnotationQuality, Beside
from linkqa_kedro.records import DIFFICULTY_LEVELS

F = TypeVar("F")

_MOST_CONFUSIONS = 8
_TRIVIAL = "  most frequent"
_NAME_COLUMNS = ("P %", "R %", "F1 %", "F1 per\nseed %", "1+\nright %")


def quality_tables(quality: AnnotationQuality) -> RenderableType:
    """Figures of knowledge points, discipline and difficulty, the trivial teacher's beside them, and the notes."""
    parts: list[RenderableType] = [
        Text(f"{quality.model}, prompt {quality.prompt_version}", style="bold"),
        Text("\n".join(_about_the_seeds(quality))),
    ]
    if quality.knowledge_points:
        parts.append(_points_table("Knowledge points, canonical names equal", quality.knowledge_points, "exact"))
        parts.append(_points_table("Knowledge points, names alike", quality.knowledge_points, "lenient"))
    if quality.discipline:
        parts.append(_discipline_table(quality.discipline))
        confused = _confusions(quality.discipline[ALL].teacher)
        parts.extend([confused] if confused else [])
    if quality.difficulty:
        parts.append(_difficulty_table(quality.difficulty))
        parts.append(_matrix(quality.difficulty[ALL].teacher))
    if quality.notes:
        parts.append(Text("\n".join(quality.notes)))
    return Group(*(Padding(part, (1, 0, 0, 1), expand=False) for part in parts))


def _about_the_seeds(quality: AnnotationQuality) -> Iterator[str]:
    split, used = quality.split, quality.usage.total
    yield (
        f"{split['n_labelled']:,} of {split['n_seeds']:,} seeds carry labels: {split['n_visible']:,} show them, "
        f"{split['n_hidden']:,} hide them, {split['n_asked']:,} of these were asked about."
    )
    cost = "price not known" if used.cost_usd is None else f"{used.cost_usd:,.2f} USD"
    yield f"{used.bought:,} answers were bought ({cost}), {used.reused:,} came from the store."
    if quality.unanswered:
        reasons = ", ".join(f"{n:,} {reason}" for reason, n in quality.unanswered.items())
        yield f"Without a usable answer, and in no figure: {reasons}."
    if split["n_asked"] < split["n_hidden"]:
        margin = 98 / max(split["n_answered"], 1) ** 0.5  # 1.96 standard errors of a share of one half, in points
        yield f"A share over {split['n_answered']:,} seeds is known to about ±{margin:.0f} points (95 %)."


def _empty_table(title: str, columns: tuple[str, ...]) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        header_style="bold",
        show_edge=False,
    )
    table.add_column("seeds", no_wrap=True)
    for name in ("n", *columns):
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _telling(groups: Mapping[str, Beside[F]]) -> Mapping[str, Beside[F]]:
    """The groups without those that hold all seeds: the only language, the only source."""
    return {name: one for name, one in groups.items() if name == ALL or one.n_seeds < groups[ALL].n_seeds}


def _add_group(table: Table, name: str, n_seeds: int, teacher: list[str], trivial: list[str]) -> None:
    # Text, not markup: the name of a source may hold square brackets.
    table.add_row(Text(name.removeprefix("source ").removeprefix("language ")), f"{n_seeds:,}", *teacher)
    if trivial:
        table.add_row(_TRIVIAL, "", *trivial, style="dim")


def _points_table(title: str, groups: Mapping[str, Beside[PointFigures]], rule: str) -> Table:
    table = _empty_table(title, (*_NAME_COLUMNS, "names", "labels"))
    for name, one in _telling(groups).items():
        teacher, trivial = (_point_cells(figures, rule) for figures in (one.teacher, one.trivial))
        _add_group(table, name, one.n_seeds, [*teacher, f"{one.labels_per_seed:.1f}"], trivial)
    return table


def _point_cells(figures: PointFigures | None, rule: str) -> list[str]:
    if figures is None:
        return []
    names: NameFigures = getattr(figures, rule)
    shares = (names.precision, names.recall, names.f1, names.seed_f1, names.matched_seeds_fraction)
    return [*(_share(share) for share in shares), f"{figures.names_per_seed:.1f}"]


def _discipline_table(groups: Mapping[str, Beside[DisciplineFigures]]) -> Table:
    table = _empty_table("Discipline", ("right %", "macro\nF1 %"))
    for name, one in _telling(groups).items():
        teacher, trivial = (
            [_share(figures.accuracy), _share(figures.macro_f1)] if figures else []
            for figures in (one.teacher, one.trivial)
        )
        _add_group(table, name, one.n_seeds, teacher, trivial)
    return table


def _confusions(figures: DisciplineFigures) -> Text | None:
    wrong = [
        (n_seeds, label, answer)
        for label, answers in figures.confusion.items()
        for answer, n_seeds in answers.items()
        if label != answer
    ]
    wrong.sort(key=lambda one: (-one[0], *one[1:]))
    if not wrong:
        return None
    told = [f"{label} → {answer} {n_seeds:,}" for n_seeds, label, answer in wrong[:_MOST_CONFUSIONS]]
    return Text("Most often taken for another: " + ", ".join(told))


def _difficulty_table(groups: Mapping[str, Beside[DifficultyFigures]]) -> Table:
    table = _empty_table("Difficulty, levels 1 to 5", ("right %", "within\n1 level %", "mean\nerror", "rank\ncorr."))
    for name, one in _telling(groups).items():
        teacher, trivial = (_difficulty_cells(figures) for figures in (one.teacher, one.trivial))
        _add_group(table, name, one.n_seeds, teacher, trivial)
    return table


def _difficulty_cells(figures: DifficultyFigures | None) -> list[str]:
    if figures is None:
        return []
    correlation = "–" if figures.rank_correlation is None else f"{figures.rank_correlation:.2f}"
    shares = [_share(figures.exact_accuracy), _share(figures.within_one_fraction)]
    return [*shares, f"{figures.mean_absolute_error:.2f}", correlation]


def _matrix(figures: DifficultyFigures) -> Table:
    table = Table(
        title="Seeds: label ↓, answer →",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
    )
    table.add_column("level", justify="right")
    for level in DIFFICULTY_LEVELS:
        table.add_column(str(level), justify="right", no_wrap=True)
    for level, counts in zip(DIFFICULTY_LEVELS, figures.confusion, strict=True):
        table.add_row(str(level), *(_count(n_seeds) for n_seeds in counts))
    return table


def _count(n_seeds: Any) -> str:
    return f"{n_seeds:,}" if n_seeds else "·"


def _share(fraction: float) -> str:
    return f"{100 * fraction:.1f}"
