"""Merging the names of knowledge points."""

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.errors import UserError
from linkqa_kedro.text_hygiene.canonical_names import AliasRow, merge_aliases

NEAR_MISSES = [
    ("Type I error", "Type II error"),
    ("mean", "means test"),
    ("mean", "means"),
    ("statistic", "statistics"),
    ("convex", "concave"),
    ("endothermic", "exothermic"),
    ("meiosis", "mitosis"),
    ("sine", "cosine"),
    ("1st law", "2nd law"),
    ("third law", "fourth law"),
    ("positive feedback", "negative feedback"),
    ("division with remainders", "division without remainders"),
    ("arithmetic progression", "geometric progression"),
    ("left limit", "right limit"),
    ("upper bound", "lower bound"),
    ("inductive reasoning", "deductive reasoning"),
    ("linear function", "non-linear function"),
    ("body", "antibody"),
    ("macroevolution", "microevolution"),
    ("adsorption", "absorption"),
    ("afferent neuron", "efferent neuron"),
    ("intermolecular force", "intramolecular force"),
    ("cyclohexane", "cyclohexene"),
    ("causal", "casual"),
    ("complaint mechanism", "compliant mechanism"),
    ("performing", "preforming"),
    ("stripping", "striping"),
    ("collocation", "colocation"),
    ("vitamin B1", "vitamin B12"),
    ("vitamin B1", "vitamin B2"),
    ("analysis", "analyst"),
    ("gas", "GA"),
    ("mRNA", "tRNA"),
    ("Fe2+", "Fe3+"),
    ("C", "C++"),
    ("Å", "A"),
    ("正切", "余切"),
    ("α-helix", "β-helix"),
    ("Δ", "δ"),
    ("Na+", "Na"),
    ("+1", "-1"),
    ("f'", "f"),
    ("10⁵", "105"),
    ("x²", "x2"),
    ("cost of capital", "capital cost"),
    ("rule of law", "law"),
    ("sum of squares", "square sum"),
    ("氧化", "氧化物"),
    ("第一定律", "第二定律"),
    ("正反馈", "负反馈"),
    ("目的", "目"),
    ("第十一定律", "第一定律"),
    ("linear equations and inequalities", "inequalities and linear equations"),
    ("a symmetric relation", "asymmetric relation"),
    ("causal model", "casual model"),
    ("iron(II) oxide", "iron(III) oxide"),
    ("HTTP", "HTTPS"),
    ("CO", "Co"),
    ("The Republic", "republic"),
]

SAME = [
    ("Ohm's  Law", "ohm’s law", "folded"),
    ("x‐ray", "X-Ray", "folded"),
    ("X ray", "x-ray", "folded"),
    ("Bayes' theorem", "Bayes’s theorem", "folded"),
    ("ＤＮＡ", "DNA", "folded"),
    ("Type Ⅱ error", "type II error", "folded"),
    ("《红楼梦》", "红楼梦", "folded"),
    ("光 合 作 用", "光合作用", "folded"),
    ("函数的", "函数", "folded"),
    ("集合（补集）", "集合(补集)", "folded"),
    ("second-order reaction", "second order reaction", "folded"),
    ("self–assembly", "self-assembly", "folded"),
    ("acid", "acids", "plural"),
    ("theory", "Theories", "plural"),
    ("hypothesis", "hypotheses", "plural"),
    ("rate of reaction", "rates of reaction", "plural"),
    ("colour wheel", "color wheel", "spelling"),
    ("modelling", "modeling", "spelling"),
    ("centre of mass", "center of mass", "spelling"),
    ("nonlinear system", "non-linear system", "spelling"),
    ("equilibrium", "eqiulibrium", "spelling"),
    ("accommodation reflex", "accomodation reflex", "spelling"),
    ("sulphuric acid", "sulfuric acid", "spelling"),
    ("L'Hôpital's rule", "L'Hopital's rule", "spelling"),
    ("the Great Depression", "Great Depression", "article"),
    ("SVMs", "SVM", "plural"),
    ("second law", "2nd law", "spelling"),
    ("第一定律", "第1定律", "spelling"),
    ("電場強度", "电场强度", "traditional characters"),
    ("《紅樓夢》", "红楼梦", "traditional characters"),
    ("wavelength", "wave length", "compound"),
    ("half-life", "halflife", "compound"),
    ("supply and demand", "demand and supply", "word order"),
    ("permutation and combination", "permutations and combinations", "word order"),
    ("正弦与余弦", "余弦和正弦", "word order"),
    ("双曲线的离心率", "双曲线离心率", "word order"),
    ("law of cosines", "cosine law", "word order"),
    ("area of a circle", "circle area", "word order"),
    ("coefficient of friction", "friction coefficient", "word order"),
    ("作用力与反作用力", "反作用力与作用力", "word order"),
    ("conservation of energy", "energy conservation", "word order"),
    ("theorem of Pythagoras", "Pythagoras theorem", "word order"),
    ("principal component analysis (PCA)", "principal component analysis", "bracketed abbreviation"),
    ("method of moments (MOM)", "method of moments", "bracketed abbreviation"),
    ("PCA (principal component analysis)", "principal component analysis", "bracketed abbreviation"),
    ("主成分分析（PCA）", "主成分分析", "bracketed abbreviation"),
    ("deoxyribonucleic acid (DNA)", "deoxyribonucleic acid", "bracketed abbreviation"),
    ("ANOVA (analysis of variance)", "analysis of variance", "bracketed abbreviation"),
]


