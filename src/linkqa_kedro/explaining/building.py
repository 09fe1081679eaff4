"""Builds an explanation from evidence: a pure function, the same evidence gives the same explanation."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from linkqa_kedro.explaining.checks_shown import shown_checks
from linkqa_kedro.explaining.evidence import N_ALTERNATIVES, Evidence, QaEvidence, keys_of
from linkqa_kedro.explaining.explanation import (
    CostLine,
    Explanation,
    Facts,
    Fate,
    Outcome,
    ShownAlternative,
    ShownAnswer,
    ShownLink,
    ShownPath,
    ShownQa,
    ShownRequest,
    ShownSeed,
    ShownStep,
)
from linkqa_kedro.explaining.fates import fate_of, fate_of_try
from linkqa_kedro.explaining.run_tables import Row
from linkqa_kedro.explaining.stored_questions import StoredAnswer, StoredQuestion
from linkqa_kedro.explaining.writing import count, dollars, from_json, number, plain, seconds
from linkqa_kedro.pipelines.enhancement.rating import rating_of
from linkqa_kedro.pipelines.qa_rows import qa_id_of
from linkqa_kedro.pipelines.seed_values import seed_links
from linkqa_kedro.teacher.errors import ReplyUnusable
from linkqa_kedro.teacher.requests import Completion

# Roles that are asked for several answers to one question.
_REPEATED_ROLES = ("rate", "solve")

_SHOWN_APART = {"qa_id", "question", "options", "answer", "explanation", "reasoning", "proof"}
_GROUPS = {
    "What it is": (
        *("question_type", "language", "discipline", "knowledge_points", "path_id", "seed_ids", "licences"),
        *("origin", "parent_qa_id", "strategy", "n_attempts"),
    ),
    "Difficulty": (
        *("asked_difficulty", "measured_difficulty", "rated_difficulty", "ratings", "rating_spread"),
        "difficulty_axes",
    ),
    "Answer": ("answer_check", "solve_attempts", "solve_rate", "attempts_agreement", "refined_from"),
    "Written by": (
        *(
            "model",
            "prompt_version",
            "sampling_settings",
            "request_key",
            "rating_key",
            "solve_keys",
            "compare_key",
            "refine_key",
        ),
        *("input_tokens", "output_tokens", "cost_usd"),
    ),
}
_TITLE_OF_COLUMN = {
    "rating_key": "Blind rating of {qa}",
    "solve_keys": "Attempts to solve {qa}",
    "compare_key": "Comparing the attempts at {qa}",
    "refine_key": "Refining of {qa}",
}
_OF_A_PATH = ("walk", "steering_round", "round", "attempt", "cell_discipline", "cell_difficulty")


def explain(evidence: Evidence) -> Explanation:
    """The explanation of a QA, a try or a path."""
    if evidence.found.kind == "path":
        return _of_path(evidence)
    subject = evidence.found.started_from or evidence.found.record_id
    asked = [one for qa in evidence.qas.values() for one in _questions_about(qa, evidence)]
    own = evidence.qas[subject]
    others = [qa for qa in evidence.qas.values() if qa.qa_id != subject]
    shown = [
        _shown_qa("The row", own, evidence),
        *(_shown_qa(_kinship(qa, subject, evidence), qa, evidence) for qa in others),
    ]
    fate = fate_of(own, evidence.qas)
    if evidence.found.kind == "try":
        fate = fate_of_try(evidence.found.record_id, own)
        shown[0] = _shown_qa("The row it started from", own, evidence)
    return Explanation(
        title=evidence.found.record_id,
        fate=fate,
        qas=shown,
        outcomes=(),
        path=_shown_path(evidence),
        seeds=_shown_seeds(evidence, own),
        links=_shown_links(evidence),
        requests=[one.shown(evidence) for one in asked],
        checks=shown_checks(own.rows, evidence.evaluation),
        costs=[one.cost() for one in asked],
        cost_note="Annotations of seeds are not counted: all rows that draw on a seed share them.",
    )


def _of_path(evidence: Evidence) -> Explanation:
    fates = {qa.qa_id: fate_of(qa, evidence.qas) for qa in evidence.qas.values()}
    outcomes = [Outcome(qa_id, fate.headline, fate.is_kept) for qa_id, fate in fates.items()]
    outcomes += [Outcome(row["reason"], row["detail"], False) for row in evidence.rejected_synthesis]
    n_kept = sum(fate.is_kept for fate in fates.values())
    headline = (
        f"{len(fates):,} QA came from it, {n_kept:,} of them {'is' if n_kept == 1 else 'are'} in the dataset."
        if fates
        else "No QA came from it."
    )
    n_lost = len(evidence.rejected_synthesis)
    what = "request or item" if n_lost == 1 else "requests or items"
    lines = [f"From {n_lost:,} {what} nothing came."] if n_lost else []
    asked = _syntheses(evidence)
    return Explanation(
        title=evidence.path_id,
        fate=Fate(headline, n_kept > 0, lines),
        qas=(),
        outcomes=outcomes,
        path=_shown_path(evidence),
        seeds=_shown_seeds(evidence, None),
        links=_shown_links(evidence),
        requests=[one.shown(evidence) for one in asked],
        checks=(),
        costs=[one.cost() for one in asked],
        cost_note="Ratings and changes of its rows are not counted here; kedro explain shows them by row.",
    )


@dataclass(frozen=True)
class _Asked:
    """One question as it is shown.

    Attributes:
        title: What was asked for.
        question: As it was stored.
        answers: Those of its answers that belong here.
        used: Keys of the answers that something was read from.
        sharing: Rows that were read from one answer and share its price.
        outcome: What became of it, where that is to be said.
    """

    title: str
    question: StoredQuestion
    answers: Sequence[StoredAnswer]
    used: frozenset[str]
    sharing: Sequence[str] = ()
    outcome: str = ""

    def cost(self) -> CostLine:
        figures: dict[str, list[Any]] = {
            name: [getattr(one.completion or one.entry, name, None) for one in self.answers]
            for name in ("input_tokens", "output_tokens", "cost_usd")
        }
        sums: dict[str, Any] = {name: None if None in values else sum(values) for name, values in figures.items()}
        return CostLine(self.title, len(self.answers), **sums, n_sharing=max(len(self.sharing), 1))

    def shown(self, evidence: Evidence) -> ShownRequest:
        request = self.question.request
        entry = next((one.entry for one in self.answers if one.entry is not None), None)
        facts = {"outcome": self.outcome} if self.outcome else {}
        if request is not None:
            facts |= {
                "stage and role": f"{request['stage']}, {request['role']}",
                "model asked": request["model"],
                "prompt version": _prompt_version(request, evidence.prompt_versions),
                "settings": _settings(request["settings"]),
                "asked for": request["record_id"],
            }
        elif entry is not None:
            facts |= {"stage and role": f"{entry.stage}, {entry.role}", "model asked": entry.model}
            facts |= {"prompt version": entry.prompt_version}
        if request is None:
            facts["messages"] = (
                "the store holds them no more (kedro completions prune deletes them)"
                if evidence.has_store
                else "there is no completion store here"
            )
        if len(self.sharing) > 1:
            facts["shared by"] = ", ".join(self.sharing)
        several = len({one.sample for one in self.answers}) > 1
        return ShownRequest(
            title=self.title,
            facts=facts,
            messages=[(one["role"], one["content"]) for one in request["messages"]] if request is not None else [],
            answers=[_shown_answer(one, one.key in self.used, several, request) for one in self.answers],
        )


def _questions_about(qa: QaEvidence, evidence: Evidence) -> list[_Asked]:
    """What was asked to write a QA, to rate it and whatever else its columns name, and to change it."""
    row, asked = qa.row, []
    shown: set[str] = set()
    columns: dict[str, list[str]] = {}
    for known in qa.rows.values():
        columns |= keys_of(known)
    # The request that wrote it comes first, whatever the order of the columns.
    for column in sorted(columns, key=lambda name: name != "request_key"):
        for key in columns[column]:
            if key in shown:
                continue
            one = _asked(_title(column, key, qa, evidence), key, columns[column], evidence, row)
            if column == "request_key":
                one = replace(one, sharing=qa.siblings)
            asked.append(one)
            shown |= {answer.key for answer in one.answers}
    for lost in qa.set_aside:
        if lost["request_key"] not in shown:
            asked.append(_asked(f"Asked of {qa.qa_id}: {lost['reason']}", lost["request_key"], [], evidence, row))
            shown.add(lost["request_key"])
    for lost in qa.tries:
        asked += _failed_try(lost, evidence)
    return asked


def _failed_try(lost: Row, evidence: Evidence) -> list[_Asked]:
    outcome = f"{lost['reason']}: {lost['detail']}"
    title = f"Try {lost['attempt']} to change {lost['qa_id']}"
    changed = qa_id_of(lost["request_key"], 0)
    ratings = evidence.ratings_of_tries.get(changed, ())
    question = evidence.questions[lost["request_key"]]
    if question.request is not None and question.request["role"] == "rate":
        return [_asked(f"{title}: rating", lost["request_key"], [], evidence, {}, outcome)]
    asked = [_asked(title, lost["request_key"], [lost["request_key"]] if ratings else [], evidence, {}, outcome)]
    if ratings:
        asked.append(_asked(f"Blind rating of try {lost['attempt']}, {changed}", ratings[0], [], evidence, {}))
    return asked


def _syntheses(evidence: Evidence) -> list[_Asked]:
    """What was asked about a path, each question once."""
    used: dict[str, Sequence[str]] = {}
    for qa in evidence.qas.values():
        for table in ("synthesised_qa", "unconfirmed_qa"):
            if table in qa.rows:
                used[qa.rows[table]["request_key"]] = qa.siblings
    keys = dict.fromkeys([*used, *(row["request_key"] for row in evidence.rejected_synthesis)])
    title = f"Synthesis from {evidence.path_id}"
    return [_asked(title, key, [key] if key in used else [], evidence, {}) for key in keys]


def _asked(
    title: str, key: str, used: Sequence[str], evidence: Evidence, row: Mapping[str, Any], outcome: str = ""
) -> _Asked:
    """The question of a key with those of its answers that belong to it here.

    Args:
        title: What was asked for.
        key: Key of one of its answers.
        used: Keys that something was read from.
        evidence: With the stored question.
        row: Row that names the key: it says how many ratings counted.
        outcome: What became of it.
    """
    question = evidence.questions[key]
    role = question.request["role"] if question.request is not None else ""
    cited = next(answer for answer in question.answers if answer.key == key)
    if role not in _REPEATED_ROLES:
        own = [one for one in question.answers if one.sample == cited.sample]
        own = [one for one in own if (one.attempt or 0) <= (cited.attempt or 0)]
        return _Asked(title, question, own, frozenset(used), outcome=outcome)
    if role == "rate":
        answers, readable = _ratings_counted(question, len(row.get("ratings") or ()))
        return _Asked(title, question, answers, readable, outcome=outcome)
    samples = {one.sample for one in question.answers if one.key in used}
    answers = [one for one in question.answers if one.sample in samples]
    return _Asked(title, question, answers, frozenset(used), outcome=outcome)


def _ratings_counted(question: StoredQuestion, n_counted: int) -> tuple[list[StoredAnswer], frozenset[str]]:
    """Ratings up to the last that counted, and the keys of those that could be read; further ones are of other runs."""
    taken: list[StoredAnswer] = []
    readable: set[str] = set()
    for one in question.answers:
        if n_counted and len(readable) == n_counted:
            break
        taken.append(one)
        if one.completion is not None and _read_as_rating(one.completion) is not None:
            readable.add(one.key)
    return taken, frozenset(readable)


def _title(column: str, key: str, qa: QaEvidence, evidence: Evidence) -> str:
    if column in _TITLE_OF_COLUMN:
        return _TITLE_OF_COLUMN[column].format(qa=qa.qa_id)
    request = evidence.questions[key].request
    if column != "request_key":
        return f"{column} of {qa.qa_id}"
    if qa.row.get("origin") == "enhanced" or (request is not None and request["role"] == "raise"):
        return f"Try {qa.row.get('n_attempts', 1)} to change {qa.row.get('parent_qa_id')}, which wrote {qa.qa_id}"
    return f"Synthesis that wrote {qa.qa_id}"


def _prompt_version(request: Mapping[str, Any], now: Mapping[str, str]) -> str:
    version: str = request["prompt_version"]
    current = now.get(request["role"])
    if current is None:
        return version
    if current == version:
        return f"{version}, as the template is now"
    return f"{version}; the template has changed since and is {current} now, so a run would ask again"


def _settings(settings: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {'as the server has it' if v is None else v}" for name, v in settings.items())


def _shown_answer(
    answer: StoredAnswer, is_used: bool, shows_sample: bool, request: Mapping[str, Any] | None
) -> ShownAnswer:
    came = answer.completion
    place = [] if answer.attempt is None else [f"attempt {answer.attempt + 1}"]
    if shows_sample and answer.sample is not None:
        place.insert(0, f"sample {answer.sample + 1}")
    title = ", ".join(place) or "answer"
    if came is None:
        title += ": not in the store any more"
    else:
        title += ": read" if is_used else ": no use could be made of it"
    facts = {"key": answer.key}
    source = came or answer.entry
    if came is not None:
        facts |= {"model": came.model, "finish reason": came.finish_reason}
    if source is not None:
        facts |= {
            "input tokens": _with_part(source.input_tokens, source.cached_input_tokens, "cached"),
            "output tokens": _with_part(source.output_tokens, source.reasoning_tokens, "reasoning"),
            "cost in USD": dollars(source.cost_usd),
            "latency": seconds(source.latency_seconds or (answer.entry.latency_seconds if answer.entry else None)),
        }
    says = ""
    if came is not None and request is not None and request["role"] == "rate":
        rating = _read_as_rating(came)
        says = "" if rating is None else f"level {rating['difficulty']}: " + plain(rating["axes"])
    return ShownAnswer(
        title=title,
        facts=facts,
        says=says,
        reasoning=came.reasoning if came is not None else None,
        text=came.text if came is not None else None,
    )


def _with_part(n_tokens: int | None, n_part: int | None, name: str) -> str:
    return count(n_tokens) if n_part is None else f"{count(n_tokens)}, {count(n_part)} of them {name}"


def _read_as_rating(completion: Completion) -> dict[str, Any] | None:
    try:
        return rating_of(completion)
    except ReplyUnusable:
        return None


def _kinship(qa: QaEvidence, subject: str, evidence: Evidence) -> str:
    ids = list(evidence.qas)
    return "Made from" if ids.index(qa.qa_id) < ids.index(subject) else "Replaced by"


def _shown_qa(kinship: str, qa: QaEvidence, evidence: Evidence) -> ShownQa:
    row = {name: value for table in reversed(list(qa.rows)) for name, value in qa.rows[table].items()}
    row |= qa.row
    left = {name: value for name, value in row.items() if name not in _SHOWN_APART}
    groups = []
    for title, names in _GROUPS.items():
        values = {name: _column(name, left.pop(name)) for name in names if name in left}
        groups.append(Facts(title, {name: value for name, value in values.items() if value}))
    checked = {*qa.rows.get("checked_qa", ()), "novelty", "reason", "detail"}
    rest = {name: _column(name, value) for name, value in left.items() if name not in checked}
    groups.append(Facts("Further columns", {name: value for name, value in rest.items() if value}))
    texts = {name: row[name] for name in ("explanation", "reasoning") if row.get(name)}
    wrote = evidence.questions.get(row.get("request_key", ""))
    came = [one.completion for one in wrote.answers if one.completion is not None] if wrote is not None else []
    if any(completion.reasoning == texts.get("reasoning") for completion in came):
        texts.pop("reasoning", None)  # the answer it came with shows it
    if row.get("proof"):
        texts["proof"] = json.dumps(from_json(row["proof"]), ensure_ascii=False, indent=1)
    return ShownQa(
        title=f"{kinship}: {qa.qa_id}",
        fate=fate_of(qa, evidence.qas),
        question=row["question"],
        options=_options(row.get("options")),
        answer=row["answer"],
        texts=texts,
        facts=[group for group in groups if group.values],
    )


def _column(name: str, value: Any) -> str:
    """A column as text; empty where it holds nothing, unless it counts what was used."""
    if name == "cost_usd":
        return f"{dollars(value)}, its share of the answer's"
    if name in ("input_tokens", "output_tokens"):
        return f"{count(value)}, of the whole answer"
    if value is None or value == []:
        return ""
    return plain(from_json(value)) if isinstance(value, str) and value.startswith("{") else plain(value)


def _options(options: Iterable[Mapping[str, str]] | None) -> list[tuple[str, str]]:
    return [(option["letter"], option["text"]) for option in options or ()]


def _shown_path(evidence: Evidence) -> ShownPath:
    path, trace = evidence.path, evidence.replay.trace
    if path is None:
        return ShownPath(evidence.path_id, {}, (), None, "", evidence.replay.problem)
    facts = {name.replace("_", " "): plain(path[name]) for name in _OF_A_PATH if path[name] is not None}
    facts |= {
        "realised difficulty": plain(path["realised_difficulty"]),
        "association density": number(path["association_density"]),
    }
    probability = None
    ending = ""
    if trace is not None:
        probability = math.prod(choice.probability for choice in trace.choices)
        if trace.is_dead_end:
            ending = "It ends here because no neighbour was left to go to."
    return ShownPath(
        path_id=evidence.path_id,
        facts=facts,
        steps=[_shown_step(place, evidence) for place in range(len(path["kp_ids"]))],
        probability=probability,
        ending=ending,
        problem=evidence.replay.problem,
    )


def _shown_step(place: int, evidence: Evidence) -> ShownStep:
    path, trace = evidence.path, evidence.replay.trace
    assert path is not None
    vertex, name = path["kp_ids"][place], path["knowledge_points"][place]
    known = evidence.vertices.get(vertex)
    known = known if known is not None and known["kp"] == name else None
    before = path["kp_ids"][place - 1] if place else None
    edge = None if before is None or known is None else evidence.edges.get((min(before, vertex), max(before, vertex)))
    if trace is None:
        popularity = None if known is None else known["popularity"]
        return ShownStep(name, None, None, None, None, popularity, edge, 0, ())
    choice = trace.choices[place]
    others = [
        ShownAlternative(evidence.vertices[other]["kp"], float(probability))
        for other, probability in zip(choice.vertices[:N_ALTERNATIVES].tolist(), choice.probabilities, strict=False)
        if other != vertex
    ]
    return ShownStep(
        name=name,
        probability=choice.probability,
        value=float(trace.value[vertex]),
        target_share=float(trace.target[vertex]),
        visits=int(trace.visits[vertex]),
        popularity=None if known is None else known["popularity"],
        association=edge,
        n_alternatives=len(choice.vertices),
        alternatives=others[: N_ALTERNATIVES - 1],
    )


def _shown_seeds(evidence: Evidence, qa: QaEvidence | None) -> list[ShownSeed]:
    shown = []
    drawn_on = set(qa.row.get("seed_ids") or ()) if qa is not None else set()
    for number_, seed in enumerate(evidence.seeds, start=1):
        labels = seed["annotation"] or {}
        notes = [] if evidence.path is None else ["of the path" if seed["is_of_path"] else "added by enhancement"]
        if seed["seed_id"] in drawn_on:
            notes.append("the row draws on it")
        facts = {
            "discipline": plain(labels.get("discipline")),
            "difficulty": plain(labels.get("difficulty")),
            "knowledge points": plain(labels.get("knowledge_points")),
            "labelled by": plain(labels.get("labelled_by")) + (f" ({labels['model']})" if labels.get("model") else ""),
            "request key": plain(labels.get("request_key")),
            "language": seed["language"],
            "source": seed["source"],
            "licence": seed["licence"],
        }
        shown.append(
            ShownSeed(
                number=number_,
                seed_id=seed["seed_id"],
                note=", ".join(notes),
                question=seed["question"],
                options=_options(seed["options"]),
                answer=seed["answer"],
                facts={name: value for name, value in facts.items() if value != "–"},
            )
        )
    return shown


def _shown_links(evidence: Evidence) -> list[ShownLink]:
    points = [{"knowledge_points": (seed["annotation"] or {}).get("knowledge_points") or []} for seed in evidence.seeds]
    on_path = set(evidence.path["knowledge_points"]) if evidence.path is not None else set()
    return [
        ShownLink(
            seeds=(link["seeds"][0], link["seeds"][1]),
            on_path=[point for point in link["knowledge_points"] if point in on_path],
            others=[point for point in link["knowledge_points"] if point not in on_path],
        )
        for link in seed_links(points)
    ]
