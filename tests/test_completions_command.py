"""What a person asks of the completion store at the command line."""

import hashlib
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from fakes.requests import request_of
from fakes.scripted import completion_of
from linkqa_kedro.completions_command import completions, store_of_project
from linkqa_kedro.errors import UserError
from linkqa_kedro.teacher.completion_store import CompletionStore
from linkqa_kedro.teacher.stored_rows import Purchase

PYPROJECT = """
[tool.kedro]
package_name = "linkqa_kedro"
project_name = "small"
kedro_init_version = "1.7.0"
"""
# As in the project itself: who answers differs between environments, and the store does not.
CATALOG = """
teacher:
  type: linkqa_kedro.datasets.teacher.TeacherDataset
  kind: ${globals:teacher}
  filepath: data/completions
  n_partitions: 2
"""
RATED = {"role": "rate", "stage": "enhancement", "prompt_version": "v2"}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project, in which the command is given; nothing has run in it."""
    for name in ("LINKQA_BASE_URL", "LINKQA_MODEL", "LINKQA_API_KEY", "KEDRO_ENV"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "project"
    for name in ("src", "conf/base", "conf/local", "conf/api", "conf/elsewhere"):
        (folder / name).mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "conf/base/catalog_teacher.yml").write_text(CATALOG)
    (folder / "conf/base/globals.yml").write_text("teacher: composer")
    (folder / "conf/api/globals.yml").write_text("teacher: openai_compatible")
    (folder / "conf/elsewhere/catalog.yml").write_text(CATALOG.replace("data/completions", str(tmp_path / "shared")))
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder / "src"))
    monkeypatch.setenv("PYTHONPATH", str(folder / "src"))
    return folder


def purchase_of(name: str, model: str = "asked", asked: dict[str, Any] | None = None, **came: Any) -> Purchase:
    key = hashlib.sha256(name.encode()).hexdigest()
    return Purchase(key, model, request_of(name, **asked or {}), completion_of(name, **came))


@pytest.fixture
def filled(project: Path) -> CompletionStore:
    """The store of that project, with four annotations and two ratings in it."""
    store = CompletionStore(project / "data/completions", 2)
    store.prepare()
    store.put_many(purchase_of(f"a{i}", cost_usd=0.25) for i in range(4))
    store.put_many(purchase_of(f"r{i}", "other", RATED, cost_usd=None, output_tokens=None) for i in range(2))
    store.close()
    return store


def asked(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(completions, arguments, input=typed)


def said(*arguments: str, typed: str | None = None) -> str:
    result = asked(*arguments, typed=typed)
    assert result.exit_code == 0, result.output
    return result.output


def cells(line: str) -> list[str]:
    return [cell for cell in line.split("  ") if cell.strip()]


@pytest.mark.parametrize("arguments", [[], ["list"]])
def test_list_shows_what_is_stored_and_what_it_cost(filled: CompletionStore, arguments: list[str]) -> None:
    output = said(*arguments)
    lines = output[output.index("stage") :].splitlines()  # Kedro may say first which logging it uses
    rows = [[cell.strip() for cell in cells(line)] for line in lines]
    assert rows[0] == [
        *("stage", "role", "model", "prompt version", "completions", "bought", "tokens in", "tokens out", "cost"),
    ]
    assert rows[2] == ["extraction", "annotate", "asked", "v1", "4", "4", "40", "20", "1.00 USD"]
    assert rows[3] == ["enhancement", "rate", "other", "v2", "2", "2", "20", "–", "price not known"]
    assert lines[-2].startswith("6 completions, ")
    assert lines[-2].endswith(" MB on disk, 1.00 USD and more")
    assert lines[-1] == str(filled.folder)


def test_long_names_are_not_folded_in_a_pipe(filled: CompletionStore) -> None:
    with filled:
        filled.put_many([purchase_of("long", "a-model-with-[brackets]-and-a-long-name", cost_usd=0.0)])
    assert "a-model-with-[brackets]-and-a-long-name" in said("list")


@pytest.mark.parametrize("arguments", [[], ["list"], ["verify"], ["export", "x.parquet"], ["prune", "--model", "m"]])
def test_store_that_does_not_exist_yet_is_said_so_and_not_made(project: Path, arguments: list[str]) -> None:
    result = asked(*arguments)
    assert isinstance(result.exception, UserError)
    assert f"no completion store in {project}/data/completions yet" in str(result.exception)
    assert not (project / "data").exists()
    assert not (project / "x.parquet").exists()


def test_store_is_that_of_the_environment(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key and no address is needed to look at what an endpoint answered."""
    assert store_of_project(project, "api").folder == project / "data/completions"
    elsewhere = store_of_project(project, "elsewhere")
    assert (elsewhere.folder, elsewhere.n_partitions) == (tmp_path / "shared", 2)
    monkeypatch.setenv("KEDRO_ENV", "elsewhere")
    assert store_of_project(project, None).folder == tmp_path / "shared"
    assert not (tmp_path / "shared").exists()


