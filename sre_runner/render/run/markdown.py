"""A record as a readable Markdown document: the conclusion, what it rests on, and how it was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from sre_runner.casefile import Conclusion, Json
from sre_runner.coordination.claims.marks import marked
from sre_runner.coordination.evidence.statements import concluded_text
from sre_runner.coordination.proposed.marks import Mark
from sre_runner.journal import facts
from sre_runner.journal.changes import changes_text
from sre_runner.journal.marks import action_marks
from sre_runner.journal.record import Record, WorkRecord
from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.render.blocks import Blocks, bullets, section, table
from sre_runner.render.escape import code_block, inline, paragraphs
from sre_runner.render.run.findings import cited, details, evidence, own_fields
from sre_runner.render.run.format import Format
from sre_runner.render.run.marks import marks_below
from sre_runner.render.run.nested import nested, title
from sre_runner.render.run.trust import trust
from sre_runner.render.run.votes import severity, votes
from sre_runner.render.run.writes import changed
from sre_runner.specs import Role
from sre_runner.text.naming import listed

Part: TypeAlias = Callable[[Record], Blocks]
"""Makes some of a document's blocks from a record."""


def markdown(record: Record, *further: Part) -> str:
    """The document, ending with a newline: what to do comes early, what it rests on after it, `further` parts last.

    It has nothing that is not in the record.
    """
    parts = (_head, _severity, changed, _diagnosis, _actions, voted, evidence, _measures, details, _how)
    return document(record, *parts, *further)


