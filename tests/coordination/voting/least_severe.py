"""The least severe value that anybody voted for."""

from __future__ import annotations

from collections.abc import Sequence

from sre_runner.casefile import Ballot
from sre_runner.coordination.voting.rule import Rule


def least_severe(cast: Sequence[Ballot], options: Sequence[str]) -> tuple[str | None, str]:
    """One ballot is enough; it always decides."""
    value = max((str(ballot.value) for ballot in cast), key=options.index)
    return value, f"the least severe ballot is {value}"


LEAST_SEVERE = Rule(
    "least_severe", "the least severe value that anyone has", least_severe, ordered=True, stands_in=True
)
