"""The engine in the catalog: who maps functions over shards."""

from pathlib import Path
from typing import Any

from linkqa_kedro.datasets.read_only import ReadOnlyDataset
from linkqa_kedro.engines import Engine, LocalEngine
from linkqa_kedro.errors import UserError


class EngineDataset(ReadOnlyDataset[Engine]):
    """An engine; loading starts nothing.

    Args:
        kind: `local`.
        filepath: Folder for staged shards.
        n_workers: Processes, at least 1.
        metadata: For kedro viz.
    """

    def __init__(self, *, kind: str, filepath: str, n_workers: int, metadata: dict[str, Any] | None = None) -> None:
        self._kind = kind
        self._staging = Path(filepath)
        self._n_workers = n_workers
        self.metadata = metadata

    def load(self) -> Engine:
        """The engine.

        Raises:
            UserError: If globals.yml asks for an engine that does not exist.
        """
        if self._kind != "local":
            raise UserError(f"Unknown engine '{self._kind}'. Known: local. Set engine in globals.yml.")
        if self._n_workers < 1:
            raise UserError(f"n_workers must be 1 or more, got {self._n_workers}. Set engine.n_workers in catalog.yml.")
        return LocalEngine(self._staging, self._n_workers)

    def _describe(self) -> dict[str, Any]:
        return {"kind": self._kind, "filepath": self._staging, "n_workers": self._n_workers}
