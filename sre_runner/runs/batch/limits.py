"""Whose turn it is to call the model: one queue over all runs, fair between them, within every limit there is."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from sre_runner.casefile import ModelAnswer, ModelRequest
from sre_runner.models.estimates import prompt_tokens
from sre_runner.models.retry import AttemptFailed
from sre_runner.runs.batch.rates import REQUESTS, Stated, Taken, Window, stated

BUSY = frozenset({"rate_limit_error", "overloaded_error"})
"""Errors by which a service says that it is asked too much."""

LEAST_PAUSE = 0.05
"""Seconds between looks at the queue: a wait that was cut short by rounding must not spin."""


@dataclass(frozen=True)
class Rates:
    """Limits over all runs: model `calls` at the same time, `requests` and `tokens` in any minute; None is no limit.

    Tokens are those that services count: input that did not come from their cache, and output.
    """

    calls: int = 64
    requests: float | None = None
    tokens: float | None = None


@dataclass(eq=False)
class _Waiting:
    ready: asyncio.Future[Taken]
    tokens: float


class Limits:
    """Lets attempts of model calls begin, the runs that wait in turn, as soon as every limit has room for the next.

    How many calls run at once falls by half when the service says that it is busy, and rises by one with every round of
    answers; a wait that it asks for holds for all runs. `waited` is the sum of all waits in seconds.
    """

    def __init__(self, rates: Rates, clock: Callable[[], float]) -> None:
        self.waited = 0.0
        self.in_flight = 0
        self._most = float(rates.calls)
        self._allowed = float(rates.calls)
        self._requests = Window(rates.requests)
        self._tokens = Window(rates.tokens)
        self._stated: dict[str, Stated] = {}
        self._queues: dict[object, deque[_Waiting]] = {}
        self._paused_until = 0.0
        self._cut_at = -1.0
        self._clock = clock
        self._timer: asyncio.TimerHandle | None = None

    @property
    def allowed(self) -> int:
        """How many calls may run at once at present."""
        return max(1, int(self._allowed))

    @property
    def counts_tokens(self) -> bool:
        """Whether it matters how many tokens a call takes."""
        return self._tokens.limit is not None

    @property
    def queued(self) -> bool:
        """Whether any call waits: another run would only make all of them wait longer."""
        return bool(self._queues)

    def of_run(self) -> RunPace:
        """The pace of one run."""
        return RunPace(self)

    async def begin(self, run: object, tokens: float) -> Taken:
        """Wait for the turn of a run's next attempt, which is expected to take so many tokens; it holds a place until
        `end`."""
        began = self._clock()
        waiting = _Waiting(asyncio.get_running_loop().create_future(), tokens)
        self._queues.setdefault(run, deque()).append(waiting)
        self._let_in()
        try:
            return await waiting.ready
        except asyncio.CancelledError:
            if waiting.ready.done() and not waiting.ready.cancelled():
                self.end(waiting.ready.result(), 0.0)
            else:
                self._forget(run, waiting)
            raise
        finally:
            self.waited += self._clock() - began

    def end(self, taken: Taken, tokens: float | None = None) -> None:
        """An attempt ended; it took so many tokens, or as many as were expected where that is not known."""
        self.in_flight -= 1
        if tokens is not None:
            self._tokens.settle(taken, tokens)
        self._let_in()

    def answered(self) -> None:
        """The service answered a call."""
        self._allowed = min(self._most, self._allowed + 1 / max(1.0, self._allowed))

    def busy(self, began: float, wait: float) -> None:
        """The service refused a call that began at a time, as it is asked too much; for so many seconds nothing more
        is asked."""
        now = self._clock()
        self._paused_until = max(self._paused_until, now + wait)
        if began > self._cut_at:  # one cut for all calls that were under way
            self._allowed = max(1.0, min(self._allowed, self.in_flight) / 2)
            self._cut_at = now

    def heard(self, headers: Mapping[str, str]) -> None:
        """Take note of what the service says is left."""
        self._stated |= stated(headers, self._clock())

    def _let_in(self) -> None:
        while self._queues and self.in_flight < self.allowed:
            run, queue = next(iter(self._queues.items()))
            wait = self._wait(queue[0].tokens)
            if wait > 0:
                self._look_again(wait)
                return
            self._forget(run, queue[0], to_the_end=True)

    def _wait(self, tokens: float) -> float:
        """Seconds until every limit has room for one more request of so many tokens.

        Of the service's tokens there only have to be some: how many of a prompt come from its cache, and are not
        counted, only its answer tells.
        """
        now = self._clock()
        waits = [self._paused_until - now, self._requests.wait(1, now), self._tokens.wait(tokens, now)]
        waits += [each.wait(1, now) for each in self._stated.values()]
        return max(waits)

    def _look_again(self, wait: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(max(wait, LEAST_PAUSE), self._let_in)

    def _forget(self, run: object, waiting: _Waiting, *, to_the_end: bool = False) -> None:
        """Take a call out of the queue; with `to_the_end` because it begins, and its run is the last in turn then."""
        queue = self._queues.get(run, deque())
        if waiting in queue:
            queue.remove(waiting)
        if to_the_end:
            self._queues.pop(run, None)
            if queue:
                self._queues[run] = queue
            self._start(waiting)
        elif not queue:
            self._queues.pop(run, None)

    def _start(self, waiting: _Waiting) -> None:
        if waiting.ready.done():  # cancelled meanwhile
            return
        now = self._clock()
        self.in_flight += 1
        if REQUESTS in self._stated:
            self._stated[REQUESTS].take(1)
        self._requests.take(1, now)
        waiting.ready.set_result(self._tokens.take(waiting.tokens, now))


class RunPace:
    """The pace of one run, by the limits over all of them."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    async def attempt(self, request: ModelRequest, make: Callable[[], Awaitable[ModelAnswer]]) -> ModelAnswer:
        """What `make` returns or raises, called once it is this run's turn."""
        limits = self._limits
        taken = await limits.begin(self, prompt_tokens(request) + request.max_tokens if limits.counts_tokens else 0)
        used: float | None = None
        try:
            answer = await make()
            usage = answer.usage
            used = usage.input_tokens + usage.cache_write_tokens + usage.output_tokens
            limits.answered()
            return answer
        except AttemptFailed as failure:
            used = 0.0
            if failure.error.kind in BUSY:
                limits.busy(taken.at, failure.stated)
            raise
        finally:
            limits.end(taken, used)

    def heard(self, headers: Mapping[str, str]) -> None:
        """What the service says is left holds for all runs."""
        self._limits.heard(headers)