@pytest.mark.parametrize(
    "arguments", [["--env", "elsewhere"], ["-e", "elsewhere", "list"], ["list", "-e", "elsewhere"]]
)
def test_environment_is_named_before_or_after_the_task(
    filled: CompletionStore, tmp_path: Path, arguments: list[str]
) -> None:
    shutil.copytree(filled.folder, tmp_path / "shared")
    assert said(*arguments).splitlines()[-1] == str(tmp_path / "shared")


def test_command_works_in_a_folder_below_the_project(
    filled: CompletionStore, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project / "conf")
    assert "6 completions" in said("list")


def test_unknown_environment_is_a_mistake_of_a_person(project: Path) -> None:
    with pytest.raises(UserError, match="nowhere"):
        store_of_project(project, "nowhere")


def test_folder_without_a_project_is_a_mistake_of_a_person(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is no Kedro project"):
        store_of_project(tmp_path, None)


@pytest.mark.parametrize("catalog", ["{}", "teacher: {type: x}"])
def test_catalog_without_a_store_is_a_mistake_of_a_person(project: Path, catalog: str) -> None:
    (project / "conf/base/catalog_teacher.yml").write_text(catalog)
    with pytest.raises(UserError, match="Set filepath and n_partitions of the teacher"):
        store_of_project(project, None)


def test_the_projects_own_catalog_names_a_store() -> None:
    project = Path(__file__).parents[1]
    store = store_of_project(project, "api")
    assert store.folder == project / "data/completions"
    assert store.n_partitions >= 1


def test_export_writes_one_file(filled: CompletionStore, project: Path) -> None:
    assert "6 completions written to copy/all.parquet (" in said("export", "copy/all.parquet")
    texts = pq.read_table(project / "copy/all.parquet")["text"].to_pylist()
    assert sorted(texts) == ["a0", "a1", "a2", "a3", "r0", "r1"]


def test_verify_says_that_all_is_well(filled: CompletionStore) -> None:
    assert said("verify").endswith("6 completions and 6 purchases in 2 files: nothing wrong.\n")


def test_verify_names_every_finding_and_fails(filled: CompletionStore) -> None:
    for path in filled.paths:
        path.write_bytes(b"no database " * 100)
    result = asked("verify")
    assert result.exit_code == 1
    assert result.output.splitlines()[-3:] == [
        f"{filled.paths[0]}: file is not a database",
        f"{filled.paths[1]}: file is not a database",
        "0 completions and 0 purchases in 2 files: 2 wrong.",
    ]


def test_prune_says_what_would_go_and_asks(filled: CompletionStore) -> None:
    result = asked("prune", "--stage", "extraction", "--prompt-version", "v1", typed="n\n")
    assert result.exit_code == 1
    assert "4 completions of stage extraction, prompt version v1, " in result.output
    assert "cost 1.00 USD" in result.output
    assert "Delete them? [y/N]" in result.output
    assert "6 completions" in said("list")
    assert "4 completions deleted, " in said("prune", "--stage", "extraction", typed="y\n")
    assert "2 completions" in said("list")


def test_prune_does_not_ask_where_the_answer_is_given(filled: CompletionStore) -> None:
    output = said("prune", "--model", "other", "--yes")
    assert "price not known" in output
    assert "2 completions deleted" in output
    assert "Delete them?" not in output
    assert "6 purchases" in said("verify")


def test_prune_without_a_condition_deletes_nothing(filled: CompletionStore) -> None:
    result = asked("prune", "--yes")
    assert isinstance(result.exception, UserError)
    assert "6 completions" in said("list")


def test_prune_of_what_is_not_there_says_so(filled: CompletionStore) -> None:
    assert "Nothing to delete: the store holds no completion of model m.\n" in said("prune", "--model", "m")


def test_unknown_stage_is_refused_with_the_choices(filled: CompletionStore) -> None:
    result = asked("prune", "--stage", "graph", "--yes")
    assert result.exit_code == 2
    assert "'extraction', 'synthesis', 'enhancement'" in result.output
