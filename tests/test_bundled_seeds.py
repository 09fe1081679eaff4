"""The checker of the bundled seeds: what every record and the whole collection must be."""

import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

PROJECT = Path(__file__).parents[1]
LINES = (PROJECT / "data" / "01_seeds" / "bundled_seeds.jsonl").read_text(encoding="utf-8").splitlines()
SEEDS: list[dict[str, Any]] = [json.loads(line) for line in LINES]
NEEDED = {"id", "question", "answer", "language", "source", "licence"}
OPTIONAL = {"options", "discipline", "difficulty", "knowledge_points"}
LABELLED = [seed for seed in SEEDS if seed.get("knowledge_points")]


def cell_of(seed: dict[str, Any]) -> tuple[str, str]:
    """Discipline and level, which every id spells out: en-computer-science-3-2."""
    found = re.fullmatch(r"(?:en|zh)-([a-z-]+)-([1-5])-\d", seed["id"])
    assert found, seed["id"]
    return found.group(1).replace("-", " "), found.group(2)


def test_there_are_enough_of_every_kind() -> None:
    assert len(SEEDS) >= 300
    assert len({cell_of(seed)[0] for seed in SEEDS}) >= 12
    assert Counter(seed["language"] for seed in SEEDS).keys() == {"en", "zh"}
    assert 0.4 <= len(LABELLED) / len(SEEDS) <= 0.6
    assert 0.4 <= sum("options" in seed for seed in SEEDS) / len(SEEDS) <= 0.8


def test_every_language_has_seeds_of_every_discipline_and_level() -> None:
    cells = Counter((seed["language"], *cell_of(seed)) for seed in SEEDS)
    assert len(cells) == 2 * 12 * 5
    assert min(cells.values()) >= 3


def test_ids_and_questions_are_unique() -> None:
    assert len({seed["id"] for seed in SEEDS}) == len(SEEDS)
    assert len({seed["question"] for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed["id"])
def test_a_record_holds_together(seed: dict[str, Any]) -> None:
    assert NEEDED <= set(seed) <= NEEDED | OPTIONAL
    assert seed["question"].strip() == seed["question"] != ""
    assert isinstance(seed["answer"], str)
    assert seed["answer"].strip() == seed["answer"] != ""
    assert (seed["source"], seed["licence"]) == ("linkqa_bundled", "CC0-1.0")
    discipline, level = cell_of(seed)
    assert seed.get("discipline", discipline) == discipline
    assert seed.get("difficulty", int(level)) == int(level)
    if "options" in seed:
        assert list(seed["options"]) == ["A", "B", "C", "D"]
        assert len(set(seed["options"].values())) == 4
        assert set(seed["answer"]) <= set("ABCD")
        assert len(set(seed["answer"])) == len(seed["answer"]) < 4
    if "knowledge_points" in seed:
        assert 3 <= len(set(seed["knowledge_points"])) == len(seed["knowledge_points"]) <= 4
        assert {"discipline", "difficulty"} <= set(seed)


def test_right_letters_are_spread_evenly() -> None:
    letters = Counter(seed["answer"] for seed in SEEDS if "options" in seed and len(seed["answer"]) == 1)
    assert max(letters.values()) < 1.5 * min(letters.values())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_labelled_knowledge_points_of_a_language_are_connected(language: str) -> None:
    graph = nx.Graph()
    for seed in LABELLED:
        if seed["language"] == language:
            nx.add_path(graph, seed["knowledge_points"])
    assert nx.is_connected(graph)


def test_labelled_records_of_a_cell_share_knowledge_points() -> None:
    cells = defaultdict(list)
    for seed in LABELLED:
        cells[(seed["language"], *cell_of(seed))].append(set(seed["knowledge_points"]))
    for cell, held in cells.items():
        for place, points in enumerate(held):
            others = set().union(*held[:place], *held[place + 1 :])
            assert len(held) == 1 or points & others, cell
