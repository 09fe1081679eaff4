"""Marks that tell names apart, and differences that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.text_hygiene.opposites import HAN_GROUPS, WORDS
from linkqa_kedro.text_hygiene.telling_apart import told_apart

APART = [
    ("Type I error", "Type II error", "a Roman numeral"),
    ("2nd law", "third law", "an ordinal"),
    ("iron(II) oxide", "iron(III) oxide", "a numeral in brackets"),
    ("one-way ANOVA", "two-way ANOVA", "a number word"),
    ("primary structure", "tertiary structure", "a multiple"),
    ("α decay", "beta decay", "a Greek letter"),
    ("vitamin C", "vitamin D", "a letter that is a symbol"),
    ("CO", "Co", "the case of two letters"),
    ("Na+", "Na", "a sign"),
    ("with replacement", "without replacement", "a negation"),
    ("ionic bond", "covalent bond", "an opposite"),
    ("hypotonic solution", "hypertonic solution", "a beginning"),
    ("alkane", "alkene", "an ending"),
    ("cosine", "sine", "a word with something before it"),
    ("limit of a function", "function of limits", "the direction"),
    ("converting decimals to fractions", "converting fractions to decimals", "the direction"),
    ("电场强度", "磁场强度", "an opposite character"),
    ("一次函数", "二次函数", "a Chinese numeral"),
    ("特异性免疫", "非特异性免疫", "a Chinese negation"),
    ("硫酸", "亚硫酸", "a Chinese prefix"),
]
NOT_APART = [
    ("Newton's law II", "Newton's second law"),
    ("type 2 diabetes", "type II diabetes"),
    ("alpha particle", "α particle"),
    ("第1定律", "第一定律"),
    ("Pythagorean theorem", "Pythagoras theorem"),
    ("principal component analysis (PCA)", "principal component analysis"),
    ("wave length", "wavelength"),
    ("X-Ray", "x ray"),
    ("L'Hôpital's rule", "L'Hopital's rule"),
    ("Fahrenheit scale", "the scale of Fahrenheit"),
    ("逻辑推理", "逻辑推理题"),
]


@pytest.mark.parametrize(("one", "other", "mark"), APART)
def test_a_mark_tells_names_apart_whichever_comes_first(one: str, other: str, mark: str) -> None:
    assert told_apart(one, other), mark
    assert told_apart(other, one), mark


@pytest.mark.parametrize(("one", "other"), NOT_APART)
def test_another_way_to_write_the_same_tells_nothing_apart(one: str, other: str) -> None:
    assert not told_apart(one, other)
    assert not told_apart(other, one)


@given(st.text(max_size=20))
def test_no_name_is_told_apart_from_itself(name: str) -> None:
    assert not told_apart(name, name)


@given(st.text(max_size=12), st.text(max_size=12))
def test_the_order_does_not_matter(one: str, other: str) -> None:
    assert told_apart(one, other) == told_apart(other, one)


def test_groups_of_opposites_have_two_members_at_least_and_none_twice() -> None:
    assert all(len(group) > 1 for group in WORDS)
    assert all(len(set(group)) == len(group) > 1 for group in HAN_GROUPS)
