"""Graphs of knowledge points that share a seed, built by other libraries from a Parquet file.

The file has a row for each knowledge point of a seed: `seed_id` and `kp`, both strings.
"""

from itertools import combinations
from pathlib import Path

import networkx as nx
import pandas as pd


def build_with_networkx(pairs: Path) -> nx.Graph:
    """Edges one by one, their counts as weights."""
    table = pd.read_parquet(pairs)
    held: dict[str, list[str]] = {}
    for seed, point in zip(table["seed_id"].tolist(), table["kp"].tolist(), strict=True):
        held.setdefault(seed, []).append(point)
    graph = nx.Graph()
    for points in held.values():
        for source, target in combinations(points, 2):
            if graph.has_edge(source, target):
                graph[source][target]["weight"] += 1
            else:
                graph.add_edge(source, target, weight=1)
    return graph


def build_with_pandas(pairs: Path) -> pd.DataFrame:
    """Columns source, target, count: the table merged with itself, and its pairs of names counted."""
    table = pd.read_parquet(pairs)
    merged = table.merge(table, on="seed_id")
    merged = merged[merged["kp_x"] < merged["kp_y"]]
    return _renamed(merged.groupby(["kp_x", "kp_y"], as_index=False, sort=False).size())


def build_with_pandas_codes(pairs: Path) -> pd.DataFrame:
    """The same with numbers for the strings, as one would write it who knows that pandas is slow at strings."""
    table = pd.read_parquet(pairs)
    names = pd.factorize(table["kp"], sort=True)
    table = pd.DataFrame({"seed": pd.factorize(table["seed_id"])[0], "kp": names[0]})
    merged = table.merge(table, on="seed")
    merged = merged[merged["kp_x"] < merged["kp_y"]]
    counted = merged.groupby(["kp_x", "kp_y"], as_index=False, sort=False).size()
    return _renamed(counted.assign(kp_x=names[1].take(counted["kp_x"]), kp_y=names[1].take(counted["kp_y"])))


def _renamed(counted: pd.DataFrame) -> pd.DataFrame:
    return counted.rename(columns={"kp_x": "source", "kp_y": "target", "size": "count"})
