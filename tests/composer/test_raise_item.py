from collections.abc import Callable
from typing import Any

import pytest

from linkqa_kedro.composer import verify_item
from linkqa_kedro.composer.compose import compose_items
from linkqa_kedro.composer.raise_item import LOWERING, STRATEGIES, raise_item
from linkqa_kedro.composer.rate import item_level

Seeds = dict[str, list[dict[str, Any]]]


@pytest.fixture
def raise_values(seeds: Seeds, synthesise_values: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Values to raise a two-seed item over the path p1, p2, p3; the seeds of p4 are neighbours."""

    def values(language: str = "en", parent_difficulty: int = 1, **changed: Any) -> dict[str, Any]:
        own = seeds[language][:3] + seeds[language][5:6] + seeds[language][3:5]
        request = synthesise_values(own[:3], path=["p1", "p2", "p3"], difficulty=parent_difficulty, fan_out=1)
        item = compose_items(request)[0]
        parent = {name: item[name] for name in ("question_type", "question", "answer", "knowledge_points")}
        options = [{"letter": a, "text": b} for a, b in (item["options"] or {}).items()]
        return {
            "item": {**parent, "options": options},
            "measured_difficulty": item_level(item),
            "target_difficulty": 5,
            "strategy": "more_inference_steps",
            "path": ["p1", "p2", "p3"],
            "seeds": own,
            "neighbour_kps": ["p4"],
            "round": 0,
            "language": language,
            **changed,
        }

    return values


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_raised_item_is_harder_verifies_and_keeps_the_parents_seeds(
    raise_values: Callable[..., dict[str, Any]], language: str, strategy: str
) -> None:
    values = raise_values(language, strategy=strategy)
    reply = raise_item(values)
    item = reply["item"]
    assert verify_item(item, {seed["seed_id"]: seed for seed in values["seeds"]}) == []
    assert item_level(item) > values["measured_difficulty"]
    assert abs(item_level(item) - 5) <= 1
    quoted = [seed["question"] for seed in values["seeds"] if seed["question"] in values["item"]["question"]]
    assert all(question in item["question"] for question in quoted)


def test_the_strategy_asked_is_used_where_it_can_be(raise_values: Callable[..., dict[str, Any]]) -> None:
    reply = raise_item(raise_values(strategy="neighbouring_kp", target_difficulty=4))
    assert reply["strategy"] == "neighbouring_kp"
    assert "p4" in reply["item"]["knowledge_points"]
    reply = raise_item(raise_values(strategy="counterfactual", target_difficulty=4))
    assert reply["strategy"] == "counterfactual"
    assert "Suppose" in reply["item"]["question"]


def test_a_strategy_that_the_seeds_do_not_allow_is_replaced_and_the_reply_says_by_which(
    raise_values: Callable[..., dict[str, Any]],
) -> None:
    """Without numeric answers there is nothing to abstract from."""
    values = raise_values(strategy="abstraction")
    named = [seed for seed in values["seeds"] if seed["options"] and seed["options"][0]["text"] != "4"]
    reply = raise_item({**values, "seeds": named})
    assert reply["item"] is not None
    assert reply["strategy"] in set(STRATEGIES) - {"abstraction"}


def test_an_item_is_lowered_where_the_target_is_below(raise_values: Callable[..., dict[str, Any]]) -> None:
    values = raise_values(parent_difficulty=5)
    reply = raise_item({**values, "measured_difficulty": 5, "target_difficulty": 2})
    assert reply["strategy"] == LOWERING
    assert item_level(reply["item"]) == 2


def test_rounds_give_different_items(raise_values: Callable[..., dict[str, Any]]) -> None:
    questions = {raise_item(raise_values(round=n))["item"]["question"] for n in range(4)}
    assert len(questions) > 1
    assert raise_item(raise_values()) == raise_item(raise_values())


def test_seeds_that_allow_nothing_give_no_item(raise_values: Callable[..., dict[str, Any]]) -> None:
    reply = raise_item({**raise_values(), "seeds": []})
    assert reply == {"item": None, "strategy": "more_inference_steps"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_item_is_lowered_to_the_recall_of_facts(
    raise_values: Callable[..., dict[str, Any]], seeds: Seeds, language: str
) -> None:
    """Facts are chosen among the seeds shown: those at hand first ask for a number, or need their options."""
    values = raise_values(language, parent_difficulty=4)
    shown = [seeds[language][n] for n in (3, 4, 2, 5, 0, 1)]
    reply = raise_item({**values, "seeds": shown, "measured_difficulty": 4, "target_difficulty": 1})
    item = reply["item"]
    assert (reply["strategy"], item["question_type"], item_level(item)) == (LOWERING, "right_pair", 1)
    assert {shown[n - 1]["seed_id"] for n in item["seeds"]} <= {f"{language}-{n}" for n in (0, 1, 5)}
    assert verify_item(item, {seed["seed_id"]: seed for seed in shown}) == []


def test_where_no_seed_asks_for_a_fact_nothing_passes_for_recall(seeds: Seeds, raise_values) -> None:
    """Sums stay sums, however short: the nearest level is given instead."""
    reckoned = [{**seeds["en"][1], "seed_id": f"r{n}", "question": f"What is {n} times {n + 1}?"} for n in range(2, 6)]
    values = raise_values(parent_difficulty=4)
    reply = raise_item({**values, "seeds": reckoned, "measured_difficulty": 4, "target_difficulty": 1})
    assert item_level(reply["item"]) > 1
    assert reply["item"]["question_type"] != "right_pair"


def test_a_parent_is_raised_with_its_seeds_where_its_questions_stand_in_its_options(
    seeds: Seeds, synthesise_values: Callable[..., dict[str, Any]], raise_values: Callable[..., dict[str, Any]]
) -> None:
    shown = [seeds["en"][n] for n in (3, 4, 5, 0, 1)]
    item = compose_items(
        synthesise_values(shown[3:], question_types=["right_pair"], path=["p1", "p2"], difficulty=1, fan_out=1)
    )[0]
    options = [{"letter": a, "text": b} for a, b in item["options"].items()]
    values = raise_values(target_difficulty=3, strategy="added_constraints")
    reply = raise_item({**values, "item": {**values["item"], **item, "options": options}, "seeds": shown})
    assert all(seed["question"] in reply["item"]["question"] for seed in shown[3:])
