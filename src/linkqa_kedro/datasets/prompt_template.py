"""Prompt templates in the catalog: a text file with places for values."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from kedro_datasets._typing import HTMLPreview

from linkqa_kedro.datasets.previews import text_preview
from linkqa_kedro.datasets.read_only import ReadOnlyDataset
from linkqa_kedro.errors import UserError
from linkqa_kedro.teacher.requests import Message

_CONTROL_TOKENS = re.compile(r"<(?=[|｜]|/?think>)", re.IGNORECASE)


@dataclass(frozen=True)
class PromptTemplate:
    """A prompt with places for values, in Jinja's syntax.

    Attributes:
        source: Text of the template.
        path: Where it came from; said in errors.
    """

    source: str
    path: str

    @cached_property
    def version(self) -> str:
        """Content hash, 12 hex digits: another text is another version."""
        return hashlib.sha256(self.source.encode()).hexdigest()[:12]

    def messages(self, values: Mapping[str, Any]) -> tuple[Message, ...]:
        """The prompt as one user message: reasoning models are advised against system messages.

        Values can hold text that servers would turn into control tokens (`<|…|>`, `<think>`); here, and only here, its
        opening bracket is replaced by a look-alike.

        Raises:
            UserError: If the template names a value that the stage does not give, or breaks Jinja's syntax.
        """
        from jinja2 import TemplateError

        try:
            text = self._template.render(_neutralise(values))
        except TemplateError as error:
            raise UserError(f"The prompt template {self.path} cannot be filled: {error}") from error
        return ({"role": "user", "content": text.strip()},)

    @cached_property
    def _template(self) -> Any:
        from jinja2 import StrictUndefined
        from jinja2.sandbox import SandboxedEnvironment

        environment = SandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        return environment.from_string(self.source)


def _neutralise(value: Any) -> Any:
    if isinstance(value, str):
        return _CONTROL_TOKENS.sub("‹", value)
    if isinstance(value, Mapping):
        return {key: _neutralise(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_neutralise(item) for item in value]
    return value


class PromptTemplateDataset(ReadOnlyDataset[PromptTemplate]):
    """A prompt template from a file of the project's `conf` folder.

    Args:
        filepath: Text file.
        metadata: For kedro viz.
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> PromptTemplate:
        """The template."""
        return PromptTemplate(self._filepath.read_text(encoding="utf-8"), self._filepath.name)

    def preview(self) -> HTMLPreview:
        """The template as it was written, for kedro viz."""
        return text_preview(self.load().source)

    def _exists(self) -> bool:
        return self._filepath.exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath}
