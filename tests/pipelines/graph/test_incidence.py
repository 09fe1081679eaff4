"""Names become numbers in their alphabetical order."""

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkqa_kedro.pipelines.graph.incidence import incidence_of, number_names


@given(st.lists(st.lists(st.text(max_size=3), unique=True, max_size=5), max_size=8))
def test_pairs_come_back_as_they_were(rows: list[list[str]]) -> None:
    found = incidence_of(pd.Series(rows, dtype=object))
    names = found.names.to_pylist()
    assert names == sorted({name for row in rows for name in row})
    pairs = [(seed, names[vertex]) for seed, vertex in zip(found.seeds.tolist(), found.vertices.tolist(), strict=True)]
    assert pairs == [(seed, name) for seed, row in enumerate(rows) for name in row]
    assert found.n_seeds == len(rows)
    assert found.popularity.tolist() == [sum(name in row for row in rows) for name in names]


def test_only_some_points_are_numbered_anew() -> None:
    found = incidence_of(pd.Series([["c", "a"], ["b"], ["c"]]))
    kept = found.keep(found.popularity > 1)
    assert (kept.names.to_pylist(), kept.vertices.tolist(), kept.seeds.tolist()) == (["c"], [0, 0], [0, 2])
    assert kept.n_seeds == 3


@pytest.mark.parametrize("encoded", [False, True])
def test_names_in_pieces_are_numbered_together(encoded: bool) -> None:
    pieces = [pa.array(["b", "a"]), pa.array(["c", "a"])]
    names = pa.chunked_array([piece.dictionary_encode() for piece in pieces] if encoded else pieces)
    numbers, distinct = number_names(names)
    assert (numbers.tolist(), distinct.to_pylist()) == ([1, 0, 2, 0], ["a", "b", "c"])
