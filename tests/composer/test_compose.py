import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkqa_kedro.composer import QUESTION_TYPES, verify_item
from linkqa_kedro.composer.compose import (
    MAX_SHARED_FIVEGRAMS,
    Collection,
    compose_items,
    fivegrams,
    jaccard,
    known_types,
)
from linkqa_kedro.composer.rate import item_level

Seeds = dict[str, list[dict[str, Any]]]
Values = Callable[..., dict[str, Any]]


def by_id(seeds: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {seed["seed_id"]: seed for seed in seeds}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("question_type", QUESTION_TYPES)
def test_every_type_is_composed_in_both_languages_and_verifies(
    seeds: Seeds, synthesise_values: Values, language: str, question_type: str
) -> None:
    items = compose_items(synthesise_values(seeds[language], question_types=[question_type]))
    assert items
    assert {item["question_type"] for item in items} == {question_type}
    assert [verify_item(item, by_id(seeds[language])) for item in items] == [[] for _ in items]


def test_an_item_joins_two_seeds_and_two_points_of_the_path(seeds: Seeds, synthesise_values: Values) -> None:
    for item in compose_items(synthesise_values(seeds["en"], fan_out=10)):
        held = {p for n in item["seeds"] for p in seeds["en"][n - 1]["knowledge_points"]}
        assert len(item["seeds"]) >= 2
        assert len(item["knowledge_points"]) >= 2
        assert set(item["knowledge_points"]) <= held


def test_types_take_turns(seeds: Seeds, synthesise_values: Values) -> None:
    items = compose_items(synthesise_values(seeds["zh"], fan_out=6))
    assert len({item["question_type"] for item in items}) >= 5


def test_items_of_one_request_are_no_near_duplicates(seeds: Seeds, synthesise_values: Values) -> None:
    items = compose_items(synthesise_values(seeds["en"][:2], fan_out=20))
    grams = [fivegrams(item) for item in items]
    assert all(jaccard(grams[i], grams[j]) < MAX_SHARED_FIVEGRAMS for i in range(len(grams)) for j in range(i))


def test_an_item_that_reads_like_an_earlier_one_is_not_taken() -> None:
    """Fewer items come back rather than the same twice: one changed word of a hundred is no new item."""
    words = [f"word{n}" for n in range(100)]
    first = {"question": " ".join(words), "options": None}
    same = {"question": " ".join([*words[:50], "else", *words[51:]]), "options": None}
    other = {"question": " ".join(words[:50]), "options": {"A": " ".join(reversed(words))}}
    collected = Collection(wanted=3)
    assert [collected.offer(item) for item in (first, same, first, other)] == [True, False, False, True]
    assert collected.items == [first, other]


def test_equal_values_give_equal_items_and_other_values_others(seeds: Seeds, synthesise_values: Values) -> None:
    values = synthesise_values(seeds["en"])
    assert compose_items(values) == compose_items(json.loads(json.dumps(values)))
    assert compose_items(values) != compose_items({**values, "difficulty": 4})


def test_sets_of_linked_seeds_are_preferred(seeds: Seeds, synthesise_values: Values) -> None:
    links = [{"seeds": [2, 8], "knowledge_points": ["p2"]}, {"seeds": [1, 2], "knowledge_points": ["p1"]}]
    items = compose_items(synthesise_values(seeds["en"], links=links, fan_out=1))
    assert items[0]["seeds"] == [1, 2, 8]


def test_seeds_that_hold_one_point_of_the_path_give_no_item(seeds: Seeds, synthesise_values: Values) -> None:
    lone = [{**seed, "knowledge_points": ["p1"]} for seed in seeds["en"]]
    assert compose_items(synthesise_values(lone)) == []


def test_one_usable_seed_gives_no_item(seeds: Seeds, synthesise_values: Values) -> None:
    assert compose_items(synthesise_values([seeds["en"][1], *seeds["zh"]], language="en")) == []


def test_unknown_types_are_passed_over() -> None:
    assert known_types(["Multiple select", "essay", "true-false"]) == ["multiple_select", "true_false"]
    assert known_types(["essay"]) == []
    assert known_types([]) == list(QUESTION_TYPES)


def test_a_free_answer_is_never_altered(seeds: Seeds, synthesise_values: Values) -> None:
    """A false statement names a wrong option, or a parity or size that the number does not have."""
    for item in compose_items(synthesise_values(seeds["en"], fan_out=20)):
        for claim in item["proof"]["claims"]:
            if not claim["holds"]:
                assert claim["letter"] is not None or claim["relation"]


def test_a_higher_level_joins_more_seeds(seeds: Seeds, synthesise_values: Values) -> None:
    sizes = [
        sum(len(item["seeds"]) for item in compose_items(synthesise_values(seeds["en"], difficulty=level)))
        for level in (1, 5)
    ]
    assert sizes[0] < sizes[1]


LATEX = st.sampled_from(
    ["$x^2$", r"\frac{1}{2}", "$$30$$", "a (b)", "All of the above", "以上都对", "0", "-7", "12.50"]
)
TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs", "Sm"]), min_size=1, max_size=30)


@st.composite
def any_seeds(draw: st.DrawFn) -> list[dict[str, Any]]:
    seeds = []
    for number in range(draw(st.integers(2, 5))):
        options = draw(st.lists(TEXT | LATEX, max_size=5))
        letters = "ABCDE"[: len(options)]
        key = st.lists(st.sampled_from(letters), min_size=1, unique=True).map("".join) if letters else TEXT | LATEX
        seeds.append(
            {
                "seed_id": f"s{number}",
                "question": draw(TEXT | LATEX),
                "answer": draw(key),
                "options": [{"letter": a, "text": b} for a, b in zip(letters, options, strict=True)],
                "knowledge_points": draw(st.lists(st.sampled_from(["p1", "p2", "p3"]), unique=True)),
                "discipline": "Any",
                "difficulty": 1,
                "language": "en",
            }
        )
    return seeds


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seeds=any_seeds(), language=st.sampled_from(["en", "zh"]), level=st.integers(1, 5))
def test_whatever_the_seeds_every_composed_item_verifies(
    synthesise_values: Values, seeds: list[dict[str, Any]], language: str, level: int
) -> None:
    seeds = [{**seed, "language": language} for seed in seeds]
    for item in compose_items(synthesise_values(seeds, difficulty=level, fan_out=8)):
        assert verify_item(item, by_id(seeds)) == []


def test_the_types_asked_for_come_first_and_others_only_in_their_place(seeds: Seeds, synthesise_values: Values) -> None:
    asked = ["matching", "counting", "matching"]
    others = ["single_choice", "true_false"]
    values = synthesise_values(seeds["en"], question_types=asked, other_types=others, fan_out=3)
    assert sorted(item["question_type"] for item in compose_items(values)) == sorted(asked)
    unknown = synthesise_values(seeds["en"], question_types=["case_analysis"], other_types=others, fan_out=2)
    assert {item["question_type"] for item in compose_items(unknown)} <= set(others)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_asked_for_at_level_one_recalls_facts(seeds: Seeds, synthesise_values: Values, language: str) -> None:
    """The third seed needs its options, the two after it are sums."""
    for item in compose_items(synthesise_values(seeds[language], question_types=["right_pair"], difficulty=1)):
        assert item_level(item) == 1
        assert not {3, 4, 5} & set(item["seeds"])
