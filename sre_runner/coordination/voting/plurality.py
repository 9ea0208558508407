"""The value with the most ballots."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from sre_runner.casefile import Ballot
from sre_runner.coordination.voting.counting import by_value, highest, in_words
from sre_runner.coordination.voting.rule import Rule


def plurality(cast: Sequence[Ballot], options: Sequence[str]) -> tuple[str | None, str]:
    """A tie decides nothing."""
    counted = by_value(cast, options, lambda _: Fraction(1))
    value = highest(counted)
    return value, f"most ballots ({in_words(counted)})" if value else f"a tie of ballots ({in_words(counted)})"


PLURALITY = Rule("plurality", "most ballots", plurality, stands_in=True)
