"""Which tries were accepted, and what an accepted QA cost."""

from linkqa_kedro.pipelines.enhancement.tries import TriedChange, acceptance, cost_per_accepted
from linkqa_kedro.teacher.usage import RoleUsage, TeacherUsage

TRIED = [
    TriedChange("abstraction", 2, 4, is_accepted=True),
    TriedChange("abstraction", 3, 4, is_accepted=False),
    TriedChange("counterfactual", 5, 3, is_accepted=True),
]


def test_tries_are_counted_by_strategy_by_level_asked_for_and_by_distance() -> None:
    half, all_one = (
        {"tries": 2, "accepted": 1, "acceptance_rate": 0.5},
        {"tries": 1, "accepted": 1, "acceptance_rate": 1.0},
    )
    none = {"tries": 1, "accepted": 0, "acceptance_rate": 0.0}
    assert acceptance(TRIED) == {
        "by_strategy": {"abstraction": half, "counterfactual": all_one},
        "by_asked_level": {"3": all_one, "4": half},
        "by_distance": {"+1": none, "+2": all_one, "-2": all_one},
    }


def usage(cost: float | None, tokens: int | None) -> TeacherUsage:
    """Tries and ratings; the answers of an earlier run among them."""
    first = RoleUsage(cost_with_reused_usd=cost, tokens_with_reused=tokens)
    return TeacherUsage({"raise": first, "rate": RoleUsage(cost_with_reused_usd=0.5, tokens_with_reused=100)})


def test_an_accepted_qa_costs_all_tries_and_ratings_over_the_accepted() -> None:
    assert cost_per_accepted(usage(1.5, 900), 4) == {"usd_per_accepted": 0.5, "tokens_per_accepted": 250.0}


def test_an_unknown_price_or_count_leaves_the_figure_empty() -> None:
    assert cost_per_accepted(usage(None, 900), 4) == {"usd_per_accepted": None, "tokens_per_accepted": 250.0}
    assert cost_per_accepted(usage(1.5, None), 4) == {"usd_per_accepted": 0.5, "tokens_per_accepted": None}


def test_where_nothing_was_accepted_it_costs_no_number() -> None:
    assert cost_per_accepted(usage(1.5, 900), 0) == {"usd_per_accepted": None, "tokens_per_accepted": None}
