"""The one error a person is meant to read."""

from collections.abc import Iterator


class UserError(Exception):
    """A mistake in input, settings or surroundings that the person running the project can mend.

    The message says what happened, with the value, then what to change and in which file. `kedro run`
    prints it alone, without a traceback, wherever it stands in the chain of causes (see `cli.py`).
    """


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """The error, and what led to it, outermost first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__
