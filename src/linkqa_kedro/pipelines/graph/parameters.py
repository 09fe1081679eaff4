"""Knobs of the graph; conf/base/parameters_graph.yml holds their values."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from linkqa_kedro.parameters import Parameters


class GraphParameters(Parameters):
    """Knobs of the graph.

    Attributes:
        association: Measure of an edge's strength.
        min_popularity: Seeds that must hold a knowledge point, at least 1.
        min_cooccurrence: Seeds that must hold both ends of an edge, at least 1.
        strongest_neighbours: Edges kept by each vertex, the strongest first; 0 keeps all.
        networkx_max_edges: Edges of the GraphML file; of a larger graph those of most seeds are exported.
    """

    association: Literal["cosine", "pmi", "jaccard", "count"]
    min_popularity: Annotated[int, Field(ge=1)]
    min_cooccurrence: Annotated[int, Field(ge=1)]
    strongest_neighbours: NonNegativeInt
    networkx_max_edges: PositiveInt
