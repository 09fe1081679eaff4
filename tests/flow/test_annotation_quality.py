"""`kedro annotation-quality` as a user gives it: figures of the project's own teacher, bought once."""

import json
from pathlib import Path

import pytest

from .conftest import Project

pytestmark = pytest.mark.flow

COMMAND = "annotation-quality"


def test_the_composer_is_measured_on_the_bundled_seeds(new_project: Project, tmp_path: Path) -> None:
    files = [tmp_path / "first.json", tmp_path / "second.json"]
    said = []
    for file in files:
        result = new_project.kedro(COMMAND, "--sample", "60", "--json", str(file))
        assert result.returncode == 0, result.stderr[-2000:]
        said.append(result.stdout)
    assert "0 answers were bought (0.00 USD), 60 came from the store." in said[1]
    assert files[0].read_bytes() == files[1].read_bytes()
    figures = json.loads(files[0].read_text(encoding="utf-8"))
    assert figures["split"]["n_asked"] == 60
    assert figures["discipline"]["all"]["teacher"]["accuracy"] > 0.5
    assert not list(new_project.folder.glob("data/0[2-7]_*/*"))  # only answers are kept


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--seeds", "bare.jsonl"), "None of the 2 seeds carries a label"),
        (("--seeds", "missing.jsonl"), "No data file at"),
        (("--json", "nowhere/figures.json"), "there is no folder nowhere"),
        (("--params", "extraction.columms.id=x"), "extraction.columms is no parameter"),
    ],
)
def test_a_mistake_is_one_message(new_project: Project, arguments: tuple[str, ...], said: str) -> None:
    lines = [json.dumps({"question": f"What is {name}?", "answer": name}) for name in ("work", "heat")]
    (new_project.folder / "bare.jsonl").write_text("\n".join(lines), encoding="utf-8")
    result = new_project.kedro(COMMAND, *arguments)
    assert result.returncode == 1
    assert said in result.stderr
    assert "Traceback" not in result.stdout + result.stderr
