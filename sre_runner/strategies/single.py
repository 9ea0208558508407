"""One agent alone, whose report is the conclusion."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from sre_runner.casefile import Assignment, Report, Wave


def single(assignments: Sequence[Assignment]) -> Generator[Wave, Sequence[Report], Sequence[Report]]:
    """One wave of the one assignment that there is."""
    (assignment,) = assignments
    return (yield (assignment,))
