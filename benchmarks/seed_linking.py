"""How well knowledge points link unlabelled seeds: `python benchmarks/seed_linking.py [FILE_OR_FOLDER ...]`.

Every seed file is read as if no seed carried a label. Three ways of naming knowledge points are compared:

- *plain YAKE*: the best phrases of each seed by itself, as many as an annotation may name;
- *YAKE, 2+ seeds*: those of them that two or more seeds hold;
- *extraction*: what a run does, through its own nodes: candidates over the whole corpus, the embedded teacher's
  annotations, merged names.

The tables go to standard output as Markdown, the seconds of every step to standard error: the same seeds give the
same bytes. Without an argument the folder is taken from the environment variable LINKQA_REAL_SEEDS.
"""

import argparse
import contextlib
import logging
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd
import yaml

from linkqa_kedro.composer.model import Composer
from linkqa_kedro.datasets.prompt_template import PromptTemplate
from linkqa_kedro.datasets.row_files import FileRow, RowFilesDataset
from linkqa_kedro.keyphrases import fold_word, strip_markup
from linkqa_kedro.pipelines.extraction.nodes import annotate_seeds, merge_kp_names, propose_kp_candidates, read_seeds
from linkqa_kedro.pipelines.extraction.parameters import ExtractionParameters
from linkqa_kedro.pipelines.seed_values import searchable_text
from linkqa_kedro.records import rows_of
from linkqa_kedro.teacher.completion_store import CompletionStore
from linkqa_kedro.teacher.concurrency import EndpointGate
from linkqa_kedro.teacher.pricing import FREE
from linkqa_kedro.teacher.teacher import Teacher, TeacherModel

CONF = Path(__file__).parents[1] / "conf" / "base"
LABELS = ("discipline", "difficulty", "knowledge_points")
N_HUBS = 20
ALL = "all files"
METHODS = ("plain YAKE", "YAKE, 2+ seeds", "extraction")


@dataclass(frozen=True)
class Linking:
    """How knowledge points link seeds.

    Attributes:
        n_seeds: Seeds looked at.
        n_points: Distinct knowledge points.
        two_points: Share of seeds with two or more knowledge points, 0 to 1.
        two_links: Share of seeds with two or more that another seed holds as well, 0 to 1.
        singletons: Share of the knowledge points that one seed alone holds, 0 to 1.
        points_in_largest: Share of the knowledge points in the largest connected component, 0 to 1.
        seeds_in_largest: Share of the seeds with a knowledge point in it, 0 to 1.
        hubs: The commonest knowledge points and the seeds that hold each.
    """

    n_seeds: int
    n_points: int
    two_points: float
    two_links: float
    singletons: float
    points_in_largest: float
    seeds_in_largest: float
    hubs: tuple[tuple[str, int], ...]


def measure(points: Sequence[Sequence[str]]) -> Linking:
    """The figures of one way of naming, from the knowledge points of each seed."""
    held = [list(dict.fromkeys(names)) for names in points]
    counts = Counter(name for names in held for name in names)
    graph = nx.Graph()
    for names in held:
        graph.add_nodes_from(names)
        graph.add_edges_from(pairwise(names))  # a chain connects what the full set of pairs would
    largest = max(nx.connected_components(graph), key=len, default=set())
    return Linking(
        n_seeds=len(held),
        n_points=len(counts),
        two_points=_share(len(names) >= 2 for names in held),
        two_links=_share(sum(counts[name] >= 2 for name in names) >= 2 for names in held),
        singletons=_share(n == 1 for n in counts.values()),
        points_in_largest=len(largest) / max(1, len(counts)),
        seeds_in_largest=_share(not largest.isdisjoint(names) for names in held),
        hubs=tuple(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:N_HUBS]),
    )


def _share(hits: Iterator[bool]) -> float:
    listed = list(hits)
    return sum(listed) / max(1, len(listed))


def read_unlabelled(place: str, parameters: ExtractionParameters) -> pd.DataFrame:
    """The seeds of a file or folder without labels, as extraction reads them."""
    lines = RowFilesDataset(filepath=place, parameter="seeds.path").load()
    seeds, _ = read_seeds([_without_labels(line) for line in lines], parameters)
    return seeds


def _without_labels(line: FileRow) -> FileRow:
    record = {name: value for name, value in (line.record or {}).items() if name not in LABELS}
    return replace(line, record=record if line.record is not None else None)


def plain_yake(seeds: pd.DataFrame, n: int) -> list[list[str]]:
    """The n best phrases of each seed by itself, case and plural folded."""
    return [
        [" ".join(fold_word(word) for word in phrase.split()) for phrase in _yake_phrases(row, n)]
        for row in rows_of(seeds)
    ]


def _yake_phrases(row: dict[str, Any], n: int) -> list[str]:
    text = strip_markup(searchable_text(row))
    if row["language"] == "zh":
        import jieba

        text = " ".join(jieba.lcut(text))
    return [phrase for phrase, _ in _extractor(row["language"], n).extract_keywords(text)]


