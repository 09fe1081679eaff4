"""Items over the numeric answers of their questions: put in order, or reckoned with exactly."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from linkqa_kedro.composer.draft import Draft, Plan
from linkqa_kedro.composer.material import number_text

_NAMES = "abcde"
# A result that no one would write out by hand is no exam answer.
_MAX_DIGITS = 12


def build_ordering(plan: Plan) -> Draft | None:
    """The questions in the order of their numeric answers; three or more, all different."""
    numbers = [material.number for material in plan.questions if material.number is not None]
    if len(numbers) < max(3, len(plan.questions)) or len(set(numbers)) < len(numbers):
        return None
    falling = plan.dice.number("falling") % 2 == 1
    ordered = sorted(plan.questions, key=lambda m: m.number or Fraction(0), reverse=falling)
    separator = "，" if plan.wording.language == "zh" else ", "
    task = [
        plan.wording.say("ordering_down" if falling else "ordering_up"),
        plan.wording.say("ordering_form"),
    ]
    return Draft(
        question_type="ordering",
        questions=plan.questions,
        task=plan.wording.joined(task),
        answer=separator.join(str(material.place) for material in ordered),
        reasons=(_numbers_are(plan, number_text),),
        rule={"order": "falling" if falling else "rising"},
    )


def build_calculation(plan: Plan) -> Draft | None:
    """A number reckoned from all the answers: sum, weighted sum, or largest less smallest.

    Under a supposition one answer is taken as larger by a stated amount than it really is.
    """
    if not all(material.exact for material in plan.questions):
        return None
    numbers = {material.place: material.number or Fraction(0) for material in plan.questions}
    kinds = ["weighted"] if plan.abstract or plan.load >= 4 else ["sum", "weighted"]
    if len(numbers) > 2 and len(set(numbers.values())) > 1 and not plan.abstract:
        kinds.append("spread")
    kind = plan.dice.pick(kinds, "kind")
    shift = _shift(plan) if plan.counterfactual else None
    if shift:
        numbers[shift[0]] += shift[1]
    weights = _weights(plan, kind)
    result = reckon(kind, weights, numbers)
    spell = _spelling(plan)
    if len(spell(result)) > _MAX_DIGITS:
        return None
    if kind == "spread" and not result:
        return None  # between equal numbers there is no largest
    return Draft(
        question_type="calculation",
        questions=plan.questions,
        task=_calculation_task(plan, kind, weights, shift),
        answer=spell(result),
        reasons=(
            _numbers_are(plan, spell),
            *([plan.wording.say("shifted", n=shift[0], value=spell(numbers[shift[0]]))] if shift else []),
            plan.wording.say("work", formula=_worked(kind, weights, numbers, spell), result=spell(result)),
        ),
        rule={
            "reckon": kind,
            "weights": {str(place): weight for place, weight in weights.items()},
            "formula": formula_text(weights),
            "suppose": {"part": shift[0], "shift": shift[1]} if shift else None,
        },
    )


def _spelling(plan: Plan) -> Callable[[Fraction], str]:
    """Fractions throughout where an answer is given as one; otherwise decimals where these are finite."""
    given = [m.option_text(m.key[0]) if m.options else m.answer for m in plan.questions]
    return str if any("/" in text or "frac" in text for text in given) else number_text


def reckon(kind: str, weights: Mapping[int, int], numbers: Mapping[int, Fraction]) -> Fraction:
    """Largest less smallest for "spread", else the weighted sum."""
    if kind == "spread":
        return max(numbers.values()) - min(numbers.values())
    return sum((weight * numbers[place] for place, weight in weights.items()), Fraction(0))


def _weights(plan: Plan, kind: str) -> dict[int, int]:
    """A whole weight for each question; all 1 for a plain sum, never all 1 otherwise."""
    if kind != "weighted":
        return {material.place: 1 for material in plan.questions}
    drawn = {m.place: plan.dice.pick((1, 2, 3, -1, -2), "weight", m.place) for m in plan.questions}
    drawn[1] = abs(drawn[1]) + 1
    return drawn


def _shift(plan: Plan) -> tuple[int, int]:
    place = plan.dice.pick([material.place for material in plan.questions], "shifted")
    return place, 2 + plan.dice.number("by how much") % 8


def formula_text(weights: Mapping[int, int]) -> str:
    """The weighted sum in the letters a, b, c ...: "2a − b + 3c"."""
    text = ""
    for name, weight in zip(_NAMES, weights.values(), strict=False):
        sign = (" − " if weight < 0 else " + ") if text else ("−" if weight < 0 else "")
        text += sign + (str(abs(weight)) if abs(weight) != 1 else "") + name
    return text


def _worked(
    kind: str, weights: Mapping[int, int], numbers: Mapping[int, Fraction], spell: Callable[[Fraction], str]
) -> str:
    if kind == "spread":
        return f"{spell(max(numbers.values()))} − {_bracketed(spell(min(numbers.values())))}"
    text = ""
    for place, weight in weights.items():
        sign = (" − " if weight < 0 else " + ") if text else ("−" if weight < 0 else "")
        times = f"{abs(weight)} × " if abs(weight) != 1 else ""
        text += sign + times + _bracketed(spell(numbers[place]))
    return text


def _bracketed(number: str) -> str:
    return f"({number})" if set("-/") & set(number) else number


def _calculation_task(plan: Plan, kind: str, weights: Mapping[int, int], shift: tuple[int, int] | None) -> str:
    wording = plan.wording
    names = wording.listing(list(_NAMES[: len(plan.questions)]))
    places = [str(material.place) for material in plan.questions]
    questions = (
        wording.listing([f"第{place}题" for place in places])
        if wording.language == "zh"
        else "Questions " + wording.listing(places)
    )
    sentences = [wording.say("name_answers", names=names, questions=questions)]
    if shift:
        sentences.append(wording.say("suppose_shift", n=shift[0], shift=shift[1]))
    sentences.append(wording.say(f"calc_{kind}", formula=formula_text(weights)))
    sentences.append(wording.say("exactly"))
    return wording.joined(sentences)


def _numbers_are(plan: Plan, spell: Callable[[Fraction], str]) -> str:
    numbers = [spell(material.number or Fraction(0)) for material in plan.questions]
    return plan.wording.say("numbers_are", numbers=plan.wording.listing(numbers))
