"""What each assignment did, turn by turn and call by call, with the answers that a report has room for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sre_runner.casefile import Json
from sre_runner.journal import facts
from sre_runner.journal.record import CallRecord, Record, WorkRecord
from sre_runner.render.html import links
from sre_runner.render.html.excerpts import Mark, Piece, excerpt, limits, merged
from sre_runner.render.html.links import Links
from sre_runner.render.run.call_list import outcome, size
from sre_runner.render.run.timeline import seconds

ROOM = 4_500_000
"""Bytes that all answers of a report may take."""

ARGUMENTS_LIMIT, SAID_LIMIT = 2_000, 500
"""Characters of a call's arguments, and of what a model says beside its calls."""


@dataclass(frozen=True)
class Step:
    """A turn of the model or a call of a tool. `answer` is what a tool said, `said` text of the model or an error."""

    id: str
    number: int
    kind: str
    label: str
    name: str
    arguments: str
    outcome: str
    good: bool
    at: str
    took: str
    size: str
    said: str
    answer: tuple[Piece, ...] = ()
    quoted: int = 0


@dataclass(frozen=True)
class Log:
    """The steps of an assignment, in the order in which they began."""

    id: str
    scope: str
    agent: str
    status: str
    problem: str
    steps: tuple[Step, ...]
    quoted: int


def logs(record: Record, to: Links, marks: Mapping[int, list[Mark]]) -> list[Log]:
    """One for each assignment; `marks` are the quotes, by call."""
    texts = {
        number: call.outcome.tool_answer.text
        for number, call in record.calls.items()
        if call.outcome and call.outcome.tool_answer
    }
    allowed = limits(texts, marks, ROOM)
    of_scope: dict[str, list[CallRecord]] = {}
    for call in record.calls.values():
        of_scope.setdefault(call.request.scope, []).append(call)
    return [_log(record, to, work, of_scope.get(scope, []), marks, allowed) for scope, work in record.work.items()]


def _log(
    record: Record,
    to: Links,
    work: WorkRecord,
    calls: list[CallRecord],
    marks: Mapping[int, list[Mark]],
    allowed: Mapping[int, int],
) -> Log:
    steps = [
        _step(call, record.seconds, marks.get(call.request.call, []), allowed.get(call.request.call, 0))
        for call in calls
    ]
    return Log(
        to.log(work.assignment.id),
        work.assignment.id,
        work.assignment.agent,
        str(work.report.status) if work.report else "not finished",
        work.report.problem if work.report else "",
        tuple(steps),
        sum(step.quoted for step in steps),
    )


def _step(call: CallRecord, total: float, marks: list[Mark], limit: int) -> Step:
    request, ended = call.request, call.outcome
    tool = request.kind == "tool"
    answer = ended.tool_answer if ended else None
    return Step(
        id=links.call(request.call),
        number=request.call,
        kind=request.kind,
        label=request.label,
        name=request.name,
        arguments=facts.shortened(_text(request.request), ARGUMENTS_LIMIT) if tool else "",
        outcome=outcome(call),
        good=is_good(call),
        at=seconds(call.started, total),
        took=seconds(call.finished - call.started, total) if call.finished is not None else "",
        size=size(call),
        said=facts.shortened(_said(call), SAID_LIMIT),
        answer=tuple(excerpt(answer.text, merged(marks), limit)) if answer else (),
        quoted=sum(len(mark.ids) for mark in marks),
    )


def is_good(call: CallRecord) -> bool:
    """Whether a call was answered, if only by "no data"."""
    answer = call.outcome.tool_answer if call.outcome else None
    return bool(call.outcome and call.outcome.outcome == "answer" and not (answer and answer.is_error))


def _said(call: CallRecord) -> str:
    ended = call.outcome
    if ended is None or ended.model_answer is None:
        return ended.error if ended else ""
    texts = (block.get("text") for block in ended.model_answer.content if block.get("type") == "text")
    called = [str(block.get("name")) for block in ended.model_answer.content if block.get("type") == "tool_use"]
    words = "\n".join(text for text in texts if isinstance(text, str))
    return "\n".join(part for part in (words, f"calls {', '.join(called)}" if called else "") if part)


def _text(data: Json) -> str:
    if isinstance(data, Mapping):
        return "\n".join(f"{key}: {value if isinstance(value, str) else _json(value)}" for key, value in data.items())
    return _json(data)


def _json(data: Json) -> str:
    return json.dumps(data, ensure_ascii=False)
