"""An explanation says what the evidence holds, and what it does not hold it calls unknown."""

import json
from typing import Any

import numpy as np
import pytest

from fakes.explained import CHECKED, PATH, evidence_of, qa_evidence, qa_row, question_of, seed_of
from linkqa_kedro.explaining.building import explain
from linkqa_kedro.explaining.costs import total_of
from linkqa_kedro.explaining.replay import Replay
from linkqa_kedro.explaining.run_tables import Found
from linkqa_kedro.explaining.stored_questions import StoredAnswer, StoredQuestion
from linkqa_kedro.pipelines.enhancement.rating import AXES
from linkqa_kedro.pipelines.qa_rows import qa_id_of
from linkqa_kedro.walks.walk_trace import TracedChoice, WalkTrace

RATED = {"measured_difficulty": 4, "rated_difficulty": 4, "ratings": [4, 4], "rating_key": "bb01"}
IN_DATASET = {"dataset": {**qa_row(), "origin": "synthesised"}, "synthesised_qa": qa_row(), "checked_qa": CHECKED}


def rating(level: int) -> str:
    return json.dumps({"axes": dict.fromkeys(AXES, level), "difficulty": level})


def rated(*levels: int | None) -> StoredQuestion:
    """Ratings by sample; None for one that cannot be read, after which a second attempt could."""
    answers: list[tuple[str, int, int, dict[str, Any]]] = []
    for sample, level in enumerate(levels):
        if level is None:
            answers.append((f"bb{sample + 1:02}x", sample, 0, {"text": "no JSON"}))
        answers.append((f"bb{sample + 1:02}", sample, int(level is None), {"text": rating(level or 4)}))
    return question_of(*answers, role="rate", record_id="qa-1")


def test_a_row_of_the_dataset_is_said_to_be_there() -> None:
    explained = explain(evidence_of(qa_evidence(IN_DATASET)))
    assert explained.title == "qa-1"
    assert (explained.fate.headline, explained.fate.is_kept) == ("In the dataset.", True)
    assert [check.verdict for check in explained.checks] == ["passed"] * 8 + ["reported"]


def test_a_dropped_row_names_the_check_and_its_detail() -> None:
    dropped = {
        "qa_id": "qa-1",
        "path_id": "p",
        "question": "?",
        "answer": "7",
        "reason": "reworded seed",
        "detail": "0.7",
    }
    rows = {
        "enhanced_qa": qa_row(),
        "rejected_qa": dropped,
        "checked_qa": {**CHECKED, "reason": "reworded seed", "detail": "0.7"},
    }
    explained = explain(evidence_of(qa_evidence(rows)))
    assert explained.fate.headline == "Dropped by evaluation: reworded seed. 0.7."
    assert not explained.fate.is_kept
    verdicts = {check.name: check.verdict for check in explained.checks}
    assert verdicts["copy of a seed"] == "passed"
    assert verdicts["seed reworded"] == "failed"
    assert verdicts["duplicate"] == "not reached"


def test_a_check_that_came_later_is_shown_by_its_own_reason() -> None:
    dropped = {
        "qa_id": "qa-1",
        "path_id": "p",
        "question": "?",
        "answer": "7",
        "reason": "too rude",
        "detail": "a word",
    }
    explained = explain(
        evidence_of(qa_evidence({"enhanced_qa": qa_row(), "rejected_qa": dropped, "checked_qa": CHECKED}))
    )
    assert [(check.name, check.found) for check in explained.checks if check.verdict == "failed"] == [
        ("too rude", "too rude: a word")
    ]


@pytest.mark.parametrize(
    ("table", "said"), [("synthesised_qa", "enhancement has not run"), ("enhanced_qa", "evaluation has not run")]
)
def test_a_row_that_no_later_stage_met_says_which(table: str, said: str) -> None:
    explained = explain(evidence_of(qa_evidence({table: qa_row()})))
    assert said in explained.fate.headline
    assert explained.checks == []


def test_a_row_whose_answer_was_not_confirmed_says_why() -> None:
    row = {
        **qa_row(),
        "answer_check": "solved",
        "solve_attempts": 4,
        "reason": "answers differ",
        "detail": "7, 8, 7, 9",
    }
    explained = explain(evidence_of(qa_evidence({"unconfirmed_qa": row})))
    assert "answers differ. 7, 8, 7, 9." in explained.fate.headline
    groups = {group.title: group.values for group in explained.qas[0].facts}
    assert groups["Answer"] == {"answer_check": "solved", "solve_attempts": "4"}


