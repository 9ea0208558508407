"""How long the model calls of one run go on trying a service that does not answer, all of them together."""

from __future__ import annotations

import math

CONNECT_SECONDS = 30.0
"""The SDK's 5 seconds are too few when hundreds of calls begin at once on a small machine."""

SHORTEST_CONNECT = 5.0
"""Seconds for a connection once patience has run out."""


class Patience:
    """What one run has for its model service. Times are seconds of the event loop's clock.

    Where no call has ever been answered, calls are tried again until there was no connection for `connecting` seconds,
    or until `overloaded` seconds after the first failure. Later a call is tried again for `seconds` after its own first
    failure, and as long as it is not `seconds` since the first failure after the last answer of any call. Who comes
    after that gets one attempt; an answer to any call begins everything anew.
    """

    def __init__(self, seconds: float = 120.0, *, connecting: float = 20.0, overloaded: float = 60.0) -> None:
        self.seconds = seconds
        self._connecting = min(connecting, seconds)
        self._overloaded = min(overloaded, seconds)
        self._heard: float | None = None
        self._failing_since: float | None = None
        self._cut_off_since: float | None = None

    def answered(self, now: float) -> None:
        """A call was answered."""
        self._heard = now
        self._failing_since = self._cut_off_since = None

    def connected(self) -> None:
        """The service said something, if only that it cannot answer."""
        self._cut_off_since = None

    def failed(self, began: float, now: float, *, connected: bool) -> None:
        """An attempt failed in a way that may pass."""
        if self._failing_since is None:
            self._failing_since = now
        if connected:
            self.connected()
        elif self._cut_off_since is None:
            self._cut_off_since = began

    def left(self, now: float) -> float:
        """Seconds for which a call that failed may be tried again; nothing or less where it may not."""
        if self._heard is not None:
            return self._until(self._failing_since, self.seconds, now)
        return min(
            self._until(self._failing_since, self._overloaded, now),
            self._until(self._cut_off_since, self._connecting, now),
        )

    def silent_for(self, now: float) -> float:
        """Seconds since the first failure after the last answer."""
        return 0.0 if self._failing_since is None else now - self._failing_since

    def for_connecting(self, now: float) -> float:
        """The most seconds that the next attempt may take for its connection."""
        if self._heard is None:
            most = min(self._connecting, self._until(self._cut_off_since, self._connecting, now))
        else:
            most = self.left(now)
        return max(SHORTEST_CONNECT, min(CONNECT_SECONDS, most))

    @staticmethod
    def _until(since: float | None, limit: float, now: float) -> float:
        return math.inf if since is None else since + limit - now
