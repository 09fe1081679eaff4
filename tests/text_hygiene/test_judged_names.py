"""Verdicts on pairs become one consistent table, and a person stands above them."""

import random

from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.text_hygiene.canonical_names import AliasTable, merge_aliases
from linkqa_kedro.text_hygiene.judged_names import Verdict, contradicted, merge_judged, names_to_compare

NO_EDITS: dict[str, str] = {}


def same(name: str, other: str, likeness: float = 0.8, better: str | None = None) -> Verdict:
    return Verdict(name, other, likeness, True, better or name)


def different(name: str, other: str) -> Verdict:
    return Verdict(name, other, 0.8, False, None)


def merged(counts: dict[str, int], verdicts: list[Verdict], edits: dict[str, str] = NO_EDITS) -> AliasTable:
    return merge_judged(merge_aliases(counts, edits), counts, edits, verdicts)


def test_names_called_the_same_are_merged_under_the_better_one() -> None:
    table = merged({"gas law": 5, "law for gas": 1}, [same("gas law", "law for gas", better="law for gas")])
    assert [(row.alias, row.canonical, row.rule) for row in table.rows] == [("gas law", "law for gas", "adjudicated")]


def test_what_a_rule_had_merged_follows() -> None:
    table = merged({"vector": 5, "vectors": 1, "arrow": 2}, [same("arrow", "vector")])
    assert {row.alias: (row.canonical, row.rule) for row in table.rows} == {
        "vector": ("arrow", "adjudicated"),
        "vectors": ("arrow", "adjudicated"),
    }


def test_names_called_different_stay_two() -> None:
    assert merged({"a b": 1, "a c": 1}, [different("a b", "a c")]).rows == ()


def test_a_verdict_that_joins_what_another_keeps_apart_is_set_aside() -> None:
    """Of a chain, the likelier link holds."""
    verdicts = [same("amber", "basin", 0.9), same("basin", "cobalt", 0.7), different("amber", "cobalt")]
    assert contradicted(verdicts, NO_EDITS) == {("basin", "cobalt")}
    table = merged({"amber": 1, "basin": 1, "cobalt": 1}, verdicts)
    assert (table.canonical("basin"), table.canonical("cobalt")) == ("amber", "cobalt")


def test_a_verdict_that_joins_names_with_other_numbers_is_set_aside() -> None:
    verdicts = [same("error type", "Type I error", 0.9), same("error type", "Type II error", 0.8)]
    assert contradicted([verdicts[0]], NO_EDITS) == {("error type", "Type I error")}
    table = merged(dict.fromkeys(("error type", "Type I error", "Type II error"), 1), verdicts)
    assert table.canonical("Type I error") != table.canonical("Type II error")


def test_a_name_that_a_person_kept_apart_stays_apart() -> None:
    edits = {"law for gas": "law for gas"}
    counts = {"gas law": 5, "law for gas": 1}
    assert merged(counts, [same("gas law", "law for gas")], edits).canonical("law for gas") == "law for gas"
    assert names_to_compare(merge_aliases(counts, edits), counts, edits) == ["gas law"]


def test_a_name_that_a_person_merged_goes_where_the_person_said() -> None:
    edits = {"law for gas": "Boyle's law"}
    counts = {"gas law": 5, "law for gas": 1}
    table = merged(counts, [same("gas law", "law for gas")], edits)
    assert table.canonical("law for gas") == "Boyle's law"
    assert table.canonical("gas law") == "gas law"


def test_a_name_that_a_person_chose_stands_whatever_the_teacher_prefers() -> None:
    edits = {"pv = nrt": "gas law"}
    counts = {"gas law": 1, "law for gas": 9}
    table = merged(counts, [same("law for gas", "gas law")], edits)
    assert table.canonical("law for gas") == "gas law"


def test_two_names_that_a_person_chose_are_never_joined() -> None:
    edits = {"a": "gas law", "b": "law for gas"}
    verdicts = [same("gas law", "law for gas")]
    assert contradicted(verdicts, edits) == {("gas law", "law for gas")}


def test_verdicts_of_names_that_are_gone_or_merged_since_change_nothing() -> None:
    """They may come from an earlier run; Gas Law goes where gas law was sent by hand."""
    edits = {"gas law": "Boyle's law"}
    table = merged({"Gas Law": 5, "law for gas": 1}, [same("law for gas", "Gas Law"), same("amber", "basin")], edits)
    assert table.canonical("Gas Law") == "Boyle's law"
    assert table.canonical("law for gas") == "law for gas"
    assert table.canonical("basin") == "basin"


def test_names_to_compare_are_canonical_and_the_most_frequent_first() -> None:
    counts = {"vector": 1, "vectors": 3, "arrow": 2}
    assert names_to_compare(merge_aliases(counts, NO_EDITS), counts, NO_EDITS) == ["vectors", "arrow"]


# Words that no mark tells apart, so that the verdicts alone decide.
NAMES = ["amber", "basin", "cobalt", "fjord", "garnet"]
VERDICTS = st.lists(
    st.builds(
        lambda pair, likeness, is_same: Verdict(*sorted(pair), likeness, is_same, min(pair) if is_same else None),
        st.sets(st.sampled_from(NAMES), min_size=2, max_size=2),
        st.sampled_from([0.7, 0.8, 0.9]),
        st.booleans(),
    ),
    unique_by=lambda verdict: (verdict.name, verdict.other),
    max_size=10,
)
EDITS = st.dictionaries(st.sampled_from(NAMES[:2]), st.sampled_from(["amber", "cobalt", "zenith"]), max_size=1)


@given(VERDICTS, EDITS)
def test_no_group_holds_two_names_that_were_called_different(verdicts: list[Verdict], edits: dict[str, str]) -> None:
    table = merged(dict.fromkeys(NAMES, 1), verdicts, edits)
    for verdict in verdicts:
        if not verdict.is_same and verdict.name not in edits and verdict.other not in edits:
            assert table.canonical(verdict.name) != table.canonical(verdict.other)


@given(VERDICTS, EDITS)
def test_canonical_names_are_their_own_and_edits_hold(verdicts: list[Verdict], edits: dict[str, str]) -> None:
    table = merged(dict.fromkeys(NAMES, 1), verdicts, edits)
    assert all(table.canonical(row.canonical) == row.canonical for row in table.rows)
    assert all(table.canonical(alias) == canonical for alias, canonical in edits.items())


@given(VERDICTS)
def test_a_table_taken_as_edited_gives_itself_without_a_teacher(verdicts: list[Verdict]) -> None:
    """A person who copies every row of `aliases` makes the merges fast."""
    counts = dict.fromkeys(NAMES, 1)
    table = merged(counts, verdicts)
    again = merge_aliases(counts, {row.alias: row.canonical for row in table.rows})
    assert {name: again.canonical(name) for name in NAMES} == {name: table.canonical(name) for name in NAMES}


@given(VERDICTS, st.randoms(use_true_random=False))
def test_the_order_of_verdicts_changes_nothing(verdicts: list[Verdict], shuffler: random.Random) -> None:
    counts = dict.fromkeys(NAMES, 1)
    shuffled = list(verdicts)
    shuffler.shuffle(shuffled)
    assert merged(counts, shuffled).rows == merged(counts, verdicts).rows
