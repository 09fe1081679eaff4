"""Singulars and American spellings."""

import pytest

from linkqa_kedro.text_hygiene.english_forms import american, singular


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("vectors", "vector"),
        ("theories", "theory"),
        ("ties", "tie"),
        ("classes", "class"),
        ("boxes", "box"),
        ("branches", "branch"),
        ("approaches", "approach"),
        ("headaches", "headache"),
        ("waves", "wave"),
        ("sizes", "size"),
        ("areas", "area"),
        ("ratios", "ratio"),
        ("gases", "gas"),
        ("analyses", "analysis"),
        ("matrices", "matrix"),
        ("metrics", "metric"),
    ],
)
def test_plurals_lose_their_ending(plural: str, one: str) -> None:
    assert singular(plural) == singular(one) == one


@pytest.mark.parametrize(
    "word", ["analysis", "gas", "mass", "virus", "bias", "physics", "means", "axes", "bases", "species", "is", "光"]
)
def test_words_that_are_no_plural_stay(word: str) -> None:
    """ "means" is not many of "mean", and "axes" may be many of "axe" or of "axis"."""
    assert singular(word) == word


@pytest.mark.parametrize(
    ("british", "us"),
    [
        ("colour", "color"),
        ("behavioural", "behavioral"),
        ("centre", "center"),
        ("kilometres", "kilometers"),
        ("modelling", "modeling"),
        ("polarisation", "polarization"),
        ("analyse", "analyze"),
        ("defence", "defense"),
        ("haemoglobin", "hemoglobin"),
        ("sulphur", "sulfur"),
        ("ageing", "aging"),
        ("schrödinger", "schrodinger"),
        ("accomodation", "accommodation"),
    ],
)
def test_spellings_share_a_form(british: str, us: str) -> None:
    assert american(british) == american(us)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("four", "for"),
        ("adsorption", "absorption"),
        ("sulfate", "sulfite"),
        ("filling", "filing"),
        ("stripping", "striping"),
        ("が", "か"),
    ],
)
def test_different_words_keep_different_forms(one: str, other: str) -> None:
    assert american(one) != american(other)


def test_a_single_letter_keeps_its_accent() -> None:
    """Å is a unit and no A; in a word the accent is a matter of spelling."""
    assert american("å") == "å"
    assert american("ångström") == "angstrom"
