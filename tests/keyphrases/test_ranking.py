from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.keyphrases.phrases import SeedPhrases
from linkqa_kedro.keyphrases.ranking import CENTRAL_PHRASES, agree_on_first, rank_phrases

A, B, C, D, E, X = (("a",), ("b",), ("c",), ("d",), ("e",), ("x",))


def held(**relevance: float) -> SeedPhrases:
    return SeedPhrases({tuple(name.split("_")): value for name, value in relevance.items()})


def test_a_phrase_that_one_seed_alone_has_among_its_first_is_dropped() -> None:
    """The second seed ranks x fifth, and so names four others: x would link nothing."""
    assert agree_on_first([[X, A, B], [A, B, C, D, X], [C, D, E], [E, C]], 2) == [
        [A, B],
        [A, B, C, D],
        [C, D, E],
        [E, C],
    ]


def test_what_is_dropped_lets_another_rise() -> None:
    assert agree_on_first([[X, A, B, C, D], [D, A], [D, B, C]], 2) == [[A, B, C, D], [D, A], [D, B, C]]


@given(st.lists(st.lists(st.sampled_from("abcdefgh").map(lambda c: (c,)), unique=True), max_size=12))
def test_whatever_is_left_among_the_first_is_shared(ranked: list[list[tuple[str]]]) -> None:
    agreed = agree_on_first(ranked, 2)
    first = [key for keys in agreed for key in keys[:CENTRAL_PHRASES]]
    assert all(first.count(key) >= 2 for key in first)
    assert all(set(keys) <= set(before) for keys, before in zip(agreed, ranked, strict=True))


def test_a_phrase_of_many_seeds_links_more_than_one_of_two() -> None:
    corpus = [
        held(two=1, ten=1),
        held(two=1, ten=1),
        *[held(ten=1, other=1) for _ in range(8)],
        *[held() for _ in range(90)],
    ]
    assert rank_phrases(corpus, [0] * 100, 2, 50)[0] == [("ten",), ("two",)]


def test_of_two_common_phrases_the_rarer_one_tells_more() -> None:
    corpus = (
        [held(ten=1, thirty=1) for _ in range(10)] + [held(thirty=1) for _ in range(20)] + [held() for _ in range(70)]
    )
    assert rank_phrases(corpus, [0] * 100, 2, 50)[0] == [("ten",), ("thirty",)]


def test_parts_of_a_longer_phrase_come_last_and_go_where_no_other_seed_holds_them() -> None:
    corpus = [held(prime_number=1, prime=2, cell=0.1), held(prime_number=1, prime=2, cell=0.1)]
    assert rank_phrases(corpus, [0, 0], 2, 9) == [[("prime", "number"), ("cell",)]] * 2
    assert rank_phrases([*corpus, held(prime=1)], [0] * 3, 2, 9)[0] == [("prime", "number"), ("cell",), ("prime",)]


def test_spare_phrases_fill_needy_seeds_alone_and_up_to_two() -> None:
    spare = {A: 1.0, B: 1.0, C: 1.0}
    rich = SeedPhrases({D: 1.0, E: 1.0}, dict(spare))
    poor = SeedPhrases({D: 1.0}, dict(spare))
    ranked = rank_phrases([rich, rich, poor, poor], [0] * 4, 2, 9)
    assert ranked[0] == [D, E] or ranked[0] == [E, D]
    assert ranked[2] == [D, A]


def test_a_seed_whose_labels_are_enough_gets_no_second_chance() -> None:
    poor = SeedPhrases({}, {A: 1.0})
    assert rank_phrases([poor, poor], [0, 2], 2, 9) == [[A], []]


def test_a_second_chance_prefers_what_others_name_too() -> None:
    """a is better by score, but its other holder has two phrases already and does not name it."""
    needy = [SeedPhrases({}, {A: 9.0, B: 1.0, C: 1.0}), SeedPhrases({}, {B: 1.0, C: 1.0})]
    rich = SeedPhrases({D: 1.0, E: 1.0}, {A: 1.0})
    assert rank_phrases([*needy, rich, rich], [0] * 4, 2, 9)[0] == [B, C]


def test_a_phrase_with_evidence_in_one_seed_is_spare_in_none() -> None:
    corpus = [SeedPhrases({A: 1.0, D: 1.0, E: 1.0}), SeedPhrases({A: 1.0, D: 1.0, E: 1.0}), SeedPhrases({}, {A: 1.0})]
    ranked = rank_phrases(corpus, [0] * 3, 2, 9)
    assert A in ranked[0]
    assert ranked[2] == [A]
