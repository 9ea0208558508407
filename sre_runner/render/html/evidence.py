"""What a report says of the specialists' findings, each linked to the quote that it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sre_runner.casefile import Evidence, Finding, Json
from sre_runner.coordination.evidence.places import Span
from sre_runner.journal import facts
from sre_runner.journal.record import CallRecord, Record, WorkRecord
from sre_runner.render.html import links
from sre_runner.render.html.excerpts import Mark
from sre_runner.render.html.links import Links
from sre_runner.render.run.findings import QUOTE_LIMIT, own_fields
from sre_runner.specs import Role


@dataclass(frozen=True)
class Item:
    """What a finding rests on: a `quote` of the call `what`, or another finding, named `what`.

    `target` is the id of what it leads to, "" where there is nothing; `exact` says that it is the quote itself.
    """

    what: str
    target: str
    quote: str | None = None
    exact: bool = False


@dataclass(frozen=True)
class Shown:
    """A finding; `name` is how others cite it, `doubt` why it is unverified."""

    id: str
    name: str
    statement: str
    doubt: str
    cited: bool
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Specialist:
    """What a specialist brought. `own` are the fields that its YAML adds; without a report there is a `problem`."""

    id: str
    log: str
    agent: str
    status: str
    part: str
    revised: bool
    severity: str
    confidence: float | None
    summary: str
    findings: tuple[Shown, ...]
    own: Mapping[str, Json]
    open_questions: Sequence[str]
    problem: str
    hint: str
    last_said: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Claim:
    """A finding that the conclusion cites; without a `target` no such finding was reported."""

    name: str
    target: str
    statement: str
    doubt: str
    quote: str
    quote_target: str
    source: str


def specialists(record: Record, to: Links) -> list[Specialist]:
    """One for each specialist, by its latest completed report."""
    rests_on = set(facts.cited_findings(record))
    return [_specialist(record, work, to, rests_on) for work in facts.specialists(record).values()]


def claims(record: Record, to: Links, names: Sequence[str]) -> list[Claim]:
    """What the conclusion rests on, by the names under which it cites it."""
    return [_claim(record, to, name) for name in dict.fromkeys(names)]


def marks(record: Record, to: Links) -> dict[int, list[Mark]]:
    """By call, what the findings quote of its answer."""
    found: dict[int, list[Mark]] = {}
    for work in facts.specialists(record).values():
        behind = facts.calls_behind(record, work)
        for finding in work.report.findings if work.report else ():
            for number, item in enumerate(finding.evidence, start=1):
                call, span = _place(to, behind, item)
                if call and span:
                    mark = Mark(span, (to.quote(work, finding, number),))
                    found.setdefault(call.request.call, []).append(mark)
    return found


def _specialist(record: Record, work: WorkRecord, to: Links, rests_on: set[str]) -> Specialist:
    report, scope = work.report, work.assignment.id
    fields = report.fields if report and facts.is_completed(work) else {}
    calls = facts.calls_behind(record, work)
    found = [_shown(work, finding, to, calls, rests_on) for finding in (report.findings if report else ())]
    return Specialist(
        id=to.work(work),
        log=to.log(scope),
        agent=work.assignment.agent,
        status=str(report.status) if report else "not finished",
        part=facts.part(work.assignment),
        revised=bool(work.assignment.continues),
        severity=str(fields.get("severity_assessment") or ""),
        confidence=fields.get("confidence"),
        summary=str(fields.get("summary") or ""),
        findings=tuple(sorted(found, key=lambda each: not each.cited)),
        own=own_fields(fields, Role.SPECIALIST),
        open_questions=fields.get("open_questions") or (),
        problem=report.problem if report else "",
        hint=report.hint if report else "",
        last_said=facts.shortened(report.last_said, QUOTE_LIMIT) if report else "",
        notes=report.notes if report else (),
    )


def _shown(
    work: WorkRecord,
    finding: Finding,
    to: Links,
    calls: Mapping[str, CallRecord],
    rests_on: set[str],
) -> Shown:
    name = f"{work.assignment.agent}/{finding.id}"
    items = tuple(_items(work, finding, to, calls))
    cited = name in rests_on or finding.id in rests_on
    return Shown(to.finding(work, finding), name, finding.statement, finding.doubt, cited, items)


def _items(work: WorkRecord, finding: Finding, to: Links, calls: Mapping[str, CallRecord]) -> Iterator[Item]:
    for number, item in enumerate(finding.evidence, start=1):
        if item.finding:
            name = item.finding if "/" in item.finding else f"{work.assignment.agent}/{item.finding}"
            yield Item(name, to.cited(name))
            continue
        call, span = _place(to, calls, item)
        quote = facts.shortened((item.quote or "").strip("\n"), QUOTE_LIMIT)
        if call is None:
            yield Item(f"{item.call or 'a call'} (no such call was made)", "", quote)
            continue
        made = f"{item.call} {facts.call_text(call.request.name, call.request.request)}"
        target = to.quote(work, finding, number) if span else links.call(call.request.call)
        yield Item(made, target, quote, exact=span is not None)


def _place(to: Links, calls: Mapping[str, CallRecord], item: Evidence) -> tuple[CallRecord | None, Span | None]:
    """The call that an item of evidence quotes, and where in its answer the quote stands."""
    call = None if item.finding else calls.get(item.call or "")
    return call, to.span(call, item.quote or "") if call else None


def _claim(record: Record, to: Links, name: str) -> Claim:
    found = facts.find(record, name)
    if found is None:
        return Claim(name, "", "", "no such finding was reported", "", "", "")
    work, finding = found
    items = _items(work, finding, to, facts.calls_behind(record, work))
    quoted = next((item for item in items if item.exact), None)
    quote = facts.shortened(" ".join((quoted.quote or "").split()), 200) if quoted else ""
    target, source = (quoted.target, facts.shortened(quoted.what, 100)) if quoted else ("", "")
    return Claim(name, to.finding(work, finding), finding.statement, finding.doubt, quote, target, source)
