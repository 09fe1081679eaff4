"""CSR arrays of the knowledge graph in the catalog."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from kedro.io import AbstractDataset
from kedro_datasets._typing import JSONPreview

from linkqa_kedro.datasets.previews import figures_preview
from linkqa_kedro.errors import UserError
from linkqa_kedro.shards import write_shard
from linkqa_kedro.walks.csr import CsrGraph


class CsrGraphDataset(AbstractDataset[CsrGraph, CsrGraph]):
    """CSR arrays as two Parquet files: `edges.parquet` (indices, weights) and `rows.parquet` (indptr).

    Args:
        filepath: Folder.
        metadata: For kedro viz.
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._folder = Path(filepath)
        self.metadata = metadata

    @property
    def _rows(self) -> Path:
        return self._folder / "rows.parquet"

    @property
    def _edges(self) -> Path:
        return self._folder / "edges.parquet"

    def load(self) -> CsrGraph:
        """The graph.

        Raises:
            UserError: If the files are damaged or do not fit together.
        """
        try:
            rows, edges = pq.read_table(self._rows), pq.read_table(self._edges)
            graph = CsrGraph(rows["indptr"].to_numpy(), edges["indices"].to_numpy(), edges["weights"].to_numpy())
        except (pa.ArrowException, KeyError, OSError) as error:
            raise UserError(
                f"{self._folder} cannot be read as a graph: {error} Run `kedro run --pipelines graph` again."
            ) from error
        if len(graph.indptr) == 0 or graph.indptr[-1] != len(graph.indices):
            raise UserError(
                f"The files in {self._folder} do not belong together. Run `kedro run --pipelines graph` again."
            )
        return graph

    def save(self, data: CsrGraph) -> None:
        """Write both files; `rows.parquet` last, because it is what `exists` looks at."""
        self._rows.unlink(missing_ok=True)
        write_shard(pa.table({"indices": data.indices, "weights": data.weights}), self._edges)
        write_shard(pa.table({"indptr": data.indptr}), self._rows)

    def preview(self) -> JSONPreview:
        """Size and degrees of the graph, for kedro viz; `kp_map_plot` draws it."""
        graph = self.load()
        figures = {
            "vertices": graph.n_vertices,
            "edges": len(graph.indices) // 2,
            "largest_degree": int(graph.degrees.max(initial=0)),
            "mean_degree": round(float(graph.degrees.mean()), 2) if graph.n_vertices else 0.0,
            "vertices_without_edges": int((graph.degrees == 0).sum()),
        }
        return figures_preview(figures)

    def _exists(self) -> bool:
        return self._rows.exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._folder}
