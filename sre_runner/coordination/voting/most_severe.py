"""The most severe value that anybody voted for."""

from __future__ import annotations

from collections.abc import Sequence

from sre_runner.casefile import Ballot
from sre_runner.coordination.voting.rule import Rule


def most_severe(cast: Sequence[Ballot], options: Sequence[str]) -> tuple[str | None, str]:
    """One ballot is enough; it always decides."""
    value = min((str(ballot.value) for ballot in cast), key=options.index)
    voters = ", ".join(ballot.agent for ballot in cast if ballot.value == value)
    return value, f"the most severe ballot is {value} ({voters})"


MOST_SEVERE = Rule("most_severe", "the most severe value that anyone has", most_severe, ordered=True, stands_in=True)
