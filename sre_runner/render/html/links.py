"""What in a report leads where: ids, none of which has a character that someone else chose, and places of quotes."""

from __future__ import annotations

from sre_runner.casefile import Finding
from sre_runner.coordination.evidence.places import Span, place
from sre_runner.journal import facts
from sre_runner.journal.record import CallRecord, Record, WorkRecord


class Links:
    """Ids by what they are of, for one record."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._spans: dict[tuple[int, str], Span | None] = {}
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

    def span(self, call: CallRecord, quote: str) -> Span | None:
        """Where in the answer of a call a quote stands; looked for only once, as that takes a while."""
        key = call.request.call, quote
        if key not in self._spans:
            answer = call.outcome.tool_answer if call.outcome else None
            self._spans[key] = place(answer.text, quote) if answer else None
        return self._spans[key]


def call(number: int) -> str:
    """Of a call of the run."""
    return f"call-{number}"
