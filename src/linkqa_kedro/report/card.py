"""The dataset card: what a stranger should know before training on the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

# The bounds that the Hugging Face hub sorts by, ascending: (rows below, category).
_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
)


@dataclass(frozen=True)
class Figure:
    """One measured value of the card: its name, the value as text with its unit, and how to read it."""

    name: str
    value: str
    meaning: str


@dataclass(frozen=True)
class MixRow:
    """One label of a mix: shares from 0 to 1; the target is None where none was set."""

    label: str
    target_fraction: float | None
    realised_fraction: float


@dataclass(frozen=True)
class DataConfig:
    """One loadable form of the rows: its name, its files relative to the card (a glob), and what a row holds."""

    name: str
    data_files: str
    contents: str


@dataclass(frozen=True)
class CardFacts:
    """All that the card says of a run.

    Attributes:
        title: Name of the dataset for people.
        languages: Codes such as "en" and "zh", most rows first.
        n_rows: Rows of the dataset.
        configs: Loadable forms, the default one first.
        teacher: Model that wrote the rows.
        is_composer: Whether the teacher is the embedded composer, which joins seeds by rule and writes nothing new.
        n_seeds: Seeds that the rows are made from.
        figures: Measured values.
        disciplines: Target and realised mix.
        difficulties: The same, of the levels.
        rejected: Rows left out, by reason.
        sample: One row: its fields in order, as text.
        seed_licences: Seeds by (source, licence).
    """

    title: str
    languages: Sequence[str]
    n_rows: int
    configs: Sequence[DataConfig]
    teacher: str
    is_composer: bool
    n_seeds: int
    figures: Sequence[Figure]
    disciplines: Sequence[MixRow]
    difficulties: Sequence[MixRow]
    rejected: Mapping[str, int]
    sample: Mapping[str, str]
    seed_licences: Mapping[tuple[str, str], int]


def dataset_card(facts: CardFacts) -> str:
    """The card as Markdown with the YAML head that the Hugging Face hub reads.

    Rejected rows are listed most first, licences by source. The licence in the head is that of the seeds if they
    share one that the hub knows, else "other".
    """
    return _template().render(
        facts=facts,
        licence_tag=_licence_tag({licence for _, licence in facts.seed_licences}),
        size=size_category(facts.n_rows),
        rejected=sorted(facts.rejected.items(), key=lambda row: (-row[1], row[0])),
        n_rejected=sum(facts.rejected.values()),
        licences=sorted((source, licence, count) for (source, licence), count in facts.seed_licences.items()),
    )


def size_category(n_rows: int) -> str:
    """The size category of the hub that holds this number of rows."""
    return next((category for bound, category in _SIZES if n_rows < bound), "n>1B")


_HUB_LICENCES = {
    "MIT": "mit",
    "APACHE-2.0": "apache-2.0",
    "CC0-1.0": "cc0-1.0",
    "CC-BY-4.0": "cc-by-4.0",
    "CC-BY-SA-4.0": "cc-by-sa-4.0",
    "CC-BY-NC-4.0": "cc-by-nc-4.0",
}


def _licence_tag(licences: set[str]) -> str:
    # The terms of several licences add up in ways that a card cannot decide.
    return _HUB_LICENCES.get(next(iter(licences)).upper(), "other") if len(licences) == 1 else "other"


@lru_cache(maxsize=1)
def _template() -> Template:
    # Markdown, not HTML: escaping is done where a cell or a fence could break, by the filters below.
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    environment.filters.update(cell=_cell, quoted=_quoted, fenced=_fenced, percent=_percent)
    source = files("linkqa_kedro.report").joinpath("card.md.jinja").read_text(encoding="utf-8")
    return environment.from_string(source)


def _cell(text: object) -> str:
    """Text that stays in its table cell."""
    return " ".join(str(text).replace("\\", "\\\\").replace("|", "\\|").split())


def _quoted(text: str) -> str:
    """A YAML string in double quotes."""
    return '"' + " ".join(text.replace("\\", "\\\\").replace('"', '\\"').split()) + '"'


def _fenced(text: str, language: str = "") -> str:
    """A code block whose fence is longer than any in the text."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"
