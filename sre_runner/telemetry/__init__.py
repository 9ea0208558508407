"""Traces and metrics of runs, by OpenTelemetry's conventions for GenAI, through its API package alone.

Nothing is imported unless somebody else configured OpenTelemetry in this process, as `opentelemetry-instrument` does.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from sre_runner.journal import CallStarted, Noted
from sre_runner.telemetry.context import incoming, text_of, trace_of

if TYPE_CHECKING:
    from sre_runner.telemetry.listener import Telemetry

__all__ = ["calling", "headers", "listener", "note", "trace_of"]

PROVIDERS = ("OTEL_PYTHON_TRACER_PROVIDER", "OTEL_PYTHON_METER_PROVIDER")
"""Variables by which the API package itself loads an SDK."""


def listener(environ: Mapping[str, str] = os.environ, *, earlier: int = 0) -> Telemetry | None:
    """What makes spans and metrics of one run's events; None where nobody would receive them.

    `earlier` is how many events the journal of a resumed run already has: they were reported when they happened.
    """
    if "opentelemetry.trace" not in sys.modules and not any(environ.get(name) for name in PROVIDERS):
        return None
    try:
        from sre_runner.telemetry.listener import configured
    except ImportError:
        return None
    return configured(environ, earlier=earlier)


@contextlib.contextmanager
def calling(started: CallStarted) -> Iterator[None]:
    """Within it, the span of a call is the current one: what its HTTP client traces, and `headers`, belong to it."""
    if "sre_runner.telemetry.listener" not in sys.modules:
        yield
        return
    from sre_runner.telemetry.spans import current

    with current(started):
        yield


def headers(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The trace context for a request to an HTTP or MCP server: `traceparent`, and whatever else is propagated.

    It is that of the current span, and without one what came in by `TRACEPARENT`. Empty where there is neither.
    """
    if "sre_runner.telemetry.listener" in sys.modules:
        from opentelemetry.propagate import inject

        carrier: dict[str, str] = {}
        inject(carrier)
        if carrier:
            return carrier
    return incoming(environ)


def note(telemetry: Telemetry | None) -> Noted | None:
    """What the journal says of a run's trace, for `trace_of`; None where the run is not traced."""
    return Noted(text_of(*telemetry.trace)) if telemetry and telemetry.trace else None
