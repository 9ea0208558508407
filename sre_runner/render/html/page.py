"""A run as one self-contained web page, to attach to a ticket: what it found at a glance, and why it may be trusted."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sre_runner.casefile import SEVERITIES, Json
from sre_runner.journal import facts
from sre_runner.journal.record import Record
from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.render.html import evidence, links
from sre_runner.render.html.environment import rendered
from sre_runner.render.html.figures import figures
from sre_runner.render.html.links import Links
from sre_runner.render.html.team import team
from sre_runner.render.html.timeline import ROW, timeline
from sre_runner.render.html.votes import decided, tally, votes
from sre_runner.render.html.work_log import is_good, logs
from sre_runner.render.run.call_list import outcome
from sre_runner.render.run.findings import own_fields
from sre_runner.render.run.writes import ANSWER_LIMIT, ARGUMENTS_LIMIT
from sre_runner.specs import Role

MOST_FAILED = 50
"""Calls without an answer that are listed; the work of each agent has all of them."""


@dataclass(frozen=True)
class Change:
    """A write that was made, or that needs approval: then `command` is how it is given."""

    call: str
    agent: str
    outcome: str = ""
    answer: str = ""
    when: str = ""
    target: str = ""
    command: str = ""


@dataclass(frozen=True)
class Failed:
    """A call that had no answer, or an error for one."""

    target: str
    what: str
    outcome: str
    scope: str


def html(record: Record) -> str:
    """The page; it has nothing that is not in the record, loads nothing, and shows all text as text."""
    to = Links(record)
    marks = evidence.marks(record, to)
    specialists = evidence.specialists(record, to)
    fields: Mapping[str, Json] = record.conclusion.fields if record.conclusion else {}
    synthesized = bool(facts.of_role(record, Role.SYNTHESIZER))
    conclusion = record.conclusion
    of_cause = [str(item["finding"]) for item in fields.get("root_cause", {}).get("evidence", ())]
    return rendered(
        "report.html.j2",
        "report.css",
        "report.js",
        started=record.started,
        rehearsal=REHEARSAL if record.rehearsal else "",
        title=str(facts.playbook(record).get("description") or record.started.run),
        playbook=str(facts.playbook(record).get("name") or ""),
        conclusion=conclusion,
        status=facts.status(record),
        severity=str(fields.get("severity") or "not assessed"),
        severity_class=severity_class(fields.get("severity")),
        decided=decided(conclusion) if conclusion else "",
        tally=tally(conclusion) if conclusion else "",
        fields=fields,
        cause=fields.get("root_cause") or {},
        cause_claims=evidence.claims(record, to, of_cause),
        claims=evidence.claims(record, to, [name for name in facts.cited_findings(record) if name not in of_cause]),
        own=own_fields(fields, Role.SYNTHESIZER) if synthesized else {},
        made=list(_made(record)),
        withheld=list(dict.fromkeys(_withheld(record))),
        votes=votes(conclusion.verdicts) if conclusion else [],
        compared=votes(conclusion.compared) if conclusion else [],
        specialists=specialists,
        unverified=[shown for each in specialists for shown in each.findings if shown.doubt],
        failed=_failed(record),
        most_failed=MOST_FAILED,
        timeline=timeline(record, to),
        row=ROW,
        stages=team(record, to),
        figures=figures(record),
        usage=record.usage(),
        about="about " if record.estimated() else "",
        cost=facts.cost_text(facts.total_cost(record)),
        short_cost=_short_cost(record),
        verified=record.verified(),
        calls={kind: facts.counts_text(facts.counts(record, kind)) for kind in ("model", "tool")},
        seconds=record.seconds,
        logs=logs(record, to, marks),
        notes=_notes(record),
    )


def severity_class(severity: Json) -> str:
    """The class of the style sheet for a severity."""
    return f"sev-{severity.lower()}" if severity in SEVERITIES else "sev-none"


def _made(record: Record) -> Iterator[Change]:
    for each in facts.writes(record):
        yield Change(
            call=facts.call_text(each.tool, each.arguments, ARGUMENTS_LIMIT),
            agent=each.agent,
            outcome=each.outcome,
            answer=facts.shortened(" ".join(each.answer.split()), ANSWER_LIMIT),
            when=f"{each.started:.1f} s",
            target=links.call(each.call),
        )


def _withheld(record: Record) -> Iterator[Change]:
    for each in facts.proposed(record):
        call = facts.call_text(each.tool, each.arguments, ARGUMENTS_LIMIT)
        command = shlex.join(["sre-run", "resume", record.started.run, "--allow-write", each.tool])
        yield Change(call=call, agent=each.agent, command=command)


def _failed(record: Record) -> list[Failed]:
    return [
        Failed(
            links.call(call.request.call),
            facts.call_text(call.request.name, call.request.request) if call.request.kind == "tool" else "model",
            outcome(call),
            call.request.scope,
        )
        for call in record.calls.values()
        if not is_good(call)
    ]


def _short_cost(record: Record) -> str:
    cost = facts.total_cost(record)
    if record.rehearsal:
        return "$0.00"
    return "unknown" if cost.usd is None else f"{'about ' if cost.estimated else ''}${cost.usd:.2f}"


def _notes(record: Record) -> list[str]:
    righted = [
        f"{work.assignment.agent} ({facts.part(work.assignment)}): {note}"
        for work in record.standing()
        for note in (work.report.notes if work.report else ())
    ]
    return [*(record.conclusion.notes if record.conclusion else ()), *record.notes, *righted]
