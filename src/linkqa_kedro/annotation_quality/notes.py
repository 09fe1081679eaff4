"""What the figures say nothing about, because no label is there."""

from collections.abc import Iterator, Sequence

from linkqa_kedro.annotation_quality.hiding import Row

KINDS = {"knowledge_points": "knowledge points", "discipline": "a discipline", "difficulty": "a difficulty"}

_MOST_NAMES = 8


def unmeasured(seeds: Sequence[Row], measured: Sequence[Row]) -> Iterator[str]:
    """Sentences about the kinds of labels that seeds lack.

    Args:
        seeds: All rows of `seeds`, with the labels that they carry.
        measured: Those whose answers were compared, with their labels.
    """
    for kind, name in KINDS.items():
        carriers = [row for row in seeds if row[kind]]
        if not carriers:
            yield f"Unmeasured: no seed carries {name}."
            continue
        if not any(row[kind] for row in measured):
            yield f"Unmeasured: {len(carriers):,} seeds carry {name}, but none of those that were measured."
            continue
        disciplines = _values(carriers, "discipline")
        if disciplines and disciplines < _values(seeds, "discipline"):
            yield f"Only {_listed(disciplines)} seeds carry {name}."
        without = _values(seeds, "source") - _values(carriers, "source")
        if without:
            yield f"No seed of {_listed(without)} carries {name}: unmeasured there."
        silent = _values(seeds, "language") - _values(carriers, "language")
        if silent:
            yield f"No seed in {_listed(silent)} carries {name}."


def _values(rows: Sequence[Row], column: str) -> set[str]:
    return {row[column] for row in rows if row[column]}


def _listed(names: set[str]) -> str:
    """The names in order, the first few of many."""
    shown = sorted(names)[:_MOST_NAMES]
    return ", ".join(shown) + (f" and {len(names) - len(shown)} more" if len(names) > len(shown) else "")
