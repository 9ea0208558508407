"""The trace that a run belongs to: as it comes in (W3C Trace Context), and as the journal names it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

LONGEST_STATE = 512
"""Characters of `TRACESTATE` that are passed on; a longer one is dropped, as the recommendation allows."""

_PARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-[\x21-\x7e]*)?")
_NOTE = re.compile(r"Trace ([0-9a-f]{32}), span ([0-9a-f]{16})\.")
_STATE = re.compile(r"[\x20-\x7e\t]*")


def incoming(environ: Mapping[str, str]) -> dict[str, str]:
    """The context that came in, as HTTP headers; empty where there is none, or none that is valid."""
    parent = environ.get("TRACEPARENT", "").strip()
    if not _PARENT.fullmatch(parent) or (parent.startswith("00-") and len(parent) != 55):
        return {}
    state = environ.get("TRACESTATE", "").strip()
    kept = state and len(state) <= LONGEST_STATE and _STATE.fullmatch(state)
    return {"traceparent": parent, **({"tracestate": state} if kept else {})}


def text_of(trace: str, span: str) -> str:
    """What a journal notes of the trace of its run, and of the run's own span in it."""
    return f"Trace {trace}, span {span}."


def trace_of(notes: Sequence[str]) -> tuple[str, str] | None:
    """The ids of the trace and of the run's own span, in hex, by the notes of a record; a resume's go before."""
    found = (_NOTE.fullmatch(text) for text in reversed(notes))
    return next(((match[1], match[2]) for match in found if match), None)