def test_a_replaced_row_says_by_whom_and_what_became_of_that() -> None:
    replaced = {
        "qa_id": "qa-1",
        "attempt": 0,
        "request_key": "aa01",
        "reason": "replaced",
        "detail": "qa-2 takes its place",
    }
    parent = qa_evidence({"rated_qa": qa_row(**RATED)}, set_aside=[replaced], replaced_by="qa-2")
    changed = qa_row(
        qa_id="qa-2", request_key="cc01", origin="enhanced", parent_qa_id="qa-1", strategy="s", n_attempts=1
    )
    child = qa_evidence({"dataset": changed}, siblings=["qa-2"])
    questions = {
        "aa01": question_of(("aa01", 0, 0, {"cost_usd": 0.02})),
        "bb01": rated(4, 4),
        "cc01": question_of(("cc01", 0, 0, {"cost_usd": 0.05}), role="raise", record_id="qa-1"),
    }
    explained = explain(evidence_of(parent, child, questions=questions))
    assert explained.fate.headline == "Replaced in enhancement: qa-2 takes its place."
    assert "What became of qa-2: in the dataset." in explained.fate.lines
    assert [qa.title for qa in explained.qas] == ["The row: qa-1", "Replaced by: qa-2"]
    assert [request.title for request in explained.requests] == [
        "Synthesis that wrote qa-1",
        "Blind rating of qa-1",
        "Try 1 to change qa-1, which wrote qa-2",
    ]
    of_child = explain(evidence_of(parent, child, questions=questions, found=Found("qa-2", "qa")))
    assert [qa.title for qa in of_child.qas] == ["The row: qa-2", "Made from: qa-1"]
    assert of_child.requests == explained.requests


LOST = {
    "qa_id": "qa-1",
    "attempt": 1,
    "asked_difficulty": 5,
    "measured_difficulty": 3,
    "request_key": "cc01",
    "reason": "level missed",
    "detail": "asked for level 5, measured 3",
}


def test_tries_that_were_not_kept_are_listed_with_their_requests_and_ratings() -> None:
    changed = qa_id_of("cc01", 0)
    evidence = evidence_of(
        qa_evidence(IN_DATASET, tries=[LOST]),
        questions={
            "aa01": question_of(("aa01", 0, 0, {})),
            "cc01": question_of(("cc01", 0, 0, {}), role="raise", record_id="qa-1"),
            "bb01": rated(3),
        },
        ratings_of_tries={changed: ["bb01"]},
    )
    explained = explain(evidence)
    assert "1 try to change it was not kept: asked 5, measured 3." in explained.fate.lines
    assert [request.title for request in explained.requests[1:]] == [
        "Try 1 to change qa-1",
        f"Blind rating of try 1, {changed}",
    ]
    assert explained.requests[1].facts["outcome"] == "level missed: asked for level 5, measured 3"


def test_a_try_can_be_asked_about_by_the_identifier_it_would_have_had() -> None:
    changed = qa_id_of("cc01", 0)
    evidence = evidence_of(
        qa_evidence(IN_DATASET, tries=[LOST]),
        found=Found(changed, "try", "qa-1"),
        questions={"aa01": question_of(("aa01", 0, 0, {})), "cc01": question_of(("cc01", 0, 0, {}), role="raise")},
    )
    explained = explain(evidence)
    assert explained.title == changed
    assert explained.fate.headline.startswith("A try that enhancement did not keep: level missed.")
    assert explained.qas[0].title == "The row it started from: qa-1"


