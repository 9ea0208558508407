"""What several rules count: ballots, or the weight behind them, by value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from sre_runner.casefile import Ballot

_MOST = Fraction(10**300)
"""A journal that somebody changed may have weights that come to more than a float holds."""


def exactly(number: float) -> Fraction:
    """The number as it is written in decimal, so that 0.1 and 0.2 are 0.3, in whatever order they are added."""
    return Fraction(repr(number))


def by_value(
    cast: Sequence[Ballot], options: Sequence[str], worth: Callable[[Ballot], Fraction]
) -> list[tuple[str, Fraction]]:
    """The values that got ballots, with the sum of what their ballots are worth; the highest first, then the most
    severe."""
    sums: dict[str, Fraction] = {}
    for ballot in cast:
        if ballot.value is not None:
            sums[ballot.value] = sums.get(ballot.value, Fraction(0)) + worth(ballot)
    return sorted(sums.items(), key=lambda item: (-item[1], options.index(item[0])))


def highest(counted: Sequence[tuple[str, Fraction]]) -> str | None:
    """The value with the highest sum; None where two share it."""
    return None if len(counted) > 1 and counted[0][1] == counted[1][1] else counted[0][0]


def in_words(counted: Sequence[tuple[str, Fraction]]) -> str:
    """`P1 2, P2 1.5`."""
    return ", ".join(f"{value} {float(min(total, _MOST)):g}" for value, total in counted)
