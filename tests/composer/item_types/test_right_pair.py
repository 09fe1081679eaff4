"""Items of mere recall give their key away by nothing but the matter."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from linkqa_kedro.composer.compose import compose_items
from linkqa_kedro.composer.item_types import is_recall
from linkqa_kedro.composer.material import read_material


def asks_for_a_fact(question: str, answer: str, options: tuple[str, ...] = ()) -> bool:
    listed = [{"letter": letter, "text": text} for letter, text in zip("ABCD", options, strict=False)]
    material = read_material({"seed_id": "s", "question": question, "answer": answer, "options": listed}, 1)
    assert material is not None
    return is_recall(material)


def test_a_fact_is_recalled() -> None:
    assert asks_for_a_fact("Who wrote Hamlet?", "B", ("Marlowe", "Shakespeare"))
    assert asks_for_a_fact("谁写了《红楼梦》？", "A", ("曹雪芹", "吴承恩"))
    assert asks_for_a_fact("How many legs does an insect have?", "B", ("4", "6", "8"))
    assert asks_for_a_fact("Who became emperor in 1804?", "Napoleon")


@pytest.mark.parametrize(
    ("question", "answer", "options"),
    [
        ("What is 7 times 8?", "56", ()),
        ("Half of a number is 4. What is the number?", "A", ("8", "2")),
        ("Calculate the ground-state energy of hydrogen.", "-13.6 eV", ()),
        ("三个质数的平方和是$$390$$，这三个质数的和是多少？", "B", ("30", "36")),
        ("If the heart stops, what stops next?", "A", ("The blood", "The nerves")),
        ("Which of these is a noble gas?", "A", ("Neon", "Oxygen")),
        ("关于神经元的表述正确的是", "A", ("它传导冲动", "它没有细胞核")),
        (
            "秦朝法律规定私拿养子财物以偷盗罪论处，私拿亲子财物无罪；西晋时规定私拿养子财物同样无罪，唐宋两代的法律又沿用了这一规定。变化表明了什么？",
            "A",
            ("甲", "乙"),
        ),
    ],
)
def test_what_is_to_be_reckoned_weighed_or_drawn_from_a_text_is_no_fact(
    question: str, answer: str, options: tuple[str, ...]
) -> None:
    assert not asks_for_a_fact(question, answer, options)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_question_stands_alone_beside_another_that_stands_often(
    seeds: dict[str, list[dict[str, Any]]], synthesise_values: Callable[..., dict[str, Any]], language: str
) -> None:
    values = synthesise_values(seeds[language], question_types=["right_pair"], fan_out=8, difficulty=1)
    items = compose_items(values)
    assert items
    for item in items:
        shown = Counter(text.split(" — ")[0] for text in item["options"].values()).values()
        assert max(shown) - min(shown) <= 1
