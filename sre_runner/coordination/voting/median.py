"""The value in the middle of the ballots, ordered by severity."""

from __future__ import annotations

from collections.abc import Sequence

from sre_runner.casefile import Ballot
from sre_runner.coordination.voting.rule import Rule


def median(cast: Sequence[Ballot], options: Sequence[str]) -> tuple[str | None, str]:
    """Of an even number of ballots, the two in the middle must agree."""
    ordered = sorted((str(ballot.value) for ballot in cast), key=options.index)
    one, other = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    if one != other:
        return None, f"the two ballots in the middle differ ({one}, {other})"
    return one, f"{one} is in the middle of {', '.join(ordered)}"


MEDIAN = Rule("median", "the value in the middle", median, ordered=True)
