"""What can go wrong with an MCP server, and what is then known of what it did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sre_runner.errors import RunnerError

TIMED_OUT, CLOSED, UNREADABLE = -32001, -32000, -32700
"""Codes of errors that the SDK itself gives to a request."""
UNREACHED = -32090
"""Our own: the request did not leave this machine."""

Kind = Literal["unusable", "refused", "unknown"]
KINDS: Mapping[int, Kind] = {UNREACHED: "unusable", CLOSED: "unknown", UNREADABLE: "unknown"}
"""What is known where a request ended with this code; with others it was refused."""


class McpError(RunnerError):
    """An MCP server cannot be used, or did not answer. `kind` is `unusable` where it was not asked, `refused` where it
    answered with an error, `unknown` where no answer came: what it has done is not known."""

    def __init__(self, message: str, hint: str = "", kind: Kind = "unusable") -> None:
        super().__init__(message, hint)
        self.kind = kind
