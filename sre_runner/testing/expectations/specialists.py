"""What is expected of one specialist: how its work ended, what its report says, and how much of it is verified."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from sre_runner.casefile import Finding, Json, Report
from sre_runner.journal.record import Record
from sre_runner.specs import ExpectedSpecialist
from sre_runner.testing.expectations.expectation import Expectation
from sre_runner.testing.expectations.mentions import mentions
from sre_runner.testing.expectations.passages import MOST, quoted, shortened
from sre_runner.testing.expectations.tools import tools


def specialist(name: str, expected: ExpectedSpecialist, record: Record) -> Iterator[Expectation]:
    """Every check of one specialist, each beginning with its name."""
    report = record.reports().get(name)
    yield _status(name, expected, record, report)
    fields = report.fields if report else None
    findings = [(name, finding) for finding in report.findings] if report else []
    for field, values in expected.report.items():
        yield _field(name, field, values, report)
    yield from mentions(f"the report of {name}", expected.mentions, expected.must_not_mention, fields, record, name)
    mine = {work.assignment.id for work in record.work.values() if work.assignment.agent == name}
    calls = [call for call in record.calls_of("tool") if call.request.scope in mine]
    yield from tools(f"{name}: ", expected.tools_called, expected.tools_not_called, calls, record)
    if expected.min_findings:
        enough = len(findings) >= expected.min_findings
        words = f"{name}: at least {expected.min_findings} finding{'s' * (expected.min_findings != 1)}"
        shown = tuple(quoted(record, agent, finding) for agent, finding in findings[:MOST])
        yield Expectation(words, enough, f"there are {len(findings)}", () if enough else shown)
    yield from verified(f"{name}: ", expected.min_findings_verified, findings, record)


def verified(
    whose: str, least: float | None, findings: Sequence[tuple[str, Finding]], record: Record
) -> Iterator[Expectation]:
    """The share of findings (each with its agent) whose evidence holds; without any, nothing is unverified."""
    if least is None:
        return
    doubtful = [(agent, finding) for agent, finding in findings if finding.doubt]
    share = (len(findings) - len(doubtful)) / len(findings) if findings else 1.0
    found = f"{len(findings) - len(doubtful)} of {len(findings)} are"
    evidence = tuple(quoted(record, agent, finding) for agent, finding in doubtful[:MOST]) if share < least else ()
    yield Expectation(f"{whose}at least {least:.0%} of the findings are verified", share >= least, found, evidence)


def _status(name: str, expected: ExpectedSpecialist, record: Record, report: Report | None) -> Expectation:
    works = [work for work in record.standing() if work.assignment.agent == name]
    last = report or next((work.report for work in reversed(works) if work.report), None)
    status = "not_deployed" if not works else str(last.status) if last else "unfinished"
    evidence = [shortened(text) for text in (last.problem, last.last_said) if text] if last else []
    if not works and record.conclusion:
        evidence = [shortened(note) for note in record.conclusion.notes[:MOST]]
    words = f"{name}: its status is {expected.status}"
    return Expectation(words, status == expected.status, f"it is {status}", tuple(evidence))


def _field(name: str, field: str, values: Sequence[Json], report: Report | None) -> Expectation:
    wanted = " or ".join(map(_said, values))
    words = f"{name}: {field} is {wanted}"
    if report is None:
        return Expectation(words, False, "it has no report")
    value = report.fields.get(field)
    holds = any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in values)
    evidence = [f"summary: {shortened(str(report.fields.get('summary', '')))}"]
    return Expectation(words, holds, f"it is {shortened(_said(value))}", () if holds else tuple(evidence))


def _said(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
