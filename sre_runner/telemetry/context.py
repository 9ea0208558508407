"""Trace context: what comes in (W3C Trace Context), and what goes out to the servers that a call reaches."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator, Mapping

from sre_runner.journal.events import CallStarted

LONGEST_STATE = 512
"""Characters of `TRACESTATE` that are passed on; a longer one is dropped, as the recommendation allows."""

_PARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-[\x21-\x7e]*)?")
_STATE = re.compile(r"[\x20-\x7e\t]*")
_SPANS = "sre_runner.telemetry.spans"
"""Imported only in a process that has spans."""


def incoming(environ: Mapping[str, str]) -> dict[str, str]:
    """The context in `TRACEPARENT` and `TRACESTATE`, as HTTP headers; empty if there is none or it is invalid."""
    parent = environ.get("TRACEPARENT", "").strip()
    if not _PARENT.fullmatch(parent) or (parent.startswith("00-") and len(parent) != 55):
        return {}
    state = environ.get("TRACESTATE", "").strip()
    kept = state and len(state) <= LONGEST_STATE and _STATE.fullmatch(state)
    return {"traceparent": parent, **({"tracestate": state} if kept else {})}


def headers(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The trace context for a request to an HTTP or MCP server: `traceparent`, and whatever else is propagated.

    It is that of the current span, and without one what came in by `TRACEPARENT`. Empty if there is neither.
    """
    if _SPANS in sys.modules:
        from opentelemetry.propagate import inject

        carrier: dict[str, str] = {}
        inject(carrier)
        if carrier:
            return carrier
    return incoming(environ)


@contextlib.contextmanager
def calling(started: CallStarted) -> Iterator[None]:
    """Within it, the span of a call is the current one: what its HTTP client traces, and `headers`, belong to it."""
    if _SPANS not in sys.modules:
        yield
        return
    from sre_runner.telemetry.spans import current

    with current(started):
        yield
