"""Blind ratings of difficulty: asked any number of times, read, and brought to one level.

docs/difficulty.md has the rubric; conf/base/prompts/enhancement/rate.md says it to a model.
"""

import json
import statistics
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from linkqa_kedro.datasets.prompt_template import PromptTemplate
from linkqa_kedro.errors import UserError
from linkqa_kedro.figures.krippendorff_alpha import krippendorff_alpha
from linkqa_kedro.pipelines.enhancement.parameters import EnhancementParameters
from linkqa_kedro.pipelines.reply_fields import read_level
from linkqa_kedro.pipelines.reply_schemas import rating_schema
from linkqa_kedro.pipelines.statistics import json_ready
from linkqa_kedro.records import (
    DIFFICULTY_LEVELS,
    RATED_QA,
    REJECTED_ENHANCEMENT,
    UNCONFIRMED_RATINGS,
    rows_of,
)
from linkqa_kedro.shards import ShardedTable
from linkqa_kedro.teacher.completing import complete
from linkqa_kedro.teacher.errors import ReplyUnusable
from linkqa_kedro.teacher.replies import parse_json_object
from linkqa_kedro.teacher.requests import Answered, Completion, Request, Unanswered, canonical_json
from linkqa_kedro.teacher.teacher import Teacher
from linkqa_kedro.teacher.usage import TeacherUsage, usage_metrics

AXES = ("knowledge", "steps", "constraints", "abstraction", "calculation")
_SEEN_BY_THE_RATER = ("question", "options", "answer")
_SCHEMA = rating_schema(AXES)

Row = dict[str, Any]
Rating = dict[str, Any]
"""One reply as it was read: axes, difficulty, and whether the reply was repaired."""


@dataclass(frozen=True)
class Ratings:
    """What a rater said of some items.

    Attributes:
        of_item: By the identifier of each item that got a usable rating, in the order of the items: the columns
            rated_difficulty, ratings, rating_spread, difficulty_axes and rating_key.
        unrated: For each item without one, its last request.
        usage: What it cost.
        n_repaired: Replies whose JSON had to be mended.
    """

    of_item: dict[str, Row]
    unrated: tuple[Unanswered, ...]
    usage: TeacherUsage
    n_repaired: int

    def among(self, item_ids: Collection[str]) -> "Ratings":
        """Only what was said of some of the items; usage and repairs are of all."""
        return replace(
            self,
            of_item={item_id: found for item_id, found in self.of_item.items() if item_id in item_ids},
            unrated=tuple(lost for lost in self.unrated if lost.request.record_id in item_ids),
        )


