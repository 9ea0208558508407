"""One specialist after the other, in the playbook's order, none seeing another's report."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from sre_runner.casefile import Assignment, Investigation, Report, Wave
from sre_runner.specs import CoordinatorSpec


def sequential(
    assignments: Sequence[Assignment], _: CoordinatorSpec
) -> Generator[Wave, Sequence[Report], Investigation]:
    """A wave for each assignment."""
    reports: list[Report] = []
    for assignment in assignments:
        reports += yield (assignment,)
    return Investigation(tuple(reports))
