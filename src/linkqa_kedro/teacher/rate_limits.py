"""A rate that is kept in every minute, not on average."""

from collections import deque
from dataclasses import dataclass

WINDOW_SECONDS = 60.0


@dataclass(slots=True)
class Taken:
    """An amount that counts against a limit, from `at` on; it is corrected when the real one is known."""

    at: float
    amount: float


class PacedLimit:
    """At most so much in any 60 seconds, evenly spread.

    Two rules hold together: the sum over the last minute, and a bucket that holds one second's worth, so that a
    minute's worth is not sent at once. Times are those of any steady clock, in seconds.

    Args:
        per_minute: Above 0. An amount above it goes alone.
    """

    def __init__(self, per_minute: float) -> None:
        self._per_minute = per_minute
        self._per_second = per_minute / WINDOW_SECONDS
        self._highest = max(self._per_second, 1.0)
        self._level = self._highest
        self._filled_at: float | None = None
        self._recent: deque[Taken] = deque()
        self._sum = 0.0

    def seconds_to_wait(self, now: float, amount: float) -> float:
        """Seconds until an amount may be taken, as far as is known now; 0 where it may be."""
        self._fill(now)
        # More than the bucket holds goes when it is full, and is waited for by those that come next.
        missing = min(amount, self._highest) - self._level
        spread = missing / self._per_second if missing > 1e-9 else 0.0
        return max(spread, self._window_seconds(now, amount))

    def take(self, now: float, amount: float) -> Taken:
        """Take an amount, whether there is enough or not."""
        self._fill(now)
        taken = Taken(now, amount)
        self._recent.append(taken)
        self._sum += amount
        self._level -= amount
        return taken

    def settle(self, taken: Taken, used: float) -> None:
        """Replace what was taken by what was used."""
        self._level = min(self._highest, self._level + taken.amount - used)
        if self._recent and taken.at >= self._recent[0].at:
            self._sum += used - taken.amount
        taken.amount = used

    def _fill(self, now: float) -> None:
        if self._filled_at is not None:
            self._level = min(self._highest, self._level + (now - self._filled_at) * self._per_second)
        self._filled_at = now
        while self._recent and self._recent[0].at <= now - WINDOW_SECONDS:
            self._sum -= self._recent.popleft().amount
        if not self._recent:
            self._sum = 0.0

    def _window_seconds(self, now: float, amount: float) -> float:
        """Seconds until enough of what was taken is a minute old."""
        excess = self._sum + amount - self._per_minute
        if excess <= 1e-9:
            return 0.0
        for taken in self._recent:
            excess -= taken.amount
            if excess <= 1e-9:
                return taken.at + WINDOW_SECONDS - now
        return self._recent[-1].at + WINDOW_SECONDS - now if self._recent else 0.0
