"""Of whom something is expected, and what a record has of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sre_runner.casefile import Finding, Json, Report
from sre_runner.journal.record import CallRecord, Record


@dataclass(frozen=True)
class Subject:
    """The run of a record as a whole or, with its name, one specialist of it."""

    record: Record
    agent: str | None = None

    @property
    def begins(self) -> str:
        """What a sentence about a specialist begins with."""
        return f"{self.agent}: " if self.agent is not None else ""

    @property
    def text(self) -> str:
        """What is looked at for texts, in words."""
        return f"the report of {self.agent}" if self.agent is not None else "the conclusion"

    @cached_property
    def report(self) -> Report | None:
        """The report of the specialist, the latest that it completed."""
        return self.record.reports().get(self.agent) if self.agent is not None else None

    @property
    def fields(self) -> Mapping[str, Json] | None:
        """The fields of the conclusion or the report; None where there is none."""
        of = self.report if self.agent is not None else self.record.conclusion
        return of.fields if of else None

    @cached_property
    def findings(self) -> Sequence[tuple[str, Finding]]:
        """The findings of the latest reports, each with its agent."""
        reports = self.record.reports().values()
        return [(each.agent, one) for each in reports if self.agent in (None, each.agent) for one in each.findings]

    @cached_property
    def calls(self) -> Sequence[CallRecord]:
        """The calls of tools."""
        calls = self.record.calls_of("tool")
        if self.agent is None:
            return calls
        mine = {work.assignment.id for work in self.record.work.values() if work.assignment.agent == self.agent}
        return [call for call in calls if call.request.scope in mine]
