"""Singletons and the largest component."""

from linkqa_kedro.figures.linkage import linkage


def test_names_of_one_seed_and_the_largest_component() -> None:
    # a - b - c hang together through two seeds, and c - d; e stands alone in its seed, the last seed has nothing
    found = linkage([["a", "b"], ["b", "c", "b"], ["c", "d"], ["e"], []])
    assert (found.n_names, found.n_singletons, found.largest_component) == (5, 3, 4)
    assert found.singleton_fraction == 3 / 5
    assert found.largest_component_fraction == 4 / 5


def test_a_name_twice_in_one_seed_is_a_singleton() -> None:
    assert linkage([["a", "a"]]).n_singletons == 1


def test_without_names_every_figure_is_zero() -> None:
    found = linkage([[], []])
    assert (found.n_names, found.singleton_fraction, found.largest_component_fraction) == (0, 0, 0)


def test_names_of_one_seed_are_all_connected() -> None:
    assert linkage([["a", "b", "c", "d"]]).largest_component == 4
