"""A postmortem to begin with: what a run knows of an incident in its place, and what only people know left open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sre_runner.casefile import Json
from sre_runner.journal import facts
from sre_runner.journal.record import Record
from sre_runner.render.blocks import Blocks, bullets, section, table
from sre_runner.render.escape import code_block, code_span, inline, paragraphs
from sre_runner.render.run.findings import cited
from sre_runner.render.run.markdown import document
from sre_runner.render.run.writes import WORDS

OPEN = "_To be filled in._"


def postmortem(record: Record) -> str:
    """The document as Markdown, ending with a newline. It has nothing that is not in the record but open questions."""
    return document(record, _head, _impact, _timeline, _cause, _evidence, _learned, _actions)


def _head(record: Record) -> Blocks:
    fields = _fields(record)
    yield f"# Postmortem: {inline(str(facts.playbook(record).get('description') or record.started.run))}"
    yield bullets(
        [
            f"Severity: {fields.get('severity') or 'not assessed'}",
            f"Investigated by: sre-run, run {record.started.run} ({facts.status(record)} conclusion)",
            "Status: draft",
        ]
    )
    yield "- Owner: " + OPEN
    yield from section("Summary", paragraphs(str(fields.get("incident_summary") or "")) or OPEN)


def _impact(record: Record) -> Blocks:
    known = record.started.case.incident_started_at
    begun = f"- Began: {inline(known)}" if known else f"- Began: {OPEN}"
    lines = [begun, f"- Ended: {OPEN}", f"- Customers affected: {OPEN}", f"- Error budget used: {OPEN}"]
    told = str(_fields(record).get("communication") or "")
    yield from section("Impact", "\n".join(lines))
    yield from section("Communication", paragraphs(told) or OPEN)


def _timeline(record: Record) -> Blocks:
    rows = [[inline(when), inline(what)] for when, what in sorted(_events(record), key=lambda each: _sortable(each[0]))]
    yield "## Timeline"
    yield table(("time", "event"), rows)
    yield f"Detected, mitigated, resolved: {OPEN}"


def _events(record: Record) -> Iterator[tuple[str, str]]:
    case, began = record.started.case, record.started.began_at or record.started.case.started_at
    if case.incident_started_at:
        yield case.incident_started_at, "The incident began."
    yield began, f"Investigation by sre-run began ({record.started.run})."
    for each in facts.writes(record):
        call = facts.call_text(each.tool, each.arguments)
        yield _after(began, each.started), f"{each.agent} called {call}: {WORDS[each.outcome].replace('*', '')}."
    if record.conclusion:
        severity = record.conclusion.fields.get("severity") or "not assessed"
        yield _after(began, record.seconds), f"Conclusion: severity {severity}."


def _after(began: str, seconds: float) -> str:
    return (datetime.fromisoformat(began) + timedelta(seconds=seconds)).isoformat(timespec="seconds")


def _sortable(time: str) -> float:
    return datetime.fromisoformat(time).astimezone().timestamp()


def _cause(record: Record) -> Blocks:
    statement = str(_fields(record).get("root_cause", {}).get("statement") or "")
    doubts = record.conclusion.doubts if record.conclusion else ()
    yield from section("Root cause", paragraphs(statement) or OPEN, *_doubted(doubts))
    yield from section("Contributing factors and trigger", OPEN)


def _doubted(doubts: Sequence[str]) -> Iterator[str]:
    if doubts:
        yield "**In doubt, as its citations were checked:**"
        yield bullets(doubts)


def _evidence(record: Record) -> Blocks:
    lines = [_proof(record, name) for name in facts.cited_findings(record)]
    yield from section("Evidence", "\n".join(lines) or OPEN)


def _proof(record: Record, name: str) -> str:
    found = facts.find(record, name)
    if found is None:
        return f"- {cited(record, name)}"
    work, finding = found
    calls = facts.calls_behind(record, work)
    item = next((item for item in finding.evidence if item.quote), None)
    call = calls.get(item.call or "") if item else None
    made = code_span(facts.call_text(call.request.name, call.request.request)) if call else "a call"
    said = f" {made} answered {code_span(facts.shortened(item.quote or '', 300))}" if item else ""
    return f"- {cited(record, name)} {inline(finding.statement)}{said}"


def _learned(_: Record) -> Blocks:
    yield "## Lessons learned"
    yield "\n".join(f"- {what}: {OPEN}" for what in ("What went well", "What went badly", "Where we got lucky"))


def _actions(record: Record) -> Blocks:
    fields = _fields(record)
    yield "## Action items"
    for action in fields.get("immediate_actions") or ():
        yield f"- [ ] {inline(str(action.get('action') or ''))}"
        if action.get("command"):
            yield code_block(str(action["command"]), "sh", indent=2)
    lasting = " ".join(str(fields.get("long_term_fix") or "").split())
    boxes = [lasting] if lasting else []
    boxes += [
        f"Decide on {facts.call_text(each.tool, each.arguments)}, proposed by {each.agent}"
        for each in facts.proposed(record)
    ]
    boxes += [f"Answer ({agent}): {question}" for agent, question in _questions(record)]
    yield "\n".join(f"- [ ] {inline(box)}" for box in boxes)
    yield f"- [ ] {OPEN}"


def _questions(record: Record) -> Iterator[tuple[str, str]]:
    for agent, work in facts.specialists(record).items():
        if work.report and facts.is_completed(work):
            yield from ((agent, str(question)) for question in work.report.fields.get("open_questions") or ())


def _fields(record: Record) -> Mapping[str, Json]:
    return record.conclusion.fields if record.conclusion else {}
