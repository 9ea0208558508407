"""Minutes of waiting in no time: a clock that jumps, the longest waits, and attempts that fail."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

from sre_runner.models.model import ModelError
from sre_runner.models.retry import AttemptFailed


class SleepingLoop(asyncio.SelectorEventLoop):
    """A real event loop whose clock jumps to whatever is due next, so that minutes of waiting take no time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def time(self) -> float:
        return self.now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            self.now = max(self.now, self._scheduled[0].when())  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


class HighestRandom(Random):
    """Always the longest wait there could be."""

    def uniform(self, a: float, b: float) -> float:
        return b


def failed(kind: str = "api_error", **how: Any) -> AttemptFailed:
    return AttemptFailed(ModelError(kind, "it broke", "try later"), "The service", **how)
