"""How far names link the seeds that hold them: names of one seed alone, and the largest connected component.

A name of a single seed (a singleton) leads no walk to another seed, and names outside the largest component of the
co-occurrence graph are out of reach of the others.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True)
class Linkage:
    """How far names link.

    Attributes:
        n_names: Distinct names.
        n_singletons: Names that one seed alone holds.
        largest_component: Names in the largest component of the graph whose edges are pairs of one seed.
    """

    n_names: int
    n_singletons: int
    largest_component: int

    @property
    def singleton_fraction(self) -> float:
        """Share of the names that one seed alone holds, 0 to 1; 0 without names."""
        return self.n_singletons / max(1, self.n_names)

    @property
    def largest_component_fraction(self) -> float:
        """Share of the names in the largest component, 0 to 1; 0 without names."""
        return self.largest_component / max(1, self.n_names)


def linkage(names_of_seeds: Iterable[Iterable[str]]) -> Linkage:
    """How far the names of some seeds link them; a name counts once in each seed."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    held = [list(dict.fromkeys(names)) for names in names_of_seeds]
    counts = Counter(name for names in held for name in names)
    if not counts:
        return Linkage(0, 0, 0)
    number = {name: place for place, name in enumerate(counts)}
    # A chain through the names of a seed connects what all of their pairs would.
    pairs = [(number[a], number[b]) for names in held for a, b in pairwise(names)]
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    links = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(number), len(number)))
    _, component = connected_components(links, directed=False)
    return Linkage(len(counts), sum(count == 1 for count in counts.values()), int(np.bincount(component).max()))
