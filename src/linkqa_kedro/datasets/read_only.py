"""What a run reads and never writes."""

from typing import Any, Generic, NoReturn, TypeVar

from kedro.io import AbstractDataset, DatasetError

T = TypeVar("T")


class ReadOnlyDataset(AbstractDataset[Any, T], Generic[T]):
    """Base of datasets that belong to the user or to the configuration."""

    def save(self, data: Any) -> NoReturn:  # noqa: ARG002  # Kedro's signature
        """Refuse: a pipeline that writes here is wired wrongly."""
        raise DatasetError(f"{type(self).__name__} is only read.")
