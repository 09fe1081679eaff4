"""Draws again up to one path, to learn the probabilities of its walk: they are not stored."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kedro.io import DataCatalog

from linkqa_kedro.errors import UserError
from linkqa_kedro.pipelines.sampling.nodes import prepare_drawing
from linkqa_kedro.pipelines.sampling.parameters import SamplingParameters
from linkqa_kedro.progress import Meter
from linkqa_kedro.walks.walk_trace import WalkTrace

_INPUTS = ("kp_csr", "kp_vertices", "kp_disciplines", "kp_seed_index", "annotations", "quotas")


@dataclass(frozen=True)
class Replay:
    """The walk of a path, or why there is none.

    Attributes:
        trace: How it was drawn.
        problem: Why the probabilities are not known; None where they are.
    """

    trace: WalkTrace | None
    problem: str | None


def replay_walk(catalog: DataCatalog, path: Mapping[str, Any], parameters: SamplingParameters) -> Replay:
    """The walk of a path, drawn again from the tables and parameters that there are now.

    The drawing is the same to the byte as long as these are, and ends with the path; a path that does not come out as
    it is stored has no trace.
    """
    missing = [name for name in _INPUTS if name not in catalog or not catalog.exists(name)]
    if missing:
        return Replay(None, f"{', '.join(missing)} of the run that drew it is not there")
    try:
        inputs = {name: catalog.load(name) for name in _INPUTS}
        prepared = prepare_drawing(**inputs, parameters=parameters)
        with Meter("draw again", min(path["walk"] + 1, prepared.n_asked), "paths") as meter:
            trace = prepared.drawing.trace(
                path["walk"], meter.advance, n_workers=os.cpu_count() or 1, corrections=prepared.corrections
            )
    except UserError as error:
        return Replay(None, str(error))
    names, seed_ids = inputs["kp_vertices"]["kp"], inputs["annotations"]["seed_id"]
    if (
        trace is None
        or [names[vertex] for vertex in trace.vertices] != path["knowledge_points"]
        or [seed_ids[seed] for seed in trace.seeds] != path["seed_ids"]
        or (trace.round_number, trace.attempt) != (path["round"], path["attempt"])
    ):
        return Replay(
            None,
            "drawn again from the tables and parameters there are now, the walk takes another way: they changed since. "
            "Give the parameters of that run with --params, or run `kedro run --pipelines sampling` again",
        )
    return Replay(trace, None)
