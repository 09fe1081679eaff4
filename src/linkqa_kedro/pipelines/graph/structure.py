"""What a person wants to know of a graph's build: communities, and the edges that hold it together."""

from dataclasses import dataclass

import networkx as nx

_RANDOM_SEED = 1  # Louvain's order of visiting; a fixed one, so that equal graphs have equal communities


@dataclass(frozen=True)
class Bridge:
    """An edge whose removal cuts its component in two.

    Attributes:
        source: One end.
        target: The other.
        cut_off: Vertices of the smaller part.
    """

    source: int
    target: int
    cut_off: int


@dataclass(frozen=True)
class Structure:
    """Build of a graph.

    Attributes:
        communities: Vertices of each community, the largest first, each ascending.
        modularity: Share of the edge weight within communities above what chance would give, below 1 (Newman 2004).
        bridges: All of them, those that cut off most first.
    """

    communities: list[list[int]]
    modularity: float
    bridges: list[Bridge]

    def community_of(self) -> dict[int, int]:
        """Number of each vertex's community, 0 for the largest."""
        return {vertex: number for number, vertices in enumerate(self.communities) for vertex in vertices}


def structure_of(graph: nx.Graph) -> Structure:
    """Communities by the Louvain method (Blondel et al. 2008), and bridges.

    Args:
        graph: Vertices are integers, edges carry `weight`. Some 40 microseconds an edge.
    """
    found = nx.community.louvain_communities(graph, weight="weight", seed=_RANDOM_SEED)
    communities = sorted((sorted(vertices) for vertices in found), key=lambda vertices: (-len(vertices), vertices[0]))
    has_edges = graph.number_of_edges() > 0
    modularity = nx.community.modularity(graph, communities, weight="weight") if has_edges else 0.0
    return Structure(communities, modularity, _bridges(graph))


def _bridges(graph: nx.Graph) -> list[Bridge]:
    """Bridges with the size of what they cut off, read off the tree that is left when all else is contracted."""
    edges = [(min(edge), max(edge)) for edge in nx.bridges(graph)]
    without = nx.Graph(graph)
    without.remove_edges_from(edges)
    part_of, size = {}, []
    for number, part in enumerate(nx.connected_components(without)):
        size.append(len(part))
        part_of.update(dict.fromkeys(part, number))
    forest = nx.Graph((part_of[source], part_of[target]) for source, target in edges)
    below = list(size)
    above: dict[int, int] = {}
    whole: dict[int, int] = {}
    for tree in nx.connected_components(forest):
        root = min(tree)
        total = sum(size[part] for part in tree)
        whole.update(dict.fromkeys(tree, total))
        for parent, child in reversed(list(nx.dfs_edges(forest, root))):
            below[parent] += below[child]
            above[child] = parent
    bridges = []
    for source, target in edges:
        one, other = part_of[source], part_of[target]
        lower = one if above.get(one) == other else other
        bridges.append(Bridge(source, target, min(below[lower], whole[lower] - below[lower])))
    return sorted(bridges, key=lambda bridge: (-bridge.cut_off, bridge.source, bridge.target))
