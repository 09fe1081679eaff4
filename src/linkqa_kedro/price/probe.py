"""A model that answers for nothing, so that a run can be gone through before it is paid for.

It answers with what the store holds, as the real run would, and else lets a stand-in answer. What it keeps is the size
of what would have been sent, role by role.
"""

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from linkqa_kedro.pipelines.qa_rows import is_qa_id
from linkqa_kedro.teacher.errors import ReplyUnusable
from linkqa_kedro.teacher.requests import ChatModel, Completion, Request, Role, Stage, request_key
from linkqa_kedro.teacher.teacher import Teacher

# Requests of one role that the stand-in answers, at most; more would take time and tell nothing new.
MAX_SIMULATED = 1000
# Roles whose every answer shapes what is asked after it, and costs the stand-in next to nothing.
ALWAYS_SIMULATED: frozenset[Role] = frozenset({"annotate", "adjudicate", "rate", "solve", "compare", "refine"})
NOT_SIMULATED = "not simulated"


@dataclass(frozen=True, slots=True)
class PromptSize:
    """Size of a prompt in characters; a wide one is Chinese, Japanese or Korean.

    Attributes:
        narrow: All other characters.
        wide: Characters of three bytes and more.
    """

    narrow: int = 0
    wide: int = 0

    def __add__(self, other: "PromptSize") -> "PromptSize":
        return PromptSize(self.narrow + other.narrow, self.wide + other.wide)


def text_size(text: str) -> PromptSize:
    """Size of a text; exact for text of one- and three-byte characters, and near enough for any other."""
    n_bytes = len(text.encode("utf-8", "surrogatepass"))
    wide = min(len(text), (n_bytes - len(text)) // 2)
    return PromptSize(len(text) - wide, wide)


@dataclass
class Observation:
    """What one completion really used, beside the size of its prompt."""

    size: PromptSize
    input_tokens: int
    output_tokens: int


@dataclass
class RoleProbe:
    """What one role would ask.

    Attributes:
        stage: The stage that asks.
        model: Name of the model asked.
        n_stored: Requests whose answer the store holds; they cost nothing.
        n_new: Requests that would be sent.
        n_of_qa: Of those, the ones about a QA: as many more as synthesis gives.
        n_simulated: Of those, the ones that the stand-in answered.
        n_again: Of all, the fresh attempts after an unusable stored answer.
        size: Prompts of the new ones together.
        answers: Answers of the stand-in together: the shortest that a useful answer can be.
        max_output_tokens: The limits of the new ones together.
        observations: Of the stored ones.
    """

    stage: Stage
    model: str
    n_stored: int = 0
    n_new: int = 0
    n_of_qa: int = 0
    n_simulated: int = 0
    n_again: int = 0
    size: PromptSize = field(default_factory=PromptSize)
    answers: PromptSize = field(default_factory=PromptSize)
    max_output_tokens: int = 0
    observations: list[Observation] = field(default_factory=list)
    _sample: list[tuple[int, str, Request]] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def sample(self, n: int) -> list[Request]:
        """New requests for a pilot: a fair choice, the same at every call."""
        return [request for _, _, request in heapq.nlargest(n, self._sample, key=lambda entry: entry[0])]


class PriceProbe:
    """The `ChatModel` of a run that is only priced.

    Args:
        teacher: Whom the run would ask; nothing is asked of it.
        stand_in: Who answers instead.
        n_sample: New requests kept of each role, for a pilot.
        seen_before: Keys by role of an earlier probe; a sample prefers requests that it did not see, because they come
            from real answers that were bought since.
        on_stored: Told every stored answer that is handed out.

    Attributes:
        roles: What each role would ask, in the order in which they asked first.
    """

    def __init__(
        self,
        teacher: Teacher,
        stand_in: ChatModel,
        n_sample: int = 0,
        seen_before: Mapping[Role, set[str]] | None = None,
        on_stored: Callable[[Request, Completion], object] = lambda *_: None,
    ) -> None:
        self._teacher = teacher
        self._stand_in = stand_in
        self._n_sample = n_sample
        self._seen_before = seen_before or {}
        self._on_stored = on_stored
        self.roles: dict[Role, RoleProbe] = {}

    @property
    def model(self) -> str:
        """Name of the stand-in."""
        return self._stand_in.model

    def identity(self, request: Request) -> Mapping[str, Any]:
        """That of the model which the run would ask, so that stored answers are found."""
        return self._teacher.model_for(request.role).chat.identity(request)

    def most_tokens(self, request: Request) -> tuple[int, int]:  # noqa: ARG002  # part of the protocol
        """None: nothing is bought."""
        return 0, 0

    def keys(self) -> dict[Role, set[str]]:
        """Keys of the new requests, by role."""
        return {role: probe._seen for role, probe in self.roles.items()}

    async def ask(self, request: Request) -> Completion:
        """The stored answer, or the stand-in's.

        Raises:
            ReplyUnusable: Enough of this role was simulated.
        """
        chat = self._teacher.model_for(request.role).chat
        probe = self.roles.setdefault(request.role, RoleProbe(request.stage, chat.model))
        if request.attempt and self._stored(replace(request, attempt=request.attempt - 1)) is None:
            # The stand-in gave nothing usable: that says nothing about the model.
            return await self._stand_in.ask(request)
        probe.n_again += request.attempt > 0
        key, stored = request_key(chat, request), self._stored(request)
        if stored is not None:
            probe.n_stored += 1
            if stored.input_tokens is not None and stored.output_tokens is not None:
                size = prompt_size(request)
                probe.observations.append(Observation(size, stored.input_tokens, stored.output_tokens))
            self._on_stored(request, stored)
            return stored
        self._note(probe, request, key)
        if probe.n_simulated >= MAX_SIMULATED and request.role not in ALWAYS_SIMULATED:
            raise ReplyUnusable(NOT_SIMULATED, is_final=True)
        completion = await self._stand_in.ask(request)
        probe.n_simulated += 1
        probe.answers += text_size(completion.text)
        return completion

    def _stored(self, request: Request) -> Completion | None:
        store = self._teacher.store
        return store.get(request_key(self._teacher.model_for(request.role).chat, request)) if store.exists else None

    def _note(self, probe: RoleProbe, request: Request, key: str) -> None:
        probe.n_new += 1
        probe.n_of_qa += is_qa_id(request.record_id)
        probe.size += prompt_size(request)
        probe.max_output_tokens += request.settings.max_output_tokens
        if not self._n_sample or request.attempt:
            return
        probe._seen.add(key)
        # By key: as good as at random, and the same next time. Unseen ones come first.
        rank = int(key[:15], 16) + (0 if key in self._seen_before.get(request.role, ()) else 1 << 60)
        entry = (rank, key, request)
        if len(probe._sample) < self._n_sample:
            heapq.heappush(probe._sample, entry)
        elif entry[:2] > probe._sample[0][:2]:
            heapq.heapreplace(probe._sample, entry)


def prompt_size(request: Request) -> PromptSize:
    """Size of the messages of a request."""
    return sum((text_size(message["content"]) for message in request.messages), PromptSize())
