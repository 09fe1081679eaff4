"""The checks of evaluation as they fell on one row."""

from collections.abc import Mapping
from typing import Any

from linkqa_kedro.explaining.explanation import ShownCheck
from linkqa_kedro.explaining.writing import number
from linkqa_kedro.pipelines.evaluation.parameters import EvaluationParameters

# In the order in which they are made: the first that fails drops the row.
_CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("length", ("question too short", "question too long")),
    ("answer", ("no answer", "answer not among the options", "repeated options", "refusal")),
    ("language", ("wrong language",)),
    ("copy of a seed", ("copy of a seed",)),
    ("seed reworded", ("reworded seed",)),
    ("novelty", ("too little new",)),
    ("contamination", ("contamination",)),
    ("duplicate", ("exact duplicate", "near duplicate")),
)

_ALWAYS_MEASURED = ("copy of a seed", "seed reworded", "novelty")


def shown_checks(rows: Mapping[str, Mapping[str, Any]], limits: EvaluationParameters) -> list[ShownCheck]:
    """Every check with its verdict; none where evaluation has not met the row.

    Args:
        rows: Rows of the QA, by table.
        limits: Parameters of evaluation as they are now.
    """
    checked, dropped = rows.get("checked_qa"), rows.get("rejected_qa")
    if checked is None:
        return []
    reason, detail = (dropped["reason"], dropped["detail"]) if dropped else (checked["reason"], checked["detail"])
    measured = _measured(checked, limits)
    reasons = [own for _, own in _CHECKS]
    order = [*_CHECKS]
    if reason and not any(reason in own for own in reasons):
        order.append((reason, (reason,)))
    shown, is_over = [], False
    for name, own in order:
        found = measured.get(name, "")
        if reason in own:
            shown.append(ShownCheck(name, "failed", f"{reason}: {detail}"))
            is_over = True
        elif is_over or (name == "duplicate" and dropped is None and "dataset" not in rows):
            shown.append(ShownCheck(name, "not reached", found if name in _ALWAYS_MEASURED else ""))
        else:
            shown.append(ShownCheck(name, "passed", found))
    hit = "shares some" if checked["short_ngram_hit"] else "shares none"
    shown.append(
        ShownCheck(f"run of {limits.reported_ngram} tokens", "reported", f"{hit} with a benchmark; drops no row")
    )
    return shown


def _measured(checked: Mapping[str, Any], limits: EvaluationParameters) -> dict[str, str]:
    return {
        "copy of a seed": f"n-gram Jaccard {number(checked['seed_overlap'])} with the nearest seed, "
        f"limit {limits.seed_copy_jaccard}",
        "seed reworded": f"{number(checked['seed_rewording'])} of the words in common with the nearest seed, "
        f"limit {limits.seed_rewording}",
        "novelty": f"{number(checked['novelty'])} of its n-grams in no one seed, least {limits.least_novelty}",
        "contamination": f"no run of {limits.contamination_ngram} tokens shared with a benchmark",
        "duplicate": f"n-gram Jaccard with every earlier row below {limits.near_duplicate_jaccard}",
    }
