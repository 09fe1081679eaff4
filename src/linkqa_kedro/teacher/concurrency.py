"""How many requests one endpoint has in flight: as many as it bears, found out by trying.

The limit doubles with every round of answers until the first "too many requests", and is then what was in flight
beside it. From there it grows slowly, and is cut once for every burst of refusals, as TCP does with lost packets
(additive increase, multiplicative decrease: Chiu and Jain, 1989). A single refusal among answers is no burst: servers
refuse now and then whatever the load, and slowing down for that would cost time and gain nothing.
"""

import asyncio
from collections import deque
from dataclasses import dataclass

from linkqa_kedro.teacher.backoff import MAX_PAUSE_SECONDS
from linkqa_kedro.teacher.rate_limits import PacedLimit, Taken

# Where trying begins, and doubles with every round of answers; what a smaller server refuses costs nothing.
FIRST_LIMIT = 128
# Refusals in a row, no answer between them, that make a burst.
BURST_IN_A_ROW = 3
# Share of refusals among the last round of outcomes that makes a burst, where answers come between them.
BURST_FRACTION = 0.25
FEWEST_FOR_A_FRACTION = 16
# What a burst leaves of the limit.
CUT = 0.9
# Growth with a round of answers after a cut; slower around the place of the last burst, because most bursts are there.
GROWTH = 1.0
GROWTH_NEAR_BURST = 0.2
BELOW_BURST, ABOVE_BURST = 1.0, 2.0


class AdaptiveLimit:
    """The number of requests that may be in flight, learnt from outcomes.

    Args:
        highest: Never more than this, at least 1.

    Attributes:
        generation: Number of cuts so far, the end of the doubling included. A request remembers the generation in which
            it was sent: a refusal of an older one says nothing about the limit of now, so one burst cuts once.
    """

    def __init__(self, highest: int) -> None:
        self._highest = highest
        self._limit = float(min(highest, FIRST_LIMIT))
        self._burst_at: float | None = None
        self._in_a_row = 0
        self._n_outcomes = 0
        self._n_refusals = 0
        self.generation = 0

    @property
    def limit(self) -> int:
        """Requests that may be in flight, from 1 to `highest`."""
        return max(1, int(self._limit))

    def succeeded(self, is_used_up: bool) -> None:
        """Count an answer; the limit grows where it was what held requests back.

        Args:
            is_used_up: Whether as many requests were in flight as allowed.
        """
        self._in_a_row = 0
        self._count(refused=False)
        if is_used_up:
            self._limit = min(self._limit + self._growth(), float(self._highest))

    def failed(self) -> None:
        """Count a failure that says nothing about the load."""
        self._in_a_row = 0
        self._count(refused=False)

    def refused(self, generation: int, n_others: int) -> bool:
        """Count a refusal; whether it made a burst and cut the limit.

        Args:
            generation: In which the request was sent.
            n_others: Requests in flight beside it: the server has taken them, as far as is known.
        """
        if generation < self.generation:
            if self.generation == 1:
                # Sent while the limit still doubled, and taken for accepted when the doubling ended.
                self._limit = max(1.0, self._limit - 1)
            return False
        if self.generation == 0:
            self._end_doubling(n_others)
            return False
        self._in_a_row += 1
        self._count(refused=True)
        is_often = self._n_outcomes >= FEWEST_FOR_A_FRACTION and self._n_refusals >= BURST_FRACTION * self._n_outcomes
        if self._in_a_row < BURST_IN_A_ROW and not is_often:
            return False
        self._burst_at = self._limit
        self._begin_generation(min(self._limit * CUT, self._limit - 1))
        return True

    def _end_doubling(self, n_others: int) -> None:
        self._begin_generation(min(self._limit - 1, n_others))
        self._burst_at = self._limit + 1

    def _begin_generation(self, limit: float) -> None:
        self._limit = max(1.0, limit)
        self.generation += 1
        self._in_a_row = self._n_outcomes = self._n_refusals = 0

    def _growth(self) -> float:
        """Growth with one answer."""
        if self.generation == 0:
            return 1.0
        is_near = self._burst_at is not None and -BELOW_BURST <= self._limit - self._burst_at <= ABOVE_BURST
        return (GROWTH_NEAR_BURST if is_near else GROWTH) / self._limit

    def _count(self, *, refused: bool) -> None:
        # Halved once a round is over: what was before fades, and no list of outcomes is kept.
        if self._n_outcomes >= max(2 * self.limit, 2 * FEWEST_FOR_A_FRACTION):
            self._n_outcomes //= 2
            self._n_refusals //= 2
        self._n_outcomes += 1
        self._n_refusals += refused


@dataclass(slots=True)
class Ticket:
    """Leave to send one request.

    Attributes:
        generation: That of the adaptive limit when it was given.
        tokens: What counts against the endpoint's rate of tokens; None where it has no such limit.
    """

    generation: int
    tokens: Taken | None = None


