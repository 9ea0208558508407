"""What a rule of a vote is: everything that the rest of the program asks of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from sre_runner.casefile import Ballot

Decide: TypeAlias = Callable[[Sequence[Ballot], Sequence[str]], tuple[str | None, str]]
"""Takes the ballots that were cast (at least one) and the options, most severe first; gives the value, or None where
the rule does not decide, and the reason in words."""


@dataclass(frozen=True)
class Rule:
    """How ballots become a verdict.

    `summary` follows the name and a colon, where all rules are listed. It is `ordered` where it compares values by
    their severity, and `stands_in` where it may also decide `otherwise`. `counts` is the number of a ballot that it
    sums; "" where it takes each ballot as one.
    """

    name: str
    summary: str
    decide: Decide
    ordered: bool = False
    counts: Literal["", "weight", "confidence"] = ""
    stands_in: bool = False
