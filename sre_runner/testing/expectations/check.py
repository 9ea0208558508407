"""A record against the `expect:` of its playbook: what holds, and what does not, each with what was found instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sre_runner.coordination.expectations.key import ExpectKeys
from sre_runner.coordination.expectations.reading import stated
from sre_runner.coordination.expectations.table import EXPECT
from sre_runner.journal.record import Record
from sre_runner.specs import ExpectSpec
from sre_runner.testing.expectations.expectation import Expectation as Expectation
from sre_runner.testing.expectations.subject import Subject
from sre_runner.testing.expectations.table import CHECKS, CHECKS_OF_SPECIALIST, Checks


def check(expect: ExpectSpec, record: Record) -> list[Expectation]:
    """Every check of a playbook on the record of a run, in the order in which they are documented."""
    checked = _checked(expect, EXPECT, CHECKS, Subject(record))
    return [replace(each, evidence=()) if each.holds else each for each in checked]


def _checked(expect: ExpectSpec, keys: ExpectKeys, checks: Checks, subject: Subject) -> Iterator[Expectation]:
    for name, value in stated(expect, keys):
        inner = keys[name].each
        if inner is None:
            yield from checks[name](value, subject)
            continue
        for agent, one in value.items():
            yield from _checked(one, inner, CHECKS_OF_SPECIALIST, Subject(subject.record, agent))
