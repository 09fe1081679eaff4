"""JSON Lines files that people bring: read line by line, so that one bad line costs one line."""

import glob
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linkqa_kedro.datasets.read_only import ReadOnlyDataset
from linkqa_kedro.errors import UserError


@dataclass(frozen=True)
class JsonLine:
    """One line of a file.

    Attributes:
        file: File name, without its folder: where a file lies must not change results.
        line: Line number, from 1.
        record: The object on the line; None where there is none.
        problem: What is wrong with the line; empty where nothing is.
    """

    file: str
    line: int
    record: dict[str, Any] | None
    problem: str = ""


class JsonLinesDataset(ReadOnlyDataset[list[JsonLine]]):
    """Lines of a JSONL file, of all files that match a pattern, or of all *.jsonl files of a folder.

    Args:
        filepath: File, glob pattern or folder.
        parameter: Runtime parameter that names the place; said in errors.
        may_be_empty: Whether an empty folder is fine; one that does not exist, or holds other files only, never is.
        metadata: For kedro viz.
    """

    def __init__(
        self, *, filepath: str, parameter: str, may_be_empty: bool = False, metadata: dict[str, Any] | None = None
    ) -> None:
        self._filepath = filepath
        self._parameter = parameter
        self._may_be_empty = may_be_empty
        self.metadata = metadata

    def load(self) -> list[JsonLine]:
        """Lines in the order of the file names.

        Raises:
            UserError: If there is no such file, or it cannot be opened.
        """
        files = self._files()
        if not files and not self._is_empty_on_purpose():
            raise UserError(
                f"No .jsonl file at {self._filepath}. Name an existing file, pattern or folder: "
                f"kedro run --params {self._parameter}=my_file.jsonl"
            )
        return [line for path in files for line in _read_lines(path)]

    def _is_empty_on_purpose(self) -> bool:
        """An empty folder says "none"; a mistyped path must not."""
        place = Path(self._filepath)
        visible = [path for path in place.glob("*") if not path.name.startswith(".")] if place.is_dir() else [place]
        return self._may_be_empty and not visible

    def _files(self) -> list[Path]:
        place = Path(self._filepath)
        if place.is_dir():
            return sorted(path for path in place.glob("*.jsonl") if path.is_file())
        if place.is_file():
            return [place]
        return sorted(Path(path) for path in glob.glob(self._filepath) if Path(path).is_file())

    def _exists(self) -> bool:
        return True  # what is missing is said by `load`, which knows how to name it

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._filepath, "parameter": self._parameter}


def _read_lines(path: Path) -> list[JsonLine]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    lines = []
    for number, line in enumerate(raw.split(b"\n"), start=1):
        if line.strip():
            lines.append(_read_line(path.name, number, line))
    return lines


def _read_line(file: str, number: int, line: bytes) -> JsonLine:
    try:
        record = json.loads(line.decode("utf-8-sig"))
        json.dumps(record, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        return JsonLine(file, number, None, f"byte {error.start} is not UTF-8")
    except UnicodeEncodeError:
        return JsonLine(file, number, None, "holds half of a surrogate pair, which is no character")
    except json.JSONDecodeError as error:
        return JsonLine(file, number, None, f"not JSON: {error.msg} at character {error.pos}")
    if not isinstance(record, dict):
        return JsonLine(file, number, None, f"a JSON {type(record).__name__}, not an object")
    return JsonLine(file, number, record)
