"""What became of a QA, in a sentence."""

from collections.abc import Mapping

from linkqa_kedro.explaining.evidence import QaEvidence
from linkqa_kedro.explaining.explanation import Fate
from linkqa_kedro.explaining.run_tables import LEVEL_MISSED
from linkqa_kedro.pipelines.qa_rows import qa_id_of


def fate_of(qa: QaEvidence, qas: Mapping[str, QaEvidence]) -> Fate:
    """What became of a QA.

    Args:
        qa: The QA.
        qas: Others, among them what took its place.
    """
    lines = _lines(qa)
    if "dataset" in qa.rows:
        return Fate("In the dataset.", True, lines)
    unsure = qa.rows.get("unconfirmed_qa") or qa.rows.get("unconfirmed_changes")
    if (dropped := qa.rows.get("rejected_qa")) is not None and unsure is None:
        return Fate(f"Dropped by evaluation: {dropped['reason']}. {_sentence(dropped['detail'])}", False, lines)
    if unsure is not None:
        reason, detail = unsure.get("reason") or "not confirmed", unsure.get("detail") or ""
        return Fate(
            f"Set aside, because its answer was not confirmed: {reason}. {_sentence(detail)}".strip(), False, lines
        )
    for lost in qa.set_aside:
        if lost["reason"] != "replaced":
            return Fate(f"Set aside by enhancement: {lost['reason']}. {_sentence(lost['detail'])}", False, lines)
        heir = qas.get(qa.replaced_by or "")
        if heir is not None:
            lines.insert(0, f"What became of {heir.qa_id}: {_lowered(fate_of(heir, qas).headline)}")
        return Fate(f"Replaced in enhancement: {_sentence(lost['detail'])}", False, lines)
    last = next(table for table in ("enhanced_qa", "rated_qa", "synthesised_qa") if table in qa.rows)
    stage = {"enhanced_qa": "evaluation", "rated_qa": "enhancement", "synthesised_qa": "enhancement"}[last]
    return Fate(
        f"Not finished: it stands in {last}, and {stage} has not run on it. Run `kedro run --pipelines {stage}`.",
        False,
        lines,
    )


def fate_of_try(changed_id: str, qa: QaEvidence) -> Fate:
    """What became of a changed QA that was not kept; its text stands in the answer of its request."""
    lost = next(row for row in qa.tries if qa_id_of(row["request_key"], 0) == changed_id)
    return Fate(
        f"A try that enhancement did not keep: {lost['reason']}. {_sentence(lost['detail'])}",
        False,
        [f"It was try {lost['attempt']} to change {qa.qa_id}; its text stands in the answer to that request."],
    )


def _lines(qa: QaEvidence) -> list[str]:
    row, lines = qa.row, []
    if row.get("measured_difficulty") is not None:
        lines.append(f"Asked for level {row['asked_difficulty']}, measured {row['measured_difficulty']}.")
    if row.get("parent_qa_id"):
        n_tries = row["n_attempts"]
        lines.append(f"Made from {row['parent_qa_id']} ({row['strategy']}), by try {n_tries}.")
    missed = [lost for lost in qa.tries if lost["reason"] == LEVEL_MISSED]
    if qa.tries:
        lines.append(
            f"{_tries(len(qa.tries))} to change it {'was' if len(qa.tries) == 1 else 'were'} not kept"
            + (
                ": "
                + "; ".join(
                    f"asked {lost['asked_difficulty']}, measured {lost['measured_difficulty']}" for lost in missed
                )
                if missed
                else ""
            )
            + "."
        )
    if "dataset" in qa.rows and "synthesised_qa" not in qa.rows and not row.get("parent_qa_id"):
        lines.append("synthesised_qa does not hold it: synthesis ran again since.")
    return lines


def _tries(n: int) -> str:
    return "1 try" if n == 1 else f"{n} tries"


def _sentence(text: str) -> str:
    return text if not text or text.endswith(".") else f"{text}."


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]
