"""The values of fields in a specialist's report."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from sre_runner.casefile import Json
from sre_runner.testing.expectations.expectation import Expectation
from sre_runner.testing.expectations.passages import shortened
from sre_runner.testing.expectations.subject import Subject


def report(expected: Mapping[str, Sequence[Json]], subject: Subject) -> Iterator[Expectation]:
    """Whether each field has one of its values."""
    for field, values in expected.items():
        yield _field(field, values, subject)


def _field(field: str, values: Sequence[Json], subject: Subject) -> Expectation:
    words = f"{subject.begins}{field} is {' or '.join(map(_said, values))}"
    if subject.fields is None:
        return Expectation(words, False, "it has no report")
    value = subject.fields.get(field)
    holds = any(value == each and isinstance(value, bool) == isinstance(each, bool) for each in values)
    evidence = f"summary: {shortened(str(subject.fields.get('summary', '')))}"
    return Expectation(words, holds, f"it is {shortened(_said(value))}", (evidence,))


def _said(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
