"""How long to wait before a request is sent again."""

import math

from linkqa_kedro.teacher.errors import RequestFailed

# A server may ask for a pause until tomorrow; the run then tries earlier, and fails in words.
MAX_PAUSE_SECONDS = 600.0


def pause_seconds(backoff_seconds: float, n_failed: int, key: str, longest: float) -> float:
    """Pause after the failure number n_failed (from 1): doubled each time, spread by up to a half.

    The spread keeps requests that failed together from coming back together. It is taken from the key: no random
    state is touched, and the run can be repeated.
    """
    return min(math.ldexp(backoff_seconds, n_failed - 1), longest) * _spread(key)


def asked_seconds(failure: RequestFailed, key: str) -> float:
    """Pause that the server asked for, spread likewise, up to MAX_PAUSE_SECONDS; 0 where it asked for none."""
    return min((failure.retry_after_seconds or 0.0) * _spread(key), MAX_PAUSE_SECONDS)


def _spread(key: str) -> float:
    return 1 + int(key[-8:], 16) / 2**33
