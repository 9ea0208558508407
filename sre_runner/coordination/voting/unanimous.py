"""The value that every ballot has."""

from __future__ import annotations

from collections.abc import Sequence

from sre_runner.casefile import Ballot
from sre_runner.coordination.voting.rule import Rule


def unanimous(cast: Sequence[Ballot], options: Sequence[str]) -> tuple[str | None, str]:
    """One other ballot is enough to decide nothing."""
    values = sorted({str(ballot.value) for ballot in cast}, key=options.index)
    if len(values) > 1:
        return None, f"the ballots differ ({', '.join(values)})"
    return values[0], f"every ballot is for {values[0]}"


UNANIMOUS = Rule("unanimous", "what all say", unanimous)
