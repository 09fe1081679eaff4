"""An item before it is written out: its questions, its claims, its task, and the proof of its answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from linkqa_kedro.composer.dice import Dice
from linkqa_kedro.composer.material import Material, comparable
from linkqa_kedro.composer.wording import Wording, count_word


@dataclass(frozen=True, slots=True)
class Plan:
    """What a builder of items works from.

    Attributes:
        questions: The seeds to join, numbered 1, 2, ... by their `place`; all must be used.
        wording: Sentences in the item's language.
        dice: Choices of this item.
        load: How much to ask for, 1 (little) to 5: claims to judge, steps to take.
        counterfactual: Whether to ask under a supposition contrary to fact, where the type can.
        abstract: Whether to name the answers by letters, where the type can.
    """

    questions: tuple[Material, ...]
    wording: Wording
    dice: Dice
    load: int
    counterfactual: bool = False
    abstract: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """A property of a numeric answer that follows from the keys: parity, or size beside another answer.

    Attributes:
        kind: "even", "odd", "larger" or "smaller".
        other: The question compared with; None for parity.
    """

    kind: str
    other: int | None = None


# What a claim says of a question's answer: an option's letter, a relation, or (None) the free answer itself.
Said = str | Relation | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence about the answer to one question, and whether it holds by the seed's key.

    Attributes:
        place: The question's number in the item.
        letter: The option it speaks of; None where it speaks of a free answer.
        text: Shown text of that option, or the free answer; empty for a relation.
        sentence: The claim as the item words it.
        holds: Whether it is true.
        relation: The property claimed, where it is one.
    """

    place: int
    letter: str | None
    text: str
    sentence: str
    holds: bool
    relation: Relation | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """An item whose answer is known.

    Attributes:
        question_type: One of the composer's types.
        questions: The questions shown.
        task: What the item asks after its questions.
        answer: The right answer.
        reasons: How the answer follows, after the solution of each question.
        rule: What a program needs, beside the claims, to recompute the answer.
        claims: (label, claim) as shown.
        options: Letter and text of the item's own options; None for an open answer.
        shows_questions: Whether the questions stand in front of the task, numbered; else the options hold them.
    """

    question_type: str
    questions: tuple[Material, ...]
    task: str
    answer: str
    reasons: tuple[str, ...]
    rule: Mapping[str, Any]
    claims: tuple[tuple[str, Claim], ...] = ()
    options: Mapping[str, str] | None = None
    shows_questions: bool = True


Builder = Callable[[Plan], Draft | None]


def numbered(materials: Sequence[Material]) -> tuple[Material, ...]:
    """The materials with places 1, 2, ... in the order given."""
    return tuple(replace(material, place=place) for place, material in enumerate(materials, start=1))


def write_item(draft: Draft, wording: Wording, points: Sequence[str]) -> dict[str, Any]:
    """The draft as an item of the reply format, with its proof.

    Args:
        draft: A finished draft.
        wording: Sentences in the item's language.
        points: Knowledge points the item may name, in the order wanted; it names those its seeds hold.
    """
    held = {point for material in draft.questions for point in material.knowledge_points}
    blocks, solutions = [], []
    if draft.shows_questions:
        blocks.append(wording.say("intro", count=count_word(len(draft.questions), wording.language)))
        blocks += [wording.question_block(material) for material in draft.questions]
        solutions = [wording.solution(material) for material in draft.questions]
    hence = wording.say("hence", answer=draft.answer)
    return {
        "question_type": draft.question_type,
        "question": "\n\n".join([*blocks, draft.task]),
        "options": dict(draft.options) if draft.options is not None else None,
        "answer": draft.answer,
        "explanation": wording.joined([*solutions, *draft.reasons, hence]),
        "knowledge_points": [point for point in points if point in held],
        "seeds": sorted(material.seed_number for material in draft.questions),
        "proof": _proof(draft),
    }


def _proof(draft: Draft) -> dict[str, Any]:
    return {
        "type": draft.question_type,
        "parts": [
            {
                "number": material.place,
                "seed_id": material.seed_id,
                "stem": material.stem,
                "options": [list(option) for option in material.options],
            }
            for material in draft.questions
        ],
        "claims": [
            {
                "label": label,
                "part": claim.place,
                "letter": claim.letter,
                "text": claim.text,
                "sentence": claim.sentence,
                "relation": claim.relation and {"kind": claim.relation.kind, "other": claim.relation.other},
                "holds": claim.holds,
            }
            for label, claim in draft.claims
        ],
        "rule": dict(draft.rule),
        "answer": draft.answer,
    }