def rate_qa(
    synthesised_qa: ShardedTable,
    unconfirmed_qa: pd.DataFrame,
    rater_figures: Mapping[str, Any],
    teacher: Teacher,
    prompt: PromptTemplate,
    parameters: EnhancementParameters,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Every synthesised QA with its blind rating; those that got none; ratings of unconfirmed QA; the teacher's usage.

    Raises:
        UserError: If not one QA was rated.
    """
    rows = list(synthesised_qa.rows())
    doubtful = rows_of(unconfirmed_qa) if parameters.rating.rate_unconfirmed else []
    # Asked together, so that one rater sees both in the same way.
    both = rate_blind({row["qa_id"]: row for row in [*rows, *doubtful]}, teacher, prompt, parameters)
    ratings = both.among({row["qa_id"] for row in rows})
    if rows and not ratings.of_item:
        first = ratings.unrated[0]
        raise UserError(f"None of {len(rows)} QA was rated. First reason: {first.reason}: {first.detail}")
    asked = {row["qa_id"]: row["asked_difficulty"] for row in rows}
    rejected = [
        {
            "qa_id": lost.request.record_id,
            "attempt": 0,
            "asked_difficulty": asked[lost.request.record_id],
            "measured_difficulty": None,
            "request_key": lost.key,
            "reason": lost.reason,
            "detail": lost.detail,
        }
        for lost in ratings.unrated
    ]
    levels = level_map(rater_figures)
    set_aside = [
        {name: row[name] for name in UNCONFIRMED_RATINGS.column_names} for row in with_ratings(doubtful, both, levels)
    ]
    return (
        RATED_QA.frame(with_ratings(rows, ratings, levels)),
        REJECTED_ENHANCEMENT.frame(rejected),
        UNCONFIRMED_RATINGS.frame(set_aside),
        {**usage_metrics(both.usage), "repaired_replies": both.n_repaired},
    )


def rate_blind(
    items: Mapping[str, Mapping[str, Any]], teacher: Teacher, prompt: PromptTemplate, parameters: EnhancementParameters
) -> Ratings:
    """Rate items; the rater sees question, options and answer, and nothing else.

    Each is asked `enhancement.rating.repeats` times. Its level is the median of the usable ratings, of two middle ones
    the lower, so one odd rating of three moves nothing; so is each axis.

    Args:
        items: QA or seeds, by identifier, with question, options (rows of letter and text) and answer.
        teacher: Whom to ask.
        prompt: Template of the rating.
        parameters: Repeats, and how the rater draws its answers.
    """
    n_repeats = parameters.rating.repeats

    def requests() -> Iterator[Request]:
        for item_id, item in items.items():
            values = {name: item[name] for name in _SEEN_BY_THE_RATER}
            messages = prompt.messages(values)
            for sample in range(n_repeats):
                yield Request(
                    role="rate",
                    stage="enhancement",
                    record_id=item_id,
                    messages=messages,
                    values=values,
                    settings=parameters.rater.sampling,
                    prompt_version=prompt.version,
                    reply_schema=_SCHEMA,
                    sample=sample,
                )

    completed = complete(requests(), teacher, read_rating, n_expected=len(items) * n_repeats)
    answers: defaultdict[str, list[Answered[Rating]]] = defaultdict(list)
    for answered in completed.answered:
        answers[answered.request.record_id].append(answered)
    lost = {one.request.record_id: one for one in completed.unanswered}
    return Ratings(
        of_item={item_id: _summary(answers[item_id]) for item_id in items if item_id in answers},
        unrated=tuple(one for item_id, one in lost.items() if item_id not in answers),
        usage=completed.usage,
        n_repaired=sum(answered.value["repaired"] for answered in completed.answered),
    )


def with_ratings(rows: Iterable[Row], ratings: Ratings, levels: Sequence[int]) -> list[Row]:
    """The rows that were rated, with the columns of their rating.

    Args:
        rows: QA.
        ratings: What was said of them.
        levels: Measured level of each rated level, from 1; see `level_map`.
    """
    return [
        {**row, **found, "measured_difficulty": levels[found["rated_difficulty"] - 1]}
        for row in rows
        if (found := ratings.of_item.get(row["qa_id"])) is not None
    ]


def level_map(rater_figures: Mapping[str, Any]) -> Sequence[int]:
    """Measured level of each rated level 1 to 5: as the calibration corrects it, else the same."""
    correction = rater_figures["correction"]
    levels: list[int] = correction["levels"] if correction["is_applied"] else list(DIFFICULTY_LEVELS)
    return levels


def read_rating(_: Request, completion: Completion) -> Rating:
    """The reply to a request; see `rating_of`."""
    return rating_of(completion)


def rating_of(completion: Completion) -> Rating:
    """A reply as axes and level.

    Raises:
        ReplyUnusable: If an axis is missing or one too many, or a level is none.
    """
    reply = parse_json_object(completion)
    axes = reply.fields.get("axes")
    if not isinstance(axes, dict) or set(axes) != set(AXES):
        raise ReplyUnusable("bad axes", f"axes is {axes!r:.120}")
    return {
        "axes": {axis: read_level(axes[axis]) for axis in AXES},
        "difficulty": read_level(reply.fields.get("difficulty")),
        "repaired": reply.repaired,
    }


def level_of_axes(axes: Mapping[str, int]) -> int:
    """The level that the rubric gives for a rating's axes, 1 to 5.

    That of the steps; one higher where at least two other axes are higher, one lower where all four are lower.
    """
    others = [axes[axis] for axis in AXES if axis != "steps"]
    n_higher = sum(level > axes["steps"] for level in others)
    n_lower = sum(level < axes["steps"] for level in others)
    return min(5, max(1, axes["steps"] + (n_higher >= 2) - (n_lower == len(others))))


def rating_statistics(ratings: Iterable[Sequence[int]], axes: Iterable[str], n_repeats: int) -> dict[str, Any]:
    """Whether the rater agrees with itself, and its levels with its axes.

    Args:
        ratings: All ratings of each item.
        axes: Axes of each item, as JSON.
        n_repeats: Ratings asked of each.

    Returns:
        Over the items with two ratings or more: the shares whose ratings are all the same (`spread_0_fraction`), or
        within one level; the mean distance of a rating from its item's median, in levels; Krippendorff's ordinal
        alpha. None where there is no such item. Over all items: the shares whose level is the one that the rubric makes
        of their axes (`follows_axes_fraction`), or within one of it.
    """
    all_ratings = [[int(level) for level in item] for item in ratings]
    several = [item for item in all_ratings if len(item) > 1]
    spreads = [max(item) - min(item) for item in several]
    deviations = [abs(level - statistics.median_low(item)) for item in several for level in item]
    from_axes = [
        abs(statistics.median_low(item) - level_of_axes(json.loads(text)))
        for item, text in zip(all_ratings, axes, strict=True)
    ]
    return json_ready(
        {
            "repeats": n_repeats,
            "items_with_several": len(several),
            "spread_0_fraction": _share(spread == 0 for spread in spreads),
            "spread_within_1_fraction": _share(spread <= 1 for spread in spreads),
            "mean_absolute_deviation": _mean(deviations),
            "krippendorff_alpha": krippendorff_alpha(several, DIFFICULTY_LEVELS),
            "follows_axes_fraction": _share(distance == 0 for distance in from_axes),
            "follows_axes_within_one_fraction": _share(distance <= 1 for distance in from_axes),
        }
    )


def _summary(answers: Sequence[Answered[Rating]]) -> Row:
    levels = [answered.value["difficulty"] for answered in answers]
    axes = {axis: statistics.median_low([answered.value["axes"][axis] for answered in answers]) for axis in AXES}
    return {
        "rated_difficulty": statistics.median_low(levels),
        "ratings": levels,
        "rating_spread": max(levels) - min(levels),
        "difficulty_axes": canonical_json(axes),
        "rating_key": answers[0].key,
    }


def _share(hits: Iterable[bool]) -> float:
    return _mean([float(hit) for hit in hits])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")
