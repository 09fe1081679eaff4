"""The data dictionary says what the declarations and the catalog say."""

import importlib.util
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_is_what_its_writer_writes() -> None:
    spec = importlib.util.spec_from_file_location("write_data_dictionary", DOCS / "write_data_dictionary.py")
    assert spec
    assert spec.loader
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    written = (DOCS / "data_dictionary.md").read_text(encoding="utf-8")
    assert written == writer.page(), "run `python docs/write_data_dictionary.py`"
