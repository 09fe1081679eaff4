"""Items whose questions depend on one another, or are answered in a row."""

from dataclasses import replace
from typing import Any

from linkqa_kedro.composer.draft import Claim, Draft, Plan, make_claim, numbered, sayable
from linkqa_kedro.composer.material import Material
from linkqa_kedro.composer.wording import count_word

_LETTERS = "ABCD"


def build_conditional(plan: Plan) -> Draft | None:
    """Steps that lead, by the truth of a statement each, to the question whose answer is wanted.

    All questions but the last two carry a statement; the last two are where the steps can end. With two
    questions the first carries the statement and is itself one of the ends.
    """
    plan = _deciding_first(plan)
    ends = plan.questions[-2:]
    claims = [_deciding_claim(plan, material) for material in plan.questions[: max(1, len(plan.questions) - 2)]]
    if not all(claims):
        return None
    labelled = tuple((plan.wording.claim_label(i), claim) for i, claim in enumerate(claims) if claim)
    first_end, second_end = plan.dice.shuffled(ends, "ends")
    steps = []
    for step, (label, _) in enumerate(labelled, start=1):
        onward: dict[str, int] = {"step": step + 1} if step < len(labelled) else {"part": first_end.place}
        aside = {"part": second_end.place}
        swap = plan.dice.number("swap", step) % 2 == 1
        steps.append({"claim": label, "then": aside if swap else onward, "otherwise": onward if swap else aside})
    taken, end = follow_steps(steps, {label: claim.holds for label, claim in labelled})
    return Draft(
        question_type="conditional",
        questions=plan.questions,
        task=_conditional_task(plan, labelled, steps),
        answer=next(m.short_answer for m in plan.questions if m.place == end),
        reasons=tuple(_took(plan, labelled, steps, number) for number in taken),
        rule={"steps": steps},
        claims=labelled,
    )


def _deciding_first(plan: Plan) -> Plan:
    """The plan with those questions in front about which a wrong statement can be made."""
    order = sorted(plan.questions, key=lambda material: not sayable(plan, material, False))
    return replace(plan, questions=numbered(order))


def follow_steps(steps: list[dict[str, Any]], holds: dict[str, bool]) -> tuple[list[int], int]:
    """The steps taken, from 1, and the question they end at."""
    taken, step = [], 1
    while True:
        taken.append(step)
        current = steps[step - 1]
        target = current["then"] if holds[current["claim"]] else current["otherwise"]
        if "part" in target:
            return taken, target["part"]
        step = target["step"]


def _deciding_claim(plan: Plan, material: Material) -> Claim | None:
    """A claim of either truth: without a false one to be had, the step would decide nothing."""
    truths, untruths = sayable(plan, material, True), sayable(plan, material, False)
    if not truths or not untruths:
        return None
    said = truths[0] if plan.dice.number("deciding", material.place) % 2 == 0 else untruths[0]
    return make_claim(material, said, plan)


def _target(plan: Plan, target: dict[str, int]) -> str:
    if "part" in target:
        return plan.wording.say("go_part", n=target["part"])
    return plan.wording.say("go_step", s=target["step"])


def _conditional_task(plan: Plan, labelled: tuple[tuple[str, Claim], ...], steps: list[dict[str, Any]]) -> str:
    wording = plan.wording
    statements = [wording.claim_line(label, claim.sentence) for label, claim in labelled]
    lines = [
        wording.say(
            "step" if len(steps) > 1 else "only_step",
            s=number,
            claim=step["claim"],
            then=_target(plan, step["then"]),
            otherwise=_target(plan, step["otherwise"]),
        )
        for number, step in enumerate(steps, start=1)
    ]
    closing = [wording.say("conditional")]
    if any(material.options for material in plan.questions[-2:]):
        closing.append(wording.say("letters_hint"))
    return "\n".join(
        [
            wording.say("statements" if len(steps) > 1 else "one_statement"),
            *statements,
            "",
            *lines,
            "",
            wording.joined(closing),
        ]
    )


def _took(plan: Plan, labelled: tuple[tuple[str, Claim], ...], steps: list[dict[str, Any]], number: int) -> str:
    step = steps[number - 1]
    holds = dict(labelled)[step["claim"]].holds
    return plan.wording.say(
        "took_step" if len(steps) > 1 else "took_only_step",
        s=number,
        claim=step["claim"],
        verdict=plan.wording.say("verdict_word_true" if holds else "verdict_word_false"),
        then=_target(plan, step["then"] if holds else step["otherwise"]),
    )


def build_sequence(plan: Plan) -> Draft | None:
    """The row that answers every question: one right row of letters among four."""
    if not all(material.options for material in plan.questions):
        return None
    right = tuple(material.short_answer for material in plan.questions)
    rows = [right]
    for attempt in range(40):
        row = _altered(plan, right, attempt)
        if row not in rows:
            rows.append(row)
        if len(rows) == len(_LETTERS):
            break
    if len(rows) < len(_LETTERS):
        return None
    shown = plan.dice.shuffled(rows, "rows")
    return Draft(
        question_type="sequence",
        questions=plan.questions,
        task=plan.wording.say("sequence", count=count_word(len(plan.questions), plan.wording.language)),
        answer=_LETTERS[shown.index(right)],
        reasons=(),
        rule={"rows": {letter: list(row) for letter, row in zip(_LETTERS, shown, strict=True)}},
        options={letter: row_text(row) for letter, row in zip(_LETTERS, shown, strict=True)},
    )


def row_text(row: tuple[str, ...] | list[str]) -> str:
    """A row of answers as an option shows it."""
    return ", ".join(f"{place}–{answer}" for place, answer in enumerate(row, start=1))


def _altered(plan: Plan, right: tuple[str, ...], attempt: int) -> tuple[str, ...]:
    """The right row with one or more answers replaced by others of the same form."""
    row = list(right)
    first = plan.dice.number("altered", attempt) % len(row)
    for position, material in enumerate(plan.questions):
        if position != first and plan.dice.number("also", attempt, position) % 3:
            continue
        letters = [letter for letter, _ in material.options]
        shift = 1 + plan.dice.number("shift", attempt, position) % (len(letters) - 1)
        moved = {letters[(letters.index(letter) + shift) % len(letters)] for letter in material.key}
        if moved == set(material.key):
            # A key of all letters, or an even spread of them, comes back to itself: leave one letter out.
            moved.discard(material.key[shift % len(material.key)])
        row[position] = "".join(sorted(moved))
    return tuple(row)
