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
from linkqa_kedro.datasets.prompt_hygiene import neutralised
from linkqa_kedro.datasets.read_only import ReadOnlyDataset
from linkqa_kedro.errors import UserError
from linkqa_kedro.teacher.requests import Message

_PARTS = re.compile(r"^---[ \t]*\n", re.MULTILINE)


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
        """The prompt: instructions as a system message and the rest as the user's, where a line --- parts them.

        A template without that line is one user message. What of the instructions is the same for all requests comes
        first, because services keep such beginnings in a cache and charge less for them. A model whose makers advise
        against system messages gets both in one (see `ModelProfile`).

        In the values, text that servers could take for control tokens is replaced by look-alikes, here and only here.

        Raises:
            UserError: If the template names a value that the stage does not give, or breaks Jinja's syntax.
        """
        from jinja2 import TemplateError

        safe = neutralised(values)
        try:
            texts = [template.render(safe).strip() for template in self._templates]
        except TemplateError as error:
            raise UserError(f"The prompt template {self.path} cannot be filled: {error}") from error
        if len(texts) == 1:
            return ({"role": "user", "content": texts[0]},)
        return ({"role": "system", "content": texts[0]}, {"role": "user", "content": texts[1]})

    @cached_property
    def _templates(self) -> list[Any]:
        from jinja2 import StrictUndefined
        from jinja2.sandbox import SandboxedEnvironment

        environment = SandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        return [environment.from_string(part) for part in _PARTS.split(self.source, maxsplit=1)]


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
