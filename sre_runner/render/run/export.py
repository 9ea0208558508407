"""A record as one JSON object, for machines; docs/json.md says what each key means."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sre_runner.casefile import Json
from sre_runner.coordination.proposed.marks import Mark
from sre_runner.journal import facts
from sre_runner.journal.marks import action_marks
from sre_runner.journal.record import CallRecord, Record, WorkRecord
from sre_runner.journal.trust import trust_of
from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.render.run.format import Format
from sre_runner.testing.expectations.check import Expectation

FORMAT = 1
"""Version of the object; a key that changes its meaning or goes away raises it, a new key does not."""


def to_json(record: Record, checked: Sequence[Expectation] | None = None) -> dict[str, Json]:
    """The record as plain data. The keys are always there, in this order; what is not known is null.

    `checked` are the expectations of its playbook, None where nobody asked for them.
    """
    notice = REHEARSAL if record.rehearsal else None
    started = record.started
    verified, findings = record.verified()
    marks = action_marks(record)
    return {
        "notice": notice,
        "format": FORMAT,
        "run": started.run,
        "rehearsal": record.rehearsal,
        "backend": record.world,
        "origins": list(facts.origins(record)),
        "without": facts.without(record),
        "status": facts.status(record),
        "exit_code": record.exit_code,
        "case": asdict(started.case),
        "began_at": started.began_at or started.case.started_at,
        "reuses": started.reuses or None,
        "labels": dict(started.labels),
        "conclusion": _conclusion(record, marks),
        "writes": [_write(each) for each in facts.writes(record)],
        "verified": {"verified": verified, "findings": findings},
        "trust": _trust(record, marks),
        "expectations": None if checked is None else [_expectation(each) for each in checked],
        "assignments": [_assignment(record, work) for work in record.work.values()],
        "calls": [_call(call) for call in record.calls.values()],
        "counts": {kind: asdict(facts.counts(record, kind)) for kind in ("model", "tool")},
        "usage": _usage(record),
        "cost": _cost(record),
        "seconds": record.seconds,
        "notes": list(record.notes),
        "trace": asdict(record.trace) if record.trace else None,
        "configuration_digest": started.digest,
        "journal_lines": record.lines,
        "journal_digest": record.digest or None,
        "journal_changes": [asdict(change) for change in record.changes],
        "versions": dict(started.versions),
        "closing_notice": notice,
    }


def dump(data: Json) -> str:
    """The JSON text, with a newline at its end; in ASCII, so that no text in it can steer a terminal or fail to be
    printed on one."""
    return json.dumps(_finite(data), indent=2, allow_nan=False).replace("\x7f", "\\u007f") + "\n"


def _finite(data: Json) -> Json:
    """The data with NaN and the infinities, which JSON has no word for, as text."""
    if isinstance(data, float) and not math.isfinite(data):
        return str(data)
    if isinstance(data, Mapping):
        return {str(key): _finite(value) for key, value in data.items()}
    return [_finite(value) for value in data] if isinstance(data, list | tuple) else data


def _conclusion(record: Record, marks: Sequence[Sequence[Mark]]) -> Json:
    conclusion = record.conclusion
    if conclusion is None:
        return None
    return {
        "fields": dict(conclusion.fields),
        "by_model": conclusion.by_model,
        "partial": conclusion.partial,
        "missing": list(conclusion.missing),
        "notes": list(conclusion.notes),
        "verdicts": [asdict(verdict) for verdict in conclusion.verdicts],
        "compared": [asdict(verdict) for verdict in conclusion.compared],
        "doubts": list(conclusion.doubts),
        "proposals": [asdict(proposal) for proposal in conclusion.proposals],
        "hints": list(conclusion.hints),
        "marks": _marks(marks, conclusion.fields.get("immediate_actions", [])),
        "not_seen": {name: [asdict(mark) for mark in unseen] for name, unseen in conclusion.unseen.items()},
    }


def _marks(marks: Sequence[Sequence[Mark]], actions: Sequence[Mapping[str, Json]]) -> list[Json]:
    return [
        {"action": number, "text": str(actions[number]["command"])[mark.start : mark.end], **asdict(mark)}
        for number, found in enumerate(marks)
        for mark in found
    ]


def _write(write: facts.MadeWrite) -> Json:
    return asdict(write)


def _expectation(checked: Expectation) -> Json:
    return {**asdict(checked), "found": None if checked.holds else checked.found}


def _assignment(record: Record, work: WorkRecord) -> dict[str, Json]:
    assignment, report = work.assignment, work.report
    return {
        "id": assignment.id,
        "agent": assignment.agent,
        "role": str(facts.role(record, assignment.agent)),
        "continues": assignment.continues,
        "blocks": [{"label": label, "data": data} for label, data in assignment.blocks],
        "started": work.started,
        "finished": work.finished,
        "turns": work.turns,
        "status": str(report.status) if report else None,
        "problem": report.problem if report else "",
        "hint": report.hint if report else "",
        "last_said": report.last_said if report else "",
        "notes": list(report.notes) if report else [],
        "report": dict(report.fields) if report else {},
        "findings": [asdict(finding) for finding in report.findings] if report else [],
        "usage": _usage(record, assignment.id),
    }


def _trust(record: Record, marks: Sequence[Sequence[Mark]]) -> Json:
    found = trust_of(record, marks)
    return {**asdict(found), "remarks": list(found.remarks)} if found else None


def _call(call: CallRecord) -> dict[str, Any]:
    request, outcome = call.request, call.outcome
    tool = outcome.tool_answer if outcome else None
    return {
        "call": request.call,
        "kind": request.kind,
        "assignment": request.scope,
        "name": request.name,
        "label": request.label or None,
        "arguments": request.request if request.kind == "tool" else None,
        "started": call.started,
        "finished": call.finished,
        "outcome": outcome.outcome if outcome else None,
        "error": outcome.error if outcome else "",
        "hint": outcome.hint if outcome else "",
        "reused": outcome.reused if outcome else False,
        "output": asdict(tool) if tool else None,
    }


def _usage(record: Record, scope: str | None = None) -> dict[str, Json]:
    usage = record.usage(scope)
    return {**asdict(usage), "total_tokens": usage.total, "estimated": record.estimated(scope)}


def _cost(record: Record) -> dict[str, Json]:
    cost = facts.total_cost(record)
    return {
        "usd": cost.usd,
        "would_be_usd": cost.would_be,
        "models": list(cost.models),
        "prices": cost.prices or None,
        "estimated": cost.estimated,
    }


JSON = Format("json", "run.json", lambda record, checked: dump(to_json(record, checked)))
