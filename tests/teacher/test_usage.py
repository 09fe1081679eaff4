from fakes.scripted import completion_of
from linkqa_kedro.teacher.usage import RoleUsage, Tally, TeacherUsage, usage_metrics


def tally_of(*costs: float | None) -> Tally:
    tally = Tally()
    for cost in costs:
        tally.add_bought("rate", "r1", completion_of("x", cost_usd=cost, latency_seconds=2.0, reasoning_tokens=3))
    return tally


def test_a_sum_of_dollars_does_not_depend_on_the_order_of_answers() -> None:
    assert tally_of(0.1, 0.2, 0.3).usage() == tally_of(0.3, 0.2, 0.1).usage()


def test_one_unknown_price_makes_the_sum_unknown() -> None:
    assert tally_of(0.1, None).usage().total.cost_usd is None
    assert tally_of(0.1, None).cost_usd is None


def test_what_was_reused_counts_apart_from_what_was_bought() -> None:
    tally = tally_of(0.25)
    tally.add_reused("rate", "r1", completion_of("x", cost_usd=0.5, latency_seconds=4.0))
    total = tally.usage().total
    assert (total.bought, total.reused) == (1, 1)
    assert (total.cost_usd, total.cost_with_reused_usd) == (0.25, 0.75)
    assert (total.latency_seconds, total.timed, total.slowest_seconds) == (6.0, 2, 4.0)
    assert (total.input_tokens, total.reasoning_tokens) == (10, 3)


def test_tokens_of_all_answers_are_unknown_as_soon_as_one_is() -> None:
    tally = tally_of(0.25)
    tally.add_reused("rate", "r1", completion_of("x"))
    assert tally.usage().total.tokens_with_reused == 30
    tally.add_reused("rate", "r1", completion_of("x", output_tokens=None))
    assert tally.usage().total.tokens_with_reused is None


def test_usages_add_up_role_by_role() -> None:
    one = TeacherUsage({"rate": RoleUsage(bought=1, failures={"429": 2})}, {"rate": "r1"})
    other = TeacherUsage({"rate": RoleUsage(bought=2, failures={"429": 1, "timeout": 1})}, {"rate": "r1"})
    changed = TeacherUsage({"raise": RoleUsage(bought=4)}, {"raise": "v3"})
    added = one + other + changed
    assert added.by_role["rate"] == RoleUsage(bought=3, failures={"429": 3, "timeout": 1})
    assert added.total.bought == 7
    assert added.model_of == {"rate": "r1", "raise": "v3"}


def test_metrics_hold_the_totals_and_each_role_with_its_model() -> None:
    metrics = usage_metrics(tally_of(0.5).usage())
    assert metrics["bought"] == 1
    assert metrics["roles"]["rate"]["model"] == "r1"
    assert metrics["roles"]["rate"]["cost_usd"] == 0.5