def test_every_key_column_becomes_a_request() -> None:
    """Columns that end in _key or _keys hold keys, whatever else they are called."""
    row = qa_row(**RATED, solve_keys=["dd01", "dd02"], refine_key="ee01", polish_key="ff01")
    questions = {
        "aa01": question_of(("aa01", 0, 0, {})),
        "bb01": rated(4, 4),
        "dd01": question_of(("dd01", 0, 0, {}), ("dd02", 1, 0, {}), ("dd03", 2, 0, {}), role="solve"),
        "ee01": question_of(("ee01", 0, 0, {}), role="refine"),
        "ff01": question_of(("ff01", 0, 0, {}), role="polish"),
    }
    questions["dd02"] = questions["dd01"]
    explained = explain(evidence_of(qa_evidence({"dataset": row}), questions=questions))
    by_title = {request.title: request for request in explained.requests}
    assert set(by_title) == {
        "Synthesis that wrote qa-1",
        "Blind rating of qa-1",
        "Attempts to solve qa-1",
        "Refining of qa-1",
        "polish_key of qa-1",
    }
    solved = [answer.facts["key"] for answer in by_title["Attempts to solve qa-1"].answers]
    assert solved == ["dd01", "dd02"], "a third answer belongs to another run"


def test_columns_that_nobody_foresaw_are_shown_all_the_same() -> None:
    explained = explain(evidence_of(qa_evidence({"dataset": qa_row(weather="fair", mood=None)})))
    assert explained.qas[0].facts[-1].title == "Further columns"
    assert explained.qas[0].facts[-1].values == {"weather": "fair"}


def test_unusable_attempts_are_shown_and_paid_for() -> None:
    questions = {
        "aa01": question_of(
            ("aa00", 0, 0, {"cost_usd": 0.03, "finish_reason": "length"}),
            ("aa01", 0, 1, {"cost_usd": 0.02, "reasoning": "因为"}),
            ("aa02", 0, 2, {"cost_usd": 0.09}),
            ("aa09", 1, 0, {"cost_usd": 0.09}),
        )
    }
    explained = explain(evidence_of(qa_evidence({"dataset": qa_row()}), questions=questions))
    answers = explained.requests[0].answers
    assert [answer.title for answer in answers] == ["attempt 1: no use could be made of it", "attempt 2: read"]
    assert answers[0].facts["finish reason"] == "length"
    assert answers[1].reasoning == "因为"
    (line,) = explained.costs
    assert (line.n_answers, line.n_sharing) == (2, 2)
    assert line.cost_usd == pytest.approx(0.05)
    assert line.share_usd == pytest.approx(0.025)


def test_what_is_unknown_is_not_counted_as_nothing() -> None:
    questions = {
        "aa01": question_of(("aa01", 0, 0, {"cost_usd": 0.02})),
        "bb01": question_of(("bb01", 0, 0, {"cost_usd": None, "input_tokens": None, "text": rating(4)}), role="rate"),
    }
    explained = explain(evidence_of(qa_evidence({"dataset": qa_row(**RATED)}), questions=questions))
    total = total_of(explained.costs)
    assert (total.cost_usd, total.share_usd, total.input_tokens) == (None, None, None)
    assert total.output_tokens == 10
    assert explained.requests[1].answers[0].facts["cost in USD"] == "unknown"
    assert explained.requests[1].answers[0].facts["input tokens"] == "unknown"


def test_ratings_are_shown_with_their_axes_as_many_as_counted() -> None:
    questions = {"aa01": question_of(("aa01", 0, 0, {})), "bb01": rated(None, 4, 5)}
    explained = explain(evidence_of(qa_evidence({"dataset": qa_row(**RATED)}), questions=questions))
    answers = explained.requests[1].answers
    assert [answer.title for answer in answers] == [
        "sample 1, attempt 1: no use could be made of it",
        "sample 1, attempt 2: read",
        "sample 2, attempt 1: read",
    ]
    assert answers[1].says.startswith("level 4: knowledge: 4, steps: 4")


def test_a_changed_prompt_template_and_a_pruned_answer_are_said() -> None:
    questions = {
        "aa01": StoredQuestion(None, [StoredAnswer("aa01", None, None, None, None)]),
        "bb01": rated(4, 4),
    }
    explained = explain(evidence_of(qa_evidence({"dataset": qa_row(**RATED)}), questions=questions))
    wrote, rating_request = explained.requests
    assert "kedro completions prune" in wrote.facts["messages"]
    assert wrote.answers[0].title == "answer: not in the store any more"
    assert "changed since and is v2 now" in rating_request.facts["prompt version"]


