"""Benchmark questions in our text."""

import pytest

from linkqa_kedro.text_hygiene.contamination import ContaminationIndex

QUESTION = "Natalia sold clips to forty of her friends in April and then she sold half as many in May"  # 18 tokens
SHORT = "How many primes lie between 20 and 40"  # 8 tokens
TINY = "What is 2 + 2"  # 4 tokens
INDEX = ContaminationIndex.from_texts({"GSM": [("g1", QUESTION)], "MATH": [("m1", SHORT), ("m2", TINY)]})


def test_a_shared_run_of_thirteen_tokens_is_a_hit() -> None:
    text = "Last year NATALIA sold clips to forty of her friends, in April; and then she stopped."
    assert INDEX.hits(text) == [("GSM", "g1", "natalia sold clips to forty of her friends in april and then she")]


def test_a_run_of_twelve_tokens_is_a_hit_for_eight_only() -> None:
    text = "sold clips to forty of her friends in April and then she stopped"
    assert INDEX.hits(text) == []
    assert [hit.question_id for hit in INDEX.hits(text, n=8)] == ["g1"]


def test_a_short_question_is_matched_as_a_whole() -> None:
    assert [hit.question_id for hit in INDEX.hits("Tell me: how many primes lie between 20 and 40?")] == ["m1"]
    assert INDEX.hits("How many primes lie between 20 and 50?") == []


def test_a_tiny_question_is_never_matched() -> None:
    assert INDEX.hits(TINY, n=8) == []


def test_a_question_of_two_benchmarks_is_reported_for_both() -> None:
    index = ContaminationIndex.from_texts({"A": [("1", QUESTION)], "B": [("2", QUESTION)]})
    assert [(hit.benchmark, hit.question_id) for hit in index.hits(QUESTION)] == [("A", "1"), ("B", "2")]


def test_an_unknown_length_of_run_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\[8, 13\] tokens, not 10"):
        INDEX.hits(QUESTION, n=10)


def test_an_empty_text_hits_nothing() -> None:
    assert INDEX.hits("") == []


def test_chinese_is_compared_by_character_whatever_its_width_and_marks() -> None:
    question = "小明有五个苹果给了小红两个以后还剩几个"  # 19 characters
    index = ContaminationIndex.from_texts({"CMMLU": [("c1", question)]})
    thirteen, twelve = question[3:16], question[3:15]
    assert index.hits(f"昨天，{thirteen[:5]}，{thirteen[5:]}！") == [("CMMLU", "c1", " ".join(thirteen))]
    assert index.hits(f"昨天{twelve}。") == []


def test_a_question_met_twice_is_reported_once_with_its_first_run() -> None:
    hits = INDEX.hits(f"{QUESTION}. {QUESTION}")
    assert hits == [("GSM", "g1", "natalia sold clips to forty of her friends in april and then she")]


def test_hits_come_in_the_order_of_the_index() -> None:
    assert [hit.question_id for hit in INDEX.hits(f"{SHORT}? {QUESTION}")] == ["g1", "m1"]
