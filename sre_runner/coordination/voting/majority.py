"""The value of more than half of the ballots cast."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from sre_runner.casefile import Ballot
from sre_runner.coordination.voting.counting import by_value
from sre_runner.coordination.voting.rule import Rule


def majority(cast: Sequence[Ballot], options: Sequence[str]) -> tuple[str | None, str]:
    """Exactly half is no majority."""
    value, count = by_value(cast, options, lambda _: Fraction(1))[0]
    if 2 * count > len(cast):
        return value, f"{count} of {len(cast)} ballots are for {value}"
    return None, f"no value has more than half of the {len(cast)} ballots"


MAJORITY = Rule("majority", "more than half of the ballots cast", majority)
