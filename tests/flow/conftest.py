"""Whole runs, in a copy of the project, as a user starts them."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
SMALL = "sampling.n_paths=120,enhancement.max_rounds=2"
"""Parameters of a run that takes seconds."""


@dataclass(frozen=True)
class Project:
    """A copy of the project in a folder of its own."""

    folder: Path

    def kedro(self, *arguments: str, timeout: int = 300, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a kedro command there; without tracking, unless LINKQA_MLFLOW says otherwise."""
        settings = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("LINKQA_", "MLFLOW_"))},
            "LINKQA_MLFLOW": "off",
            "COLUMNS": "100",
            **environment,
        }
        return subprocess.run(
            [sys.executable, "-m", "kedro", *arguments],
            cwd=self.folder,
            env=settings,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def path(self, name: str) -> Path:
        """A file or folder below data/."""
        return self.folder / "data" / name

    def digests(self) -> dict[str, str]:
        """Digest of every file that the stages wrote."""
        files = sorted(self.folder.glob("data/0[2-7]_*/**/*"))
        return {
            str(file.relative_to(self.folder)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in files
            if file.is_file()
        }


def copy_project(target: Path) -> Project:
    """The project without its data and its environment."""
    target.mkdir(parents=True)
    for name in ("conf", "src"):
        shutil.copytree(PROJECT / name, target / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copytree(PROJECT / "data" / "01_seeds", target / "data" / "01_seeds")
    for name in ("pyproject.toml", ".telemetry"):
        shutil.copy2(PROJECT / name, target / name)
    return Project(target)


@pytest.fixture
def new_project(tmp_path: Path) -> Project:
    """A project in which nothing has run."""
    return copy_project(tmp_path / "project")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project in which all stages ran once; only to be looked at."""
    project = copy_project(tmp_path_factory.mktemp("finished") / "project")
    result = project.kedro("run", "--params", SMALL)
    assert result.returncode == 0, result.stderr[-3000:]
    return project


@pytest.fixture
def copy_of_finished(finished: Project, tmp_path: Path) -> Callable[[], Project]:
    """Makes a copy of the finished project that a test may change."""

    def copy() -> Project:
        return Project(Path(shutil.copytree(finished.folder, tmp_path / "copy")))

    return copy
