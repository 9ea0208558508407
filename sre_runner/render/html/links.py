"""The ids of everything in a report that can be linked to; none has a character that someone else chose."""

from __future__ import annotations

from sre_runner.casefile import Finding
from sre_runner.journal import facts
from sre_runner.journal.record import Record, WorkRecord


class Links:
    """Ids by what they are of, for one record."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._numbers = {scope: number for number, scope in enumerate(record.work, start=1)}

    def work(self, work: WorkRecord) -> str:
        """Of a specialist's report."""
        return f"report-{self._numbers[work.assignment.id]}"

    def log(self, scope: str) -> str:
        """Of what an assignment did."""
        return f"work-{self._numbers[scope]}" if scope in self._numbers else ""

    def finding(self, work: WorkRecord, finding: Finding) -> str:
        """Of a finding of this assignment's report."""
        findings = work.report.findings if work.report else ()
        number = next(number for number, each in enumerate(findings, start=1) if each is finding)
        return f"finding-{self._numbers[work.assignment.id]}-{number}"

    def quote(self, work: WorkRecord, finding: Finding, item: int) -> str:
        """Of the place in an answer that an item of evidence quotes; items count from 1."""
        return f"{self.finding(work, finding).replace('finding', 'quote', 1)}-{item}"

    def cited(self, name: str) -> str:
        """Of a finding by the name under which it is cited; "" where there is none."""
        found = facts.find(self._record, name)
        return self.finding(*found) if found else ""


def call(number: int) -> str:
    """Of a call of the run."""
    return f"call-{number}"
