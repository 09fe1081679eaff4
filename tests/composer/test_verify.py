import copy
from collections.abc import Callable
from typing import Any

import pytest

from linkqa_kedro.composer import verify_item
from linkqa_kedro.composer.compose import compose_items

Item = dict[str, Any]
Compose = Callable[..., tuple[Item, dict[str, dict[str, Any]]]]


@pytest.fixture
def compose(seeds: dict[str, list[Item]], synthesise_values: Callable[..., Item]) -> Compose:
    """One item of a type, and the seeds by id."""

    def of_type(question_type: str, language: str = "en", with_options: bool = False) -> tuple[Item, dict[str, Item]]:
        own = [seed for seed in seeds[language] if seed["options"] or not with_options]
        item = compose_items(synthesise_values(own, question_types=[question_type], fan_out=1))[0]
        return copy.deepcopy(item), {seed["seed_id"]: seed for seed in own}

    return of_type


WRONG_ANSWERS = {
    "multiple_select": "ABCDE",
    "single_choice": "Z",
    "counting": "99",
    "true_false": "Perhaps",
    "statement_pair": "Z",
    "conditional": "nonsense",
    "sequence": "Z",
    "matching": "1–z",
    "ordering": "9, 9",
    "calculation": "999999",
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("question_type", WRONG_ANSWERS)
def test_a_wrong_answer_is_found_in_every_type(compose: Compose, question_type: str, language: str) -> None:
    item, seeds = compose(question_type, language)
    item["answer"] = item["proof"]["answer"] = WRONG_ANSWERS[question_type]
    assert verify_item(item, seeds)


@pytest.mark.parametrize("question_type", ["multiple_select", "counting", "single_choice", "statement_pair"])
def test_a_changed_key_of_a_seed_is_found(compose: Compose, question_type: str) -> None:
    """The answer is recomputed from the seeds, not from what composing stored."""
    item, seeds = compose(question_type, "en", with_options=True)
    for claim in item["proof"]["claims"]:
        seed = seeds[item["proof"]["parts"][claim["part"] - 1]["seed_id"]]
        if claim["letter"]:
            others = [o["letter"] for o in seed["options"] if o["letter"] != claim["letter"]]
            seed["answer"] = "".join(others) if claim["holds"] else claim["letter"]
            break
    assert verify_item(item, seeds)


def tamper_holds(item: Item) -> None:
    item["proof"]["claims"][0]["holds"] = not item["proof"]["claims"][0]["holds"]


def tamper_claim_text(item: Item) -> None:
    item["question"] = item["question"].replace(item["proof"]["claims"][0]["sentence"], "Something else.")


def tamper_letter(item: Item) -> None:
    claim = next(c for c in item["proof"]["claims"] if c["letter"])
    claim["letter"] = "A" if claim["letter"] != "A" else "B"


def tamper_stem(item: Item) -> None:
    item["question"] = item["question"].replace(item["proof"]["parts"][0]["stem"], "What?")


def tamper_options_of_part(item: Item) -> None:
    part = next(p for p in item["proof"]["parts"] if p["options"])
    item["question"] = item["question"].replace(f"B. {part['options'][1][1]}", "B. none")


def tamper_seed_id(item: Item) -> None:
    item["proof"]["parts"][0]["seed_id"] = "nowhere"


def tamper_type(item: Item) -> None:
    item["proof"]["type"] = "essay"


def tamper_rule(item: Item) -> None:
    item["proof"]["rule"] = {}


def drop_claim(item: Item) -> None:
    first = item["proof"]["parts"][0]["number"]
    item["proof"]["claims"] = [c for c in item["proof"]["claims"] if c["part"] != first]


def swap_labels(item: Item) -> None:
    one, two = item["proof"]["claims"][:2]
    one["label"], two["label"] = two["label"], one["label"]


def one_seed_twice(item: Item) -> None:
    for part in item["proof"]["parts"]:
        part["seed_id"] = item["proof"]["parts"][0]["seed_id"]


@pytest.mark.parametrize(
    "tamper",
    [
        tamper_holds,
        tamper_claim_text,
        tamper_letter,
        tamper_stem,
        tamper_options_of_part,
        tamper_seed_id,
        tamper_type,
        tamper_rule,
        drop_claim,
        swap_labels,
        one_seed_twice,
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_planted_tampering_is_found(compose: Compose, tamper: Callable[[Item], None], language: str) -> None:
    item, seeds = compose("counting", language)
    assert verify_item(item, seeds) == []
    tamper(item)
    assert verify_item(item, seeds)


@pytest.mark.parametrize("question_type", ["multiple_select", "single_choice", "sequence", "statement_pair"])
def test_equal_options_are_found(compose: Compose, question_type: str) -> None:
    item, seeds = compose(question_type, "en")
    item["options"]["B"] = item["options"]["A"]
    assert "two options of the item are the same" in verify_item(item, seeds)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_rules_must_stand_in_the_text(compose: Compose, language: str) -> None:
    """Swapped branches, another formula, a lost entry: the proof alone would still compute."""
    item, seeds = compose("conditional", language)
    step = item["proof"]["rule"]["steps"][0]
    step["then"], step["otherwise"] = step["otherwise"], step["then"]
    assert any("does not say" in problem for problem in verify_item(item, seeds))

    item, seeds = compose("matching", language)
    item["question"] = item["question"].replace("(a) ", "(x) ")
    assert "entry a is not shown" in verify_item(item, seeds)

    item, seeds = compose("calculation", language)
    item["proof"]["rule"]["weights"] = {n: w + 1 for n, w in item["proof"]["rule"]["weights"].items()}
    assert verify_item(item, seeds)

    item, seeds = compose("true_false", language)
    item["question"] = item["question"].replace(item["proof"]["rule"]["sentence"], "It is so.")
    assert verify_item(item, seeds)


def test_the_order_asked_must_be_the_order_of_the_proof(compose: Compose) -> None:
    item, seeds = compose("ordering", "en")
    for one, other in (("smallest to largest", "largest to smallest"), ("increasing", "decreasing")):
        for old, new in ((one, other), (other, one)):
            if old in item["question"]:
                changed = {**item, "question": item["question"].replace(old, new)}
                assert verify_item(changed, seeds)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("question_type", ["multiple_select", "single_choice", "counting"])
def test_the_side_asked_must_be_the_side_of_the_proof(compose: Compose, question_type: str, language: str) -> None:
    """ "How many are wrong" with an answer that counts the right ones."""
    item, seeds = compose(question_type, language)
    words = ("wrong", "correct") if language == "en" else ("错误", "正确")
    head, task = item["question"].rsplit("\n\n", 1)
    swapped = task.replace(words[0], "#").replace(words[1], words[0]).replace("#", words[1])
    if question_type == "single_choice" and "All but one" in task:
        swapped = task.replace("wrong", "correct")
    assert swapped != task
    assert verify_item({**item, "question": f"{head}\n\n{swapped}"}, seeds)


def test_an_item_without_a_proof_is_no_error_of_ours() -> None:
    item = {"question_type": "counting", "question": "?", "options": None, "answer": "1", "proof": {"rule": {}}}
    assert verify_item(item, {})[0].startswith("the proof is malformed")
