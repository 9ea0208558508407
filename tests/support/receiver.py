"""A real SDK that keeps in memory what it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from sre_runner.journal.events import Entry, Event
from sre_runner.journal.record import Record
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run
from sre_runner.telemetry.listener import Telemetry
from sre_runner.telemetry.spans import Clock

PLAYBOOK = Path(__file__).parents[2] / "playbooks" / "payment-gateway.yaml"


class Receiver:
    """`spans` have ended, in that order; `points` are the data points of a metric."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self._reader = InMemoryMetricReader()
        self.meters = MeterProvider([self._reader])

    def listener(self, environ: Mapping[str, str] = {}, **more: Any) -> Telemetry:
        return Telemetry(self.tracers, self.meters, environ, **more)

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.get_finished_spans()

    def of(self, operation: str) -> list[ReadableSpan]:
        return [span for span in self.spans if told(span)["gen_ai.operation.name"] == operation]

    @property
    def metrics(self) -> dict[str, Any]:
        data = self._reader.get_metrics_data()
        scopes = [scope for resource in (data.resource_metrics if data else ()) for scope in resource.scope_metrics]
        return {metric.name: metric for scope in scopes for metric in scope.metrics}


def points(metrics: Mapping[str, Any], name: str) -> list[tuple[dict[str, Any], Any]]:
    """Attributes and value, or sum, of each data point of a metric."""
    found = metrics[name].data.data_points
    return [(dict(point.attributes), getattr(point, "value", getattr(point, "sum", None))) for point in found]


def told(span: ReadableSpan) -> Mapping[str, Any]:
    """The attributes of a span."""
    assert span.attributes is not None
    return span.attributes


def parent(span: ReadableSpan, spans: Sequence[ReadableSpan]) -> ReadableSpan | None:
    """The span above another."""
    above = span.parent
    return next((one for one in spans if above and one.context and one.context.span_id == above.span_id), None)


def rehearse(listener: Telemetry, runs: Path, **options: Any) -> tuple[Record, Path]:
    """The shipped playbook, without a model."""
    return run(RunOptions(PLAYBOOK, runs=runs, offline=True, **options), [listener])


def tell(listener: Telemetry, events: Sequence[Event], every: float = 0.5) -> None:
    """Events, one every so many seconds."""
    for number, event in enumerate(events):
        listener(Entry(number * every, event))


def still(nanoseconds: int = 1_000_000_000_000_000_000) -> Clock:
    """A clock that stands still, so that times are the journal's."""
    return Clock(lambda: nanoseconds)
