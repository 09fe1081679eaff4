"""Anyone's seed file goes in: what is no use is counted with its reason, or is one clear message."""

import json

import pandas as pd
import pytest

from endpoints.file_server import served

from .conftest import Project

pytestmark = pytest.mark.flow

QUESTIONS = (
    ("s1", "What does a catalyst change?", "the rate of a reaction", "easy"),
    ("s2", 'Who wrote "On the Electrodynamics of Moving Bodies",\nin 1905?', "Einstein", "hard"),
    ("s3", "Which gas do plants take in for photosynthesis?", "carbon dioxide", "Medium"),
)
"""Id, question, answer and a label of difficulty in words."""


def seed(seed_id: str, **changes: object) -> bytes:
    record = {"id": seed_id, "question": "Which law ties heat to work?", "answer": "the first law", **changes}
    return json.dumps({name: value for name, value in record.items() if value is not None}).encode()


def extract(project: Project, *parameters: str) -> tuple[int, str]:
    """Run extraction alone; exit status and what was said."""
    result = project.kedro("run", "--pipelines", "extraction", "--params", ",".join(parameters), NO_PROXY="127.0.0.1")
    assert "Traceback" not in result.stdout + result.stderr
    return result.returncode, result.stderr


def table(project: Project, name: str) -> pd.DataFrame:
    return pd.read_parquet(project.path(f"02_extraction/{name}.parquet"))


def test_bad_rows_of_every_kind_are_counted_and_the_run_goes_on(new_project: Project) -> None:
    folder = new_project.folder / "mine"
    folder.mkdir()
    lines = [
        seed("good-1"),
        b"\x00\x01\x02",
        b'{"id": "half", "question": "Why',
        seed("latin").replace(b"law", b"l\xe9w", 1),
        seed("no-question", question=None),
        seed("no-answer", answer=" "),
        seed("not-offered", options={"A": "heat", "B": "work"}, answer="C"),
        seed("good-1", question="Which law speaks of entropy?"),
        seed("long", question="x" * 8001),
        b'{"id": "' + b"x" * 11_000_000,
        seed("good-2", question="Which law speaks of absolute zero?"),
    ]
    files = {
        "a_lines.jsonl": b"\n".join(lines),
        "b_excel.csv": b'\xef\xbb\xbfid;question;answer\r\ngood-3;"Who said ""eureka"",\r\nand why?";Archimedes\r\n',
        "c_gbk.csv": "编号,题目\n1,光\n".encode("gbk"),
        "d_other_columns.csv": b"id,Problem,Solution\n1,Why?,so\n",
        "e_open_quote.csv": b'id,question,answer\ngood-4,Which gas burns?,hydrogen\n5,"Why,so\n6,How,thus\n',
        "f_utf_16.jsonl": seed("wide").decode().encode("utf-16"),
        "g_empty.jsonl": b"",
        "h_empty.csv": b"",
        "i_list.json": b"[]",
        "README.md": b"no data",
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)

    status, said = extract(new_project, "seeds.path=mine")
    assert status == 0, said
    assert table(new_project, "seeds")["seed_id"].tolist() == ["good-1", "good-2", "good-3", "good-4"]
    rejected = table(new_project, "rejected_seeds")
    assert rejected[["file", "line", "reason"]].to_numpy().tolist() == [
        ["a_lines.jsonl", 2, "broken line"],
        ["a_lines.jsonl", 3, "broken line"],
        ["a_lines.jsonl", 4, "broken line"],
        ["a_lines.jsonl", 5, "no question"],
        ["a_lines.jsonl", 6, "no answer"],
        ["a_lines.jsonl", 7, "answer not among the options"],
        ["a_lines.jsonl", 8, "repeated id"],
        ["a_lines.jsonl", 9, "question too long"],
        ["a_lines.jsonl", 10, "broken line"],
        ["c_gbk.csv", 1, "broken line"],
        ["d_other_columns.csv", 2, "no question"],
        ["e_open_quote.csv", 4, "broken line"],
        ["f_utf_16.jsonl", 1, "broken line"],
    ]
    details = dict(zip(zip(rejected["file"], rejected["line"], strict=True), rejected["detail"], strict=True))
    assert "line longer than 10,000,000 bytes" in details["a_lines.jsonl", 10]
    assert "iconv -f gbk" in details["c_gbk.csv", 1]
    assert "'Problem', 'Solution'" in details["d_other_columns.csv", 2]
    assert "iconv -f utf-16" in details["f_utf_16.jsonl", 1]


