"""Groups of specialists, one group after the other, each given what the earlier ones reported."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace

from sre_runner.casefile import Assignment, Investigation, Report, Wave
from sre_runner.coordination.assignments import told_briefly
from sre_runner.coordination.strategies.strategy import Again, Draft, Edges, Parameters, Strategy
from sre_runner.coordination.strategies.wording import everyone
from sre_runner.errors import Problem
from sre_runner.specs import CoordinatorSpec, Playbook, Role


def groups(
    assignments: Sequence[Assignment], coordinator: CoordinatorSpec
) -> Generator[Wave, Sequence[Report], Investigation]:
    """A wave for each group."""
    size = coordinator.parameters["size"]
    reports: list[Report] = []
    for first in range(0, len(assignments), size):
        earlier = ("reports", [told_briefly(report) for report in reports])
        wave = assignments[first : first + size]
        reports += yield tuple(replace(each, blocks=(*each.blocks, earlier)) if reports else each for each in wave)
    return Investigation(tuple(reports))


def _sentences(playbook: Playbook) -> Iterator[str]:
    yield f"{everyone(playbook)} investigate in groups of {playbook.coordinator.parameters['size']}."


def _wrong_size(count: int) -> str:
    return "groups take at least three specialists, and here is one" if count == 1 else ""


def _problems(draft: Draft) -> Iterator[Problem]:
    if message := _wrong_size(len(draft.specialists)):
        yield draft.wrong_team(message, "Add two.")
    for name in draft.keys("may_skip"):
        if name not in draft.specialists:
            yield draft.wrong_key(("may_skip", name), "it skips nobody", "Leave it out.")


GROUPS = Strategy(
    name="groups",
    summary="in groups, one group after the other",
    waves=groups,
    sentences=_sentences,
    parameters=Parameters(
        what="How large the groups are, and who decides.",
        keys="Groups in the listed order.",
        shape="{size: NUMBER, arbiter: NAME}",
        example={"size": 2, "arbiter": "judge"},
        properties={
            "size": {"description": "Specialists in a group.", "type": "integer", "minimum": 2},
            "arbiter": {"description": "An agent of role judge.", "type": "string", "minLength": 1},
            "may_skip": {
                "description": "Why, by specialist.",
                "type": "object",
                "additionalProperties": {"type": "string"},
            },
        },
        required=("size", "arbiter"),
        leads={"arbiter": Role.JUDGE},
        by_specialist=("may_skip",),
    ),
    needs=(Role.JUDGE, Role.SYNTHESIZER),
    has_no={"planner": "Leave it out: every group has the whole task."},
    wrong_size=_wrong_size,
    problems=_problems,
    edges=lambda _: Edges(again=Again("groups", "of some", "the next")),
)