class EndpointGate:
    """What every request to one endpoint passes, whichever role or stage sends it.

    What was learnt stays from one call of `complete` to the next. Those that wait belong to the running event loop;
    one loop at a time uses a gate.

    Args:
        max_concurrency: Most requests in flight, at least 1.
        requests_per_minute: Most requests sent in any minute; None for no such limit.
        tokens_per_minute: Most tokens, of prompts and answers, in any minute; None for no such limit. A request counts
            with what requests used on average so far, and with its own use once that is known.

    Attributes:
        n_in_flight: Requests sent and not yet answered.
    """

    def __init__(
        self, max_concurrency: int, requests_per_minute: int | None = None, tokens_per_minute: int | None = None
    ) -> None:
        self.max_concurrency = max_concurrency
        self.n_in_flight = 0
        self._adaptive = AdaptiveLimit(max_concurrency)
        self._requests = None if requests_per_minute is None else PacedLimit(requests_per_minute)
        self._tokens = None if tokens_per_minute is None else PacedLimit(tokens_per_minute)
        self._n_settled = 0
        self._tokens_settled = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._closed_until = 0.0

    @property
    def limit(self) -> int:
        """Requests that may be in flight now."""
        return self._adaptive.limit

    async def take_place(self, is_retry: bool = False) -> Ticket:
        """Wait until one more may be in flight; every ticket must be handed to one of the `leave` methods.

        Args:
            is_retry: Whether it goes before those that were not sent yet: a retry left for the end would be waited for
                alone.
        """
        if self.n_in_flight < self.limit and (is_retry or not self._waiting):
            self.n_in_flight += 1
        else:
            await self._wait_for_a_place(is_retry)
        return Ticket(self._adaptive.generation)

    async def wait_for_the_rate(self, ticket: Ticket, most_tokens: int) -> None:
        """Wait until the rates allow the request, and count it; to be sent at once then.

        Args:
            ticket: From `take_place`.
            most_tokens: Tokens of prompt and answer at most.
        """
        loop = asyncio.get_running_loop()
        tokens = min(most_tokens, self._usual_tokens(most_tokens))
        # All together, and nothing is taken before all allow it.
        while (seconds := self._seconds_to_wait(loop.time(), tokens)) > 0:
            await asyncio.sleep(seconds)
        if self._requests is not None:
            self._requests.take(loop.time(), 1)
        if self._tokens is not None:
            ticket.tokens = self._tokens.take(loop.time(), tokens)

    def leave(self, ticket: Ticket, tokens: int | None) -> None:
        """Give the place back after an answer.

        Args:
            ticket: From `take_place`.
            tokens: Tokens really used; None where the endpoint did not say.
        """
        self._adaptive.succeeded(is_used_up=self.n_in_flight >= self.limit)
        if tokens is not None:
            self._n_settled += 1
            self._tokens_settled += tokens
            self._settle_tokens(ticket, tokens)
        self._free_a_place()

    def leave_failed(self, ticket: Ticket) -> None:
        """Give the place back after a failure that says nothing about the load."""
        self._settle_tokens(ticket, 0)
        self._adaptive.failed()
        self._free_a_place()

    def leave_refused(self, ticket: Ticket, retry_after_seconds: float | None) -> None:
        """Give the place back after a refusal for overload.

        Args:
            ticket: From `take_place`.
            retry_after_seconds: What the server asked for. Where it asks in a burst, all requests wait; a single
                refusal holds back only the request that met it.
        """
        self._settle_tokens(ticket, 0)
        if self._adaptive.refused(ticket.generation, self.n_in_flight - 1) and retry_after_seconds:
            now = asyncio.get_running_loop().time()
            self._closed_until = max(self._closed_until, now + min(retry_after_seconds, MAX_PAUSE_SECONDS))
        self._free_a_place()

    def _usual_tokens(self, most_tokens: int) -> int:
        return most_tokens if not self._n_settled else -(-self._tokens_settled // self._n_settled)

    def _settle_tokens(self, ticket: Ticket, used: int) -> None:
        if self._tokens is not None and ticket.tokens is not None:
            self._tokens.settle(ticket.tokens, used)

    async def _wait_for_a_place(self, is_retry: bool) -> None:
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if is_retry:
            self._waiting.appendleft(place)
        else:
            self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            self._forget(place)
            raise

    def _forget(self, place: asyncio.Future[None]) -> None:
        if place.done() and not place.cancelled():
            self._free_a_place()  # it had been given, and nobody came
        elif place in self._waiting:
            self._waiting.remove(place)

    def _free_a_place(self) -> None:
        self.n_in_flight -= 1
        while self._waiting and self.n_in_flight < self.limit:
            place = self._waiting.popleft()
            if not place.done():
                self.n_in_flight += 1  # counted here: nobody else can take it before the waiting one wakes
                place.set_result(None)

    def _seconds_to_wait(self, now: float, tokens: int) -> float:
        return max(
            self._closed_until - now,
            0.0 if self._requests is None else self._requests.seconds_to_wait(now, 1),
            0.0 if self._tokens is None else self._tokens.seconds_to_wait(now, tokens),
        )
