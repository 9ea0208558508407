"""Rounds of positions: everyone takes one alone, then sees those of the others and may revise its own."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from sre_runner.casefile import Assignment, Investigation, Report, Status, Wave
from sre_runner.coordination.assignments import continuation, told
from sre_runner.coordination.evidence.findings import judged_again
from sre_runner.models.messages import message
from sre_runner.specs import CoordinatorSpec

POSITION = "severity_assessment"
"""The field that the debaters agree or disagree on."""


def debate(
    assignments: Sequence[Assignment], coordinator: CoordinatorSpec
) -> Generator[Wave, Sequence[Report], Investigation]:
    """A wave for each round; it ends early where all agree, or where fewer than two positions are left.

    Who gives no position in a round keeps the one before and takes no further part.
    """
    positions: list[Report] = list((yield tuple(assignments)))
    first = tuple(positions)
    lost: list[Report] = []
    active = [report.agent for report in positions if report.status is Status.COMPLETED]
    for number in range(2, coordinator.rounds + 1):
        over = "fewer than two debaters were left" if len(active) < 2 else _agreed(positions)
        if over:
            notes = (f"The debate ended after round {number - 1}: {over}.",)
            return Investigation(tuple(positions), notes, first, tuple(lost))
        task = message("debate_round", number=number, rounds=coordinator.rounds)
        wave = tuple(
            continuation(own, assignment, f"round-{number}/{own.agent}", task, ("positions", _others(own, positions)))
            for own, assignment in zip(positions, assignments, strict=True)
            if own.agent in active
        )
        given = yield wave
        lost += [report for report in given if report.status is not Status.COMPLETED]
        revised = {report.agent: report for report in given if report.status is Status.COMPLETED}
        positions = list(judged_again([revised.get(report.agent, report) for report in positions]))
        active = list(revised)
    return Investigation(tuple(positions), (), first, tuple(lost))


def _agreed(positions: Sequence[Report]) -> str:
    taken = {report.fields[POSITION] for report in positions if report.status is Status.COMPLETED}
    return f"all positions are {', '.join(taken)}" if len(taken) == 1 else ""


def _others(own: Report, positions: Sequence[Report]) -> list[object]:
    return [told(report) for report in positions if report is not own and report.status is Status.COMPLETED]
