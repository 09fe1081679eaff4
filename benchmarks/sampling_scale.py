"""How the cost of sampling grows with the number of paths: `make bench ONLY=scale`, some eight minutes and 8 GB.

One million knowledge points, 30 million edges, sixty cells with targets, two threads. Each number of paths is drawn in
a process of its own, so that its peak memory is its own; `--plot FILE` also draws the curve. Preparing (the layers of
the cells, their tables) stands in a column of its own; reading and writing files is not counted.
"""

import argparse
import json
import multiprocessing
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from linkqa_kedro.figures.coverage import coverage_fraction
from linkqa_kedro.figures.gini import gini
from linkqa_kedro.figures.total_variation import total_variation
from linkqa_kedro.report.style import BLUE, GREY, legend_above, one_axes, styled
from linkqa_kedro.walks.cells import CellQuota
from linkqa_kedro.walks.drawing import PathDrawing
from seed_graphs import SETTINGS, SeedGraph, zipf_graph

N_POINTS, SEEDS_PER_POINT = 1_000_000, 2.6
N_WORKERS = 2
N_PATHS = (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)

# Ten million paths of four seeds want more than 500 uses of some.
LARGE = replace(SETTINGS, alpha=0.5, max_seed_uses=10_000)


@dataclass(frozen=True)
class Cost:
    """What a number of paths cost.

    Attributes:
        n_paths: Paths drawn.
        edges: Undirected edges of the graph.
        cells: Cells of the targets.
        wall_seconds: On the clock, for drawing.
        cpu_seconds: Of all threads, for drawing.
        preparing_seconds: On the clock, before the first walk.
        peak_gb: Largest memory of the process, the graph included.
        coverage: Share of the reachable knowledge points visited.
        gini: Of the visits.
        distance: Total variation of the joint mix, realised against asked.
    """

    n_paths: int
    edges: int
    cells: int
    wall_seconds: float
    cpu_seconds: float
    preparing_seconds: float
    peak_gb: float
    coverage: float
    gini: float
    distance: float


def costs(n_points: int, n_paths: Sequence[int]) -> Iterator[Cost]:
    """The cost of each number of paths, each in a new process."""
    context = multiprocessing.get_context("spawn")
    for n in n_paths:
        here, there = context.Pipe()
        process = context.Process(target=_measure, args=(there, n_points, n))
        process.start()
        there.close()
        cost = Cost(**json.loads(here.recv()))
        process.join()
        yield cost


def _measure(pipe: Connection, n_points: int, n_paths: int) -> None:
    made = zipf_graph(n_points, SEEDS_PER_POINT)
    pipe.send(json.dumps(asdict(cost_of(made, n_paths))))


def cost_of(made: SeedGraph, n_paths: int) -> Cost:
    """Draw, and measure."""
    quotas = made.targets(n_paths)
    before = time.perf_counter()
    drawing = PathDrawing(made.graph, made.seeds, made.popularity, made.discipline_shares, quotas, LARGE)
    started, cpu = time.perf_counter(), time.process_time()
    drawn = drawing.run(n_workers=N_WORKERS)
    ended, cpu_ended = time.perf_counter(), time.process_time()
    return Cost(
        n_paths=len(drawn.paths),
        edges=len(made.graph.indices) // 2,
        cells=len(quotas),
        wall_seconds=ended - started,
        cpu_seconds=cpu_ended - cpu,
        preparing_seconds=started - before,
        peak_gb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        coverage=coverage_fraction(drawn.visits, drawn.reachable),
        gini=gini(drawn.visits[drawn.reachable]),
        distance=_distance(made, quotas, drawn.paths.seeds),
    )


def _distance(made: SeedGraph, quotas: Sequence[CellQuota], seeds: np.ndarray) -> float:
    """Total variation between the cells asked for and the labels of the seeds of each path."""
    there = seeds >= 0
    means = np.where(there, made.seeds.levels[seeds], 0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    levels = np.floor(means + 0.5).astype(int)
    labels, counts = np.unique(
        np.stack((made.seeds.disciplines[seeds[:, 0]], levels.astype(np.str_))), axis=1, return_counts=True
    )
    realised = {f"{discipline}/{level}": float(n) for (discipline, level), n in zip(labels.T, counts, strict=True)}
    return total_variation({f"{cell.discipline}/{cell.level}": cell.quota for cell in quotas}, realised)


def table(found: Sequence[Cost]) -> str:
    """The costs as Markdown."""
    lines = [
        "| paths | drawing, s | CPU s | CPU µs a path | preparing, s | peak memory, GB | coverage | Gini | distance |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for cost in found:
        each = 1e6 * cost.cpu_seconds / cost.n_paths
        lines.append(
            f"| {cost.n_paths:,} | {cost.wall_seconds:.1f} | {cost.cpu_seconds:.1f} | {each:.1f} | "
            f"{cost.preparing_seconds:.1f} | {cost.peak_gb:.1f} | {cost.coverage:.4f} | {cost.gini:.3f} | "
            f"{cost.distance:.4f} |"
        )
    return "\n".join(lines)


@styled
def plot(found: Sequence[Cost]) -> Figure:
    """CPU seconds against paths, beside a line of constant cost per path through the last point."""
    paths = [cost.n_paths for cost in found]
    each = found[-1].cpu_seconds / found[-1].n_paths
    figure, axes = one_axes(f"{each * 1e6:.0f} CPU µs a path at {paths[-1]:,} paths", height_inches=3.6)
    axes.loglog(paths, [cost.cpu_seconds for cost in found], marker="o", color=BLUE, label="measured")
    axes.loglog(paths, [each * n for n in paths], linestyle="--", color=GREY, label="the same for every path")
    axes.set_xlabel("paths")
    axes.set_ylabel("CPU seconds of drawing")
    legend_above(axes)
    return figure


def main() -> None:
    """Measure, print the table, and draw it if asked."""
    parser = argparse.ArgumentParser(description="How the cost of sampling grows with the number of paths.")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the curve into a PNG")
    parser.add_argument("--points", type=int, default=N_POINTS, help="knowledge points")
    arguments = parser.parse_args()
    found = []
    for cost in costs(arguments.points, N_PATHS):
        print(f"{cost.n_paths:,} paths: {cost.wall_seconds:.1f} s, {cost.peak_gb:.1f} GB", flush=True)
        found.append(cost)
    print(f"\n{arguments.points:,} knowledge points, {found[0].edges:,} edges, {found[0].cells} cells\n")
    print(table(found))
    if arguments.plot:
        plot(found).savefig(arguments.plot, dpi=110)


if __name__ == "__main__":
    main()
