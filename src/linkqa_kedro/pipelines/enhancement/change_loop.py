"""Rounds of changing QA, rating them blind and checking their answers, until the mix is met or tries are used up."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from linkqa_kedro.datasets.prompt_template import PromptTemplate
from linkqa_kedro.pipelines.answer_checks.checking import Checker, check_answers
from linkqa_kedro.pipelines.answer_checks.refining import refine_answers
from linkqa_kedro.pipelines.enhancement.parameters import EnhancementParameters
from linkqa_kedro.pipelines.enhancement.planning import (
    Change,
    LevelTries,
    RatedItem,
    plan_changes,
    without_levels,
)
from linkqa_kedro.pipelines.enhancement.rating import rate_blind, with_ratings
from linkqa_kedro.pipelines.enhancement.surroundings import Surroundings
from linkqa_kedro.pipelines.enhancement.tries import TriedChange
from linkqa_kedro.pipelines.qa_rows import qa_row
from linkqa_kedro.pipelines.reply_fields import read_item
from linkqa_kedro.pipelines.reply_schemas import change_schema
from linkqa_kedro.records import (
    RATING_COLUMN_NAMES,
    UNCONFIRMED_QA,
)
from linkqa_kedro.teacher.completing import Completed, complete
from linkqa_kedro.teacher.replies import parse_json_object
from linkqa_kedro.teacher.requests import Answered, Completion, Request, canonical_json
from linkqa_kedro.teacher.teacher import Teacher
from linkqa_kedro.teacher.usage import TeacherUsage

_CHANGE_SCHEMA = change_schema()

Row = dict[str, Any]


@dataclass
class _Try:
    """One try to bring a QA to another level."""

    change: Change
    attempt: int
    row: Row | None = None


@dataclass
class ChangeLoop:
    """Rounds of changing and blind rating, until the mix is met or the tries are used up."""

    initial: list[Row]
    surroundings: Surroundings
    teacher: Teacher
    raise_prompt: PromptTemplate
    rate_prompt: PromptTemplate
    checker: Checker
    levels: Sequence[int]
    parameters: EnhancementParameters
    rows: dict[str, Row] = field(default_factory=dict)
    rejected: list[Row] = field(default_factory=list)
    unconfirmed: list[Row] = field(default_factory=list)
    measured_tries: Counter[tuple[int, int]] = field(default_factory=Counter)
    tried: list[TriedChange] = field(default_factory=list)
    level_tries: LevelTries = field(default_factory=LevelTries)
    usage: TeacherUsage = field(default_factory=TeacherUsage)
    n_tries: int = 0
    n_rounds: int = 0
    n_repaired: int = 0
    _tries_of: Counter[str] = field(default_factory=Counter)
    _asked: Counter[bytes] = field(default_factory=Counter)
    _earlier: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._discipline_of = {row["qa_id"]: row["discipline"] for row in self.initial}

    def run(self) -> None:
        """Change the rows of each round of steering in turn: those of earlier rounds stay as they are."""
        untouched = {"origin": "synthesised", "parent_qa_id": None, "strategy": None, "n_attempts": 0}
        by_round: defaultdict[int, list[Row]] = defaultdict(list)
        for row in self.initial:
            by_round[self.surroundings.steering_round(row)].append({**row, **untouched})
        for _, rows in sorted(by_round.items()):
            self._earlier = set(self.rows)
            self.rows.update({row["qa_id"]: row for row in rows})
            self._run_rounds()

    def _run_rounds(self) -> None:
        for _ in range(self.parameters.max_rounds):
            changes = self._plan()
            if not changes:
                return
            self.n_rounds += 1
            self._accept_or_report(self._with_confirmed_answers(self._change(changes)))
            self._note_outcomes(changes)

    def _plan(self) -> list[Change]:
        limit = self.parameters.max_attempts_per_qa
        finished = {qa_id for qa_id, n_tries in self._tries_of.items() if n_tries >= limit}
        # A changed QA has used up its parent: changing it again would drift away from its path.
        finished |= {qa_id for qa_id, row in self.rows.items() if row["origin"] == "enhanced"}
        finished |= self._earlier
        changes: list[Change] = []
        for discipline in self.parameters.enhanced(row["discipline"] for row in self.rows.values()):
            given_up = out_of_reach(self.level_tries, discipline, self.parameters)
            items = [
                RatedItem(row["qa_id"], row["measured_difficulty"])
                for row in self.rows.values()
                if row["discipline"] == discipline and row["measured_difficulty"] not in given_up
            ]
            changes.extend(plan_changes(items, without_levels(self.parameters.difficulty, given_up), finished))
        # A level that the corrected rater never gives cannot be met: asking for it would cost and bring nothing.
        return [change for change in changes if change.target_level in self.levels]

    def _change(self, changes: list[Change]) -> list[_Try]:
        """The changed QA of this round, each rated; failed tries are reported at once."""
        tries: dict[str, _Try] = {}
        for change in changes:
            self._tries_of[change.qa_id] += 1
            tries[change.qa_id] = _Try(change, self._tries_of[change.qa_id])
        self.n_tries += len(tries)
        completed = complete(self._change_requests(tries.values()), self.teacher, _read_change, len(tries))
        self.usage += completed.usage
        self.n_repaired += _n_repaired(completed)
        for lost in completed.unanswered:
            self._report(tries[lost.request.record_id], None, lost.key, lost.reason, lost.detail)
        for answered in completed.answered:
            tries[answered.request.record_id].row = self._changed_row(answered, tries[answered.request.record_id])
        by_new_id = {one.row["qa_id"]: one for one in tries.values() if one.row is not None}
        new_rows = {qa_id: one.row for qa_id, one in by_new_id.items() if one.row}
        ratings = rate_blind(new_rows, self.teacher, self.rate_prompt, self.parameters)
        self.usage += ratings.usage
        self.n_repaired += ratings.n_repaired
        for lost_rating in ratings.unrated:
            one = by_new_id[lost_rating.request.record_id]
            self._report(one, None, lost_rating.key, lost_rating.reason, lost_rating.detail)
        rated = with_ratings(new_rows.values(), ratings, self.levels)
        for row in rated:
            by_new_id[row["qa_id"]].row = row
        return [by_new_id[row["qa_id"]] for row in rated]

    def _with_confirmed_answers(self, tries: list[_Try]) -> list[_Try]:
        """The tries without those that hit their level with an answer that is not confirmed; these are reported.

        Only hits are checked: solving costs more than rating, and what misses its level is not used anyway.
        """
        hits = {one.row["qa_id"]: one for one in tries if one.row and self._is_hit(one, one.row)}
        rated = {qa_id: one.row for qa_id, one in hits.items() if one.row}
        checked = check_answers([_without_rating(row) for row in rated.values()], self.surroundings.seeds, self.checker)
        answers = refine_answers(checked.rows, self.checker)
        self.usage += checked.usage + answers.usage
        self.n_repaired += checked.n_repaired + answers.n_repaired
        for row in answers.set_aside:
            one, measured = hits[row["qa_id"]], rated[row["qa_id"]]["measured_difficulty"]
            self.measured_tries[(one.change.target_level, measured)] += 1
            self._report(one, measured, row["request_key"], row["reason"], row["detail"])
            self.unconfirmed.append({name: row[name] for name in UNCONFIRMED_QA.column_names})
        # The rater saw the answer: another answer may be of another level.
        mended = [row for row in answers.confirmed if row["answer"] != rated[row["qa_id"]]["answer"]]
        unrated = self._rate_again(mended, rated, hits)
        for row in answers.confirmed:
            hits[row["qa_id"]].row = {**row, **{name: rated[row["qa_id"]][name] for name in RATING_COLUMN_NAMES}}
        gone = {row["qa_id"] for row in answers.set_aside} | unrated
        return [one for one in tries if one.row is None or one.row["qa_id"] not in gone]

    def _rate_again(self, mended: list[Row], rated: dict[str, Row], hits: Mapping[str, _Try]) -> set[str]:
        """Rate rows whose answer was mended, and put the new rating into `rated`; those that get none are reported."""
        ratings = rate_blind({row["qa_id"]: row for row in mended}, self.teacher, self.rate_prompt, self.parameters)
        self.usage += ratings.usage
        self.n_repaired += ratings.n_repaired
        rated.update({row["qa_id"]: row for row in with_ratings(mended, ratings, self.levels)})
        for lost in ratings.unrated:
            self._report(hits[lost.request.record_id], None, lost.key, lost.reason, lost.detail)
        return {lost.request.record_id for lost in ratings.unrated}

    def _is_hit(self, one: _Try, row: Row) -> bool:
        return bool(row["measured_difficulty"] == one.change.target_level)

    def _change_requests(self, tries: Iterable[_Try]) -> Iterator[Request]:
        for one in tries:
            row = self.rows[one.change.qa_id]
            item = ("question_type", "question", "options", "answer", "knowledge_points")
            values = {
                "item": {name: row[name] for name in item},
                "measured_difficulty": row["measured_difficulty"],
                "target_difficulty": one.change.target_level,
                "strategy": self._strategy(row["qa_id"], one.attempt),
                "round": one.attempt,
                "language": row["language"],
                **self.surroundings.values(row, one.attempt, one.change.target_level),
            }
            # Twins are the same question: the second one is asked for another answer, not handed the first.
            question = hashlib.sha256(canonical_json(values).encode()).digest()
            yield Request(
                role="raise",
                stage="enhancement",
                record_id=row["qa_id"],
                messages=self.raise_prompt.messages(values),
                values=values,
                settings=self.parameters.teacher.sampling,
                prompt_version=self.raise_prompt.version,
                reply_schema=_CHANGE_SCHEMA,
                sample=self._asked[question],
            )
            self._asked[question] += 1

    def _strategy(self, qa_id: str, attempt: int) -> str:
        """Strategies take turns, from one QA to the next and from one try to the next."""
        strategies = self.parameters.strategies
        return strategies[(int(qa_id[-8:], 16) + attempt) % len(strategies)]

    def _note_outcomes(self, changes: Iterable[Change]) -> None:
        for change in changes:
            strategy = self._strategy(change.qa_id, self._tries_of[change.qa_id])
            is_accepted = change.qa_id not in self.rows  # the changed QA has taken its place
            cell = (self._discipline_of[change.qa_id], change.target_level)
            self.level_tries.tries[cell] += 1
            self.level_tries.accepted[cell] += is_accepted
            self.tried.append(TriedChange(strategy, change.level, change.target_level, is_accepted))

    def _changed_row(self, answered: Answered[dict[str, Any]], one: _Try) -> Row:
        parent = self.rows[one.change.qa_id]
        row = qa_row(
            answered,
            answered.value,
            0,
            1,
            path_id=parent["path_id"],
            seeds=answered.request.values["seeds"],
            asked_difficulty=one.change.target_level,
            language=parent["language"],
        )
        return {
            **row,
            "discipline": parent["discipline"],
            "origin": "enhanced",
            "parent_qa_id": parent["qa_id"],
            "strategy": answered.value["strategy"],
            "n_attempts": one.attempt,
        }

    def _accept_or_report(self, tries: list[_Try]) -> None:
        for one in tries:
            if one.row is None:
                continue
            measured = one.row["measured_difficulty"]
            self.measured_tries[(one.change.target_level, measured)] += 1
            if not self._is_hit(one, one.row):
                detail = f"asked for level {one.change.target_level}, measured {measured}"
                self._report(one, measured, one.row["request_key"], "level missed", detail)
                continue
            parent = self.rows.pop(one.change.qa_id)
            self.rows[one.row["qa_id"]] = one.row
            self.rejected.append(
                {
                    "qa_id": parent["qa_id"],
                    "attempt": 0,
                    "asked_difficulty": parent["asked_difficulty"],
                    "measured_difficulty": parent["measured_difficulty"],
                    "request_key": parent["request_key"],
                    "reason": "replaced",
                    "detail": f"{one.row['qa_id']} takes its place at level {measured}",
                }
            )

    def _report(self, one: _Try, measured: int | None, key: str, reason: str, detail: str) -> None:
        self.rejected.append(
            {
                "qa_id": one.change.qa_id,
                "attempt": one.attempt,
                "asked_difficulty": one.change.target_level,
                "measured_difficulty": measured,
                "request_key": key,
                "reason": reason,
                "detail": detail,
            }
        )


def _without_rating(row: Row) -> Row:
    """The row as it was written: what checks its answer sees no level."""
    return {name: value for name, value in row.items() if name not in RATING_COLUMN_NAMES}


def _n_repaired(completed: Completed[dict[str, Any]]) -> int:
    return sum(answered.value["repaired"] for answered in completed.answered)


def _read_change(request: Request, completion: Completion) -> dict[str, Any]:
    reply = parse_json_object(completion)
    values = request.values
    known = [*values["path"], *values["neighbour_kps"]]
    item = read_item(reply.fields.get("item"), known, len(values["seeds"]))
    strategy = str(reply.fields.get("strategy") or values["strategy"])
    return {**item, "strategy": strategy, "repaired": reply.repaired}


def out_of_reach(level_tries: LevelTries, discipline: str, parameters: EnhancementParameters) -> set[int]:
    """Levels that, by the tries so far, cannot be had in a discipline."""
    return level_tries.out_of_reach(discipline, parameters.difficulty, parameters.max_attempts_per_qa)
