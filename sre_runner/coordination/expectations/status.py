"""Whether the conclusion is complete, and how a specialist's work ends."""

from __future__ import annotations

from sre_runner.casefile import Status
from sre_runner.coordination.expectations.key import ExpectKey

STATUS = ExpectKey(
    "status",
    {
        "description": "Whether the conclusion has all that was asked for (`complete`) or says what is missing "
        "(`partial`).",
        "type": "string",
        "enum": ["complete", "partial"],
        "default": "complete",
    },
)
STATUS_OF_SPECIALIST = ExpectKey(
    "status",
    {
        "description": "How its work ends: with a report (`completed`), at its cap (`incomplete`), or not (`failed`). "
        "`not_deployed`: the planner gives it no part, or the pipeline ends before it.",
        "type": "string",
        "enum": [*(str(status) for status in Status), "not_deployed"],
        "default": str(Status.COMPLETED),
    },
    nothing=str(Status.COMPLETED),
)
