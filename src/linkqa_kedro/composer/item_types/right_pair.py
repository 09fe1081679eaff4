"""Items of mere recall: several questions, each with an answer, one of which is right."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from linkqa_kedro.composer.draft import Claim, Draft, Plan, clashes, draw_claims
from linkqa_kedro.composer.material import Material
from linkqa_kedro.composer.rate import read_load

_LETTERS = "ABCD"
_MAX_PAIR_CHARACTERS = 160
# A longer question tells a story to draw something from.
_MAX_RECALL_WORDS = 35
# Such a question says nothing without its options.
_NEEDS_ITS_OPTIONS = re.compile(
    r"\b(?:following|these|those|options?|choices?|statements?|below|above|except|not|best|least|which one"
    r"|most (?:likely|probably|accurate(?:ly)?|appropriate(?:ly)?|suitable|correct(?:ly)?|important))\b"
    r"|下列|以下|下面|上述|选项|哪[一几]?[项组]|哪些|说法|表述|叙述|正确的|错误的|恰当"
    r"|不(?:属于|是|包括|正确|符|同|可能|宜|应|能|会|利于|适)|最(?:可能|适|佳|好|符合|能|接近|合|主要|重要|直接|根本)",
    re.IGNORECASE,
)


def build_right_pair(plan: Plan) -> Draft | None:
    """The one question that stands with its right answer; the others stand with wrong options of their own.

    The questions are shown without their options, so only those are taken that can be understood alone.
    """
    if not all(stands_alone(material) for material in plan.questions):
        return None
    for n in range(len(_LETTERS), 1, -1):
        claims = draw_claims(plan, 1, n - 1)
        if claims and _is_even(claims) and not any(claim.relation for claim in claims):
            return _pairs(plan, claims)
    return None


def _is_even(claims: Sequence[Claim]) -> bool:
    """Whether all questions stand equally often, or nearly: one that stands alone beside three others shows the key."""
    counts = Counter(claim.place for claim in claims).values()
    return max(counts) - min(counts) <= 1


def _pairs(plan: Plan, claims: list[Claim]) -> Draft | None:
    stems = {material.place: material.stem for material in plan.questions}
    said = [replace(claim, sentence=pair_text(stems[claim.place], claim.text)) for claim in claims]
    if clashes([claim.sentence for claim in said]) or max(len(c.sentence) for c in said) > _MAX_PAIR_CHARACTERS:
        return None
    labelled = tuple(zip(_LETTERS, said, strict=False))
    right = {m.place: m.option_text(m.key[0]) if m.options else m.answer for m in plan.questions}
    return Draft(
        question_type="right_pair",
        questions=plan.questions,
        task=plan.wording.say("right_pair"),
        answer=next(label for label, claim in labelled if claim.holds),
        reasons=tuple(
            plan.wording.say("pair_right" if claim.holds else "pair_wrong", label=label, right=right[claim.place])
            for label, claim in labelled
        ),
        rule={"want": "correct"},
        claims=labelled,
        options={label: claim.sentence for label, claim in labelled},
        shows_questions=False,
    )


def pair_text(stem: str, answer: str) -> str:
    """A question with an answer, as an option shows them."""
    return f"{stem} — {answer}"


def stands_alone(material: Material) -> bool:
    """Whether single answers to a question can be called right or wrong without its options beside it."""
    return (
        material.claimable
        and len(material.key) <= 1
        and len(material.stem) < _MAX_PAIR_CHARACTERS
        and "\n" not in material.stem
        and not _NEEDS_ITS_OPTIONS.search(material.stem)
    )


def is_recall(material: Material) -> bool:
    """Whether a question asks for a fact: short, without a condition to keep or anything to reckon.

    One number may stand in it, as a year does. Two are there to be reckoned with; so is one beside a word of reckoning
    or where the answer is a number; and so is whatever a question without options asks to be calculated.
    """
    load = read_load(material.stem, (), "")
    reckoning = min(1, load.calculations) + (material.number is not None)
    return (
        stands_alone(material)
        and load.words <= _MAX_RECALL_WORDS
        and load.conditions == load.formulas == 0
        and (load.numbers == 0 or load.numbers + reckoning <= 1)
        and (bool(material.options) or load.calculations == 0)
    )
