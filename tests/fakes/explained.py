"""What `kedro explain` may find, in parts that a test changes."""

from collections.abc import Mapping, Sequence
from typing import Any

from fakes.answer_columns import UNCHECKED
from fakes.scripted import completion_of
from linkqa_kedro.explaining.evidence import Evidence, QaEvidence
from linkqa_kedro.explaining.replay import Replay
from linkqa_kedro.explaining.run_tables import Found
from linkqa_kedro.explaining.stored_questions import StoredAnswer, StoredQuestion
from linkqa_kedro.pipelines.evaluation.parameters import EvaluationParameters

LIMITS = EvaluationParameters(
    min_question_characters=12,
    max_question_characters=12_000,
    contamination_ngram=13,
    reported_ngram=8,
    seed_copy_jaccard=0.8,
    seed_rewording=0.68,
    least_novelty=0.2,
    near_duplicate_jaccard=0.8,
    ngram=5,
    n_permutations=128,
    diversity_sample=500,
    random_seed=1,
)
CHECKED = {
    "qa_id": "qa-1",
    "reason": None,
    "detail": None,
    "novelty": 0.72,
    "seed_overlap": 0.1,
    "seed_rewording": 0.4,
    "short_ngram_hit": False,
}
PATH = {
    "path_id": "path-0000007-0a",
    "walk": 7,
    "steering_round": 0,
    "round": 2,
    "attempt": 0,
    "cell_discipline": "mathematics",
    "cell_difficulty": None,
    "knowledge_points": ["matrix", "特征值"],
    "kp_ids": [4, 9],
    "seed_ids": ["s1", "s2"],
    "realised_difficulty": 3,
    "association_density": 1.0,
}
VERTICES = {
    4: {"kp_id": 4, "kp": "matrix", "popularity": 12},
    9: {"kp_id": 9, "kp": "特征值", "popularity": 5},
    2: {"kp_id": 2, "kp": "rank [of a matrix]", "popularity": 3},
}


def seed_of(seed_id: str, points: Sequence[str], **parts: Any) -> dict[str, Any]:
    return {
        "seed_id": seed_id,
        "question": f"What is asked by {seed_id}?",
        "options": [{"letter": "A", "text": "this"}, {"letter": "B", "text": "that"}],
        "answer": "B",
        "language": "en",
        "source": "made up",
        "licence": "CC0-1.0",
        "is_of_path": True,
        "annotation": {
            "knowledge_points": list(points),
            "discipline": "mathematics",
            "difficulty": 3,
            "labelled_by": "seed",
            "request_key": None,
            "model": None,
        },
        **parts,
    }


def qa_row(**parts: Any) -> dict[str, Any]:
    return {
        "qa_id": "qa-1",
        "path_id": "path-0000007-0a",
        "seed_ids": ["s1"],
        "knowledge_points": ["matrix", "特征值"],
        "question_type": "short_answer",
        "question": "What is the trace?",
        "options": [],
        "answer": "7",
        "explanation": "The sum.",
        "reasoning": None,
        "language": "en",
        "discipline": "mathematics",
        "asked_difficulty": 3,
        "model": "m",
        "prompt_version": "v1",
        "sampling_settings": '{"temperature":0.6}',
        "request_key": "aa01",
        "input_tokens": 10,
        "output_tokens": 5,
        "cost_usd": 0.01,
        "proof": None,
        "expression": None,
        **UNCHECKED,
        **parts,
    }


def question_of(
    *answers: tuple[str, int, int, Mapping[str, Any]], role: str = "synthesise", record_id: str = "path-0000007-0a"
) -> StoredQuestion:
    """A question with answers, each a key, sample, attempt and parts of its completion; {"gone": True} for none."""
    request = {
        "role": role,
        "stage": "synthesis" if role == "synthesise" else "enhancement",
        "record_id": record_id,
        "model": "m",
        "prompt_version": "v1",
        "sample": 0,
        "attempt": 0,
        "settings": {"temperature": 0.6, "top_p": None, "max_output_tokens": 64},
        "messages": [{"role": "system", "content": "Write."}, {"role": "user", "content": "About a matrix."}],
    }
    return StoredQuestion(
        request,
        [
            StoredAnswer(
                key, sample, attempt, None if "gone" in parts else completion_of(**{"text": key, **parts}), None
            )
            for key, sample, attempt, parts in answers
        ],
    )


def qa_evidence(rows: Mapping[str, dict[str, Any]], **parts: Any) -> QaEvidence:
    usual: dict[str, Any] = {
        "qa_id": next(iter(rows.values()))["qa_id"],
        "set_aside": [],
        "tries": [],
        "replaced_by": None,
        "siblings": ["qa-1", "qa-1b"],
    }
    return QaEvidence(rows=rows, **{**usual, **parts})


def evidence_of(*qas: QaEvidence, questions: Mapping[str, StoredQuestion] | None = None, **parts: Any) -> Evidence:
    """Evidence about the first QA."""
    usual: dict[str, Any] = {
        "found": Found(qas[0].qa_id if qas else "path-0000007-0a", "qa" if qas else "path"),
        "path_id": "path-0000007-0a",
        "path": PATH,
        "rejected_synthesis": [],
        "replay": Replay(None, "left out"),
        "vertices": VERTICES,
        "edges": {(4, 9): 0.5},
        "seeds": [seed_of("s1", ["matrix", "特征值", "trace"]), seed_of("s2", ["matrix", "trace"])],
        "questions": questions or {"aa01": question_of(("aa01", 0, 0, {"cost_usd": 0.02}))},
        "ratings_of_tries": {},
        "has_store": True,
        "prompt_versions": {"synthesise": "v1", "rate": "v2"},
        "evaluation": LIMITS,
    }
    return Evidence(qas={qa.qa_id: qa for qa in qas}, **{**usual, **parts})
