"""Retries of a model call: which wait comes next, and when there is none any more."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TypeVar

from sre_runner.models.model import ModelError
from sre_runner.models.patience import Patience

T = TypeVar("T")


class AttemptFailed(Exception):  # noqa: N818 (an outcome of one attempt; the error is inside)
    """One attempt gave no answer.

    `error` is what is raised when nothing more is tried, `reason` a few words for the person who waits. `attempts`
    bounds how often a call may fail like this (1: no retry helps); `stated` is the seconds that the service asked to
    wait; `connected` is False where the service was not reached.
    """

    def __init__(
        self,
        error: ModelError,
        reason: str,
        *,
        attempts: float = math.inf,
        stated: float | None = None,
        connected: bool = True,
    ) -> None:
        super().__init__(error.message)
        self.error = error
        self.reason = reason
        self.attempts = attempts
        self.stated = stated or 0.0
        self.connected = connected


@dataclass(frozen=True)
class Retries:
    """How the calls of a run are retried: exponential backoff with full jitter, within one `patience`.

    The n-th wait of a call is random between 0 and `first_wait` doubled n - 1 times, at most `longest_wait`. `on_wait`
    is told one sentence before each wait.
    """

    patience: Patience = field(default_factory=Patience)
    first_wait: float = 1.0
    longest_wait: float = 30.0
    on_wait: Callable[[str], None] = lambda _: None
    random: random.Random = field(default_factory=random.Random)

    async def run(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """The first answer of `attempt`; raise the `ModelError` of the last `AttemptFailed`."""
        clock = asyncio.get_running_loop().time
        deadline = math.inf
        failures: Counter[str] = Counter()
        while True:
            began = clock()
            try:
                answer = await attempt()
            except AttemptFailed as failure:
                now = clock()
                deadline = min(deadline, now + self.patience.seconds)
                failures[failure.error.kind] += 1
                wait = self._wait(failure, failures, began, now, deadline)
                self.on_wait(f"{failure.reason}; attempt {failures.total() + 1} in {wait:.1f} s.")
            else:
                self.patience.answered(clock())
                return answer
            await asyncio.sleep(wait)

    def _wait(self, failure: AttemptFailed, failures: Counter[str], began: float, now: float, deadline: float) -> float:
        """Seconds until the next attempt; raise where there is to be none."""
        count = failures.total()
        tries = f" (after {count} attempts)" if count > 1 else ""
        if failures[failure.error.kind] >= failure.attempts:
            if failure.connected:
                self.patience.connected()
            raise _final(failure.error, tries) from None
        self.patience.failed(began, now, connected=failure.connected)
        left = min(deadline - now, self.patience.left(now))
        if left <= 0:
            silent = self.patience.silent_for(now)
            why = f" (not tried again, as nothing was answered for {silent:.0f} s)" if not tries and silent else tries
            raise _final(failure.error, why) from None
        if failure.stated > left:
            asked = f" (it asks to wait {failure.stated:.0f} s; it is tried again for {left:.0f} s at most)"
            raise _final(failure.error, asked) from None
        # Jitter comes on top of a stated wait, or all who were told the same would return at once.
        backoff = self.random.uniform(0.0, min(self.longest_wait, self.first_wait * 2.0 ** min(count - 1, 60)))
        return min(failure.stated + backoff, left)


def _final(error: ModelError, more: str) -> ModelError:
    """The error of the last attempt. It is raised `from None`: the SDK's own errors hold what is cut or masked here."""
    return ModelError(error.kind, error.message + more, error.hint, ends_run=error.ends_run)


def stated_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds that a response's headers (lower-case names) ask to wait, None where they do not say.

    `retry-after-ms` goes before `retry-after`, which is seconds or an HTTP date.
    """
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            seconds = float(headers[name]) / unit
        except (KeyError, ValueError):
            continue
        if math.isfinite(seconds):
            return max(0.0, seconds)
    try:
        return max(0.0, parsedate_to_datetime(headers["retry-after"]).timestamp() - time.time())
    except (KeyError, ValueError, OverflowError):
        return None
