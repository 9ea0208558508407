"""One specialist after the other, in the playbook's order, none seeing another's report."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from sre_runner.casefile import Assignment, Report, Wave


def sequential(assignments: Sequence[Assignment]) -> Generator[Wave, Sequence[Report], Sequence[Report]]:
    """A wave for each assignment."""
    reports: list[Report] = []
    for assignment in assignments:
        reports += yield (assignment,)
    return reports
