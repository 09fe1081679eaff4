"""The notebooks run from top to bottom in a kernel of their own, and show what they say."""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from ipykernel.kernelspec import write_kernel_spec
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

from .conftest import PROJECT, Project

pytestmark = pytest.mark.flow

NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))
FIRST_LOOK = PROJECT / "notebooks" / "first_look.ipynb"
CHOICE = PROJECT / "notebooks" / "choose_alpha_and_beta.ipynb"
Execute = Callable[..., NotebookNode]

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def execute(tmp_path_factory: pytest.TempPathFactory) -> Execute:
    """Runs a notebook where a user would, in a project's notebooks/; the kernel is the interpreter of the tests."""
    kernels = tmp_path_factory.mktemp("kernels")
    write_kernel_spec(kernels / "python3")
    specs = KernelSpecManager(kernel_dirs=[str(kernels)], ensure_native_kernel=False)
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LINKQA_", "MLFLOW_", "KEDRO_"))}
    environment = {**kept, "LINKQA_MLFLOW": "off", "IPYTHONDIR": str(kernels / "ipython")}

    def run(path: Path, project: Project, first_cell: str = "") -> NotebookNode:
        folder = project.folder / "notebooks"
        folder.mkdir(exist_ok=True)
        notebook = nbformat.read(shutil.copy2(path, folder), as_version=4)
        if first_cell:
            notebook.cells.insert(0, nbformat.v4.new_code_cell(first_cell))
        kernel = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs)
        client = NotebookClient(notebook, km=kernel, timeout=120, resources={"metadata": {"path": str(folder)}})
        executed: NotebookNode = client.execute(env=environment)
        return executed

    return run


