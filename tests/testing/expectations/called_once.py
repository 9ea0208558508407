"""Which tools were called exactly once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sre_runner.testing.expectations.expectation import Expectation
from sre_runner.testing.expectations.subject import Subject


def called_once(names: Sequence[str], subject: Subject) -> Iterator[Expectation]:
    """Whether there is one call of each."""
    for name in names:
        count = sum(call.request.name == name for call in subject.calls)
        yield Expectation(f"{subject.begins}{name} is called once", count == 1, f"it is called {count} times")
