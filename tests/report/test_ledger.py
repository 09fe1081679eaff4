from typing import Any

from linkqa_kedro.report.ledger import ledger_lines
from linkqa_kedro.teacher.usage import RoleUsage, TeacherUsage, usage_metrics


def usage(role: str, **counts: Any) -> dict[str, Any]:
    return usage_metrics(TeacherUsage({role: RoleUsage(**counts)}, {role: "r1"}))


def test_each_stage_and_role_has_a_line_with_its_model() -> None:
    lines = ledger_lines(
        {
            "extraction": {"seeds": 3, "teacher": usage("annotate", requests=3, bought=3)},
            "graph": {"edges": 5},
            "synthesis": {"teacher": usage("synthesise", requests=2, latency_seconds=6.0, timed=2)},
        }
    )
    assert [(line["stage"], line["role"], line["model"]) for line in lines] == [
        ("extraction", "annotate", "r1"),
        ("synthesis", "synthesise", "r1"),
    ]
    assert [line["mean_seconds"] for line in lines] == [None, 3.0]


def test_one_role_that_was_asked_twice_in_a_stage_is_one_line() -> None:
    first = usage("rate", requests=3, bought=3, cost_usd=0.25, failures={"429": 1}, slowest_seconds=3.0)
    second = usage("rate", requests=2, bought=1, cost_usd=0.5, failures={"429": 1, "timeout": 2}, slowest_seconds=9.0)
    [line] = ledger_lines({"enhancement": {"rating_teacher": first, "change_teacher": second}})
    assert (line["requests"], line["bought"], line["cost_usd"], line["slowest_seconds"]) == (5, 4, 0.75, 9.0)
    assert line["failures"] == {"429": 2, "timeout": 2}


def test_an_unknown_cost_stays_unknown() -> None:
    first, second = usage("rate", requests=1, cost_usd=None), usage("rate", requests=1, cost_usd=0.5)
    [line] = ledger_lines({"enhancement": {"rating_teacher": first, "change_teacher": second}})
    assert line["cost_usd"] is None


def test_a_role_that_asked_nothing_has_no_line() -> None:
    assert ledger_lines({"extraction": {"teacher": usage("annotate")}}) == []
