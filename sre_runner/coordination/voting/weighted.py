"""The value with the highest sum of the voters' declared weights."""

from __future__ import annotations

from collections.abc import Sequence

from sre_runner.casefile import Ballot
from sre_runner.coordination.voting.counting import by_value, exactly, highest, in_words
from sre_runner.coordination.voting.rule import Rule


def weighted(cast: Sequence[Ballot], options: Sequence[str]) -> tuple[str | None, str]:
    """A voter without a declared weight has 1; a tie decides nothing."""
    counted = by_value(cast, options, lambda ballot: exactly(ballot.weight))
    value = highest(counted)
    return value, f"most weight ({in_words(counted)})" if value else f"a tie of weights ({in_words(counted)})"


WEIGHTED = Rule("weighted", "most weight of `weights`", weighted, counts="weight")
