"""One agent alone, whose report is the conclusion."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from sre_runner.casefile import Assignment, Investigation, Report, Wave
from sre_runner.specs import CoordinatorSpec


def single(assignments: Sequence[Assignment], _: CoordinatorSpec) -> Generator[Wave, Sequence[Report], Investigation]:
    """One wave of the one assignment that there is."""
    (assignment,) = assignments
    return Investigation(tuple((yield (assignment,))))
