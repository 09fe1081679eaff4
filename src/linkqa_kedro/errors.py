"""The one error a person is meant to read."""


class UserError(Exception):
    """A mistake in input, settings or surroundings that the person running the project can mend.

    The message says what happened, with the value, then what to change and in which file. `kedro run`
    prints it alone, without a traceback, wherever it stands in the chain of causes (see `cli.py`).
    """
