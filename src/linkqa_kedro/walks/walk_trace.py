"""How one walk was drawn: the exact probability of every choice it made, among all that it could have made."""

from dataclasses import dataclass

import numpy as np

from linkqa_kedro.knowledge_value import VertexWeights
from linkqa_kedro.walks.choice_table import NOTHING, ChoiceTable
from linkqa_kedro.walks.crossing import Crossing
from linkqa_kedro.walks.csr import VertexArray, WeightArray
from linkqa_kedro.walks.layered_graph import LayeredGraph


@dataclass(frozen=True)
class TracedChoice:
    """One choice of a walk.

    Attributes:
        vertex: What was chosen.
        vertices: All that could have been chosen, the likeliest first, shape (n_alternatives,).
        probabilities: Of each of them, summing to 1, shape (n_alternatives,).
    """

    vertex: int
    vertices: VertexArray
    probabilities: WeightArray

    @property
    def probability(self) -> float:
        """Of what was chosen."""
        return float(self.probabilities[self.vertices == self.vertex].sum())


@dataclass(frozen=True)
class WalkTrace:
    """A path as it was drawn, and what stood when it was.

    Attributes:
        round_number: Round of drawing, from 0.
        attempt: Redraw that succeeded, from 0.
        vertices: Vertices along the path.
        seeds: Numbers of its seeds.
        choices: P(start | cell), then P(step | at) for each further vertex.
        is_dead_end: Whether the walk ended because it had nowhere to go.
        target: q(k), shape (n_vertices,).
        value: V(k) in that round, shape (n_vertices,); 1 throughout where the cell followed the value no more.
        visits: Paths that held each vertex before that round, shape (n_vertices,).
    """

    round_number: int
    attempt: int
    vertices: tuple[int, ...]
    seeds: tuple[int, ...]
    choices: tuple[TracedChoice, ...]
    is_dead_end: bool
    target: VertexWeights
    value: VertexWeights
    visits: VertexArray


def trace_choices(
    graph: LayeredGraph,
    starts: ChoiceTable,
    steps: ChoiceTable,
    crossing: Crossing | None,
    cell: int,
    layer: int,
    vertices: tuple[int, ...],
) -> list[TracedChoice]:
    """The choices of a walk, and what it could have chosen after the last of them; that one has chosen NOTHING.

    Args:
        graph: Layers; rows of the tables are rows of it.
        starts: Where walks start, as it stood when the walk was drawn.
        steps: Where they go, likewise.
        crossing: D(j) where disciplines share a layer.
        cell: Cell of the walk.
        layer: Its layer.
        vertices: Vertices along the path, at least 1.
    """
    first, end = graph.layer_limits[layer : layer + 2].tolist()
    rows = first + np.searchsorted(graph.vertices[first:end], vertices)
    choices = [_choice(graph, starts, starts.alternatives(np.asarray([cell])), vertices[0], None)]
    for place, row in enumerate(rows.tolist(), start=1):
        alternatives = steps.alternatives(np.asarray([row]))
        heads = steps.heads[alternatives]
        factor: WeightArray = np.where(np.isin(heads, rows[:place]), 0.0, 1.0)  # a walk goes nowhere twice
        if crossing is not None:
            factor = factor * crossing.factor(crossing.disciplines[np.full(len(heads), cell)], heads)
        chosen = vertices[place] if place < len(vertices) else NOTHING
        choices.append(_choice(graph, steps, alternatives, chosen, factor))
    return choices


def _choice(
    graph: LayeredGraph, table: ChoiceTable, alternatives: VertexArray, chosen: int, factor: WeightArray | None
) -> TracedChoice:
    weights = table.weights(alternatives)
    if factor is not None:
        weights = weights * factor
    possible = np.flatnonzero(weights > 0)
    order = possible[np.argsort(-weights[possible], kind="stable")]
    probabilities: WeightArray = weights[order] / weights[order].sum() if len(order) else np.zeros(0)
    return TracedChoice(chosen, graph.vertices[table.heads[alternatives[order]]], probabilities)
