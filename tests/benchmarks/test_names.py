"""The benchmark of names plants what it says, and the rules reach what docs/canonical_names.md states."""

import os
from pathlib import Path

import pytest

import name_lists
import names
from linkqa_kedro.text_hygiene.canonical_names import AliasTable, merge_aliases
from measuring import Figure

REAL_SEEDS = os.environ.get("LINKQA_REAL_SEEDS", "")


@pytest.fixture(scope="module")
def figures() -> dict[str, Figure]:
    return {figure.name: figure for figure in (*names.bench(), *names.bench_held_out())}


def test_wrong_merges_are_below_two_in_a_hundred(figures: dict[str, Figure]) -> None:
    aimed = [figure for figure in figures.values() if figure.target]
    assert len(aimed) == 8 + 2
    assert [figure.line() for figure in aimed if "missed" in figure.line()] == []


@pytest.mark.parametrize(
    ("kind", "least"),
    [("case", 1.0), ("plural", 0.95), ("hyphen", 0.95), ("word order", 0.85), ("traditional characters", 0.95)],
)
def test_rules_find_most_variants_of_these_kinds(figures: dict[str, Figure], kind: str, least: float) -> None:
    assert figures[f"rules_recall ({kind})"].value >= least


def test_a_right_teacher_finds_more_and_joins_nothing_wrong(figures: dict[str, Figure]) -> None:
    kind = "recall (slip, a letter left out)"
    assert figures[f"right_teacher_{kind}"].value > 10 * figures[f"rules_{kind}"].value
    assert figures["right_teacher_precision"].value >= figures["rules_precision"].value


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gas law", "gas laws"),
        ("prism", "prisms"),
        ("base of a prism", "bases of a prism"),
        ("power series", "power series"),
        ("theory", "theories"),
        ("assay", "assays"),
        ("box", "boxes"),
        ("identity matrix", "identity matrices"),
    ],
)
def test_plurals_are_made_by_the_rules_of_english(name: str, expected: str) -> None:
    assert names.plural(name) == expected


@pytest.mark.parametrize("kind", names.SLIPS)
def test_a_slip_changes_one_place_inside_the_longest_word(kind: str) -> None:
    slipped = names.slip("identity matrix", kind)
    assert slipped != "identity matrix"
    assert (slipped[0], slipped.split()[1]) == ("i", "matrix")
    assert abs(len(slipped) - len("identity matrix")) <= 1


def test_precision_counts_pairs_and_recall_counts_variants() -> None:
    # a and A are one concept, a and b are two; the table joins all three
    variants = [names.Variant("case", "a", "A"), names.Variant("case", "b", "B")]
    concept = names.concepts([("a", "A"), ("b", "B")])
    found = names.Planted(variants, [("a", "b")], [], {"a": 1, "A": 1, "b": 1, "B": 1}, concept)
    table = merge_aliases(found.counts, {"b": "a"})
    assert isinstance(table, AliasTable)
    merged = names.measure(found, table)
    assert merged.n_pairs == 6
    assert merged.precision == pytest.approx(2 / 6)
    assert merged.recall == {"case": 1.0}
    assert merged.near_apart == 0.0


def test_no_pair_of_the_lists_is_a_variant_and_a_near_miss() -> None:
    names.planted()
    concept = names.concepts(name_lists.HELD_OUT_SAME)
    near = [*name_lists.HELD_OUT_NEAR_MISSES, *name_lists.HELD_OUT_NEAR_MISSES_CHINESE]
    assert [pair for pair in near if concept(pair[0]) == concept(pair[1])] == []


@pytest.mark.skipif(not REAL_SEEDS, reason="LINKQA_REAL_SEEDS is not set")
def test_merging_the_labels_of_real_seeds_leaves_fewer_singletons_and_a_larger_component() -> None:
    found = {figure.name: figure.value for figure in names.bench_labels(Path(REAL_SEEDS))}
    assert found["all_singletons_after"] < found["all_singletons_before"]
    assert found["all_largest_component_after"] >= found["all_largest_component_before"]
