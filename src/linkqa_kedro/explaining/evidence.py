"""Gathers what is known of one QA or path: rows in every table, walk, seeds, questions to the teacher."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kedro.io import DataCatalog

from linkqa_kedro.datasets.teacher import TeacherDataset
from linkqa_kedro.errors import UserError
from linkqa_kedro.explaining.replay import Replay, replay_walk
from linkqa_kedro.explaining.run_tables import LEVEL_MISSED, QA_TABLES, Found, Row, RunTables
from linkqa_kedro.explaining.stored_questions import StoredQuestion, StoredQuestions
from linkqa_kedro.pipelines.evaluation.parameters import EvaluationParameters
from linkqa_kedro.pipelines.qa_rows import qa_id_of

N_ALTERNATIVES = 5
"""Likeliest choices of a step that are named."""

_NAMED_BY_A_PROMPT = ("annotate", "adjudicate", "synthesise", "raise", "rate", "solve", "refine")


@dataclass(frozen=True)
class QaEvidence:
    """What the tables hold of one QA.

    Attributes:
        qa_id: Its identifier.
        rows: Its row in each table that has it.
        set_aside: Rows of `rejected_ratings` and `rejected_enhancement` about the QA itself.
        tries: Rows of `rejected_enhancement` about tries to change it that were not kept.
        replaced_by: The QA that took its place; None where none did.
        siblings: QA that were read from the same answer, itself included.
    """

    qa_id: str
    rows: Mapping[str, Row]
    set_aside: Sequence[Row]
    tries: Sequence[Row]
    replaced_by: str | None
    siblings: Sequence[str]

    @property
    def is_known(self) -> bool:
        """Whether a table of QA holds it."""
        return any(table in self.rows for table in QA_TABLES)

    @property
    def row(self) -> Row:
        """Its row in the table that knows most of it."""
        return next(self.rows[table] for table in QA_TABLES if table in self.rows)


@dataclass(frozen=True)
class Evidence:
    """All that an explanation is built from.

    Attributes:
        found: What was asked about.
        qas: The QA concerned: what was asked about, what it was made from, what took its place; for a path, all its QA.
        path_id: Identifier of the path.
        path: Its row; None where sampling ran again since.
        rejected_synthesis: Requests about the path, and items of their answers, from which nothing came.
        replay: The walk.
        vertices: Rows of `kp_vertices` that the path or its likeliest alternatives stand in, by number.
        edges: Association of each edge between points of the path, by (smaller, larger) number.
        seeds: Seeds of the path and of the QA, with their rows of `annotations` in `annotation`.
        questions: What was asked of the teacher, by key.
        ratings_of_tries: Keys of the ratings of each changed QA that was not kept, by its identifier.
        has_store: Whether there is a completion store.
        prompt_versions: Version that the prompt template of each role has now.
        evaluation: Parameters that the checks go by now.
    """

    found: Found
    qas: Mapping[str, QaEvidence]
    path_id: str
    path: Row | None
    rejected_synthesis: Sequence[Row]
    replay: Replay
    vertices: Mapping[int, Row]
    edges: Mapping[tuple[int, int], float]
    seeds: Sequence[Row]
    questions: Mapping[str, StoredQuestion]
    ratings_of_tries: Mapping[str, Sequence[str]]
    has_store: bool
    prompt_versions: Mapping[str, str]
    evaluation: EvaluationParameters


def keys_of(row: Row) -> dict[str, list[str]]:
    """Keys of completions that a row names, by column: every column called …_key or …_keys."""
    found: dict[str, list[str]] = {}
    for name, value in row.items():
        if name.endswith("_key") and value:
            found[name] = [value]
        elif name.endswith("_keys") and value:
            found[name] = list(value)
    return found


def gather(
    catalog: DataCatalog, tables: RunTables, found: Found, parameters: Mapping[str, Any], is_replayed: bool = True
) -> Evidence:
    """Look everything up.

    Args:
        catalog: Of the project; nothing is written, nobody is asked.
        tables: Its tables.
        found: What to explain.
        parameters: Parameters of all stages, checked.
        is_replayed: Whether to draw again for the probabilities of the walk.

    Raises:
        UserError: If a try is asked about, and the QA that it changed is gone.
    """
    path_id, qas = _concerned(tables, found)
    path = tables.row("paths", "path_id", path_id)
    if path is None:
        replay = Replay(None, f"{path_id} is not among the paths there now: sampling ran again since")
    elif not is_replayed:
        replay = Replay(None, "left out, as asked by --no-replay")
    else:
        replay = replay_walk(catalog, path, parameters["sampling"])
    rejected = tables.rows("rejected_synthesis", "path_id", [path_id])
    stored = StoredQuestions(_store(catalog), [path_id, *qas])
    ratings_of_tries = {
        qa_id: stored.keys_about(qa_id, "rate")
        for qa in qas.values()
        for lost in qa.tries
        if lost["reason"] == LEVEL_MISSED
        for qa_id in [qa_id_of(lost["request_key"], 0)]
    }
    keys = [
        *(key for qa in qas.values() for row in qa.rows.values() for keys in keys_of(row).values() for key in keys),
        *(row["request_key"] for qa in qas.values() for row in (*qa.set_aside, *qa.tries)),
        *(row["request_key"] for row in rejected),
        *(key for keys in ratings_of_tries.values() for key in keys),
    ]
    return Evidence(
        found=found,
        qas=qas,
        path_id=path_id,
        path=path,
        rejected_synthesis=rejected,
        replay=replay,
        vertices=_vertices(tables, path, replay),
        edges=_edges(tables, path),
        seeds=_seeds(tables, path, qas.values()),
        questions={key: stored.question(key) for key in dict.fromkeys(keys)},
        ratings_of_tries=ratings_of_tries,
        has_store=stored.has_store,
        prompt_versions={
            role: catalog.load(f"{role}_prompt").version
            for role in _NAMED_BY_A_PROMPT
            if f"{role}_prompt" in catalog and catalog.exists(f"{role}_prompt")
        },
        evaluation=parameters["evaluation"],
    )


def _concerned(tables: RunTables, found: Found) -> tuple[str, dict[str, QaEvidence]]:
    """The path, and the QA concerned: ancestors before those made from them."""
    if found.kind == "path":
        ids = list(
            dict.fromkeys(
                row["qa_id"] for table in QA_TABLES for row in tables.rows(table, "path_id", [found.record_id])
            )
        )
        return found.record_id, {qa_id: _qa(tables, qa_id) for qa_id in ids}
    start = found.started_from or found.record_id
    qas = {start: _qa(tables, start)}
    if not qas[start].is_known:
        raise UserError(
            f"{found.record_id} was made from {start}, which no table holds any more: synthesis ran again since. "
            "Run `kedro run --pipelines enhancement,evaluation`: answers bought before are not bought again."
        )
    while parent := qas[next(iter(qas))].row.get("parent_qa_id"):
        if parent in qas or not (known := _qa(tables, parent)).is_known:
            break
        qas = {parent: known, **qas}
    while (heir := qas[next(reversed(qas))].replaced_by) is not None and heir not in qas:
        qas[heir] = _qa(tables, heir)
    return qas[start].row["path_id"], qas


def _qa(tables: RunTables, qa_id: str) -> QaEvidence:
    tables_with_it = (*QA_TABLES, "unconfirmed_ratings", "checked_qa")
    rows = {table: row for table in tables_with_it if (row := tables.row(table, "qa_id", qa_id)) is not None}
    of_enhancement = tables.rows("rejected_enhancement", "qa_id", [qa_id])
    heir = tables.row("enhanced_qa", "parent_qa_id", qa_id)
    key = next((row["request_key"] for row in rows.values() if row.get("request_key")), None)
    siblings = [
        row["qa_id"]
        for table in ("synthesised_qa", "unconfirmed_qa")
        for row in tables.rows(table, "request_key", [key] if key else [])
    ]
    return QaEvidence(
        qa_id=qa_id,
        rows=rows,
        set_aside=[
            *tables.rows("rejected_ratings", "qa_id", [qa_id]),
            *(row for row in of_enhancement if not row["attempt"]),
        ],
        tries=[row for row in of_enhancement if row["attempt"]],
        replaced_by=None if heir is None else heir["qa_id"],
        siblings=list(dict.fromkeys(siblings)) or [qa_id],
    )


def _store(catalog: DataCatalog) -> Any:
    dataset = catalog.get("teacher")
    return dataset.store if isinstance(dataset, TeacherDataset) else None


def _vertices(tables: RunTables, path: Row | None, replay: Replay) -> dict[int, Row]:
    if path is None:
        return {}
    wanted = set(path["kp_ids"])
    if replay.trace is not None:
        for choice in replay.trace.choices:
            wanted |= set(choice.vertices[:N_ALTERNATIVES].tolist())
    return {row["kp_id"]: row for row in tables.rows("kp_vertices", "kp_id", sorted(wanted))}


def _edges(tables: RunTables, path: Row | None) -> dict[tuple[int, int], float]:
    on_path = set(path["kp_ids"]) if path is not None else set()
    return {
        (row["source_id"], row["target_id"]): row["association"]
        for row in tables.rows("kp_edges", "source_id", sorted(on_path))
        if row["target_id"] in on_path
    }


def _seeds(tables: RunTables, path: Row | None, qas: Iterable[QaEvidence]) -> list[Row]:
    wanted = list(path["seed_ids"]) if path is not None else []
    for qa in qas:
        wanted += qa.row.get("seed_ids") or []
    wanted = list(dict.fromkeys(wanted))
    seeds = {row["seed_id"]: row for row in tables.rows("seeds", "seed_id", wanted)}
    annotations = {row["seed_id"]: row for row in tables.rows("annotations", "seed_id", wanted)}
    return [
        {
            **seeds[seed_id],
            "annotation": annotations.get(seed_id),
            "is_of_path": path is not None and seed_id in path["seed_ids"],
        }
        for seed_id in wanted
        if seed_id in seeds
    ]
