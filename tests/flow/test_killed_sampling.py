"""A sampling that is killed leaves whole tables behind, and run again gives the same bytes."""

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from subprocess import TimeoutExpired

import pytest

from linkqa_kedro.shards import open_table

from .conftest import Project

pytestmark = [pytest.mark.flow, pytest.mark.kill]

MANY = ("run", "--pipelines", "sampling", "--params", "sampling.n_paths=100000,sampling.max_paths_per_seed=100000")


def sampling_digests(project: Project) -> dict[str, str]:
    return {name: digest for name, digest in project.digests().items() if name.startswith("data/04_sampling/")}


def test_killed_anywhere_and_run_again_it_gives_the_bytes_of_a_run_that_was_not(
    copy_of_finished: Callable[[], Project],
) -> None:
    project = copy_of_finished()
    before = open_table(project.path("04_sampling/paths")).n_rows
    tables = shutil.copytree(project.path("04_sampling"), project.folder / "kept")
    started = time.monotonic()
    result = project.kedro(*MANY)
    seconds = time.monotonic() - started
    assert result.returncode == 0, result.stderr[-2000:]
    uninterrupted = sampling_digests(project)
    after = open_table(project.path("04_sampling/paths")).n_rows
    assert after > 50_000
    shutil.rmtree(project.path("04_sampling"))
    shutil.copytree(tables, project.path("04_sampling"))
    for share in (0.5, 0.7, 0.8, 0.9):
        with suppress(TimeoutExpired):  # which kills it
            project.kedro(*MANY, timeout=seconds * share)
        table = open_table(project.path("04_sampling/paths"))
        assert table.n_rows in (before, after)
        assert sum(len(frame) for frame in table.frames()) == table.n_rows
    assert project.kedro(*MANY).returncode == 0
    assert sampling_digests(project) == uninterrupted
