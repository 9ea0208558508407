"""A record as a readable Markdown document: the conclusion, what it rests on, and how it was done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sre_runner.casefile import Evidence, Finding, Json, Report, Status
from sre_runner.journal import Record, WorkRecord
from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.render import facts
from sre_runner.render.escape import code_block, code_span, inline, paragraphs
from sre_runner.render.nested import nested, title
from sre_runner.reports import base_fields
from sre_runner.specs import Role

QUOTE_LIMIT = 1000
"""Characters of a quote or of a last word that are shown; the JSON has all of it."""

Blocks = Iterator[str]
"""Markdown blocks; empty ones are left out, and an empty line goes between the others."""


def markdown(record: Record) -> str:
    """The document, ending with a newline. It has nothing that is not in the record."""
    notice = f"> **{inline(REHEARSAL)}**" if record.rehearsal else ""
    parts = (_head, _diagnosis, _evidence, _measures, _details, _how)
    blocks = [notice, *(block for part in parts for block in part(record)), notice]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _head(record: Record) -> Blocks:
    started, conclusion = record.started, record.conclusion
    yield f"# {inline(str(facts.playbook(record).get('description') or started.run))}"
    where = [f"run {inline(started.run)}", f"started {inline(started.case.started_at)}"]
    if started.case.incident_started_at:
        where.append(f"incident since {inline(started.case.incident_started_at)}")
    where += [f"{inline(name)}: {inline(value)}" for name, value in started.labels.items()]
    yield " · ".join(where)
    if conclusion is None:
        yield "**No conclusion was reached.**"
        return
    if conclusion.partial:
        yield f"**This conclusion is partial.**{' What is missing:' if conclusion.missing else ''}"
        yield _bullets(conclusion.missing)
    if not conclusion.by_model:
        yield "No model drew this conclusion: the engine put the specialists' reports side by side."


def _diagnosis(record: Record) -> Blocks:
    if record.conclusion is None:
        return
    fields = record.conclusion.fields
    yield f"**Severity: {inline(str(fields.get('severity') or 'not assessed'))}**"
    yield from _section("Summary", paragraphs(str(fields.get("incident_summary", ""))))
    cause = fields.get("root_cause", {})
    shown_by = ", ".join(_cited(record, str(item["finding"])) for item in cause.get("evidence", []))
    statement = paragraphs(str(cause.get("statement", "")))
    yield from _section("Root cause", statement, f"Shown by: {shown_by}" if shown_by else "")


def _cited(record: Record, cited: str) -> str:
    return f"**{inline(cited)}**" if facts.find(record, cited) else f"{inline(cited)} (no such finding was reported)"


def _evidence(record: Record) -> Blocks:
    """What each specialist brought, with the findings that the conclusion rests on."""
    works = facts.of_role(record, Role.SPECIALIST)
    if works:
        yield "## Evidence by specialist"
    rests_on = _rests_on(record)
    for work in works:
        report = work.report
        name = inline(work.assignment.agent)
        if report is None or report.status is not Status.COMPLETED:
            yield f"### {name}: {report.status if report else 'not finished'}"
            yield from _without_report(report)
            continue
        severity, confidence = inline(str(report.fields["severity_assessment"])), report.fields["confidence"]
        yield f"### {name}: {severity}, confidence {confidence:.2g}"
        yield paragraphs(str(report.fields["summary"]))
        yield _findings(record, work, [finding for finding in report.findings if _is_in(finding, rests_on)])


def _rests_on(record: Record) -> list[Finding]:
    found = (facts.find(record, cited) for cited in facts.cited_findings(record))
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
    lines: list[str] = []
    for finding in findings:
        lines.append(f"- **{finding.id}** {inline(finding.statement)}")
        lines += [f"  - {_rests(record, work, evidence)}" for evidence in finding.evidence]
    return "\n".join(lines)


def _rests(record: Record, work: WorkRecord, evidence: Evidence) -> str:
    if evidence.finding:
        return f"rests on {inline(evidence.finding)}"
    call = facts.cited_call(record, work, evidence.call or "")
    made = code_span(facts.call_text(call.request.name, call.request.request)) if call else "no such call was made"
    quote = facts.shortened((evidence.quote or "").strip("\n"), QUOTE_LIMIT)
    said = "\n" + code_block(quote, "text", indent=4) if "\n" in quote else " " + code_span(quote)
    return f"{inline(evidence.call or '')} {made} says{said}"


def _measures(record: Record) -> Blocks:
    """What to do, and the synthesizer's own fields."""
    if record.conclusion is None:
        return
    fields = record.conclusion.fields
    yield from _section("Immediate actions", *_actions(fields.get("immediate_actions", [])))
    yield from _section("Long-term fix", paragraphs(str(fields.get("long_term_fix", ""))))
    yield from _section("Communication", paragraphs(str(fields.get("communication", ""))))
    if facts.of_role(record, Role.SYNTHESIZER):  # otherwise they are the only specialist's, and among its details
        for name, value in _own(fields, Role.SYNTHESIZER).items():
            yield from _section(title(name), nested(value))


