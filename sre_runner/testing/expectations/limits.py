"""What a run may take: dollars, tokens, seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sre_runner.journal.costs import dollars
from sre_runner.journal.record import Record, WorkRecord
from sre_runner.specs import ExpectSpec
from sre_runner.testing.expectations.expectation import Expectation
from sre_runner.testing.expectations.passages import MOST


def limits(expect: ExpectSpec, record: Record) -> Iterator[Expectation]:
    """The limits of a playbook's expectations; a rehearsal's dollars are those that its tokens would cost."""
    if expect.max_cost is not None:
        usd = dollars(record)
        would = "would cost" if record.rehearsal else "costs"
        found = f"it {would} ${usd:.4f}" if usd is not None else "what it costs is unknown"
        holds = usd is not None and usd <= expect.max_cost
        most = _most(record, lambda work: dollars(record, work.assignment.id) or 0.0, "${:.4f}")
        yield Expectation(f"the run {would} at most ${expect.max_cost:g}", holds, found, () if holds else most)
    if expect.max_tokens is not None:
        tokens = record.usage().total
        holds = tokens <= expect.max_tokens
        most = _most(record, lambda work: record.usage(work.assignment.id).total, "{:,} tokens")
        yield Expectation(
            f"the run takes at most {expect.max_tokens:,} tokens", holds, f"it takes {tokens:,}", () if holds else most
        )
    if expect.max_seconds is not None:
        holds = record.seconds <= expect.max_seconds
        most = _most(record, lambda work: (work.finished or record.seconds) - work.started, "{:.1f} s")
        expected = f"the run takes at most {expect.max_seconds:g} seconds"
        yield Expectation(expected, holds, f"it takes {record.seconds:.1f}", () if holds else most)


def _most(record: Record, of: Callable[[WorkRecord], float], shown: str) -> tuple[str, ...]:
    """The assignments that took most."""
    works = sorted(record.work.values(), key=of, reverse=True)[:MOST]
    return tuple(f"{work.assignment.id}: {shown.format(of(work))} in {work.turns} turns" for work in works)
