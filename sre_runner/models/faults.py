"""What the model service says instead of an answer: which of the API's errors it is, in whose words, and what helps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sre_runner.casefile import Json
from sre_runner.models.model import CONTEXT_TOO_LONG

STATUS_KINDS: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    413: "request_too_large",
    422: "invalid_request_error",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}
"""The API's error types by HTTP status, for servers that do not name one. Any other is an `api_error`."""

HINTS: Mapping[str, str] = {
    "api_error": "The fault is the service's; try again later.",
    "authentication_error": "Check ANTHROPIC_API_KEY (or the profile in use); --offline needs none.",
    "billing_error": "Check the credit and the spend limit of the organization that the key belongs to.",
    CONTEXT_TOO_LONG: "Lower `max_output` of the tools whose answers are long, or `max_iterations` of the agent.",
    "connection": "Check the network, the proxy variables and ANTHROPIC_BASE_URL; --offline needs none.",
    "cut_short": "Check the network, and the proxy or gateway between here and the service; or try again later.",
    "invalid_request_error": "Check what `model` in the playbook or the agent says: name, effort, max_tokens.",
    "malformed": "Check that ANTHROPIC_BASE_URL leads to a server of the Messages API (without /v1).",
    "not_found_error": "Check the model's name in the playbook or the agent, and ANTHROPIC_BASE_URL (without /v1).",
    "overloaded_error": "The service has more requests than it can take; try again later.",
    "permission_error": "The key may not use this model or workspace.",
    "rate_limit_error": "Try again later, or lower `coordinator.max_parallel`.",
    "request_too_large": "Lower `max_output` of the tools whose answers are long.",
    "timeout": "Lower `max_tokens` or `effort` of the model, or try again later.",
    "timeout_error": "Try again later.",
}
"""What helps, by kind of error; a redirect's hint names its target."""

PASSING_STATUSES = frozenset({408, 409, 429})
"""Besides those from 500 on: statuses that another attempt may cure."""

PASSING = frozenset({"api_error", "overloaded_error", "rate_limit_error", "timeout_error"})
"""Kinds that another attempt may cure, where no HTTP status says so."""

_API_KINDS = frozenset({*STATUS_KINDS.values(), "api_error"})
_VAGUE = frozenset({"api_error", "invalid_request_error"})
"""Types that servers also give to errors whose status says more: OpenAI's 401 is an `invalid_request_error`."""

_SPENT = "spend_limit_reached"
"""How the types and codes of spend limits end. They come as a 429, and no retry cures them."""


@dataclass(frozen=True)
class Stated:
    """An error object in the service's own words, "" where it says nothing. `status` is a code that stands in it."""

    type: str = ""
    message: str = ""
    code: str = ""
    status: int | None = None


class StatedError(Exception):
    """A body that holds an error where an answer was expected."""

    def __init__(self, stated: Stated) -> None:
        super().__init__(stated.message)
        self.stated = stated


def stated_error(data: Json) -> Stated | None:
    """The error object that a body holds, as the API writes it or as other servers do; None where it holds none."""
    if not isinstance(data, dict):
        return None
    error = data.get("error") or (data if data.get("type") == "error" or data.get("object") == "error" else None)
    if isinstance(error, str):
        return Stated(message=error)
    if not isinstance(error, dict):
        return None
    details = error.get("details")
    code = details.get("error_code") if isinstance(details, dict) else None
    type_ = _text(error.get("type"))
    return Stated("" if type_ == "error" else type_, _text(error.get("message")), _text(code), _status(error))


def kind_of(stated: Stated, status: int | None) -> str:
    """One of the API's error types: the one that is named, unless it is unknown or the status says more."""
    if any(word.endswith(_SPENT) for word in (stated.type, stated.code)):
        return "billing_error"
    by_status = STATUS_KINDS.get(status or 0, "api_error")
    if stated.type not in _API_KINDS or (stated.type in _VAGUE and status in STATUS_KINDS):
        return by_status
    return stated.type


def _status(error: Mapping[str, Json]) -> int | None:
    """An HTTP status that is given as a number or its digits."""
    for value in (error.get("code"), error.get("status")):
        if re.fullmatch("[45][0-9]{2}", str(value)):
            return int(str(value))
    return None


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
