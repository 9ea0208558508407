"""What a check comes to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Expectation:
    """One check: what was expected in words, whether it holds, and what was found.

    `evidence` are the passages of the run that show why, a line each, as plain text that is not safe to print.
    """

    expected: str
    holds: bool
    found: str
    evidence: tuple[str, ...] = ()
