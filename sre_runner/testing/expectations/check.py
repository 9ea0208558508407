"""A record against the `expect:` of its playbook: what holds, and what does not, each with what was found instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sre_runner.coordination.voting.rules import decided_by
from sre_runner.journal.record import Record
from sre_runner.specs import ExpectSpec
from sre_runner.testing.expectations.expectation import Expectation as Expectation
from sre_runner.testing.expectations.limits import limits
from sre_runner.testing.expectations.mentions import mentions, red_herrings
from sre_runner.testing.expectations.passages import shortened
from sre_runner.testing.expectations.specialists import specialist, verified
from sre_runner.testing.expectations.tools import tools


def check(expect: ExpectSpec, record: Record) -> list[Expectation]:
    """Every check of a playbook on the record of a run, in the order in which they are documented."""
    fields = record.conclusion.fields if record.conclusion else None
    findings = [(report.agent, each) for report in record.reports().values() for each in report.findings]
    each_of = (specialist(name, expected, record) for name, expected in expect.specialists.items())
    checked = [
        *_status(expect, record),
        *_verdicts(expect, record),
        *mentions("the conclusion", expect.mentions, expect.must_not_mention, fields, record),
        *red_herrings(expect.red_herrings, record),
        *tools("", expect.tools_called, expect.tools_not_called, record.calls_of("tool"), record),
        *verified("", expect.min_findings_verified, findings, record),
        *limits(expect, record),
        *(expectation for expectations in each_of for expectation in expectations),
    ]
    return [replace(each, evidence=()) if each.holds else each for each in checked]


def _status(expect: ExpectSpec, record: Record) -> Iterator[Expectation]:
    if expect.status is None:
        return
    conclusion = record.conclusion
    found = "not there" if conclusion is None else "partial" if conclusion.partial else "complete"
    missing = conclusion.missing if conclusion else tuple(record.notes[-3:])
    yield Expectation(f"the conclusion is {expect.status}", found == expect.status, f"it is {found}", missing)


def _verdicts(expect: ExpectSpec, record: Record) -> Iterator[Expectation]:
    conclusion = record.conclusion
    voted = {verdict.vote: verdict for verdict in conclusion.verdicts} if conclusion else {}
    for name, values in expect.verdicts.items():
        verdict, evidence = voted.get(name), []
        found = verdict.value if verdict else None
        if verdict:
            ballots = "; ".join(f"{each.agent} {each.shown}" for each in verdict.ballots)
            evidence = [
                f"{decided_by(verdict)}: {shortened(verdict.reason)}",
                f"ballots: {ballots}",
            ]
        elif conclusion and name == "severity":
            found = str(conclusion.fields["severity"])
            evidence = [f"incident_summary: {shortened(str(conclusion.fields['incident_summary']))}"]
        expected = f"the verdict of {name} is {' or '.join(values)}"
        yield Expectation(expected, found in values, f"it is {found or 'not there'}", tuple(evidence))
