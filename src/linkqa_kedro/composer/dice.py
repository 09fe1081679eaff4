"""Choices that look free and are not: each follows from a hash of the request and a label."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import TypeVar

from linkqa_kedro.teacher.requests import canonical_json

T = TypeVar("T")


class Dice:
    """Draws that depend on the material given here and on the label of each draw, on nothing else.

    Unlike a random generator it has no state: adding a draw in one place changes no other draw.

    Args:
        material: Anything JSON-serialisable.
    """

    def __init__(self, *material: object) -> None:
        self._salt = hashlib.sha256(canonical_json(material).encode()).hexdigest()

    def number(self, *label: object) -> int:
        """An integer of 64 bits."""
        text = f"{self._salt}|{canonical_json(label)}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")

    def pick(self, among: Sequence[T], *label: object) -> T:
        """One of a non-empty sequence."""
        return among[self.number(*label) % len(among)]

    def shuffled(self, items: Iterable[T], *label: object) -> list[T]:
        """The items in an order of this label's."""
        numbered = [(self.number(*label, place), place, item) for place, item in enumerate(items)]
        return [item for _, _, item in sorted(numbered, key=lambda entry: entry[:2])]

    def child(self, *label: object) -> "Dice":
        """Dice of their own for a part of the work."""
        return Dice(self._salt, *label)
