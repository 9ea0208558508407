"""What a run may take: dollars, tokens, seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sre_runner.journal.costs import dollars
from sre_runner.journal.record import Record, WorkRecord
from sre_runner.testing.expectations.expectation import Expectation
from sre_runner.testing.expectations.passages import MOST
from sre_runner.testing.expectations.subject import Subject


def max_cost(limit: float, subject: Subject) -> Iterator[Expectation]:
    """US dollars; a rehearsal's are those that its tokens would cost."""
    record = subject.record
    usd = dollars(record)
    would = "would cost" if record.rehearsal else "costs"
    found = f"it {would} ${usd:.4f}" if usd is not None else "what it costs is unknown"
    holds = usd is not None and usd <= limit
    most = _most(record, lambda work: dollars(record, work.assignment.id) or 0.0, "${:.4f}")
    yield Expectation(f"the run {would} at most ${limit:g}", holds, found, most)


def max_tokens(limit: int, subject: Subject) -> Iterator[Expectation]:
    """Tokens of all model calls."""
    record = subject.record
    tokens = record.usage().total
    most = _most(record, lambda work: record.usage(work.assignment.id).total, "{:,} tokens")
    yield Expectation(f"the run takes at most {limit:,} tokens", tokens <= limit, f"it takes {tokens:,}", most)


def max_seconds(limit: float, subject: Subject) -> Iterator[Expectation]:
    """Seconds from the beginning to the end."""
    record = subject.record
    most = _most(record, lambda work: (work.finished or record.seconds) - work.started, "{:.1f} s")
    words = f"the run takes at most {limit:g} seconds"
    yield Expectation(words, record.seconds <= limit, f"it takes {record.seconds:.1f}", most)


def _most(record: Record, of: Callable[[WorkRecord], float], shown: str) -> tuple[str, ...]:
    """The assignments that took most."""
    works = sorted(record.work.values(), key=of, reverse=True)[:MOST]
    return tuple(f"{work.assignment.id}: {shown.format(of(work))} in {work.turns} turns" for work in works)