@pytest.fixture(scope="module")
def project(finished: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A finished project that notebooks may lie in."""
    return Project(Path(shutil.copytree(finished.folder, tmp_path_factory.mktemp("looked_at") / "project")))


@pytest.fixture(scope="module")
def executed(execute: Execute, project: Project) -> dict[str, NotebookNode]:
    """Every notebook with its outputs, in the finished project."""
    return {path.stem: execute(path, project) for path in NOTEBOOKS}


@pytest.fixture
def first_look(executed: dict[str, NotebookNode]) -> NotebookNode:
    """The first look at the finished project, with its outputs."""
    return executed["first_look"]


def code_cells(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """The code cells by their id."""
    return {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}


def printed(cell: NotebookNode, stream: str = "stdout") -> str:
    """What a cell prints."""
    return "".join(output.text for output in cell.outputs if output.get("name") == stream)


def shown(cell: NotebookNode, kind: str) -> list[str]:
    """What a cell displays, of one kind such as image/png."""
    return [output.data[kind] for output in cell.outputs if kind in output.get("data", {})]


def table(cell: NotebookNode) -> str:
    """The one table that a cell displays, as HTML."""
    (html,) = shown(cell, "text/html")
    assert "<table" in html
    return html


def dataset_of(project: Project) -> pd.DataFrame:
    return pd.read_parquet(project.path("07_evaluation/dataset/train.parquet"))


def empty_tables(project: Project, pattern: str) -> int:
    """Take all rows out of the tables that match; returns how many rows that were."""
    files = sorted(project.folder.glob(f"data/{pattern}"))
    assert files
    tables = {file: pq.read_table(file) for file in files}
    for file, rows in tables.items():
        pq.write_table(rows.slice(0, 0), file)
    return sum(rows.num_rows for rows in tables.values())


@each_notebook
def test_a_notebook_is_committed_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert set(notebook.metadata) == {"kernelspec"}
    for name, cell in code_cells(notebook).items():
        assert (cell.outputs, cell.execution_count, cell.metadata) == ([], None, {}), name


@each_notebook
def test_a_notebook_runs_to_its_end_and_warns_of_nothing(path: Path, executed: dict[str, NotebookNode]) -> None:
    cells = code_cells(executed[path.stem])
    assert [cell.execution_count for cell in cells.values()] == list(range(1, len(cells) + 1))
    assert {name: printed(cell, "stderr") for name, cell in cells.items() if printed(cell, "stderr")} == {}


@each_notebook
def test_every_knob_that_a_notebook_names_is_a_parameter(path: Path) -> None:
    parameters: dict = {}
    for file in (PROJECT / "conf" / "base").glob("parameters_*.yml"):
        parameters |= yaml.safe_load(file.read_text(encoding="utf-8"))
    text = "\n".join(cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "markdown")
    named = re.findall(rf"\b(?:{'|'.join(parameters)})\.[a-z_.]*[a-z]", text)
    assert named
    for name in named:
        value = parameters
        for key in name.split("."):
            assert key in value, name
            value = value[key]


def test_the_first_look_counts_the_rows_of_the_dataset(first_look: NotebookNode, project: Project) -> None:
    cells = code_cells(first_look)
    n_rows = len(dataset_of(project))
    assert f"{n_rows:,} rows in the dataset, from 420 seeds" in printed(cells["check-the-run"])
    assert f"<td>{n_rows}</td>" in table(cells["types"])


def test_the_first_look_shows_its_pictures(first_look: NotebookNode) -> None:
    pictures = {name: shown(cell, "image/png") for name, cell in code_cells(first_look).items()}
    assert {name: len(found) for name, found in pictures.items() if found} == {
        "stage-rows": 1,
        "popularity": 1,
        "neighbourhood-picture": 1,
        "coverage": 2,
        "mixes": 2,
        "difficulty": 2,
    }


def test_the_first_look_follows_a_row_back_to_its_path_and_seeds(first_look: NotebookNode, project: Project) -> None:
    cells = code_cells(first_look)
    qa_id, path_id = re.findall(r"qa-\w+|path-[\w-]+", printed(cells["one-row"]))[:2]
    row = dataset_of(project).set_index("qa_id").loc[qa_id]
    assert (row["path_id"], row["origin"]) == (path_id, "enhanced")
    assert row["question"] in printed(cells["one-row"])
    path = pd.read_parquet(project.path("04_sampling/paths"), filters=[("path_id", "==", path_id)]).iloc[0]
    assert all(f"<td>{kp}</td>" in table(cells["steps"]) for kp in path["knowledge_points"])
    for seed_id in row["seed_ids"]:
        origin = "of the path" if seed_id in path["seed_ids"] else "added by enhancement"
        assert f"──── {seed_id}, {origin}, used:" in printed(cells["path-seeds"])
    assert all(f"<td>{name}</td>" in table(cells["chain"]) for name in (qa_id, row["parent_qa_id"]))


def test_the_first_look_sets_quotas_beside_what_was_realised(first_look: NotebookNode) -> None:
    """The project meets all its quotas, so both numbers of every cell are the same."""
    pairs = re.findall(r"<td>(\d+) / (\d+)</td>", table(code_cells(first_look)["quotas"]))
    assert len(pairs) == 60
    assert sum(int(quota) for _, quota in pairs) == 120
    assert [pair for pair in pairs if pair[0] != pair[1]] == []


def test_the_first_look_names_communities_and_bridges(first_look: NotebookNode, project: Project) -> None:
    cell = code_cells(first_look)["communities"]
    tables = " ".join(shown(cell, "text/html"))
    largest = pd.read_parquet(project.path("03_graph/kp_communities.parquet")).iloc[0]
    assert largest["largest_knowledge_points"][0] in tables
    bridges = json.loads(project.path("03_graph/graph_statistics.json").read_text(encoding="utf-8"))["largest_bridges"]
    assert bridges
    assert all(f"<th>{bridge}</th>" in tables for bridge in bridges)


def test_the_first_look_shows_ten_whole_rows(first_look: NotebookNode, project: Project) -> None:
    text = printed(code_cells(first_look)["ten-rows"])
    shown_ids = re.findall(r"^──── .*(qa-\w+)$", text, flags=re.MULTILINE)
    assert len(set(shown_ids)) == 10
    questions = dataset_of(project).set_index("qa_id").loc[shown_ids, "question"]
    assert all(question in text for question in questions)


def test_the_first_look_says_why_rows_were_set_aside(first_look: NotebookNode, project: Project) -> None:
    html = table(code_cells(first_look)["rejected"])
    for name in ("05_synthesis/rejected_synthesis", "06_enhancement/rejected_enhancement", "07_evaluation/rejected_qa"):
        for reason, n_rows in pd.read_parquet(project.path(f"{name}.parquet"))["reason"].value_counts().items():
            assert re.search(rf"<td>{reason}</td>\s*<td>{n_rows}</td>", html), (name, reason)


def test_the_first_look_reads_tables_without_rows(execute: Execute, copy_of_finished: Callable[[], Project]) -> None:
    project = copy_of_finished()
    assert empty_tables(project, "*/rejected_*.parquet") > 0
    cells = code_cells(execute(FIRST_LOOK, project))
    assert "0 lines set aside" in printed(cells["rejected-seeds"])
    assert "0 rows set aside" in printed(cells["rejected"])
    assert "0 rows dropped" in printed(cells["dropped"])
    assert all(printed(cell, "stderr") == "" for cell in cells.values())


def test_the_first_look_reads_chinese_seeds_and_a_run_without_targets(execute: Execute, new_project: Project) -> None:
    bundled = (new_project.folder / "data/01_seeds/bundled_seeds.jsonl").read_text(encoding="utf-8").splitlines()
    chinese = [line for line in bundled if '"language": "zh"' in line]
    (new_project.folder / "mine.jsonl").write_text("\n".join([*chinese, "no JSON"]), encoding="utf-8")
    targets = "sampling.targets.disciplines=null,sampling.targets.difficulty=null"
    few = f"seeds.path=mine.jsonl,sampling.n_paths=20,enhancement.max_rounds=0,{targets}"
    result = new_project.kedro("run", "--params", few)
    assert result.returncode == 0, result.stderr[-2000:]
    cells = code_cells(execute(FIRST_LOOK, new_project))
    assert "1 lines set aside" in printed(cells["rejected-seeds"])
    assert "broken line" in table(cells["rejected-seeds"])
    assert "答案：" in printed(cells["ten-rows"])
    assert sum(map(int, re.findall(r"<td>(\d+) / 0</td>", table(cells["quotas"])))) == 20
    assert all(printed(cell, "stderr") == "" for cell in cells.values())


def test_the_first_look_sets_levels_alone_beside_what_was_realised(
    execute: Execute, copy_of_finished: Callable[[], Project]
) -> None:
    project = copy_of_finished()
    few = "sampling.n_paths=50,sampling.targets.disciplines=null,enhancement.max_rounds=0"
    result = project.kedro("run", "--params", few)
    assert result.returncode == 0, result.stderr[-2000:]
    cells = code_cells(execute(FIRST_LOOK, project))
    pairs = re.findall(r"<td>(\d+) / (\d+)</td>", table(cells["quotas"]))
    assert pairs == [("5", "5"), ("10", "10"), ("15", "15"), ("13", "13"), ("7", "7")]
    assert all(printed(cell, "stderr") == "" for cell in cells.values())


def test_the_first_look_runs_as_kedro_jupyter_starts_it(execute: Execute, project: Project) -> None:
    """Kedro's extension is there first: it has set up logging and its own catalog."""
    cells = code_cells(execute(FIRST_LOOK, project, first_cell="%load_ext kedro.ipython"))
    assert f"{len(dataset_of(project)):,} rows in the dataset" in printed(cells["check-the-run"])
    assert any("<table" in html for html in shown(cells["types"], "text/html"))


def test_the_first_look_at_a_project_that_never_ran_says_what_to_do(execute: Execute, new_project: Project) -> None:
    with pytest.raises(CellExecutionError) as stopped:
        execute(FIRST_LOOK, new_project)
    assert stopped.value.ename == "UserError"
    assert stopped.value.evalue == (
        f"No finished run in {new_project.folder}: the dataset is missing. Run `make run`, then this notebook again."
    )


def test_the_first_look_refuses_a_dataset_made_from_other_paths(
    execute: Execute, copy_of_finished: Callable[[], Project]
) -> None:
    project = copy_of_finished()
    assert empty_tables(project, "04_sampling/paths/*.parquet") > 0
    with pytest.raises(CellExecutionError) as stopped:
        execute(FIRST_LOOK, project)
    assert stopped.value.ename == "UserError"
    assert stopped.value.evalue.startswith("The dataset was made from other paths")


@pytest.fixture
def choice(executed: dict[str, NotebookNode]) -> dict[str, NotebookNode]:
    """The code cells of the choice of alpha and beta on the finished project, with their outputs."""
    return code_cells(executed["choose_alpha_and_beta"])


def pairs_of(cells: dict[str, NotebookNode]) -> pd.DataFrame:
    """The table of the pairs that were drawn with: what came of each, by alpha and beta."""
    text = re.findall(r"<t([hd]) [^>]*>([-\d.a-z]+)</t", table(cells["draw"]))
    names = [value for kind, value in text if kind == "h"]
    values = [float(value) for kind, value in text if kind == "d"]
    rows = [values[place : place + len(names)] for place in range(0, len(values), len(names))]
    return pd.DataFrame(rows, columns=names).set_index(["alpha", "beta"])


def test_the_choice_of_alpha_and_beta_ends_in_two_lines_of_parameters(choice: dict[str, NotebookNode]) -> None:
    lines = printed(choice["two-lines"])
    chosen = yaml.safe_load(lines)
    assert lines.count("\n") == len(chosen) == 2
    known = yaml.safe_load((PROJECT / "conf/base/parameters_sampling.yml").read_text(encoding="utf-8"))["sampling"]
    assert all(line.startswith("  ") for line in lines.splitlines())  # they stand below `sampling:`
    assert set(chosen) <= set(known)
    pairs = pairs_of(choice)
    figures = pairs.loc[(chosen["popularity_exponent"], chosen["correction_exponent"])]
    rounding = 0.001
    covering = pairs[pairs["coverage"] >= pairs["coverage"].max() - 0.02 - rounding]
    even = covering[covering["gini"] <= covering["gini"].min() + 0.1 + rounding]
    assert figures.name in even.index
    assert figures.name[0] == even.index.get_level_values("alpha").max()


def test_the_choice_of_alpha_and_beta_shows_what_came_of_every_pair(choice: dict[str, NotebookNode]) -> None:
    assert "420 seeds, 600 paths for each pair" in printed(choice["prepare"])
    pairs = pairs_of(choice)
    assert len(pairs) == 25
    assert pairs.notna().all(axis=None)
    assert pairs["coverage"].between(0, 1).all()
    assert pairs.loc[(slice(None), 8.0), "correlation"].is_monotonic_increasing
    assert (pairs.xs(0.0, level="beta")["distance"] > pairs.xs(4.0, level="beta")["distance"]).all()
    assert len(shown(choice["picture"], "image/png")) == 1


def test_the_choice_of_alpha_and_beta_needs_the_graph_alone(
    execute: Execute, copy_of_finished: Callable[[], Project]
) -> None:
    project = copy_of_finished()
    for folder in ("04_sampling", "05_synthesis", "06_enhancement", "07_evaluation", "completions"):
        shutil.rmtree(project.path(folder))
    before = project.digests()
    cells = code_cells(execute(CHOICE, project))
    assert "correction_exponent" in printed(cells["two-lines"])
    assert project.digests() == before


def test_the_choice_of_alpha_and_beta_without_a_graph_says_what_to_do(execute: Execute, new_project: Project) -> None:
    with pytest.raises(CellExecutionError) as stopped:
        execute(CHOICE, new_project)
    assert stopped.value.ename == "UserError"
    assert stopped.value.evalue == (
        f"No graph in {new_project.folder}. Run `kedro run --pipelines extraction,graph`, then this notebook again."
    )
