"""Numbers that a run must reach or keep to: findings, the share of them that is verified, dollars, tokens, seconds."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator

from sre_runner.casefile import Json
from sre_runner.coordination.expectations.key import ExpectDraft, ExpectKey, Now, Shift
from sre_runner.errors import Problem
from sre_runner.text.naming import said


def least(key: str, old: Json, new: Json) -> Iterator[Shift]:
    """The shift of a number that must be reached."""
    return _limit(key, old, new, operator.lt)


def most(key: str, old: Json, new: Json) -> Iterator[Shift]:
    """The shift of a number that must not be passed."""
    return _limit(key, old, new, operator.gt)


def _limit(key: str, old: Json, new: Json, weaker: Callable[[Json, Json], bool]) -> Iterator[Shift]:
    if new is None:
        yield Shift("removed", f"`{key}` is gone; it was {said(old)}.", old, gone=True)
    elif old is None:
        yield Shift("strengthened", f"`{key}` is {said(new)}.", old, new)
    else:
        now: Now = "weakened" if weaker(new, old) else "strengthened"
        yield Shift(now, f"`{key}` is {said(new)}, no longer {said(old)}.", old, new)


def _prices(draft: ExpectDraft) -> Iterator[Problem]:
    if draft.sound("max_cost") is not None:
        yield from draft.unpriced("max_cost", "expect `max_tokens`")


def _verified(of: str) -> ExpectKey:
    share = {
        "description": f"The least share of {of} findings whose evidence stands in what the model was shown, 0 to 1.",
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "examples": [1.0],
    }
    return ExpectKey("min_findings_verified", share, shifts=least, of_report=True)


VERIFIED, VERIFIED_OF_SPECIALIST = _verified("all"), _verified("its")
MIN_FINDINGS = ExpectKey(
    "min_findings",
    {
        "description": "How many findings its report has at least.",
        "type": "integer",
        "minimum": 1,
        "examples": [3],
    },
    nothing=0,
    shifts=least,
    of_report=True,
)
MAX_COST = ExpectKey(
    "max_cost",
    {
        "description": "US dollars that the run costs at most; of a rehearsal, what as many tokens would cost. Every "
        "model needs a known price.",
        "type": "number",
        "minimum": 0,
        "maximum": 1000000000,
        "examples": [0.5],
    },
    problems=_prices,
    shifts=most,
)
MAX_TOKENS = ExpectKey(
    "max_tokens",
    {
        "description": "Tokens of all model calls at most, sent and received, those from the cache included; a "
        "rehearsal's are an estimate.",
        "type": "integer",
        "minimum": 1,
        "maximum": 1000000000000,
        "examples": [200000],
    },
    shifts=most,
)
MAX_SECONDS = ExpectKey(
    "max_seconds",
    {
        "description": "Seconds from the beginning to the end at most. A rehearsal, which waits for no model, says "
        "little of it.",
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 31536000,
        "examples": [300],
    },
    shifts=most,
)
