"""Which tools were called, and which were not to be."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from sre_runner.journal.record import CallRecord, Record
from sre_runner.testing.expectations.expectation import Expectation
from sre_runner.testing.expectations.passages import MOST, agent_of, shortened
from sre_runner.testing.expectations.subject import Subject


def called(names: Sequence[str], subject: Subject) -> Iterator[Expectation]:
    """Tools that must have answered."""
    answered = {call.request.name for call in subject.calls if call.outcome and call.outcome.outcome == "answer"}
    found = f"called were: {', '.join(sorted(answered)) or 'none'}"
    for name in names:
        evidence = _asked(name, subject)[:MOST] or [_who_could(subject.record, name)]
        yield Expectation(f"{subject.begins}{name} is called", name in answered, found, tuple(evidence))


def not_called(names: Sequence[str], subject: Subject) -> Iterator[Expectation]:
    """Tools that nobody may have asked for."""
    for name in names:
        asked = _asked(name, subject)
        found = f"it is asked for {len(asked)} times" if len(asked) > 1 else "it is" if asked else "it is not"
        yield Expectation(f"{subject.begins}{name} is not called", not asked, found, tuple(asked[:MOST]))


def _asked(name: str, subject: Subject) -> list[str]:
    """The calls of a tool, a line each."""
    return [_line(subject.record, call) for call in subject.calls if call.request.name == name]


def _line(record: Record, call: CallRecord) -> str:
    """One call on a line: who, with what, and what came of it."""
    request, outcome = call.request, call.outcome
    given = shortened(json.dumps(request.request, ensure_ascii=False))
    became = "no outcome" if outcome is None else outcome.outcome
    why = f": {shortened(outcome.error)}" if outcome and outcome.error else ""
    return f"{agent_of(record, call)} {request.label}: {request.name} {given} ({became}{why})"


def _who_could(record: Record, name: str) -> str:
    agents = record.started.configuration.get("agents", {})
    able = [agent for agent, spec in agents.items() if name in spec.get("tools", ())]
    part = {work.assignment.agent for work in record.work.values()}
    idle = [agent for agent in able if agent not in part]
    if able and idle == able:
        return f"{', '.join(able)} could have, and was not put on the case"
    return f"nobody asked for it; {', '.join(able) or 'no agent'} could have"
