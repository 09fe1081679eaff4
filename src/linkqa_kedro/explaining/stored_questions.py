"""What was asked of the teacher and what it answered, as the completion store keeps it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from linkqa_kedro.teacher.completion_store import CompletionStore
from linkqa_kedro.teacher.requests import Completion
from linkqa_kedro.teacher.stored_rows import LedgerEntry


@dataclass(frozen=True)
class StoredAnswer:
    """One bought answer.

    Attributes:
        key: Key of its request.
        sample: Which of several wanted answers; None where nothing is known of the purchase.
        attempt: Which fresh try after unusable ones, likewise.
        completion: What came back; None where the store holds it no more.
        entry: The purchase in the ledger; None where there is none.
    """

    key: str
    sample: int | None
    attempt: int | None
    completion: Completion | None
    entry: LedgerEntry | None


@dataclass(frozen=True)
class StoredQuestion:
    """One question with every answer that was bought for it.

    Attributes:
        request: What was asked, as `unpack_request` gives it; None where the store does not hold it.
        answers: By sample and attempt.
    """

    request: Mapping[str, Any] | None
    answers: Sequence[StoredAnswer]


class StoredQuestions:
    """Questions by the key of one of their answers; nothing is written, and no store is made.

    Args:
        store: The completion store; None where there is none.
        record_ids: Records that the questions are about, as far as they are known.
    """

    def __init__(self, store: CompletionStore | None, record_ids: Iterable[str]) -> None:
        self._store = store if store is not None and store.exists else None
        self._entries: dict[str, list[LedgerEntry]] = {}
        self._look_up(record_ids)

    @property
    def has_store(self) -> bool:
        """Whether there is a store."""
        return self._store is not None

    def keys_about(self, record_id: str, role: str) -> list[str]:
        """Keys of what was bought for one role about a record, in the order of purchase."""
        self._look_up([record_id])
        return list(dict.fromkeys(entry.key for entry in self._entries.get(record_id, ()) if entry.role == role))

    def question(self, key: str) -> StoredQuestion:
        """The question that a key belongs to, with all samples and attempts that were bought."""
        request = self._store.request_of(key) if self._store else None
        if self._store is None or request is None:
            entry = next((one for same in self._entries.values() for one in same if one.key == key), None)
            sample, attempt = (entry.sample, entry.attempt) if entry else (None, None)
            return StoredQuestion(None, [StoredAnswer(key, sample, attempt, None, entry)])
        # Another record may have bought it: the same question is asked once.
        self._look_up([request["record_id"]])
        same = {
            entry.key: entry
            for entry in self._entries[request["record_id"]]
            if (entry.role, entry.model, entry.prompt_version)
            == (request["role"], request["model"], request["prompt_version"])
            and self._asks_the_same(entry.key, request)
        }
        completions = self._store.get_many([key, *same])
        answers = [
            StoredAnswer(one, entry.sample, entry.attempt, completions.get(one), entry) for one, entry in same.items()
        ]
        if key not in same:  # a ledger of an older store may lack it
            answers.append(StoredAnswer(key, request["sample"], request["attempt"], completions.get(key), None))
        answers.sort(key=lambda answer: (answer.sample or 0, answer.attempt or 0))
        return StoredQuestion(request, answers)

    def _asks_the_same(self, key: str, request: Mapping[str, Any]) -> bool:
        other = self._store.request_of(key) if self._store else None
        return other is not None and all(other[name] == request[name] for name in ("messages", "settings"))

    def _look_up(self, record_ids: Iterable[str]) -> None:
        new = [record_id for record_id in dict.fromkeys(record_ids) if record_id not in self._entries]
        self._entries.update({record_id: [] for record_id in new})
        if self._store is not None and new:
            for entry in self._store.ledger_of(new):
                self._entries[entry.record_id].append(entry)
