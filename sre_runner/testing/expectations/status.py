"""Whether the conclusion is complete, and how a specialist's work ended."""

from __future__ import annotations

from collections.abc import Iterator

from sre_runner.testing.expectations.expectation import Expectation
from sre_runner.testing.expectations.passages import MOST, shortened
from sre_runner.testing.expectations.subject import Subject


def status(expected: str, subject: Subject) -> Iterator[Expectation]:
    """Whether the conclusion has all that was asked for."""
    conclusion = subject.record.conclusion
    found = "not there" if conclusion is None else "partial" if conclusion.partial else "complete"
    missing = conclusion.missing if conclusion else tuple(subject.record.notes[-3:])
    yield Expectation(f"the conclusion is {expected}", found == expected, f"it is {found}", missing)


def status_of_specialist(expected: str, subject: Subject) -> Iterator[Expectation]:
    """How the latest work of a specialist ended."""
    record = subject.record
    works = [work for work in record.standing() if work.assignment.agent == subject.agent]
    last = subject.report or next((work.report for work in reversed(works) if work.report), None)
    found = "not_deployed" if not works else str(last.status) if last else "unfinished"
    evidence = [shortened(text) for text in (last.problem, last.last_said) if text] if last else []
    if not works and record.conclusion:
        evidence = [shortened(note) for note in record.conclusion.notes[:MOST]]
    words = f"{subject.begins}its status is {expected}"
    yield Expectation(words, found == expected, f"it is {found}", tuple(evidence))