@pytest.mark.parametrize(("one", "other"), NEAR_MISSES)
def test_names_that_a_sign_or_qualifier_tells_apart_stay_two(one: str, other: str) -> None:
    assert merge_aliases({one: 3, other: 2}, {}).rows == ()


def test_no_two_of_all_near_misses_are_merged() -> None:
    """Planted together, they could still meet through a third name."""
    names = {name for pair in NEAR_MISSES for name in pair}
    table = merge_aliases(dict.fromkeys(names, 1), {})
    merged = {frozenset((row.alias, row.canonical)) for row in table.rows}
    assert merged == set()


@pytest.mark.parametrize(("one", "other", "rule"), SAME)
def test_variants_of_one_name_are_merged_by_the_rule(one: str, other: str, rule: str) -> None:
    table = merge_aliases({one: 2, other: 1}, {})
    assert [(row.alias, row.canonical, row.rule) for row in table.rows] == [(other, one, rule)]


def test_the_most_frequent_spelling_stands_then_the_shortest_then_the_first() -> None:
    assert merge_aliases({"vector": 1, "vectors": 2}, {}).canonical("vector") == "vectors"
    assert merge_aliases({"vector": 2, "vectors": 2}, {}).canonical("vectors") == "vector"
    assert merge_aliases({"vector": 2, "Vector": 2}, {}).canonical("vector") == "Vector"


def test_a_name_never_seen_stands_for_itself() -> None:
    assert merge_aliases({}, {}).canonical("entropy") == "entropy"


def test_an_abbreviation_alone_is_merged_once_its_bracketed_form_was_seen() -> None:
    long = "principal component analysis"
    assert merge_aliases({"PCA": 1, long: 5}, {}).canonical("PCA") == "PCA"
    assert merge_aliases({"PCA": 1, long: 5, f"{long} (PCA)": 1}, {}).canonical("PCA") == long


def test_an_abbreviation_of_two_things_is_merged_with_neither() -> None:
    names = {"PCA": 9, "principal component analysis (PCA)": 1, "patient controlled analgesia (PCA)": 1}
    assert merge_aliases(names, {}).rows == ()


def test_an_abbreviation_alone_is_not_merged_with_a_name_that_has_none_of_its_letters() -> None:
    """LSD is a drug too."""
    names = {"LSD": 1, "最小显著差异法": 1, "最小显著差异法（LSD）": 1}
    table = merge_aliases(names, {})
    assert table.canonical("LSD") == "LSD"
    assert table.canonical("最小显著差异法（LSD）") == "最小显著差异法"


def test_brackets_that_hold_no_abbreviation_of_the_name_tell_apart() -> None:
    assert merge_aliases({"mercury (planet)": 1, "mercury": 1, "mercury (HG)": 1}, {}).rows == ()


def test_an_edited_row_wins_over_the_rules() -> None:
    table = merge_aliases({"vector": 5, "vectors": 1, "arrow": 1}, {"vectors": "arrow"})
    assert table.canonical("vectors") == "arrow"
    assert table.canonical("vector") == "vector"
    assert table.rows == (AliasRow("vectors", "arrow", "edited", 1.0),)


