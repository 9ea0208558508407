"""The keys that `expect` has, by their names: one entry each, in the order in which they are documented and checked."""

from __future__ import annotations

from collections.abc import Mapping

from sre_runner.casefile import Json
from sre_runner.coordination.expectations.key import ExpectKey, ExpectKeys
from sre_runner.coordination.expectations.limits import (
    MAX_COST,
    MAX_SECONDS,
    MAX_TOKENS,
    MIN_FINDINGS,
    VERIFIED,
    VERIFIED_OF_SPECIALIST,
)
from sre_runner.coordination.expectations.mentions import (
    MENTIONS,
    MENTIONS_OF_SPECIALIST,
    NOT_MENTIONED,
    NOT_MENTIONED_BY_SPECIALIST,
    RED_HERRINGS,
)
from sre_runner.coordination.expectations.reading import expect_of
from sre_runner.coordination.expectations.status import STATUS, STATUS_OF_SPECIALIST
from sre_runner.coordination.expectations.tools import (
    CALLED,
    CALLED_BY_SPECIALIST,
    NOT_CALLED,
    NOT_CALLED_BY_SPECIALIST,
)
from sre_runner.coordination.expectations.values import REPORT, VERDICTS
from sre_runner.specs import ExpectSpec

EXPECT_OF_SPECIALIST: ExpectKeys = {
    each.key: each
    for each in (
        STATUS_OF_SPECIALIST,
        REPORT,
        MENTIONS_OF_SPECIALIST,
        NOT_MENTIONED_BY_SPECIALIST,
        CALLED_BY_SPECIALIST,
        NOT_CALLED_BY_SPECIALIST,
        MIN_FINDINGS,
        VERIFIED_OF_SPECIALIST,
    )
}
"""The keys of an entry of `expect.specialists`."""


def _specialists(given: Mapping[str, Mapping[str, Json]]) -> dict[str, ExpectSpec]:
    return {name: expect_of(one, EXPECT_OF_SPECIALIST) for name, one in given.items()}


SPECIALISTS = ExpectKey(
    "specialists",
    {
        "description": "What is expected of specialists of the playbook, by name.",
        "type": "object",
        "additionalProperties": {"$ref": "#/$defs/expected_specialist"},
        "default": {},
        "examples": [{"k8s-expert": {"tools_called": ["describe_pod"], "report": {"severity_assessment": "P1"}}}],
    },
    nothing={},
    read=_specialists,
    each=EXPECT_OF_SPECIALIST,
)
EXPECT: ExpectKeys = {
    each.key: each
    for each in (
        STATUS,
        VERDICTS,
        MENTIONS,
        NOT_MENTIONED,
        RED_HERRINGS,
        CALLED,
        NOT_CALLED,
        VERIFIED,
        MAX_COST,
        MAX_TOKENS,
        MAX_SECONDS,
        SPECIALISTS,
    )
}
"""The keys of `expect` itself."""