@cache
def _extractor(language: str, n: int) -> Any:
    import yake

    return yake.KeywordExtractor(lan=language, n=3, top=n)


def kept_in_two(points: Sequence[Sequence[str]]) -> list[list[str]]:
    """The points that two or more seeds hold."""
    counts = Counter(name for names in points for name in dict.fromkeys(names))
    return [[name for name in names if counts[name] >= 2] for names in points]


def extracted(seeds: pd.DataFrame, parameters: ExtractionParameters) -> list[list[str]]:
    """What a run names: its own nodes, the embedded teacher, a store that is thrown away."""
    prompt = PromptTemplate((CONF / "prompts/extraction/annotate.md").read_text(encoding="utf-8"), "annotate.md")
    with _timed("candidates"):
        candidates = propose_kp_candidates(seeds, parameters)
    with _timed("annotations"), tempfile.TemporaryDirectory() as folder:
        model = TeacherModel(Composer(), EndpointGate(32), FREE)
        teacher = Teacher(model, CompletionStore(Path(folder), 1), max_attempts=0, max_retries=0, backoff_seconds=0.0)
        annotations, _, _ = annotate_seeds(seeds, candidates, teacher, prompt, parameters)
    with _timed("merged names"):
        merged, _ = merge_kp_names(annotations, {})
    by_seed = {row["seed_id"]: row["knowledge_points"] for row in rows_of(merged)}
    return [by_seed.get(row["seed_id"], []) for row in rows_of(seeds)]


@contextlib.contextmanager
def _timed(what: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    print(f"{what}: {time.perf_counter() - started:.1f} s", file=sys.stderr)


def compare(
    seeds: pd.DataFrame, parameters: ExtractionParameters, methods: Sequence[str]
) -> dict[str, list[list[str]]]:
    """Knowledge points of each seed, by method."""
    found: dict[str, list[list[str]]] = {}
    if methods != METHODS[2:]:
        with _timed("plain YAKE"):
            found[METHODS[0]] = plain_yake(seeds, parameters.max_knowledge_points)
        found[METHODS[1]] = kept_in_two(found[METHODS[0]])
    found[METHODS[2]] = extracted(seeds, parameters)
    return {method: found[method] for method in methods}


def print_report(name: str, seeds: pd.DataFrame, found: dict[str, list[list[str]]]) -> None:
    """Figures by language and method, then the hubs."""
    languages = sorted(set(seeds["language"]))
    print(f"\n## {name}\n")
    print("| language | knowledge points by | seeds | with 2+ KPs | with 2+ links | KPs | in one seed only", end="")
    print(" | KPs in largest component | seeds in it |")
    print("| --- | --- " + "| ---: " * 7 + "|")
    hubs: list[str] = []
    for language in languages:
        mine = (seeds["language"] == language).tolist()
        for method, points in found.items():
            figures = measure([names for names, here in zip(points, mine, strict=True) if here])
            print(f"| {language} | {method} | {_row(figures)} |")
            if method != METHODS[0]:  # the same hubs as without its singletons
                hubs.append(f"Largest hubs, {language}, {method}: {_listed(figures.hubs)}.")
    print("\n" + "\n\n".join(hubs))


def _listed(hubs: Sequence[tuple[str, int]]) -> str:
    return ", ".join(f"{hub} {n}" for hub, n in hubs)


def _row(figures: Linking) -> str:
    shares = [figures.two_points, figures.two_links]
    rest = [figures.singletons, figures.points_in_largest, figures.seeds_in_largest]
    cells = [f"{figures.n_seeds:,}", *map(_percent, shares), f"{figures.n_points:,}", *map(_percent, rest)]
    return " | ".join(cells)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def main() -> None:
    """Read the arguments, print the report."""
    parser = argparse.ArgumentParser(description="How well knowledge points link unlabelled seeds.")
    default = os.environ.get("LINKQA_REAL_SEEDS")
    parser.add_argument("places", nargs="*" if default else "+", default=[default], help="seed files, or folders")
    parser.add_argument("--only-extraction", action="store_true", help="leave the comparison with YAKE out")
    arguments = parser.parse_args()
    logging.disable(logging.INFO)
    raw = yaml.safe_load((CONF / "parameters_extraction.yml").read_text(encoding="utf-8"))
    parameters = ExtractionParameters.model_validate(raw["extraction"])
    files = [str(file) for place in arguments.places for file in _files(Path(place))]
    methods = METHODS[2:] if arguments.only_extraction else METHODS
    print("# Linking of unlabelled seeds")
    tables = {Path(file).name: read_unlabelled(file, parameters) for file in files}
    if len(tables) > 1:
        tables[ALL] = pd.concat(tables.values(), ignore_index=True)
    for name, seeds in tables.items():
        with _timed(name):
            print_report(name, seeds, compare(seeds, parameters, methods))


def _files(place: Path) -> list[Path]:
    return sorted(place.glob("*.jsonl")) if place.is_dir() else [place]


if __name__ == "__main__":
    main()
