"""A record against the `expect:` of its playbook: what holds, and what does not, each with what was found instead."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from sre_runner.journal import Record
from sre_runner.specs import ExpectSpec


@dataclass(frozen=True)
class Expectation:
    """One check: what was expected in words, whether it holds, and what was found."""

    expected: str
    holds: bool
    found: str


def check(expect: ExpectSpec, record: Record) -> list[Expectation]:
    """Every check of a playbook on the record of a run, in the order in which they are documented."""
    return [*_verdicts(expect, record), *_mentions(expect, record), *_tools(expect, record), *_verified(expect, record)]


def _verdicts(expect: ExpectSpec, record: Record) -> Iterator[Expectation]:
    conclusion = record.conclusion
    verdicts = {verdict.vote: verdict.value for verdict in conclusion.verdicts} if conclusion else {}
    if conclusion:
        verdicts.setdefault("severity", conclusion.fields["severity"])
    for name, value in expect.verdicts.items():
        found = verdicts.get(name)
        yield Expectation(f"the verdict of {name} is {value}", found == value, f"it is {found or 'not there'}")


def _mentions(expect: ExpectSpec, record: Record) -> Iterator[Expectation]:
    said = json.dumps(dict(record.conclusion.fields), ensure_ascii=False).casefold() if record.conclusion else ""
    for words in expect.mentions:
        wanted = json.dumps(words, ensure_ascii=False)[1:-1].casefold()
        there = wanted in said
        yield Expectation(f"the conclusion mentions {words!r}", there, "it does" if there else "it does not")


def _tools(expect: ExpectSpec, record: Record) -> Iterator[Expectation]:
    answered = [call for call in record.calls_of("tool") if call.outcome and call.outcome.outcome == "answer"]
    called = sorted({call.request.name for call in answered})
    for name in expect.tools_called:
        yield Expectation(f"{name} is called", name in called, f"called were: {', '.join(called) or 'none'}")


def _verified(expect: ExpectSpec, record: Record) -> Iterator[Expectation]:
    if expect.min_findings_verified is not None:
        verified, all_of_them = record.verified()
        share = verified / all_of_them if all_of_them else 1.0
        least = expect.min_findings_verified
        found = f"{verified} of {all_of_them} are"
        yield Expectation(f"at least {least:.0%} of the findings are verified", share >= least, found)
