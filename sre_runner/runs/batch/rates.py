"""How much may be asked of a service, as pure bookkeeping: our own limits a minute, and what it says is left."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

WINDOW = 60.0
"""Seconds over which our own limits count."""

PREFIX = "anthropic-ratelimit-"
REQUESTS, TOKENS = "requests", ("tokens", "input-tokens", "output-tokens")
"""What the service's headers count."""


@dataclass
class Taken:
    """One amount in a window: estimated when it is taken, put right once it is known."""

    at: float
    amount: float


@dataclass
class Window:
    """At most `limit` in any 60 seconds; None for no limit. Times are those of any one clock, in seconds."""

    limit: float | None
    _taken: deque[Taken] = field(default_factory=deque)
    _sum: float = 0.0

    def wait(self, amount: float, now: float) -> float:
        """Seconds until there is room. What is larger than the limit goes when nothing else is counted."""
        if self.limit is None:
            return 0.0
        while self._taken and self._taken[0].at <= now - WINDOW:
            self._sum -= self._taken.popleft().amount
        left = self._sum
        if not self._taken or left + amount <= self.limit:
            return 0.0
        for each in self._taken:
            left -= each.amount
            if left + amount <= self.limit:
                return each.at + WINDOW - now
        return self._taken[-1].at + WINDOW - now

    def take(self, amount: float, now: float) -> Taken:
        """Count an amount from now on."""
        taken = Taken(now, amount)
        if self.limit is not None:
            self._taken.append(taken)
            self._sum += amount
        return taken

    def settle(self, taken: Taken, amount: float) -> None:
        """Put an amount right, as long as it is counted."""
        if self._taken and taken.at >= self._taken[0].at:
            self._sum += amount - taken.amount
        taken.amount = amount


@dataclass
class Stated:
    """What the service said is left of one of its limits, and when it is whole again; it fills up evenly until then.

    Where it did not say how large the limit is, nothing comes back before `whole`.
    """

    left: float
    limit: float
    at: float
    whole: float

    def wait(self, amount: float, now: float) -> float:
        """Seconds until there is room, at most until all of it is there."""
        if now >= self.whole:
            return 0.0
        rate = (self.limit - self.left) / (self.whole - self.at) if self.whole > self.at else math.inf
        missing = min(amount, self.limit or amount) - self.left - rate * (now - self.at)
        if missing <= 0:
            return 0.0
        return min(self.whole - now, missing / rate if rate > 0 else math.inf)

    def take(self, amount: float) -> None:
        """An amount is on its way."""
        self.left -= amount


def stated(headers: Mapping[str, str], now: float) -> dict[str, Stated]:
    """What the headers of a response say is left, by what they count. What cannot be read is passed over.

    The time until a limit is whole is counted from the response's own `date`, as clocks differ.
    """
    found = {}
    for name in (REQUESTS, *TOKENS):
        left = _number(headers.get(f"{PREFIX}{name}-remaining"))
        seconds = _seconds_to(headers.get(f"{PREFIX}{name}-reset"), headers.get("date"))
        if left is None or seconds is None:
            continue
        limit = _number(headers.get(f"{PREFIX}{name}-limit"))
        found[name] = Stated(left, max(left, limit) if limit is not None else left, now, now + seconds)
    return found


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < math.inf else None


def _seconds_to(reset: str | None, date: str | None) -> float | None:
    """Seconds from the response to the moment that it names: 0 where it is past, an hour at most."""
    try:
        moment = datetime.fromisoformat(reset or "")
        sent = parsedate_to_datetime(date) if date else datetime.now(UTC)
        return min(3600.0, max(0.0, (moment - sent).total_seconds()))
    except (ValueError, TypeError, OverflowError):
        return None
