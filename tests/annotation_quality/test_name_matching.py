"""Two rules for when a found name is a label: equal, and alike."""

import pytest

from linkqa_kedro.annotation_quality.name_matching import alike, n_exact, n_lenient


@pytest.mark.parametrize(
    ("left", "right", "are_alike"),
    [
        ("prime number", "Prime Numbers", True),
        ("prime number", "properties of prime numbers", True),
        ("conditional probability", "conditional probabilty", True),
        ("方程", "一元二次方程", True),
        ("Type I error", "Type II error", True),  # said in the documentation: the rule errs towards yes
        ("prime number", "composite number", False),
        ("数", "有理数", False),
        ("光合作用", "渗透", False),
        ("momentum", "entropy", False),
    ],
)
def test_alike(left: str, right: str, are_alike: bool) -> None:
    assert alike(left, right) is alike(right, left) is are_alike


def test_exact_names_are_equal_names() -> None:
    assert n_exact(["energy", "work"], ["work", "energy transfer", "heat"]) == 1


def test_a_broad_name_is_right_once() -> None:
    labels = ["prime number", "whole number", "number line"]
    assert n_lenient(labels, ["number"]) == 1


def test_pairs_are_chosen_so_that_there_are_most() -> None:
    """ "number" would fit both labels, "prime" only the first: two pairs, whichever is looked at first."""
    assert n_lenient(["prime number", "whole number"], ["number", "prime"]) == 2
    assert n_lenient(["prime number", "whole number"], ["prime", "number"]) == 2


def test_nothing_found_matches_nothing() -> None:
    assert n_exact(["energy"], []) == n_lenient(["energy"], []) == 0
