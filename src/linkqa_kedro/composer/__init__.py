"""The embedded teacher: software that answers the same requests as a model, by rule, from the structured values.

It annotates from corpus-wide candidates and labelled neighbours, composes items whose answer follows from the keys
of their seeds, rates any question blind by what can be counted in it, and raises or lowers an item by joining more
or fewer seeds and conditions. It never invents a fact, and `verify_item` recomputes every answer. A real teacher
writes better questions.
"""

from linkqa_kedro.composer.item_types import QUESTION_TYPES
from linkqa_kedro.composer.model import Composer
from linkqa_kedro.composer.verify import verify_item

__all__ = ["QUESTION_TYPES", "Composer", "verify_item"]
