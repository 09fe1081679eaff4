"""The kinds of items the composer can build, by the name that `question_types` uses."""

from collections.abc import Mapping, Sequence

from linkqa_kedro.composer.draft import Builder
from linkqa_kedro.composer.item_types.chains import build_conditional, build_sequence
from linkqa_kedro.composer.item_types.claims import (
    build_counting,
    build_multiple_select,
    build_single_choice,
    build_statement_pair,
    build_true_false,
)
from linkqa_kedro.composer.item_types.matching import build_matching
from linkqa_kedro.composer.item_types.numbers import build_calculation, build_ordering
from linkqa_kedro.composer.item_types.right_pair import build_right_pair, is_recall, stands_alone
from linkqa_kedro.composer.material import Material

BUILDERS: Mapping[str, Builder] = {
    "multiple_select": build_multiple_select,
    "single_choice": build_single_choice,
    "counting": build_counting,
    "true_false": build_true_false,
    "statement_pair": build_statement_pair,
    "conditional": build_conditional,
    "sequence": build_sequence,
    "matching": build_matching,
    "ordering": build_ordering,
    "calculation": build_calculation,
    "right_pair": build_right_pair,
}
# Types that need a number of questions of their own.
_SIZES: Mapping[str, range] = {"statement_pair": range(2, 3), "ordering": range(3, 9), "right_pair": range(2, 5)}


# The one type of mere recall: it asks which of several questions is answered correctly.
RECALL = "right_pair"


def joins(question_type: str, questions: Sequence[Material]) -> bool:
    """Whether a type can join these questions: so many, and for recall such as need no options beside them.

    Recall stands wrong answers beside the right one, which a question without options does not have: one of those at
    most can join.
    """
    if len(questions) not in _SIZES.get(question_type, range(2, 9)):
        return False
    free = sum(not material.options for material in questions)
    return question_type != RECALL or (free <= 1 and all(stands_alone(material) for material in questions))


QUESTION_TYPES: tuple[str, ...] = tuple(BUILDERS)

__all__ = ["BUILDERS", "QUESTION_TYPES", "RECALL", "is_recall", "joins"]