def _actions(actions: Sequence[Mapping[str, Json]]) -> Blocks:
    """Commands stand at the left margin, so that copying one takes no white space along."""
    for number, action in enumerate(actions, start=1):
        yield f"{number}. {inline(str(action.get('action', '')))}"
        if action.get("command"):
            yield code_block(str(action["command"]), "sh")


def _details(record: Record) -> Blocks:
    """What else the specialists reported: findings that the conclusion does not cite, their own fields, questions."""
    rests_on = _rests_on(record)
    parts: list[str] = []
    for work in facts.of_role(record, Role.SPECIALIST):
        report = work.report
        if report is None or report.status is not Status.COMPLETED:
            continue
        further = [finding for finding in report.findings if not _is_in(finding, rests_on)]
        own = {title(name): nested(value) for name, value in _own(report.fields, Role.SPECIALIST).items()}
        questions = (
            {"Open questions": nested(report.fields["open_questions"])} if report.fields["open_questions"] else {}
        )
        said = {"Further findings": _findings(record, work, further), **own, **questions}
        told = [part for name, text in said.items() if text for part in (f"**{name}**", text)]
        parts += [f"### {inline(work.assignment.agent)}", *told] if told else []
    yield from _section("Details", *parts)


def _own(fields: Mapping[str, Json], role: Role) -> Mapping[str, Json]:
    base = base_fields(role)
    return {name: value for name, value in fields.items() if name not in base}


def _how(record: Record) -> Blocks:
    yield "## How it was done"
    yield "\n".join(_agents_table(record))
    usage, about = record.usage(), "about " if record.rehearsal else ""
    notes = [*(record.conclusion.notes if record.conclusion else ()), *record.notes]
    yield _bullets(
        [
            f"Duration: {record.seconds:.1f} s",
            f"Model calls: {facts.counts_text(facts.counts(record, 'model'))}",
            f"Tool calls: {facts.counts_text(facts.counts(record, 'tool'))}",
            f"Tokens: {about}{usage.input_tokens:,} in, {about}{usage.output_tokens:,} out; "
            f"cached: {usage.cache_read_tokens:,} read, {usage.cache_write_tokens:,} written",
            f"Cost: {facts.cost_text(facts.total_cost(record))}",
            *(f"Note: {note}" for note in notes),
        ]
    )


def _agents_table(record: Record) -> Iterator[str]:
    yield "| agent | work | result | turns | tools | in | out | cached | s |"
    yield "|---|---|---|--:|--:|--:|--:|--:|--:|"
    for work in record.work.values():
        scope, agent = work.assignment.id, work.assignment.agent
        usage = record.usage(scope)
        cells = [
            inline(agent),
            inline(scope.removesuffix(f"/{agent}")),
            str(work.report.status) if work.report else "not finished",
            str(work.turns),
            str(facts.counts(record, "tool", scope).made),
            f"{usage.input_tokens:,}",
            f"{usage.output_tokens:,}",
            f"{usage.cache_read_tokens + usage.cache_write_tokens:,}",
            f"{work.finished - work.started:.1f}" if work.finished is not None else "?",
        ]
        yield f"| {' | '.join(cells)} |"


def _section(name: str, *blocks: str) -> Blocks:
    if any(blocks):
        yield f"## {name}"
        yield from blocks


def _bullets(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {inline(sentence)}" for sentence in sentences)
