from linkqa_kedro.composer.dice import Dice


def test_equal_material_and_label_give_equal_draws() -> None:
    assert Dice("a", {"x": 1}).number("n") == Dice("a", {"x": 1}).number("n")
    assert Dice("a").number("n") != Dice("b").number("n")


def test_draws_are_pinned_so_that_stored_answers_stay_valid() -> None:
    """Python's own hash differs between processes; this value may not."""
    assert Dice("pin").shuffled("abcdef", "order") == ["d", "f", "a", "e", "c", "b"]


def test_shuffling_keeps_every_item_once() -> None:
    assert sorted(Dice(3).shuffled([1, 1, 2, 3], "s")) == [1, 1, 2, 3]