def test_an_edited_row_decides_for_the_frequent_name_too() -> None:
    """The alias would stand for its group by count; edited, it must not pull the group along."""
    table = merge_aliases({"vector": 1, "vectors": 9}, {"vectors": "arrow"})
    assert table.canonical("vectors") == "arrow"
    assert table.canonical("vector") == "vector"


def test_an_edited_name_holds_for_the_same_text_in_other_case() -> None:
    table = merge_aliases({"PCA": 1, "pca": 1}, {"pca": "principal component analysis"})
    assert table.canonical("PCA") == "principal component analysis"


def test_an_edited_canonical_name_stands_for_its_group_though_it_is_rare() -> None:
    table = merge_aliases({"Vector": 9, "vector": 0, "arrow": 1}, {"arrow": "vector"})
    assert table.canonical("Vector") == "vector"


def test_a_name_edited_to_itself_is_kept_apart() -> None:
    table = merge_aliases({"acid": 5, "acids": 2, "Acids": 1}, {"acids": "acids"})
    assert table.canonical("acids") == "acids"
    assert table.canonical("Acids") == "acid"
    assert AliasRow("acids", "acids", "edited", 1.0) in table.rows


def test_edited_rows_of_absent_names_are_not_lost() -> None:
    """The table is written back each run: a person's row must survive a corpus without that name."""
    assert merge_aliases({}, {"b": "c"}).rows == (AliasRow("b", "c", "edited", 1.0),)


def test_edited_rows_may_chain_but_not_circle() -> None:
    assert merge_aliases({}, {"a": "b", "b": "c"}).canonical("a") == "c"
    with pytest.raises(UserError, match="a -> b -> a"):
        merge_aliases({}, {"a": "b", "b": "a"})


def test_the_score_is_the_likeness_of_the_folded_names() -> None:
    (row,) = merge_aliases({"acid": 2, "Acids": 1}, {}).rows
    assert row.score == 0.8


POOL = sorted(
    {name for pair in NEAR_MISSES for name in pair} | {name for *pair, _ in SAME for name in pair} | {" ", "的"}
)
COUNTS = st.dictionaries(st.sampled_from(POOL), st.integers(0, 5), max_size=25)


@given(COUNTS, st.randoms(use_true_random=False))
def test_the_order_of_names_changes_nothing(counts: dict[str, int], shuffler: random.Random) -> None:
    names = list(counts)
    shuffler.shuffle(names)
    assert merge_aliases({name: counts[name] for name in names}, {}).rows == merge_aliases(counts, {}).rows


@given(COUNTS)
def test_canonical_names_are_their_own_canonical_names(counts: dict[str, int]) -> None:
    table = merge_aliases(counts, {})
    assert all(table.canonical(row.canonical) == row.canonical for row in table.rows)


@given(COUNTS)
def test_merging_what_was_merged_merges_nothing_more(counts: dict[str, int]) -> None:
    table = merge_aliases(counts, {})
    once: dict[str, int] = {}
    for name, count in counts.items():
        once[table.canonical(name)] = once.get(table.canonical(name), 0) + count
    assert merge_aliases(once, {}).rows == ()


@given(COUNTS)
def test_a_table_taken_as_edited_gives_itself(counts: dict[str, int]) -> None:
    """A person who accepts every merge gets the same names again."""
    table = merge_aliases(counts, {})
    again = merge_aliases(counts, {row.alias: row.canonical for row in table.rows})
    assert {name: again.canonical(name) for name in counts} == {name: table.canonical(name) for name in counts}


@given(st.lists(st.text(max_size=12), max_size=8))
def test_any_text_may_be_a_name(names: list[str]) -> None:
    table = merge_aliases(dict.fromkeys(names, 1), {})
    assert all(table.canonical(table.canonical(name)) == table.canonical(name) for name in names)


def test_every_near_miss_pair_differs_in_every_pairing_with_its_variants() -> None:
    """Case and white space must not bring near misses together either."""
    for one, other in NEAR_MISSES:
        if one.upper() == other.upper():
            continue
        names = [one, other, one.upper(), f" {other} "]
        table = merge_aliases(dict.fromkeys(names, 1), {})
        canonical = {name: table.canonical(name) for name in names}
        apart = [(a, b) for a, b in combinations(names, 2) if a in (one, one.upper()) and b in (other, f" {other} ")]
        assert all(canonical[a] != canonical[b] for a, b in apart), (one, other)
