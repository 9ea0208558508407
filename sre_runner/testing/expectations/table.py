"""How a record is held against each key of `expect`: one entry a key, in whatever order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sre_runner.casefile import Json
from sre_runner.testing.expectations.expectation import Expectation
from sre_runner.testing.expectations.findings import min_findings, verified
from sre_runner.testing.expectations.limits import max_cost, max_seconds, max_tokens
from sre_runner.testing.expectations.mentions import mentions, not_mentioned, red_herrings
from sre_runner.testing.expectations.report import report
from sre_runner.testing.expectations.status import status, status_of_specialist
from sre_runner.testing.expectations.subject import Subject
from sre_runner.testing.expectations.tools import called, not_called
from sre_runner.testing.expectations.verdicts import verdicts

Check = Callable[[Json, Subject], Iterator[Expectation]]
"""What the value of a key, as its spec has it, comes to."""
Checks = Mapping[str, Check]

CHECKS: Checks = {
    "status": status,
    "verdicts": verdicts,
    "mentions": mentions,
    "must_not_mention": not_mentioned,
    "red_herrings": red_herrings,
    "tools_called": called,
    "tools_not_called": not_called,
    "min_findings_verified": verified,
    "max_cost": max_cost,
    "max_tokens": max_tokens,
    "max_seconds": max_seconds,
}
"""Of the run as a whole; `specialists` has the others."""
CHECKS_OF_SPECIALIST: Checks = {
    "status": status_of_specialist,
    "report": report,
    "mentions": mentions,
    "must_not_mention": not_mentioned,
    "tools_called": called,
    "tools_not_called": not_called,
    "min_findings": min_findings,
    "min_findings_verified": verified,
}
"""Of one specialist."""
