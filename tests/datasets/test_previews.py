"""What kedro viz shows of a dataset."""

import json

import numpy as np
import pandas as pd

from linkqa_kedro.datasets.previews import figures_preview, table_preview, text_preview


def test_cells_are_text_and_missing_ones_are_empty() -> None:
    frame = pd.DataFrame({"n": [1, 2], "share": [0.5, np.nan], "name": ["a", None], "points": [["x", "y"], []]})
    preview = table_preview(frame)
    assert preview["columns"] == ["n", "share", "name", "points"]
    assert preview["data"] == [["1", "0.5", "a", "x, y"], ["2", "", "", ""]]
    assert json.loads(json.dumps(preview)) == preview


def test_long_cells_are_cut() -> None:
    (row,) = table_preview(pd.DataFrame({"text": ["x" * 1000]}))["data"]
    assert row[0] == "x" * 160 + " …"


def test_a_text_shows_as_it_was_written() -> None:
    assert text_preview("a <b>\n\n- {{ x_y }}").endswith(
        ">a &#60;b&#62;<br><br>&#45; &#123;&#123; x&#95;y &#125;&#125;</div>"
    )


def test_figures_keep_their_names() -> None:
    assert json.loads(figures_preview({"边": 3})) == {"边": 3}
