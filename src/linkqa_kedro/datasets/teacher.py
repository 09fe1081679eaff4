"""The teacher in the catalog: who answers, behind which store."""

import os
from pathlib import Path
from typing import Any

from linkqa_kedro.datasets.read_only import ReadOnlyDataset
from linkqa_kedro.errors import UserError
from linkqa_kedro.teacher.completing import Teacher
from linkqa_kedro.teacher.completion_store import CompletionStore
from linkqa_kedro.teacher.pricing import Price
from linkqa_kedro.teacher.requests import ChatModel


class TeacherDataset(ReadOnlyDataset[Teacher]):
    """The embedded composer, or any OpenAI-compatible endpoint.

    The endpoint is named by the environment variables LINKQA_BASE_URL, LINKQA_MODEL and LINKQA_API_KEY, read when the
    dataset loads: no address and no secret stands in the catalog.

    Args:
        kind: `composer` or `openai_compatible`.
        filepath: Folder of the completion store.
        n_partitions: Files of the store.
        max_concurrency: Requests in flight.
        max_attempts: Fresh attempts after an unusable answer.
        max_retries: Retries of a request that failed unpaid.
        backoff_seconds: Pause before the first retry.
        timeout_seconds: Longest time for a whole answer.
        prices: US dollars per million tokens, by model name.
        metadata: For kedro viz.
    """

    def __init__(
        self,
        *,
        kind: str,
        filepath: str,
        n_partitions: int,
        max_concurrency: int,
        max_attempts: int,
        max_retries: int,
        backoff_seconds: float,
        timeout_seconds: float,
        prices: dict[str, dict[str, float]],
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._kind = kind
        self._store = Path(filepath)
        self._n_partitions = n_partitions
        self._timeout_seconds = timeout_seconds
        self._patience = {
            "max_concurrency": max_concurrency,
            "max_attempts": max_attempts,
            "max_retries": max_retries,
        }
        self._backoff_seconds = backoff_seconds
        self._prices = prices
        self.metadata = metadata

    def load(self) -> Teacher:
        """The teacher; nothing is asked and nothing opened yet.

        Raises:
            UserError: If an environment variable is missing, or globals.yml names an unknown teacher.
        """
        return Teacher(
            chat=self._chat_model(),
            store=CompletionStore(self._store, self._n_partitions),
            backoff_seconds=self._backoff_seconds,
            price={model: Price(**price) for model, price in self._prices.items()},
            **self._patience,
        )

    def _chat_model(self) -> ChatModel:
        if self._kind == "composer":
            from linkqa_kedro.composer.model import Composer

            return Composer()
        if self._kind == "openai_compatible":
            from linkqa_kedro.teacher.openai_compatible import OpenAICompatibleModel

            return OpenAICompatibleModel(
                model=_required("LINKQA_MODEL", "a model that the endpoint serves, e.g. deepseek-reasoner"),
                base_url=_required("LINKQA_BASE_URL", "the address of the API, e.g. http://127.0.0.1:8000/v1"),
                api_key=os.environ.get("LINKQA_API_KEY") or None,
                timeout_seconds=self._timeout_seconds,
            )
        raise UserError(
            f"Unknown teacher '{self._kind}'. Known: composer, openai_compatible. Set teacher in globals.yml."
        )

    def _describe(self) -> dict[str, Any]:
        return {"kind": self._kind, "filepath": self._store, **self._patience}


def _required(variable: str, meaning: str) -> str:
    value = os.environ.get(variable)
    if not value:
        raise UserError(f"The environment variable {variable} is not set. Set it to {meaning}.")
    return value
