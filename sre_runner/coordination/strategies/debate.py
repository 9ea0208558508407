"""Rounds of positions: everyone takes one alone, then sees those of the others and may revise its own."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

from sre_runner.casefile import Assignment, Investigation, Report, Status, Wave
from sre_runner.coordination.assignments import continuation, told
from sre_runner.coordination.evidence.findings import judged_again
from sre_runner.coordination.strategies.strategy import Again, Draft, Edges, Parameters, Strategy
from sre_runner.coordination.strategies.wording import everyone, together
from sre_runner.errors import Problem
from sre_runner.models.messages import message
from sre_runner.specs import CoordinatorSpec, Playbook, Role

POSITION = "severity_assessment"
"""The field that the debaters agree or disagree on."""
ROUNDS = 2
"""Rounds of positions where nothing is said."""


def debate(
    assignments: Sequence[Assignment], coordinator: CoordinatorSpec
) -> Generator[Wave, Sequence[Report], Investigation]:
    """A wave for each round; it ends early where all agree, or where fewer than two positions are left.

    Who gives no position in a round keeps the one before and takes no further part.
    """
    rounds = _rounds(coordinator)
    positions: list[Report] = list((yield tuple(assignments)))
    first = tuple(positions)
    lost: list[Report] = []
    active = [report.agent for report in positions if report.status is Status.COMPLETED]
    for number in range(2, rounds + 1):
        over = "fewer than two debaters were left" if len(active) < 2 else _agreed(positions)
        if over:
            notes = (f"The debate ended after round {number - 1}: {over}.",)
            return Investigation(tuple(positions), notes, first, tuple(lost))
        task = message("debate_round", number=number, rounds=rounds)
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


def _rounds(coordinator: CoordinatorSpec) -> int:
    return int(coordinator.parameters.get("rounds", ROUNDS))


def _sentences(playbook: Playbook) -> Iterator[str]:
    rounds = _rounds(playbook.coordinator)
    said = f"{everyone(playbook)} take positions, {together(playbook)}"
    if rounds == 1:
        yield f"{said}, in one round."
    else:
        then = f"after the first each sees those of the others, and it ends where all agree on {POSITION}"
        yield f"{said}, in up to {rounds} rounds: {then}."


def _edges(playbook: Playbook) -> Edges:
    rounds = _rounds(playbook.coordinator)
    return Edges(again=Again("positions", f"up to {rounds} rounds", "those of the others") if rounds > 1 else None)


def _wrong_size(count: int) -> str:
    return "a debate takes at least two specialists, and here is one" if count == 1 else ""


def _problems(draft: Draft) -> Iterator[Problem]:
    if message := _wrong_size(len(draft.specialists)):
        yield draft.wrong_team(message, "Add one to `specialists`, with other tools or another prompt.")


_GAPS = "Leave it out: debaters look for the gaps in each other's positions."

DEBATE = Strategy(
    name="debate",
    summary="rounds of positions, and a judge that decides",
    waves=debate,
    sentences=_sentences,
    parameters=Parameters(
        what="Everyone takes a position, then sees those of the others and may revise its own; a judge decides. It "
        "ends early where all agree on the severity.",
        keys="Rounds of positions among at least two specialists, and a judge.",
        shape="{judge: NAME}",
        example={"rounds": 2, "judge": "judge"},
        properties={
            "rounds": {
                "description": "Rounds of positions at most, the first included.",
                "type": "integer",
                "minimum": 1,
                "maximum": 10,
                "default": ROUNDS,
            },
            "judge": {
                "description": "The agent of role judge that decides; its severity is the verdict.",
                "type": "string",
                "minLength": 1,
                "examples": ["judge"],
            },
        },
        required=("judge",),
        leads={"judge": Role.JUDGE},
    ),
    needs=(Role.JUDGE, Role.SYNTHESIZER),
    has_no={
        "planner": "Leave it out: everyone takes a position on the whole task.",
        "reviewer": _GAPS,
        "feedback": _GAPS,
    },
    wrong_size=_wrong_size,
    problems=_problems,
    edges=_edges,
)
