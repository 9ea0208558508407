"""What the specialists reported, as Markdown: findings with their calls and quotes, and what is in doubt of them."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

from sre_runner.casefile import Finding, Json, Report
from sre_runner.coordination.claims.marks import marked
from sre_runner.coordination.report_schemas import base_fields
from sre_runner.journal import facts
from sre_runner.journal.record import CallRecord, Record, WorkRecord
from sre_runner.render.blocks import Blocks, section
from sre_runner.render.escape import code_block, code_span, inline, paragraphs
from sre_runner.render.run.nested import nested, title
from sre_runner.render.run.proofs import proofs
from sre_runner.render.run.repeated import fresh
from sre_runner.specs import Role

QUOTE_LIMIT = 1000
"""Characters of a quote or of a last word that are shown; the JSON has all of it."""


def evidence(record: Record) -> Blocks:
    """What each specialist brought, with the findings that the conclusion rests on."""
    rests_on = _rests_on(record)
    blocks = (block for work in facts.specialists(record).values() for block in _brought(record, work, rests_on))
    yield from section("Evidence by specialist", *blocks)


def _brought(record: Record, work: WorkRecord, rests_on: Sequence[Finding]) -> Blocks:
    report, name = work.report, inline(work.assignment.agent)
    if report is None or not facts.is_completed(work):
        yield f"### {name}: {report.status if report else 'not finished'}"
        yield from _without_report(report)
        return
    severity, confidence = inline(str(report.fields["severity_assessment"])), report.fields["confidence"]
    yield f"### {name}: {severity}, confidence {confidence:.2g}"
    if work.assignment.continues:
        yield f"As revised in {inline(facts.part(work.assignment))}; the earlier report is kept with the run."
    shown = [finding for finding in report.findings if _is_in(finding, rests_on)]
    yield paragraphs(fresh(str(report.fields["summary"]), [finding.statement for finding in report.findings]))
    yield _findings(record, work, shown)


def details(record: Record) -> Blocks:
    """What else they reported: findings that the conclusion does not cite, their own fields, open questions."""
    rests_on = _rests_on(record)
    works = [work for work in facts.specialists(record).values() if facts.is_completed(work)]
    yield from section("Details", *(block for work in works for block in _further(record, work, rests_on)))


def _further(record: Record, work: WorkRecord, rests_on: Sequence[Finding]) -> Blocks:
    report = work.report
    assert report
    uncited = [finding for finding in report.findings if not _is_in(finding, rests_on)]
    said = {
        "Further findings": _findings(record, work, uncited),
        **{title(name): nested(value) for name, value in own_fields(report.fields, Role.SPECIALIST).items()},
        "Open questions": nested(report.fields["open_questions"]) if report.fields["open_questions"] else "",
    }
    told = [part for name, text in said.items() if text for part in (f"**{name}**", text)]
    if told:
        yield f"### {inline(work.assignment.agent)}"
        yield from told


def own_fields(fields: Mapping[str, Json], role: Role) -> Mapping[str, Json]:
    """What the agent's YAML adds to the report of its role."""
    base = base_fields(role)
    return {name: value for name, value in fields.items() if name not in base}


def cited(record: Record, name: str) -> str:
    """A finding that is cited, such as `k8s-expert/f2`; marked where it is unverified, or was never reported."""
    found = facts.find(record, name)
    return f"**{inline(name)}**{mark_of(found[1])}" if found else f"{inline(name)} (no such finding was reported)"


def mark_of(finding: Finding) -> str:
    """What is said of an unverified finding; "" of a verified one."""
    return f" (**unverified: {inline(finding.doubt)}**)" if finding.doubt else ""


def _rests_on(record: Record) -> list[Finding]:
    found = (facts.find(record, name) for name in facts.cited_findings(record))
    return [finding for _, finding in filter(None, found)]


def _is_in(finding: Finding, findings: Sequence[Finding]) -> bool:
    # Two specialists may have found the same, word for word; only one of them may be cited.
    return any(finding is other for other in findings)


def _without_report(report: Report | None) -> Blocks:
    if report:
        yield paragraphs(report.problem)
    if report and report.last_said:
        yield "It last said:"
        yield code_block(facts.shortened(report.last_said, QUOTE_LIMIT), "text")


def _findings(record: Record, work: WorkRecord, findings: Sequence[Finding]) -> str:
    calls = facts.calls_behind(record, work)
    above = {(proof.call.request.call, proof.quote) for proof in proofs(record) if is_short(proof.quote)}
    return "\n".join(line for finding in findings for line in _finding(record, calls, finding, above))


def _finding(
    record: Record, calls: Mapping[str, CallRecord], finding: Finding, above: Container[tuple[int, str]]
) -> Iterator[str]:
    """The statement, then a line for each finding that it rests on, and for each call with the quotes of its answer."""
    yield f"- **{finding.id}**{mark_of(finding)} {inline(marked(finding.statement, finding.unseen))}"
    quotes: dict[str, list[str]] = {}
    for item in finding.evidence:
        if item.finding:
            yield f"  - rests on {cited(record, item.finding)}"
        else:
            quotes.setdefault(item.call or "", []).append((item.quote or "").strip("\n"))
    for label, said in quotes.items():
        call = calls.get(label)
        yield f"  - {inline(label)} {_quoted(call, list(dict.fromkeys(said)), above)}"


def _quoted(call: CallRecord | None, quotes: Sequence[str], above: Container[tuple[int, str]]) -> str:
    """What was called and what its answer says, but for quotes that the document has begun with."""
    made = f"{call_made(call)}{_place(call)}" if call else "no such call was made"
    left = [facts.shortened(each, QUOTE_LIMIT) for each in quotes if not call or (call.request.call, each) not in above]
    if not left:
        return f"{made}, quoted above"
    spans = ", ".join(code_span(each) for each in left if "\n" not in each)
    blocks = "".join("\n" + code_block(each, "text", indent=4) for each in left if "\n" in each)
    return f"{made} says{' ' if spans else ''}{spans}{blocks}"


def _place(call: CallRecord) -> str:
    """Which real system answered, in a live run."""
    answer = call.outcome.tool_answer if call.outcome else None
    return f" of {inline(answer.origin)}" if answer and answer.origin else ""


def call_made(call: CallRecord) -> str:
    """A tool call as code."""
    return code_span(facts.call_text(call.request.name, call.request.request))


def is_short(quote: str) -> bool:
    """Whether a quote is shown whole and on one line."""
    return "\n" not in quote and len(quote) <= QUOTE_LIMIT
