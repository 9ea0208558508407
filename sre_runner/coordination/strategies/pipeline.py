"""One specialist after the other, each given what the earlier ones reported."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace

from sre_runner.casefile import Assignment, Investigation, Report, Status, Wave
from sre_runner.coordination.assignments import told_briefly
from sre_runner.specs import CoordinatorSpec


def pipeline(
    assignments: Sequence[Assignment], coordinator: CoordinatorSpec
) -> Generator[Wave, Sequence[Report], Investigation]:
    """A wave for each assignment, until a report says what `stop_when` waits for."""
    reports: list[Report] = []
    for number, assignment in enumerate(assignments, start=1):
        earlier = [told_briefly(report) for report in reports]
        blocks = (*assignment.blocks, ("reports", earlier)) if earlier else assignment.blocks
        (report,) = yield (replace(assignment, blocks=blocks),)
        reports.append(report)
        why = _stops(report, coordinator.stop_when.get(report.agent, {}))
        if why and number < len(assignments):
            left = ", ".join(each.agent for each in assignments[number:])
            return Investigation(tuple(reports), (f"The pipeline ended after {report.agent} ({why}), without {left}.",))
    return Investigation(tuple(reports))


def _stops(report: Report, conditions: Mapping[str, Sequence[object]]) -> str:
    """Why this report ends the pipeline, in words: all conditions hold; "" where it does not."""
    if report.status is not Status.COMPLETED or not conditions:
        return ""
    met = all(report.fields.get(name) in values for name, values in conditions.items())
    return ", ".join(f"{name}: {report.fields[name]}" for name in conditions) if met else ""