def test_reasoning_stands_once() -> None:
    """A row's reasoning is that of its answer; where the store holds the answer no more, the row shows it."""
    row = {"dataset": qa_row(reasoning="because")}
    there = explain(
        evidence_of(qa_evidence(row), questions={"aa01": question_of(("aa01", 0, 0, {"reasoning": "because"}))})
    )
    gone = explain(evidence_of(qa_evidence(row), questions={"aa01": question_of(("aa01", 0, 0, {"gone": True}))}))
    assert "reasoning" not in there.qas[0].texts
    assert gone.qas[0].texts["reasoning"] == "because"


TRACE = WalkTrace(
    round_number=2,
    attempt=0,
    vertices=(4, 9),
    seeds=(0, 1),
    choices=(
        TracedChoice(4, np.array([4, 2]), np.array([0.75, 0.25])),
        TracedChoice(9, np.array([2, 9]), np.array([0.6, 0.4])),
    ),
    is_dead_end=True,
    target=np.full(10, 0.1),
    value=np.arange(10.0),
    visits=np.arange(10),
)


def test_each_step_has_its_probability_and_what_it_was_chosen_among() -> None:
    path = explain(evidence_of(qa_evidence(IN_DATASET), replay=Replay(TRACE, None))).path
    start, step = path.steps
    assert (start.name, start.probability, start.association) == ("matrix", 0.75, None)
    assert (step.name, step.probability, step.value, step.visits, step.association) == ("特征值", 0.4, 9.0, 9, 0.5)
    assert [(other.name, other.probability) for other in step.alternatives] == [("rank [of a matrix]", 0.6)]
    assert path.probability == pytest.approx(0.3)
    assert path.ending
    assert path.facts["cell discipline"] == "mathematics"
    assert "cell difficulty" not in path.facts, "there was no target for it"


def test_a_path_is_shown_without_probabilities_where_they_are_not_known() -> None:
    path = explain(evidence_of(qa_evidence(IN_DATASET), replay=Replay(None, "parameters changed"))).path
    assert path.problem == "parameters changed"
    assert [(step.name, step.probability, step.popularity) for step in path.steps] == [
        ("matrix", None, 12),
        ("特征值", None, 5),
    ]


def test_popularity_and_association_are_left_out_where_the_graph_is_another_one_now() -> None:
    other = {4: {"kp_id": 4, "kp": "vector", "popularity": 1}, 9: {"kp_id": 9, "kp": "norm", "popularity": 1}}
    path = explain(evidence_of(qa_evidence(IN_DATASET), vertices=other)).path
    assert [(step.popularity, step.association) for step in path.steps] == [(None, None)] * 2


def test_a_path_that_is_gone_leaves_the_row_explained() -> None:
    explained = explain(evidence_of(qa_evidence(IN_DATASET), path=None, replay=Replay(None, "sampling ran again")))
    assert explained.path.steps == ()
    assert explained.path.problem == "sampling ran again"


def test_links_name_the_points_that_two_seeds_share_those_of_the_path_apart() -> None:
    further = seed_of("s3", ["trace"], is_of_path=False)
    explained = explain(evidence_of(qa_evidence(IN_DATASET), seeds=[*evidence_of().seeds, further]))
    assert [(link.seeds, list(link.on_path), list(link.others)) for link in explained.links] == [
        ((1, 2), ["matrix"], ["trace"]),
        ((1, 3), [], ["trace"]),
        ((2, 3), [], ["trace"]),
    ]
    assert [seed.note for seed in explained.seeds] == [
        "of the path, the row draws on it",
        "of the path",
        "added by enhancement",
    ]


def test_a_path_says_what_came_of_it() -> None:
    lost = {"path_id": PATH["path_id"], "request_key": "aa01", "reason": "bad options", "detail": "item 3: none"}
    kept, other = qa_evidence(IN_DATASET), qa_evidence({"synthesised_qa": qa_row(qa_id="qa-1b")})
    evidence = evidence_of(kept, other, found=Found("path-0000007-0a", "path"), rejected_synthesis=[lost])
    explained = explain(evidence)
    assert explained.fate.headline == "2 QA came from it, 1 of them is in the dataset."
    assert explained.qas == ()
    assert [outcome.name for outcome in explained.outcomes] == ["qa-1", "qa-1b", "bad options"]
    assert len(explained.requests) == 1, "one request, however many rows and losses name it"


def test_the_same_evidence_gives_the_same_explanation() -> None:
    assert explain(evidence_of(qa_evidence(IN_DATASET))) == explain(evidence_of(qa_evidence(IN_DATASET)))
