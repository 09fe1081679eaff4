"""The dataset card in the catalog: Markdown that kedro viz can show."""

from kedro_datasets._typing import HTMLPreview
from kedro_datasets.text import TextDataset

from linkqa_kedro.datasets.previews import text_preview


class CardDataset(TextDataset):  # type: ignore[misc]  # kedro-datasets is not followed by mypy
    """Kedro's text dataset, with a preview."""

    def preview(self) -> HTMLPreview:
        """The card as it was written, for kedro viz."""
        return text_preview(self.load())