def document(record: Record, *parts: Part) -> str:
    """These parts as one document, which begins and ends with the notices: of a rehearsal, of a changed journal."""
    notice = f"> **{inline(REHEARSAL)}**" if record.rehearsal else ""
    changed = f"> **The journal was changed after it was written: {inline(changes_text(record.changes))}.**"
    notices = [notice, changed if record.changes else ""]
    blocks = [*notices, *(block for part in parts for block in part(record)), *reversed(notices)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _head(record: Record) -> Blocks:
    started, conclusion = record.started, record.conclusion
    yield f"# {inline(str(facts.playbook(record).get('description') or started.run))}"
    where = [f"run {inline(started.run)}", f"started {inline(started.case.started_at)}"]
    if started.case.incident_started_at:
        where.append(f"incident since {inline(started.case.incident_started_at)}")
    where += [f"{inline(name)}: {inline(value)}" for name, value in started.labels.items()]
    yield " · ".join(where)
    yield looked_at(record)
    if conclusion is None:
        yield "**No conclusion was reached.**"
        return
    if conclusion.partial:
        yield f"**This conclusion is partial.**{' What is missing:' if conclusion.missing else ''}"
        yield bullets(conclusion.missing)
        yield "What may help:" if conclusion.hints else ""
        yield bullets(conclusion.hints)
    if not conclusion.by_model:
        yield "No model drew this conclusion: the engine put the specialists' reports side by side."


def looked_at(record: Record) -> str:
    """Which systems the tools looked at, and which tools were left out."""
    left_out = facts.without(record)
    without = (
        f" **Without {listed([inline(name) for name in left_out], 20)}, as it was asked for.**" if left_out else ""
    )
    if record.world == "simulated":
        return f"Tools: simulated; no real system was looked at.{without}"
    origins = [f"{inline(origin)} ({', '.join(map(inline, tools))})" for origin, tools in facts.origins(record).items()]
    return f"**Live tools.** Looked at: {'; '.join(origins) or 'nothing'}.{without}"


def _severity(record: Record) -> Blocks:
    if record.conclusion:
        yield severity(record.conclusion)
        yield from trust(record)


def _diagnosis(record: Record) -> Blocks:
    conclusion = record.conclusion
    if conclusion is None:
        return
    yield from section("Summary", paragraphs(_concluded(conclusion, "incident_summary")))
    cause = conclusion.fields.get("root_cause", {})
    shown_by = ", ".join(cited(record, str(item["finding"])) for item in cause.get("evidence", []))
    yield from section(
        "Root cause",
        paragraphs(_concluded(conclusion, "root_cause")),
        f"Shown by: {shown_by}" if shown_by else "",
        "**In doubt, as its citations were checked:**" if conclusion.doubts else "",
        bullets(conclusion.doubts),
    )


def _concluded(conclusion: Conclusion, name: str) -> str:
    """A text of the conclusion, with what no finding shows that it cites marked where it stands."""
    return marked(concluded_text(conclusion.fields, name), conclusion.unseen.get(name, ()))


def _actions(record: Record) -> Blocks:
    actions = record.conclusion.fields.get("immediate_actions", []) if record.conclusion else []
    yield from section("Immediate actions", *_numbered(actions, action_marks(record)))


def _numbered(actions: Sequence[Mapping[str, Json]], marks: Sequence[Sequence[Mark]]) -> Blocks:
    """Commands stand at the left margin, so that copying one takes no white space along; their marks stand below."""
    for number, (action, found) in enumerate(zip(actions, marks, strict=True), start=1):
        yield f"{number}. {inline(str(action.get('action', '')))}"
        if action.get("command"):
            yield code_block(str(action["command"]), "sh")
            yield marks_below(str(action["command"]), found)


def voted(record: Record) -> Blocks:
    """The votes of the conclusion, if there is one."""
    if record.conclusion:
        yield from votes(record.conclusion)


def _measures(record: Record) -> Blocks:
    """What comes after the immediate actions, and the synthesizer's own fields."""
    if record.conclusion is None:
        return
    fields = record.conclusion.fields
    yield from section("Long-term fix", paragraphs(str(fields.get("long_term_fix", ""))))
    yield from section("Communication", paragraphs(_concluded(record.conclusion, "communication")))
    if facts.of_role(record, Role.SYNTHESIZER):  # otherwise they are the only specialist's, and among its details
        for name, value in own_fields(fields, Role.SYNTHESIZER).items():
            yield from section(title(name), nested(value))


def _how(record: Record) -> Blocks:
    yield "## How it was done"
    titles = ("agent", "work", "result", "turns", "tools", "in", "out", "cached", "s")
    yield table(titles, [_cells(record, work) for work in record.work.values()], numbers=titles[3:])
    usage, about = record.usage(), "about " if record.estimated() else ""
    verified, findings = record.verified()
    righted = [
        f"{work.assignment.agent} ({facts.part(work.assignment)}): {note}"
        for work in record.standing()
        for note in (work.report.notes if work.report else ())
    ]
    notes = [*(record.conclusion.notes if record.conclusion else ()), *record.notes, *righted]
    yield bullets(
        [
            f"Duration: {record.seconds:.1f} s",
            f"Findings: {f'{verified} of {findings} verified' if findings else 'none'}",
            f"Model calls: {facts.counts_text(facts.counts(record, 'model'))}",
            f"Tool calls: {facts.counts_text(facts.counts(record, 'tool'))}",
            f"Tokens: {about}{usage.input_tokens:,} in, {about}{usage.output_tokens:,} out; "
            f"cached: {usage.cache_read_tokens:,} read, {usage.cache_write_tokens:,} written",
            f"Cost: {facts.cost_text(facts.total_cost(record))}",
            *([f"Trace: {record.trace.trace_id}, span {record.trace.span_id}"] if record.trace else []),
            *([f"Journal: {record.lines:,} lines, digest {record.digest}"] if record.digest else []),
            *(f"Note: {note}" for note in notes),
        ]
    )


def _cells(record: Record, work: WorkRecord) -> list[str]:
    scope = work.assignment.id
    usage = record.usage(scope)
    return [
        inline(work.assignment.agent),
        inline(facts.part(work.assignment)),
        str(work.report.status) if work.report else "not finished",
        str(work.turns),
        str(facts.counts(record, "tool", scope).made),
        f"{usage.input_tokens:,}",
        f"{usage.output_tokens:,}",
        f"{usage.cache_read_tokens + usage.cache_write_tokens:,}",
        f"{work.finished - work.started:.1f}" if work.finished is not None else "?",
    ]


MARKDOWN = Format("markdown", "conclusion.md", lambda record, _: markdown(record))
