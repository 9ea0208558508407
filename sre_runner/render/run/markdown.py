"""A record as a readable Markdown document: the conclusion, what it rests on, and how it was done."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from sre_runner.journal import facts
from sre_runner.journal.record import Record, WorkRecord
from sre_runner.render.blocks import Blocks, bullets, section, table
from sre_runner.render.escape import inline, paragraphs
from sre_runner.render.run.findings import details, evidence, own_fields
from sre_runner.render.run.format import Format
from sre_runner.render.run.nested import nested, title
from sre_runner.render.run.opening import concluded, notices, opening
from sre_runner.render.run.repeated import fresh
from sre_runner.render.run.votes import votes
from sre_runner.specs import Role

Part: TypeAlias = Callable[[Record], Blocks]
"""Makes some of a document's blocks from a record."""


def markdown(record: Record, *further: Part) -> str:
    """The document, ending with a newline: the whole of what a screen shows, what it rests on, `further` parts last.

    It has nothing that is not in the record.
    """
    return document(record, opening, voted, evidence, _measures, details, _how, *further)


def document(record: Record, *parts: Part) -> str:
    """These parts as one document, which begins and ends with the notices: of a rehearsal, of a changed journal."""
    told = notices(record)
    blocks = [*told, *(block for part in parts for block in part(record)), *reversed(told)]
    return "\n\n".join(block for block in blocks if block) + "\n"


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
    yield from section("Communication", paragraphs(fresh(concluded(record.conclusion, "communication"), ())))
    if facts.of_role(record, Role.SYNTHESIZER):  # otherwise they are the only specialist's, and among its details
        for name, value in own_fields(fields, Role.SYNTHESIZER).items():
            yield from section(title(name), nested(value))


def _how(record: Record) -> Blocks:
    yield "## How it was done"
    titles = ("agent", "work", "result", "turns", "tools", "in", "out", "cached", "s")
    yield table(titles, [_cells(record, work) for work in record.work.values()], numbers=titles[3:])
    usage, about = record.usage(), "about " if record.estimated() else ""
    righted = [
        f"{work.assignment.agent} ({facts.part(work.assignment)}): {note}"
        for work in record.standing()
        for note in (work.report.notes if work.report else ())
    ]
    notes = [*(record.conclusion.notes if record.conclusion else ()), *record.notes, *righted]
    yield bullets(
        [
            f"Duration: {record.seconds:.1f} s",
            f"Model calls: {facts.counts_text(facts.counts(record, 'model'))}",
            f"Tool calls: {facts.counts_text(facts.counts(record, 'tool'))}",
            f"Tokens: {about}{usage.input_tokens:,} in, {about}{usage.output_tokens:,} out; "
            f"cached: {usage.cache_read_tokens:,} read, {usage.cache_write_tokens:,} written",
            f"Cost: {facts.cost_text(facts.total_cost(record))}",
            *([_masked(record)] if facts.masked(record) else []),
            *([f"Trace: {record.trace.trace_id}, span {record.trace.span_id}"] if record.trace else []),
            *([f"Journal: {record.lines:,} lines, digest {record.digest}"] if record.digest else []),
            *(f"Note: {note}" for note in notes),
        ]
    )


def _masked(record: Record) -> str:
    kinds = facts.masked(record)
    return f"Secrets masked in what tools answered: {sum(kinds.values())} ({', '.join(map(inline, kinds))})"


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
