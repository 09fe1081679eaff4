"""Files are found and opened wherever they lie, and what goes wrong there is one clear message without secrets."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from endpoints.file_server import QuietHandler, served
from linkqa_kedro.datasets.places import find_place, without_secrets
from linkqa_kedro.datasets.row_files import RowFilesDataset
from linkqa_kedro.errors import UserError

SECRET = "s3cr3t"


class TruncatingHandler(QuietHandler):
    """A server that breaks off in the middle of a file."""

    def do_GET(self) -> None:  # noqa: N802  # the name that the library calls
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"id": 1}\n')


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "a.jsonl").write_text('{"id": 1}\n', encoding="utf-8")
    (tmp_path / "b c.csv").write_text("id\n2\n", encoding="utf-8")
    pq.write_table(pa.table({"id": [3]}), tmp_path / "d.parquet")
    (tmp_path / "notes.txt").write_text("no data", encoding="utf-8")
    with served(tmp_path) as address:
        yield address


def records(address: str) -> list[tuple[str, dict | None]]:
    return [(row.file, row.record) for row in RowFilesDataset(filepath=address, parameter="seeds.path").load()]


def read_all(address: str) -> bytes:
    return b"".join(file.open().read() for file in find_place(address).files)


def message_for(address: str) -> str:
    with pytest.raises(UserError) as error:
        read_all(address)
    return str(error.value)


@pytest.mark.parametrize("query", ["", f"?token={SECRET}"])
def test_a_file_behind_http_is_read(web: str, query: str) -> None:
    assert records(f"{web}/a.jsonl{query}") == [("a.jsonl", {"id": 1})]


def test_parquet_is_read_from_a_server_that_knows_no_ranges(web: str) -> None:
    assert records(f"{web}/d.parquet") == [("d.parquet", {"id": 3})]


def test_a_folder_that_a_server_lists_is_read_where_its_address_ends_in_a_slash(web: str) -> None:
    assert records(f"{web}/") == [("a.jsonl", {"id": 1}), ("b c.csv", {"id": "2"}), ("d.parquet", {"id": 3})]


def test_a_pattern_is_matched_against_what_a_server_lists(web: str) -> None:
    assert records(f"{web}/*.jsonl") == [("a.jsonl", {"id": 1})]


def test_any_other_address_of_fsspec_is_read(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text('{"id": 1}', encoding="utf-8")
    memory = fsspec.filesystem("memory")
    memory.pipe("/test_places/s.jsonl", b'{"id": 1}')
    memory.pipe("/test_places/notes.txt", b"no data")
    for address in (
        f"file://{tmp_path}/s.jsonl",
        "memory://test_places",
        "memory://test_places/*.jsonl",
        "memory://test_places/s.jsonl",
    ):
        assert records(address) == [("s.jsonl", {"id": 1})]
    assert find_place("memory://test_places/none.jsonl").files == ()


def test_storage_options_reach_the_file_system(web: str) -> None:
    """A server that asks for a key is told it in a header."""
    (file,) = find_place(f"{web}/a.jsonl", {"headers": {"Authorization": f"Bearer {SECRET}"}}).files
    assert file.filesystem.kwargs == {"headers": {"Authorization": f"Bearer {SECRET}"}}
    assert SECRET not in repr(file)


def test_an_answer_that_is_no_file_says_what_was_answered(web: str) -> None:
    message = message_for(f"{web.replace('//', f'//me:{SECRET}@')}/none.jsonl?token={SECRET}")
    assert message == f"{web}/none.jsonl?… cannot be read: the server answers 404 File not found."


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (f"http://me:{SECRET}@127.0.0.1:9/x.jsonl?token={SECRET}", "http://127.0.0.1:9/x.jsonl?… cannot be read: "),
        (f"https://name.invalid/x.jsonl?token={SECRET}", "https://name.invalid/x.jsonl?… cannot be read: "),
        ("oss://bucket/*.jsonl", "needs a package that is not installed here: Install ossfs"),
        ("nope://x.jsonl", "nope://x.jsonl cannot be read: Protocol not known: nope"),
        ("http://", "http:// cannot be read"),
    ],
)
def test_an_address_that_gives_nothing_is_one_clear_message_without_secrets(address: str, said: str) -> None:
    before = time.monotonic()
    message = message_for(address)
    assert said in message
    assert SECRET not in message
    assert "\n" not in message
    assert time.monotonic() - before < 30


def test_a_file_that_breaks_off_is_one_clear_message(tmp_path: Path) -> None:
    with served(tmp_path, TruncatingHandler) as address:
        assert message_for(f"{address}/a.jsonl").startswith(f"{address}/a.jsonl cannot be read: ")


@pytest.mark.heavy
def test_a_server_that_never_answers_is_given_up_in_less_than_a_minute() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        before = time.monotonic()
        message = message_for(f"http://127.0.0.1:{silent.getsockname()[1]}/a.jsonl")
    assert "no answer within 10 seconds" in message
    assert time.monotonic() - before < 60


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://u:p@host/a@b/c.jsonl?sig=x y", "https://host/a@b/c.jsonl?… y"),
        ("simplecache::https://u:p@host/c.jsonl", "simplecache::https://host/c.jsonl"),
        ("/home/a@b/day-?.jsonl", "/home/a@b/day-?.jsonl"),
    ],
)
def test_secrets_of_addresses_are_cut_out(text: str, shown: str) -> None:
    assert without_secrets(text) == shown
