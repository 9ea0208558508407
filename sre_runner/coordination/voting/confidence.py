"""The value with the highest sum of the confidences that its voters reported."""

from __future__ import annotations

from collections.abc import Sequence

from sre_runner.casefile import Ballot
from sre_runner.coordination.voting.counting import by_value, exactly, highest, in_words
from sre_runner.coordination.voting.rule import Rule


def confidence(cast: Sequence[Ballot], options: Sequence[str]) -> tuple[str | None, str]:
    """A tie decides nothing."""
    counted = by_value(cast, options, lambda ballot: exactly(ballot.confidence))
    value = highest(counted)
    return value, f"most confidence ({in_words(counted)})" if value else f"a tie of confidences ({in_words(counted)})"


CONFIDENCE = Rule("confidence", "most confidence of the reports", confidence, counts="confidence")
