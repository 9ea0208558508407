"""A listener of the journal that reports a run to the OpenTelemetry that this process was configured with."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping
from importlib.metadata import version

from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from sre_runner.journal.events import AssignmentFinished, CallFinished, Entry
from sre_runner.telemetry import content
from sre_runner.telemetry.attributes import Attributing
from sre_runner.telemetry.context import incoming
from sre_runner.telemetry.metrics import Metrics
from sre_runner.telemetry.names import spoken
from sre_runner.telemetry.seen import Seen
from sre_runner.telemetry.spans import Clock, Spans

_OF_THE_API = ("opentelemetry.trace", "opentelemetry.metrics")
"""Where the providers live that do nothing."""


class Telemetry:
    """Spans and metrics of one run, from its events as they happen.

    Of a `resumed` run nothing is reported until `begin`: what happened before is only remembered. A fault of whatever
    receives the spans ends the reporting, and never the run.
    """

    def __init__(
        self,
        tracers: TracerProvider,
        meters: MeterProvider,
        environ: Mapping[str, str],
        *,
        resumed: bool = False,
        clock: Clock | None = None,
    ) -> None:
        conventions, own = spoken(environ), version("sre-run")
        schema = conventions.schema or None
        self._resumed = self._waiting = resumed
        self._seen = Seen()
        attributing = Attributing(self._seen, conventions, content.is_asked_for(environ))
        tracer = tracers.get_tracer("sre_runner", own, schema_url=schema)
        self._spans = Spans(tracer, attributing, _above(environ), clock or Clock())
        self._metrics = Metrics(meters.get_meter("sre_runner", own, schema_url=schema), self._seen, conventions)
        self._last = 0.0
        self._broken = False

    def __call__(self, entry: Entry) -> None:
        """Report one event."""
        with self._never_ending_the_run():
            self._take(entry)

    def begin(self, seconds: float) -> tuple[str, str] | None:
        """Begin the run's span, `seconds` after the run did, and return the ids of its trace and of itself, in hex.

        None if it is sampled out. The journal has its header by then, with which the span of a new run began.
        """
        self._waiting = False
        with self._never_ending_the_run():
            self._spans.begin(self._spans.clock.at(seconds), resumed=self._resumed)
        return self._spans.ids

    def close(self) -> None:
        """End whatever is still open, once nothing more is told of the run; may be called twice."""
        if self._waiting:
            return
        with contextlib.suppress(Exception):
            self._spans.close()
            self._metrics.close(self._last)

    @contextlib.contextmanager
    def _never_ending_the_run(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever is wrong with an SDK, the incident goes on
            self._broken = True
            logging.getLogger("sre_runner").warning("OpenTelemetry failed; the run goes on without it: %r", error)

    def _take(self, entry: Entry) -> None:
        if self._broken:
            return
        event, call, work = entry.event, None, None
        self._seen.take(entry)
        if isinstance(event, CallFinished):
            call = self._seen.ended(event)
        elif isinstance(event, AssignmentFinished):
            work = self._seen.ended_work(event)
        self._last = entry.at
        if self._waiting:
            return
        self._spans.take(entry, work)
        self._metrics.take(entry, call, work)


def configured(environ: Mapping[str, str], *, resumed: bool = False) -> Telemetry | None:
    """A listener that reports to the global providers; None where both are the API's own, which do nothing."""
    tracers, meters = trace.get_tracer_provider(), metrics.get_meter_provider()
    if all(type(provider).__module__.startswith(_OF_THE_API) for provider in (tracers, meters)):
        return None
    return Telemetry(tracers, meters, environ, resumed=resumed)


def _above(environ: Mapping[str, str]) -> Context:
    """What the run is a part of: the current span of the program that runs it, or the trace that came in."""
    if trace.get_current_span().get_span_context().is_valid:
        return trace.set_span_in_context(trace.get_current_span())
    return TraceContextTextMapPropagator().extract(incoming(environ), Context())
