"""Nodes that kedro viz describes in words."""

import pickle
import warnings

from linkqa_kedro.pipelines.described_node import described_node


def double(number: int) -> int:
    """Twice the number.

    Args:
        number: Any.
    """
    return 2 * number


def test_a_node_is_described_by_the_docstring_of_its_function() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        node = described_node(double, inputs="one", outputs="two", name="double")
    preview = node.preview()
    assert preview is not None
    assert preview.to_dict() == {
        "kind": "text",
        "content": "Twice the number.\n\nArgs:\n    number: Any.",
        "meta": None,
    }
    assert node.run({"one": 3}) == {"two": 6}


def test_a_node_travels_to_the_workers_of_parallel_runs() -> None:
    node = described_node(double, inputs="one", outputs="two", name="double")
    assert pickle.loads(pickle.dumps(node)).run({"one": 3}) == {"two": 6}
