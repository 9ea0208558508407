"""How many findings there are, and how many of them are verified."""

from __future__ import annotations

from collections.abc import Iterator

from sre_runner.testing.expectations.expectation import Expectation
from sre_runner.testing.expectations.passages import MOST, quoted
from sre_runner.testing.expectations.subject import Subject


def min_findings(least: int, subject: Subject) -> Iterator[Expectation]:
    """Whether there are so many."""
    findings = subject.findings
    words = f"{subject.begins}at least {least} finding{'s' * (least != 1)}"
    shown = tuple(quoted(subject.record, agent, finding) for agent, finding in findings[:MOST])
    yield Expectation(words, len(findings) >= least, f"there are {len(findings)}", shown)


def verified(least: float, subject: Subject) -> Iterator[Expectation]:
    """The share of findings whose evidence holds; without any, nothing is unverified."""
    findings = subject.findings
    doubtful = [(agent, finding) for agent, finding in findings if finding.doubt]
    share = (len(findings) - len(doubtful)) / len(findings) if findings else 1.0
    found = f"{len(findings) - len(doubtful)} of {len(findings)} are"
    evidence = tuple(quoted(subject.record, agent, finding) for agent, finding in doubtful[:MOST])
    words = f"{subject.begins}at least {least:.0%} of the findings are verified"
    yield Expectation(words, share >= least, found, evidence)
