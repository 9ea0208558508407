"""One specialist after the other, each given what the earlier ones reported."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace

from sre_runner.casefile import Assignment, Investigation, Json, Report, Status, Wave
from sre_runner.coordination.assignments import told_briefly
from sre_runner.coordination.strategies.strategy import Draft, Edges, Parameters, Strategy
from sre_runner.coordination.strategies.wording import everyone
from sre_runner.documents.hints import choices
from sre_runner.errors import Problem
from sre_runner.specs import CoordinatorSpec, Playbook
from sre_runner.text.naming import said


def pipeline(
    assignments: Sequence[Assignment], coordinator: CoordinatorSpec
) -> Generator[Wave, Sequence[Report], Investigation]:
    """A wave for each assignment, until a report says what `stop_when` waits for."""
    stop_when = coordinator.parameters.get("stop_when", {})
    reports: list[Report] = []
    for number, assignment in enumerate(assignments, start=1):
        earlier = [told_briefly(report) for report in reports]
        blocks = (*assignment.blocks, ("reports", earlier)) if earlier else assignment.blocks
        (report,) = yield (replace(assignment, blocks=blocks),)
        reports.append(report)
        why = _stops(report, stop_when.get(report.agent, {}))
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


def _sentences(playbook: Playbook) -> Iterator[str]:
    yield f"{everyone(playbook)} investigate, one after the other, each given what the earlier ones reported."
    for name, conditions in _ends(playbook).items():
        yield f"After {name} the pipeline ends where its report says {conditions}."


def _edges(playbook: Playbook) -> Edges:
    return Edges(passed="report", ends=_ends(playbook))


def _ends(playbook: Playbook) -> dict[str, str]:
    """After which specialists it may end, and on what in words: `severity_assessment: P3 or P4`."""
    stops = playbook.coordinator.parameters.get("stop_when", {})
    return {name: _in_words(stops[name]) for name in playbook.specialists[:-1] if name in stops}


def _in_words(conditions: Mapping[str, Sequence[object]]) -> str:
    return " and ".join(f"{name}: {' or '.join(map(str, values))}" for name, values in conditions.items())


def _problems(draft: Draft) -> Iterator[Problem]:
    """Conditions of agents that are not there, and conditions that can never be met or end nothing."""
    for name in draft.keys("stop_when"):
        place = ("stop_when", name)
        if name not in draft.specialists:
            message = f"{said(name)} is no specialist of this playbook"
            yield draft.wrong_key(place, message, choices(name, draft.specialists))
        elif name == draft.specialists[-1]:
            message = f"{said(name)} is the last of the pipeline, so that its report ends nothing"
            yield draft.wrong_key(place, message, "Leave it out, or list it earlier.")
        else:
            yield from draft.never_reported(name, place)


_STOP_WHEN: Json = {
    "description": "Specialists, the fields of their reports, and the values that end the pipeline. Of several fields "
    "of one specialist all must have one of their values.",
    "type": "object",
    "minProperties": 1,
    "additionalProperties": {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {
            "type": "array",
            "minItems": 1,
            "items": {"type": ["string", "number", "boolean"]},
        },
    },
    "examples": [{"triage": {"severity_assessment": ["P3", "P4"]}}],
}

PIPELINE = Strategy(
    name="pipeline",
    summary="one after the other in the listed order, each given what the earlier ones reported",
    waves=pipeline,
    sentences=_sentences,
    parameters=Parameters(
        what="A pipeline that may end before its last specialist.",
        keys="One specialist after the other, until a report says what is waited for.",
        shape="{stop_when: {AGENT: {FIELD: [VALUE]}}}",
        example={"stop_when": {"triage": {"severity_assessment": ["P4"]}}},
        properties={"stop_when": _STOP_WHEN},
        required=("stop_when",),
        optional=True,
        by_specialist=("stop_when",),
        longest={"stop_when": {}},
    ),
    has_no={"planner": "Leave it out: everyone gets the whole task, and what the earlier ones reported."},
    problems=_problems,
    in_a_row=True,
    edges=_edges,
)
