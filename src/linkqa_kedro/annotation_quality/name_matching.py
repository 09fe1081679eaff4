"""When a found knowledge point is the one that a person named: exactly, and leniently."""

import re
from collections.abc import Sequence
from functools import lru_cache

import networkx as nx
from rapidfuzz.fuzz import token_set_ratio

from linkqa_kedro.text_hygiene.canonical_names import fold_name
from linkqa_kedro.text_hygiene.english_forms import singular

LENIENT_RATIO = 90.0
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_FEWEST_HAN = 2


def n_exact(labels: Sequence[str], found: Sequence[str]) -> int:
    """Names that stand in both lists. Both are canonical, so spellings that extraction merges are one name."""
    return len(set(labels) & set(found))


def n_lenient(labels: Sequence[str], found: Sequence[str]) -> int:
    """The most pairs of one label and one found name that are alike, none of them in two pairs.

    With pairs, a broad name ("number") is right once, however many labels it fits.
    """
    graph = nx.Graph()
    tops = [("label", label) for label in dict.fromkeys(labels)]
    graph.add_nodes_from(tops)
    graph.add_edges_from(
        ((kind, label), ("found", name)) for kind, label in tops for name in dict.fromkeys(found) if alike(label, name)
    )
    return len(nx.bipartite.maximum_matching(graph, top_nodes=tops)) // 2


@lru_cache(maxsize=1 << 18)
def alike(left: str, right: str) -> bool:
    """Whether two names are alike: one's words stand in the other, or nearly all words agree.

    Case, width and plurals aside, the words of one are contained in the other's ("prime number" in "properties of
    prime numbers"), in Chinese all of one, two characters or more, stands in the other (方程 in 一元二次方程); or
    rapidfuzz's token_set_ratio is at least LENIENT_RATIO. The rule errs towards yes, for it also joins "Type I error"
    with "Type II error".
    """
    one, other = fold_name(left), fold_name(right)
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    if _HAN.search(one) or _HAN.search(other):
        is_part = len(_HAN.findall(shorter)) >= _FEWEST_HAN and shorter in longer
    else:
        words = [{singular(word) for word in name.split()} for name in (one, other)]
        is_part = words[0] <= words[1] or words[1] <= words[0]
    return is_part or float(token_set_ratio(one, other)) >= LENIENT_RATIO
