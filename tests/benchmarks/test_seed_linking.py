"""The benchmark of seed linking measures what it says, and real seeds reach what docs/seed_linking.md states."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from linkqa_kedro.pipelines.extraction.parameters import ExtractionParameters

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "seed_linking.py"
REAL_SEEDS = os.environ.get("LINKQA_REAL_SEEDS", "")
TEXTS = [
    "What does the mitochondrion of a cell do?",
    "Which part of the cell is the mitochondrion?",
    "Who proved the Pythagorean theorem?",
    "What is a hypotenuse by the Pythagorean theorem?",
]


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("seed_linking", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def parameters(benchmark: ModuleType) -> ExtractionParameters:
    raw = yaml.safe_load((benchmark.CONF / "parameters_extraction.yml").read_text(encoding="utf-8"))
    return ExtractionParameters.model_validate(raw["extraction"])


def test_figures_of_a_small_graph(benchmark: ModuleType) -> None:
    # a - b - c hang together through two seeds; d stands alone in its seed, the last seed has nothing
    figures = benchmark.measure([["a", "b"], ["b", "c", "b"], ["d"], []])
    assert (figures.n_seeds, figures.n_points) == (4, 4)
    assert figures.two_points == 2 / 4
    assert figures.two_links == 0
    assert figures.singletons == 3 / 4
    assert figures.points_in_largest == 3 / 4
    assert figures.seeds_in_largest == 2 / 4
    assert figures.hubs == (("b", 2), ("a", 1), ("c", 1), ("d", 1))


def test_points_that_two_seeds_hold_count_as_links(benchmark: ModuleType) -> None:
    assert benchmark.measure([["a", "b"], ["a", "b"], ["a"]]).two_links == 2 / 3
    assert benchmark.kept_in_two([["a", "b"], ["a", "c"]]) == [["a"], ["a"]]


def test_no_seeds_give_no_figures(benchmark: ModuleType) -> None:
    figures = benchmark.measure([])
    assert (figures.two_points, figures.points_in_largest, figures.hubs) == (0, 0, ())


def test_labels_of_the_seeds_are_not_looked_at(
    benchmark: ModuleType, parameters: ExtractionParameters, tmp_path: Path
) -> None:
    labels = {"discipline": "no such discipline", "difficulty": 99, "knowledge_points": ["given away"]}
    file = write_seeds(tmp_path, **labels)
    seeds = benchmark.read_unlabelled(str(file), parameters)
    assert len(seeds) == len(TEXTS)
    assert not any(map(len, seeds["knowledge_points"]))
    points = benchmark.extracted(seeds, parameters)
    assert {"cell", "mitochondrion"} <= set(points[0]) & set(points[1])


def test_the_report_is_markdown_and_the_same_twice(tmp_path: Path) -> None:
    file = write_seeds(tmp_path)
    first, second = (
        subprocess.run([sys.executable, SCRIPT, file], capture_output=True, text=True, encoding="utf-8", check=True)
        for _ in range(2)
    )
    assert first.stdout == second.stdout
    assert first.stdout.startswith("# Linking of unlabelled seeds\n\n## few.jsonl\n")
    assert "| en | plain YAKE | 4 |" in first.stdout
    assert "Largest hubs, en, extraction: " in first.stdout


def write_seeds(folder: Path, **fields: object) -> Path:
    file = folder / "few.jsonl"
    rows = [{"id": str(n), "question": text, "answer": "x", **fields} for n, text in enumerate(TEXTS)]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return file


@pytest.mark.skipif(not REAL_SEEDS, reason="LINKQA_REAL_SEEDS names no folder with *.jsonl of real seeds")
@pytest.mark.parametrize(
    ("name", "linked"),
    [
        ("cpsyexam", 0.95),
        ("gaokao_bench", 0.95),
        ("math", 0.85),
        ("opentriviaqa", 0.95),
        ("scibench", 0.95),
        ("tal_scq5k_en", 0.80),
        ("tal_scq5k_zh", 0.85),
    ],
)
def test_real_seeds_are_linked(
    benchmark: ModuleType, parameters: ExtractionParameters, name: str, linked: float
) -> None:
    seeds = benchmark.read_unlabelled(str(Path(REAL_SEEDS, f"{name}.jsonl")), parameters)
    figures = benchmark.measure(benchmark.extracted(seeds, parameters))
    assert figures.two_points >= linked
    assert figures.points_in_largest >= 0.9
    assert figures.singletons <= 0.2
    generic = {"year", "battle", "name", "number", "question", "值", "问题", "数字"}
    assert not generic & {hub for hub, _ in figures.hubs}