@pytest.mark.parametrize(
    ("files", "path", "said"),
    [
        (
            {"s.csv": b"id,Problem,answer\n1,Why?,so\n2,How?,thus\n"},
            "mine/s.csv",
            ("None of the 2 lines is a usable seed (2 no question)", "'Problem'", "extraction.columns.question"),
        ),
        (
            {"s.csv": "id,question,answer\n1,Why?,so\n".encode("utf-16"), "t.jsonl": b"\x89PNG\r\n\x1a\n\x00"},
            "mine",
            ("None of the 4 lines is a usable seed (4 broken line)", "iconv -f utf-16 -t utf-8"),
        ),
        ({"README.md": b"no data", "s.json": b"[]"}, "mine", ("No data file at", "seeds.path=")),
        ({"s.json": b"[]"}, "mine/s.json", ("s.json is of no known kind", "jq -c '.[]'")),
        ({"s.parquet": b"PAR1 nonsense"}, "mine/*.parquet", ("s.parquet is no Parquet file, or a damaged one",)),
        (
            {},
            "http://me:s3cr3t@127.0.0.1:9/s.jsonl?token=s3cr3t",
            ("http://127.0.0.1:9/s.jsonl?… cannot be read: ",),
        ),
        ({}, "oss://bucket/s.jsonl", ("oss://bucket/s.jsonl needs a package", "ossfs")),
    ],
    ids=["another column", "wrong encodings", "folder without data", "json", "parquet", "no answer", "no package"],
)
def test_nothing_valid_is_one_clear_message(
    new_project: Project, files: dict[str, bytes], path: str, said: tuple[str, ...]
) -> None:
    (new_project.folder / "mine").mkdir()
    for name, content in files.items():
        (new_project.folder / "mine" / name).write_bytes(content)
    status, message = extract(new_project, f"seeds.path={path}")
    assert status == 1
    for words in said:
        assert words in message
    assert "s3cr3t" not in message
    assert new_project.digests() == {}


def test_a_file_with_other_columns_and_labels_is_mapped_by_parameters_wherever_it_lies(new_project: Project) -> None:
    """The place of a file changes nothing: not one byte of what is read from it."""
    frame = pd.DataFrame(QUESTIONS, columns=["Key", "Problem", "Solution", "Grade"])
    frame.to_csv(new_project.folder / "my_exam.csv", index=False)
    mapping = (
        "extraction.columns.id=Key",
        "extraction.columns.question=Problem",
        "extraction.columns.answer=Solution",
        "extraction.columns.difficulty=Grade",
        "extraction.difficulty_scales.my_exam={labels: {easy: 2, medium: 3, hard: 4}}",
    )
    status, said = extract(new_project, "seeds.path=my_exam.csv", *mapping)
    assert status == 0, said
    seeds = table(new_project, "seeds")
    assert seeds[["seed_id", "question", "answer"]].to_numpy().tolist() == [list(row[:3]) for row in QUESTIONS]
    assert seeds["difficulty"].tolist() == [2, 4, 3]
    assert set(seeds["source"]) == {"my_exam"}
    tables = ("seeds", "rejected_seeds", "annotations")
    local = [new_project.path(f"02_extraction/{name}.parquet").read_bytes() for name in tables]
    with served(new_project.folder) as address:
        status, said = extract(new_project, f"seeds.path={address}/my_exam.csv?token=s3cr3t", *mapping)
    assert status == 0, said
    assert "s3cr3t" not in said
    assert [new_project.path(f"02_extraction/{name}.parquet").read_bytes() for name in tables] == local
