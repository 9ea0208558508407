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

from sre_runner.models import ModelError

T = TypeVar("T")


class AttemptFailed(Exception):  # noqa: N818 (an outcome of one attempt; the error is inside)
    """One attempt gave no answer.

    `error` is what is raised when nothing more is tried, `reason` a few words for the person who waits. `attempts`
    bounds how often a call may fail like this (1: no retry helps); `stated` is the seconds that the service asked to
    wait.
    """

    def __init__(
        self, error: ModelError, reason: str, *, attempts: float = math.inf, stated: float | None = None
    ) -> None:
        super().__init__(error.message)
        self.error = error
        self.reason = reason
        self.attempts = attempts
        self.stated = stated or 0.0


@dataclass(frozen=True)
class Retries:
    """How a call is retried: exponential backoff with full jitter, within a total limit.

    `seconds` is how long after its first failure a call is tried again. The n-th wait is random between 0 and
    `first_wait` doubled n - 1 times, at most `longest_wait`. `on_wait` is told one sentence before each wait.
    """

    seconds: float = 120.0
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
            try:
                return await attempt()
            except AttemptFailed as failure:
                deadline = min(deadline, clock() + self.seconds)
                failures[failure.error.kind] += 1
                wait = self._wait(failure, failures, deadline - clock())
                self.on_wait(f"{failure.reason}; attempt {failures.total() + 1} in {wait:.1f} s.")
            await asyncio.sleep(wait)

    def _wait(self, failure: AttemptFailed, failures: Counter[str], left: float) -> float:
        """Seconds until the next attempt; raise where there is to be none."""
        error, count = failure.error, failures.total()
        # `from None`: the SDK's own errors hold what is cut or masked here.
        if failures[error.kind] >= failure.attempts or left <= 0:
            tries = f" (after {count} attempts)" if count > 1 else ""
            raise ModelError(error.kind, error.message + tries, error.hint) from None
        if failure.stated > left:
            asked = f" (it asks to wait {failure.stated:.0f} s; a call is retried for {self.seconds:g} s at most)"
            raise ModelError(error.kind, error.message + asked, error.hint) from None
        # Jitter comes on top of a stated wait, or all who were told the same would return at once.
        backoff = self.random.uniform(0.0, min(self.longest_wait, self.first_wait * 2.0 ** min(count - 1, 60)))
        return min(failure.stated + backoff, left)


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