# ---- claims ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _ClaimDraw:
    """Claims drawn so far against the numbers wanted."""

    true_left: int
    false_left: int
    taken: list[tuple[Material, Said]] = field(default_factory=list)

    def take(self, material: Material, pool: Sequence[Said], holds: bool) -> bool:
        """Take the first of the pool that is not taken yet, if claims of this truth are still wanted."""
        for said in pool:
            if (material, said) not in self.taken and (self.true_left if holds else self.false_left):
                self.taken.append((material, said))
                self.true_left -= holds
                self.false_left -= not holds
                return True
        return False


def draw_claims(plan: Plan, n_true: int, n_false: int) -> list[Claim] | None:
    """So many true and false claims, at least one about each question, in an order that tells nothing.

    A false claim names an option outside the key, or a parity or size that a numeric answer does not have. A free
    answer is claimed as it is, never altered.

    Returns:
        The claims; None where the questions do not allow these numbers.
    """
    if n_true + n_false < len(plan.questions):
        return None
    draw = _ClaimDraw(n_true, n_false)
    dice = plan.dice.child("claims", n_true, n_false)
    # Questions with a free answer first: most of them can only use up true claims.
    order = sorted(dice.shuffled(plan.questions, "order"), key=lambda material: bool(material.options))
    truths = {material.place: sayable(plan, material, True) for material in order}
    untruths = {material.place: sayable(plan, material, False) for material in order}
    for material in order:
        prefer_true = dice.number("side", material.place) % (n_true + n_false) < n_true
        sides = (True, False) if prefer_true else (False, True)
        if not any(draw.take(material, (truths if s else untruths)[material.place], s) for s in sides):
            return None
    for holds, pools in ((True, truths), (False, untruths)):
        progress = True
        while progress and (draw.true_left if holds else draw.false_left):
            taken = [draw.take(material, pools[material.place], holds) for material in order]
            progress = any(taken)
    if draw.true_left or draw.false_left:
        return None
    return [make_claim(material, said, plan) for material, said in dice.shuffled(draw.taken, "shown order")]


def sayable(plan: Plan, material: Material, holds: bool) -> list[Said]:
    """What true or false claims may say of a question's answer, in drawn order."""
    if not material.claimable:
        return []
    if material.options:
        letters = material.key if holds else material.wrong_letters
        return list(plan.dice.shuffled(letters, "letter", material.place, holds))
    free: list[Said] = [None] if holds else []
    relations = [r for r in _relations(plan, material) if relation_holds(r, material, plan.questions) is holds]
    return [*free, *plan.dice.shuffled(relations, "relation", material.place, holds)]


def _relations(plan: Plan, material: Material) -> list[Relation]:
    """Relations that can be asked of a free numeric answer; comparisons look only at earlier questions.

    Looking one way only keeps "1 is larger than 2" and "2 is smaller than 1" from standing side by side.
    """
    if material.number is None:
        return []
    parity = [Relation("even"), Relation("odd")] if material.number.denominator == 1 else []
    kind = plan.dice.pick(("larger", "smaller"), "comparison", material.place)
    others = [m.place for m in plan.questions if m.number is not None and m.place < material.place]
    # Even and odd of one answer would give each other away: one of the two is enough.
    return [*plan.dice.shuffled(parity, "parity", material.place)[:1], *(Relation(kind, other) for other in others)]


def relation_holds(relation: Relation, material: Material, questions: Sequence[Material]) -> bool:
    """Whether the numeric answer of a question has the property."""
    number = material.number
    if number is None:
        return False
    if relation.other is None:
        return (number % 2 == 0) is (relation.kind == "even")
    other = next(m.number for m in questions if m.place == relation.other)
    return other is not None and (number > other if relation.kind == "larger" else number < other)


def make_claim(material: Material, said: Said, plan: Plan) -> Claim:
    """The claim that an option, the free answer or a relation is right, worded."""
    wording, n = plan.wording, material.place
    if isinstance(said, Relation):
        sentence = wording.say(f"claim_{said.kind}", n=n, other=said.other)
        return Claim(n, None, "", sentence, relation_holds(said, material, plan.questions), said)
    if said is None:
        text = material.answer
        sentence = wording.say("claim_free", n, n=n, choice=wording.free_answer(text))
        return Claim(n, None, text, sentence, holds=True)
    kind = "claim_several" if len(material.key) > 1 else "claim_single"
    # A phrasing of its own for each question keeps the statements from reading like a list.
    sentence = wording.say(kind, n, n=n, choice=wording.choice(material, said))
    return Claim(n, said, material.option_text(said), sentence, said in material.key)


def clashes(texts: Sequence[str]) -> bool:
    """Whether two of the texts mean the same answer."""
    return len({comparable(text) for text in texts}) < len(texts)


def verdicts(labelled: Sequence[tuple[str, Claim]], wording: Wording) -> list[str]:
    """Which of the statements hold, one sentence each."""
    return [wording.say("verdict_true" if claim.holds else "verdict_false", label=label) for label, claim in labelled]
