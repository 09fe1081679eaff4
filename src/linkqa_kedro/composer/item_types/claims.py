"""Items that ask which statements about the questions hold, or how many."""

from collections.abc import Sequence

from linkqa_kedro.composer.draft import Claim, Draft, Plan, draw_claims, make_claim, sayable, verdicts
from linkqa_kedro.composer.material import Material
from linkqa_kedro.composer.wording import count_word

_LETTERS = "ABCDEFG"


def build_multiple_select(plan: Plan) -> Draft | None:
    """Which of these statements are right (or wrong): letters of the item's options.

    With three options the answer may be a single letter; it is never none and never all.
    """
    want_wrong = plan.load >= 3 and plan.dice.number("want wrong") % 3 == 0
    for n in _sizes(wanted=3 + (plan.load + 1) // 2, smallest=3):
        for n_true in plan.dice.shuffled(range(1, n), "n_true", n):
            claims = draw_claims(plan, n_true, n - n_true)
            if claims:
                return _select(plan, claims, want_wrong)
    return None


def _select(plan: Plan, claims: Sequence[Claim], want_wrong: bool) -> Draft:
    labelled = tuple(zip(_LETTERS, claims, strict=False))
    ask = "multiple_select_wrong" if want_wrong else "multiple_select"
    return Draft(
        question_type="multiple_select",
        questions=plan.questions,
        task=plan.wording.say(ask),
        answer="".join(label for label, claim in labelled if claim.holds is not want_wrong),
        reasons=tuple(verdicts(labelled, plan.wording)),
        rule={"want": "wrong" if want_wrong else "correct"},
        claims=labelled,
        options={label: claim.sentence for label, claim in labelled},
    )


def build_single_choice(plan: Plan) -> Draft | None:
    """The one statement that is right, or the one that is wrong: a letter of the item's options."""
    wants = plan.dice.shuffled((True, False), "odd one")
    for n in _sizes(wanted=4 + (plan.load >= 5), smallest=3):
        for want_true in wants:
            claims = draw_claims(plan, 1, n - 1) if want_true else draw_claims(plan, n - 1, 1)
            if claims:
                labelled = tuple(zip(_LETTERS, claims, strict=False))
                return Draft(
                    question_type="single_choice",
                    questions=plan.questions,
                    task=plan.wording.say("single_choice" if want_true else "single_choice_wrong"),
                    answer=next(label for label, claim in labelled if claim.holds is want_true),
                    reasons=tuple(verdicts(labelled, plan.wording)),
                    rule={"want": "correct" if want_true else "wrong"},
                    claims=labelled,
                    options={label: claim.sentence for label, claim in labelled},
                )
    return None


def build_counting(plan: Plan) -> Draft | None:
    """How many of the statements are right (or wrong, or right by a misprinted key): a number."""
    for n in _sizes(wanted=3 + plan.load, smallest=3):
        for n_true in plan.dice.shuffled(range(1, n), "n_true", n):
            claims = draw_claims(plan, n_true, n - n_true)
            if claims:
                return _misprinted(plan, claims) if plan.counterfactual else _count(plan, claims)
    return None


def _count(plan: Plan, claims: Sequence[Claim]) -> Draft:
    want_wrong = plan.dice.number("count wrong") % 2 == 0
    labelled = _listed(plan, claims)
    k = sum(claim.holds is not want_wrong for claim in claims)
    ask = plan.wording.say("counting_wrong" if want_wrong else "counting", n_claims=_n(plan, claims))
    return Draft(
        question_type="counting",
        questions=plan.questions,
        task=_with_statements(plan, labelled, ask),
        answer=str(k),
        reasons=tuple(verdicts(labelled, plan.wording)),
        rule={"count": "wrong" if want_wrong else "correct"},
        claims=labelled,
    )


def _misprinted(plan: Plan, claims: Sequence[Claim]) -> Draft | None:
    """The same count under a key that errs in one question: a supposition contrary to fact."""
    candidates = [m for m in plan.questions if m.claimable and len(m.key) == 1]
    # Only a wrong letter that some statement names makes the supposition matter.
    named = [(m, c.letter) for m in candidates for c in claims if c.place == m.place and not c.holds and c.letter]
    if not named:
        return None
    material, letter = plan.dice.pick(named, "misprint")
    labelled = _listed(plan, claims)
    k = sum(c.letter == letter if c.place == material.place else c.holds for c in claims)
    choice = plan.wording.choice(material, letter)
    ask = plan.wording.say("suppose_key", choice=choice, n=material.place, n_claims=_n(plan, claims))
    return Draft(
        question_type="counting",
        questions=plan.questions,
        task=_with_statements(plan, labelled, ask),
        answer=str(k),
        reasons=(
            *verdicts(labelled, plan.wording),
            plan.wording.say("key_as_supposed", n=material.place, choice=choice, k=k),
        ),
        rule={"count": "correct", "suppose": {"part": material.place, "letter": letter}},
        claims=labelled,
    )


def build_statement_pair(plan: Plan) -> Draft | None:
    """Which of two statements hold: one of four fixed options. Joins exactly two questions."""
    if len(plan.questions) != 2 or not any(sayable(plan, material, False) for material in plan.questions):
        return None
    pairs = ((True, True), (True, False), (False, True), (False, False))
    for truths in plan.dice.shuffled(pairs, "truths"):
        claims = [
            _claim_of_truth(plan, material, holds) for material, holds in zip(plan.questions, truths, strict=True)
        ]
        if all(claims):
            return _pair(plan, [claim for claim in claims if claim], pairs.index(truths))
    return None


def _pair(plan: Plan, claims: Sequence[Claim], which: int) -> Draft:
    labelled = _listed(plan, claims)
    names = ("pair_both", "pair_first", "pair_second", "pair_neither")
    return Draft(
        question_type="statement_pair",
        questions=plan.questions,
        task=_with_statements(plan, labelled, plan.wording.say("statement_pair")),
        answer=_LETTERS[which],
        reasons=tuple(verdicts(labelled, plan.wording)),
        rule={"truths": dict(zip(_LETTERS, names, strict=False))},
        claims=labelled,
        options={letter: plan.wording.say(name) for letter, name in zip(_LETTERS, names, strict=False)},
    )


def _claim_of_truth(plan: Plan, material: Material, holds: bool) -> Claim | None:
    said = sayable(plan, material, holds)
    return make_claim(material, said[0], plan) if said else None


def build_true_false(plan: Plan) -> Draft | None:
    """Whether an assertion about several statements is true, with the reason."""
    if not any(sayable(plan, material, False) for material in plan.questions):
        return None  # nothing could be wrong, so there would be nothing to judge
    for n in _sizes(wanted=2 + plan.load // 2, smallest=2):
        # Statements that are all right or all wrong make every assertion about them easy.
        for n_true in [*plan.dice.shuffled(range(1, n), "n_true", n), *plan.dice.shuffled((0, n), "extreme")]:
            claims = draw_claims(plan, n_true, n - n_true)
            if claims:
                return _assertion(plan, claims, n_true)
    return None


def _assertion(plan: Plan, claims: Sequence[Claim], n_true: int) -> Draft:
    n = len(claims)
    kinds = [("all", n), ("none", 0), ("at_least", max(1, n - 1)), *(("exactly", k) for k in range(1, n))]
    holding = [kind for kind in kinds if assertion_holds(*kind, n_true)]
    # A false assertion should only just be false.
    nearest = min((abs(k - n_true) for kind, k in kinds if not assertion_holds(kind, k, n_true)), default=0)
    failing = [kind for kind in kinds if kind not in holding and abs(kind[1] - n_true) == nearest]
    # Half of the assertions are true, so that the word itself is no hint.
    side = holding if plan.dice.number("truth") % 2 and holding else failing or holding
    kind, k = plan.dice.pick(side, "kind")
    name = _assertion_name(kind, k, n)
    words = {"n_claims": _n(plan, claims), "k": count_word(k, plan.wording.language)}
    labelled = _listed(plan, claims)
    ask = plan.wording.say("true_false", assertion=plan.wording.say(name, **words))
    true = assertion_holds(kind, k, n_true)
    return Draft(
        question_type="true_false",
        questions=plan.questions,
        task=_with_statements(plan, labelled, ask),
        answer=plan.wording.say("true" if true else "false"),
        reasons=(
            *verdicts(labelled, plan.wording),
            _count_verdict(plan, n_true, claims),
        ),
        rule={"assert": kind, "k": k, "sentence": plan.wording.say(name, **words)},
        claims=labelled,
    )


def _assertion_name(kind: str, k: int, n: int) -> str:
    """Name of the wording: of one, and of two, a sentence is built in its own way."""
    own = {("exactly", 1): "assert_exactly_one", ("at_least", 1): "assert_at_least_one"}
    if n == 2:
        own |= {("all", 2): "assert_both", ("none", 0): "assert_neither"}
    return own.get((kind, k), f"assert_{kind}")


def _count_verdict(plan: Plan, n_true: int, claims: Sequence[Claim]) -> str:
    name = {0: "count_verdict_none", 1: "count_verdict_one"}.get(n_true, "count_verdict")
    return plan.wording.say(name, k=count_word(n_true, plan.wording.language), n_claims=_n(plan, claims))


def assertion_holds(kind: str, k: int, n_true: int) -> bool:
    """Whether "at least k" or, for the other kinds, "exactly k" of the statements hold."""
    return n_true >= k if kind == "at_least" else n_true == k


def _sizes(wanted: int, smallest: int) -> range:
    """Numbers of claims to try, the wanted one first."""
    return range(wanted, smallest - 1, -1)


def _n(plan: Plan, claims: Sequence[Claim]) -> str:
    return count_word(len(claims), plan.wording.language)


def _listed(plan: Plan, claims: Sequence[Claim]) -> tuple[tuple[str, Claim], ...]:
    return tuple((plan.wording.claim_label(place), claim) for place, claim in enumerate(claims))


def _with_statements(plan: Plan, labelled: Sequence[tuple[str, Claim]], ask: str) -> str:
    lines = [plan.wording.claim_line(label, claim.sentence) for label, claim in labelled]
    return "\n".join([plan.wording.say("statements"), *lines]) + "\n\n" + ask
