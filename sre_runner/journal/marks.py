"""The marks of the commands that a recorded conclusion proposes, from what its run showed and changed.

They are drawn from the record whenever it is shown and stand in no journal: journals of any age have them, a replay
compares equal, and better tables reach runs that are over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from sre_runner.casefile import Case, Write
from sre_runner.coordination.proposed.marks import Mark, checked
from sre_runner.coordination.proposed.seen import Seen
from sre_runner.journal import facts
from sre_runner.journal.record import Record


def action_marks(record: Record) -> list[tuple[Mark, ...]]:
    """The marks of each immediate action's command, in the order of the actions; () for one without a command."""
    actions = record.conclusion.fields.get("immediate_actions", []) if record.conclusion else []
    commands = [str(action.get("command") or "") for action in actions]
    if not any(commands):
        return [() for _ in commands]
    seen = Seen.of(_answered(record), _told(record.started.case))
    writes = [Write(each.agent, each.tool, each.arguments, each.outcome) for each in facts.writes(record)]
    return [checked(command, seen, writes) for command in commands]


def _answered(record: Record) -> Iterator[str]:
    """What tools answered. Errors and answers without data are left out: they repeat what a model asked for, which may
    be invented."""
    for call in record.calls_of("tool"):
        answer = call.outcome.tool_answer if call.outcome else None
        if answer and answer.from_tool and not (answer.is_error or answer.no_data or answer.withheld):
            yield answer.text


def _told(case: Case) -> Iterator[str]:
    yield from (case.task, *case.inputs.values())
    if case.alert is not None:
        yield json.dumps(case.alert, ensure_ascii=False)
