"""All specialists at the same time."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from sre_runner.casefile import Assignment, Investigation, Report, Wave
from sre_runner.specs import CoordinatorSpec


def parallel(assignments: Sequence[Assignment], _: CoordinatorSpec) -> Generator[Wave, Sequence[Report], Investigation]:
    """One wave of everything."""
    return Investigation(tuple((yield tuple(assignments))))
