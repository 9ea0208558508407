"""All specialists at the same time."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from sre_runner.casefile import Assignment, Report, Wave


def parallel(assignments: Sequence[Assignment]) -> Generator[Wave, Sequence[Report], Sequence[Report]]:
    """One wave of everything."""
    return (yield tuple(assignments))
