"""An explanation as data: what both the terminal and the page show, in their order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    """Some named values that belong together."""

    title: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Fate:
    """What became of a row.

    Attributes:
        headline: One sentence.
        is_kept: Whether it stands in the dataset.
        lines: What else is to be said of it.
    """

    headline: str
    is_kept: bool
    lines: Sequence[str] = ()


@dataclass(frozen=True)
class ShownQa:
    """One question with its answer.

    Attributes:
        title: What it is to the row that is explained, with its identifier.
        fate: What became of it.
        question: Question text.
        options: (letter, text) of each option.
        answer: Answer.
        texts: Longer texts by name: explanation, reasoning, proof.
        facts: All its other columns, in groups.
    """

    title: str
    fate: Fate
    question: str
    options: Sequence[tuple[str, str]]
    answer: str
    texts: Mapping[str, str]
    facts: Sequence[Facts]


@dataclass(frozen=True)
class ShownAlternative:
    """A choice that the walk could have made, with its probability, 0 to 1."""

    name: str
    probability: float


@dataclass(frozen=True)
class ShownStep:
    """One point of a path and how it was chosen.

    Attributes:
        name: Knowledge point.
        probability: P(start | cell) or P(step | at), 0 to 1; None where it is not known, as the next three.
        value: V(k) in that round.
        target_share: q(k), 0 to 1.
        visits: Paths that held it before that round.
        popularity: n(k); None where the graph is another one now.
        association: With the point before; None for the first, and where the graph is another one now.
        n_alternatives: What could have been chosen, this one included.
        alternatives: The likeliest of the others.
    """

    name: str
    probability: float | None
    value: float | None
    target_share: float | None
    visits: int | None
    popularity: int | None
    association: float | None
    n_alternatives: int
    alternatives: Sequence[ShownAlternative]


@dataclass(frozen=True)
class ShownPath:
    """A path.

    Attributes:
        path_id: Its identifier.
        facts: Its other columns.
        steps: Its points in order; none where it is not known any more.
        probability: Product of the probabilities of its steps; None where they are not known.
        ending: Why it is no longer; may be empty.
        problem: Why the probabilities are not known; None where they are.
    """

    path_id: str
    facts: Mapping[str, str]
    steps: Sequence[ShownStep]
    probability: float | None
    ending: str
    problem: str | None


@dataclass(frozen=True)
class ShownSeed:
    """One seed in full.

    Attributes:
        number: Its number in the links, from 1.
        seed_id: Its identifier.
        note: What it is to the row.
        question: Question text.
        options: (letter, text) of each option.
        answer: Answer.
        facts: Labels, source and licence.
    """

    number: int
    seed_id: str
    note: str
    question: str
    options: Sequence[tuple[str, str]]
    answer: str
    facts: Mapping[str, str]


@dataclass(frozen=True)
class ShownLink:
    """Two seeds, by number, and the knowledge points they share; those in `on_path` are the path's."""

    seeds: tuple[int, int]
    on_path: Sequence[str]
    others: Sequence[str]


@dataclass(frozen=True)
class ShownAnswer:
    """One bought answer.

    Attributes:
        title: Which sample and attempt it is, and what it was good for.
        facts: Key, model, tokens, dollars, seconds.
        says: What was read from it; may be empty.
        reasoning: The model's reasoning; None where it gave none.
        text: The raw answer; None where the store does not hold it.
    """

    title: str
    facts: Mapping[str, str]
    says: str
    reasoning: str | None
    text: str | None


@dataclass(frozen=True)
class ShownRequest:
    """One question to the teacher.

    Attributes:
        title: What was asked for, and of what.
        facts: Stage, role, model, prompt version, sampling settings.
        messages: (role, text) of each message; none where the store does not hold them.
        answers: All that was bought for it.
    """

    title: str
    facts: Mapping[str, str]
    messages: Sequence[tuple[str, str]]
    answers: Sequence[ShownAnswer]


@dataclass(frozen=True)
class ShownCheck:
    """One check.

    Attributes:
        name: What is checked.
        verdict: `passed`, `failed`, `reported` or `not reached`.
        found: What was found, with the limit.
    """

    name: str
    verdict: str
    found: str


@dataclass(frozen=True)
class CostLine:
    """What one question cost; tokens and dollars are None where unknown.

    Attributes:
        title: What was asked for.
        n_answers: Answers bought.
        input_tokens: Of all of them.
        output_tokens: Of all of them, reasoning included.
        cost_usd: US dollars for all of them.
        n_sharing: Rows that were read from the answer and share its price, at least 1.
    """

    title: str
    n_answers: int
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    n_sharing: int

    @property
    def share_usd(self) -> float | None:
        """US dollars that fall to one row."""
        return None if self.cost_usd is None else self.cost_usd / self.n_sharing


@dataclass(frozen=True)
class Outcome:
    """One row that came from a path, or something from which none came."""

    name: str
    what: str
    is_kept: bool


@dataclass(frozen=True)
class Explanation:
    """Where a row or a path comes from, and what became of it.

    Attributes:
        title: Its identifier.
        fate: What became of it.
        qas: The row itself first, then what it was made from and what took its place; none for a path.
        outcomes: What came of a path; none for a row.
        path: The path.
        seeds: Its seeds, and further ones of the row.
        links: Which of them share what.
        requests: Questions to the teacher, in their order.
        checks: Checks of evaluation; none before it ran, and for a path.
        costs: What the questions cost.
        cost_note: What is not in the costs.
    """

    title: str
    fate: Fate
    qas: Sequence[ShownQa]
    outcomes: Sequence[Outcome]
    path: ShownPath
    seeds: Sequence[ShownSeed]
    links: Sequence[ShownLink]
    requests: Sequence[ShownRequest]
    checks: Sequence[ShownCheck]
    costs: Sequence[CostLine]
    cost_note: str
