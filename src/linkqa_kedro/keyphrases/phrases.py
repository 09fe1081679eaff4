"""What the readers of both scripts hand over: the phrases of one seed."""

from dataclasses import dataclass, field

Key = tuple[str, ...]


@dataclass(slots=True)
class SeedPhrases:
    """What one seed holds.

    Attributes:
        relevance: Phrases that may stand, by their folded words; higher is better, about 1 to 3.
        spare: Phrases with less evidence that they name anything, for seeds that nothing else links.
        surfaces: The forms in which each phrase of either kind is written.
    """

    relevance: dict[Key, float] = field(default_factory=dict)
    spare: dict[Key, float] = field(default_factory=dict)
    surfaces: dict[Key, set[str]] = field(default_factory=dict)

    def add(self, key: Key, surface: str, relevance: float) -> None:
        """A phrase that may stand; the best of several relevances counts."""
        self.relevance[key] = max(self.relevance.get(key, 0.0), relevance)
        self.surfaces.setdefault(key, set()).add(surface)

    def add_spare(self, key: Key, surface: str, relevance: float) -> None:
        """A phrase for want of a better one."""
        if key not in self.relevance:
            self.spare[key] = max(self.spare.get(key, 0.0), relevance)
            self.surfaces.setdefault(key, set()).add(surface)
