"""Asks a teacher for the hidden labels, as extraction asks, and puts its answers beside them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

from linkqa_kedro.annotation_quality.copies import COPY_JACCARD
from linkqa_kedro.annotation_quality.figures import (
    DifficultyFigures,
    DisciplineFigures,
    PointFigures,
    difficulty_figures,
    discipline_figures,
    point_figures,
)
from linkqa_kedro.annotation_quality.hiding import RANDOM_SEED, Halves, Row, hide_half
from linkqa_kedro.annotation_quality.name_matching import LENIENT_RATIO
from linkqa_kedro.annotation_quality.notes import unmeasured
from linkqa_kedro.annotation_quality.trivial import TrivialTeacher
from linkqa_kedro.datasets.prompt_template import PromptTemplate
from linkqa_kedro.errors import UserError
from linkqa_kedro.pipelines.extraction.nodes import AnnotationReader, annotation_requests, propose_kp_candidates
from linkqa_kedro.pipelines.extraction.parameters import ExtractionParameters
from linkqa_kedro.records import SEEDS, rows_of
from linkqa_kedro.teacher.completing import complete
from linkqa_kedro.teacher.teacher import Teacher
from linkqa_kedro.teacher.usage import TeacherUsage
from linkqa_kedro.text_hygiene.canonical_names import merge_aliases

ALL = "all"

F = TypeVar("F")


@dataclass(frozen=True)
class Beside(Generic[F]):
    """Figures of the teacher and, beside them, of the trivial teacher.

    Attributes:
        n_seeds: Seeds behind the figures: answered, and labelled by a person.
        labels_per_seed: Mean number of labels; 1 for discipline and difficulty.
        teacher: Figures of the teacher's answers.
        trivial: Figures of the most frequent labels, over the same seeds; None where no seed shows any.
    """

    n_seeds: int
    labels_per_seed: float
    teacher: F
    trivial: F | None


@dataclass(frozen=True)
class AnnotationQuality:
    """How well a teacher finds the labels that people gave.

    Attributes:
        model: Name of the model that answered.
        prompt_version: Version of the prompt it answered.
        split: What decided the halves, and how large they are.
        unanswered: Seeds asked about without a usable answer, by reason; no figure counts them.
        knowledge_points: Figures by group: `all`, `language en`, `source my_exam`, …; only groups that are labelled.
        discipline: The same.
        difficulty: The same.
        notes: What is not measured.
        usage: What asking cost; differs between a first measurement and a repeated one.
    """

    model: str
    prompt_version: str
    split: dict[str, Any]
    unanswered: dict[str, int]
    knowledge_points: dict[str, Beside[PointFigures]]
    discipline: dict[str, Beside[DisciplineFigures]]
    difficulty: dict[str, Beside[DifficultyFigures]]
    notes: tuple[str, ...]
    usage: TeacherUsage

    def as_json(self) -> dict[str, Any]:
        """All but the usage, for a file: the same answers give the same bytes. Figures have six decimals."""
        values = asdict(self)
        del values["usage"]
        rounded = _rounded(values)
        assert isinstance(rounded, dict)
        return rounded


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    return round(value, 6) if isinstance(value, float) else value


@dataclass(frozen=True)
class _Compared:
    """A measured seed: its row with labels, what the teacher found, and what the trivial teacher says."""

    seed: Row
    found: Row
    trivial: Row


def measure(
    seeds: Sequence[Row],
    teacher: Teacher,
    prompt: PromptTemplate,
    parameters: ExtractionParameters,
    alias_edits: dict[str, str],
    n_sample: int | None = None,
) -> AnnotationQuality:
    """Ask for the labels of half of the labelled seeds, and compare.

    Requests are those of extraction over the same seeds, had people not labelled the measured half: the vocabulary is
    chosen over all seeds, and neighbours are labelled seeds of the other half.

    Args:
        seeds: Rows of `seeds`, labelled ones among them.
        teacher: Who is asked.
        prompt: Template of extraction's requests.
        parameters: Extraction's parameters.
        alias_edits: A person's choices of canonical names, as in `merge_kp_names`.
        n_sample: Seeds to ask about at most; None for the whole half. A larger sample holds the smaller one.

    Raises:
        UserError: If too few seeds carry labels, the teacher answers nothing usable, or a budget is used up.
    """
    halves = hide_half(seeds)
    asked = halves.measured[:n_sample]
    hidden = SEEDS.frame(halves.seeds)
    candidates = propose_kp_candidates(hidden, parameters)
    hidden_rows = rows_of(hidden)
    by_id = {row["seed_id"]: row for row in hidden_rows}
    requests = annotation_requests(
        [by_id[row["seed_id"]] for row in asked], hidden_rows, rows_of(candidates), prompt, parameters
    )
    completed = complete(requests, teacher, AnnotationReader(parameters), n_expected=len(asked))
    if not completed.answered:
        first = completed.unanswered[0]
        raise UserError(
            f"The teacher annotated none of the {len(asked)} seeds. First reason: {first.reason}: {first.detail}"
        )
    found = {one.request.record_id: one.value for one in completed.answered}
    compared = _compared(halves, found, alias_edits)
    return AnnotationQuality(
        model=teacher.model_for("annotate").chat.model,
        prompt_version=prompt.version,
        split=_split(halves, len(seeds), len(asked), len(found)),
        unanswered=dict(sorted(Counter(one.reason for one in completed.unanswered).items())),
        knowledge_points=_by_group(compared, "knowledge_points", point_figures),
        discipline=_by_group(compared, "discipline", discipline_figures),
        difficulty=_by_group(compared, "difficulty", difficulty_figures),
        notes=tuple(unmeasured(seeds, [one.seed for one in compared])),
        usage=completed.usage,
    )


def _split(halves: Halves, n_seeds: int, n_asked: int, n_answered: int) -> dict[str, Any]:
    return {
        "random_seed": RANDOM_SEED,
        "copy_jaccard": COPY_JACCARD,
        "lenient_ratio": LENIENT_RATIO,
        "n_seeds": n_seeds,
        "n_labelled": len(halves.measured) + len(halves.visible),
        "n_copies": halves.n_copies,
        "n_visible": len(halves.visible),
        "n_hidden": len(halves.measured),
        "n_asked": n_asked,
        "n_answered": n_answered,
    }


def _compared(halves: Halves, found: Mapping[str, Row], alias_edits: dict[str, str]) -> list[_Compared]:
    """Answered seeds in the order of asking, names merged as `merge_kp_names` would over all names that there are."""
    answered = [row for row in halves.measured if row["seed_id"] in found]
    named = [*halves.visible, *answered, *found.values()]
    counts = Counter(name for row in named for name in row["knowledge_points"])
    canonical = merge_aliases(dict(sorted(counts.items())), alias_edits).canonical

    def merged(row: Row) -> Row:
        return {**row, "knowledge_points": list(dict.fromkeys(canonical(name) for name in row["knowledge_points"]))}

    trivial = TrivialTeacher([merged(row) for row in halves.visible])
    return [_Compared(merged(row), merged(found[row["seed_id"]]), trivial.labels(row["language"])) for row in answered]


def _by_group(
    compared: Iterable[_Compared], kind: str, figures: Callable[[Sequence[Any], Sequence[Any]], F]
) -> dict[str, Beside[F]]:
    """Figures of one kind of label for all seeds, each language and each source."""
    groups: dict[str, list[_Compared]] = {}
    languages: dict[str, list[_Compared]] = {}
    sources: dict[str, list[_Compared]] = {}
    for one in compared:
        if one.seed[kind]:
            groups.setdefault(ALL, []).append(one)
            languages.setdefault(f"language {one.seed['language']}", []).append(one)
            sources.setdefault(f"source {one.seed['source']}", []).append(one)
    groups |= dict(sorted(languages.items())) | dict(sorted(sources.items()))
    return {name: _beside(group, kind, figures) for name, group in groups.items()}


def _beside(group: Sequence[_Compared], kind: str, figures: Callable[[Sequence[Any], Sequence[Any]], F]) -> Beside[F]:
    labels = [one.seed[kind] for one in group]
    trivial = [one.trivial[kind] for one in group]
    return Beside(
        n_seeds=len(group),
        labels_per_seed=sum(len(label) if isinstance(label, list) else 1 for label in labels) / len(labels),
        teacher=figures(labels, [one.found[kind] for one in group]),
        trivial=figures(labels, trivial) if all(trivial) else None,
    )
