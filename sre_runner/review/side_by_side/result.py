"""What one side came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sre_runner.testing.comparison.figures import Figures
from sre_runner.testing.expectations.check import Expectation


@dataclass(frozen=True)
class Result:
    """What one side came to. `verdicts` are by vote, also of a replay that got as far as that.

    `findings` are pairs of agent and statement, `cause` is the root cause's statement, `stopped` says why a replay did
    not come to its end.
    """

    figures: Figures
    verdicts: Mapping[str, str | None]
    findings: tuple[tuple[str, str], ...]
    cause: str
    expectations: tuple[Expectation, ...]
    stopped: str = ""
