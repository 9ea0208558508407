"""A run as spans: `invoke_workflow` for the run, in it `invoke_agent`, and in those `chat` and `execute_tool`."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    format_span_id,
    format_trace_id,
    set_span_in_context,
    use_span,
)

from sre_runner.casefile import Report
from sre_runner.casefile import Status as WorkStatus
from sre_runner.errors import ExitCode
from sre_runner.journal.events import (
    AssignmentFinished,
    AssignmentStarted,
    CallFinished,
    CallStarted,
    Concluded,
    Entry,
    RunFinished,
    RunStarted,
    Traced,
)
from sre_runner.telemetry import content, names
from sre_runner.telemetry.attributes import Attributes, Attributing
from sre_runner.telemetry.seen import Begun, error_of

APART = 1_000_000_000
"""Nanoseconds by which the journal's clock may differ from the system's: it stands still while a machine sleeps."""

_CALLS: dict[int, tuple[CallStarted, Span]] = {}
"""Calls under way in this process, by the identity of their event: several runs may share it."""


@contextlib.contextmanager
def current(started: CallStarted) -> Iterator[None]:
    """Make the span of a call the current one; where a call has none, nothing changes."""
    found = _CALLS.get(id(started))
    if found is None:
        yield
        return
    with use_span(found[1], end_on_exit=False, record_exception=False, set_status_on_exception=False):
        yield


@dataclass
class Clock:
    """The journal's seconds as nanoseconds since 1970. `now` is asked as each event happens."""

    now: Callable[[], int] = time.time_ns
    _start: int = 0

    def at(self, seconds: float) -> int:
        """When the event happened that is happening now."""
        since = round(seconds * 1_000_000_000)
        if abs(self.now() - since - self._start) > APART:
            self._start = self.now() - since
        return self._start + since


@dataclass
class _Open:
    span: Span
    started: int

    def end(self, at: int, attributes: Attributes, error: str = "", why: str = "") -> None:
        """End it, but never before it began: somebody may have set the clock."""
        self.span.set_attributes(attributes)
        if error:
            self.span.set_attribute(names.ERROR, error)
            self.span.set_status(Status(StatusCode.ERROR, why or None))
        self.span.end(max(at, self.started))


@dataclass
class Spans:
    """Makes the spans of one run. `above` is the context that the run belongs to, `ids` its trace and its own span."""

    tracer: Tracer
    attributing: Attributing
    above: Context
    clock: Clock
    ids: tuple[str, str] | None = None
    _run: _Open | None = None
    _work: dict[str, _Open] = field(default_factory=dict)
    _links: dict[str, Link] = field(default_factory=dict)
    _calls: dict[int, tuple[CallStarted, _Open]] = field(default_factory=dict)

    def take(self, entry: Entry, begun: Begun | None) -> None:
        """Follow one event that happens now; `begun` is the assignment that it ends."""
        at = self.clock.at(entry.at)
        self.begin(at, resumed=not isinstance(entry.event, RunStarted))
        match entry.event:
            case AssignmentStarted(assignment):
                self._agent(assignment.id, at)
            case CallStarted() as started:
                self._call(started, at)
            case CallFinished() as finished:
                self._end_call(finished, at)
            case AssignmentFinished(report, turns):
                self._end_agent(report, turns, begun, at)
            case Concluded(conclusion) if self.attributing.captured and self._run:
                self._run.span.set_attributes(content.of_conclusion(conclusion))
            case RunFinished(code):
                self._end_run(at, {names.EXIT_CODE: code}, ExitCode(code).name.lower() if code else "")

    def close(self) -> None:
        """End whatever is open, because nothing more will be told of this run."""
        at = self.clock.now()
        for number in list(self._calls):
            self._end_call(CallFinished(number, "cancelled"), at)
        for opened in self._work.values():
            opened.end(at, {}, "cancelled")
        self._work.clear()
        if self._run:
            self._end_run(at, {}, "aborted")

    def begin(self, at: int, *, resumed: bool) -> None:
        """Begin the run's own span, unless it is there."""
        run, playbook = self.attributing.seen.run, self.attributing.seen.playbook
        if self._run or run is None:
            return
        told, before = self.attributing.run(run, resumed=resumed), self.attributing.seen.traced
        link = _link(before) if before else None
        self._run = self._open(f"{names.INVOKE_WORKFLOW} {playbook}", SpanKind.INTERNAL, told, None, at, link)
        if self._run.span.is_recording():
            context = self._run.span.get_span_context()
            self.ids = format_trace_id(context.trace_id), format_span_id(context.span_id)

    def _agent(self, scope: str, at: int) -> _Open:
        """The span of an assignment, which after a resume begins with the first that happens in it."""
        if scope in self._work:
            return self._work[scope]
        seen = self.attributing.seen
        name, told = f"{names.INVOKE_AGENT} {seen.agent_of(scope)}", self.attributing.agent(scope)
        before = seen.work[scope].continues if scope in seen.work else None
        opened = self._open(name, SpanKind.INTERNAL, told, self._run, at, self._links.get(before or ""))
        self._work[scope] = opened
        self._links[scope] = Link(opened.span.get_span_context())
        return opened

    def _call(self, started: CallStarted, at: int) -> None:
        parent = self._agent(started.scope, at)
        model = started.kind == "model"
        # A rehearsal's model is a part of this process.
        kind = SpanKind.CLIENT if model and not self.attributing.seen.rehearsal else SpanKind.INTERNAL
        name = f"{names.CHAT if model else names.EXECUTE_TOOL} {started.name}"
        opened = self._open(name, kind, self.attributing.call(started), parent, at)
        self._calls[started.call] = started, opened
        _CALLS[id(started)] = started, opened.span

    def _end_call(self, finished: CallFinished, at: int) -> None:
        found = self._calls.pop(finished.call, None)
        if found is None:
            return
        started, opened = found
        _CALLS.pop(id(started), None)
        why = finished.error if started.kind == "model" else ""
        opened.end(at, self.attributing.outcome(finished), error_of(finished), why)

    def _end_agent(self, report: Report, turns: int, begun: Begun | None, at: int) -> None:
        opened = self._work.pop(report.assignment, None)
        if opened is None:
            return
        error = "" if report.status is WorkStatus.COMPLETED else str(report.status)
        why = report.problem if self.attributing.captured else ""  # it may repeat what a model said
        opened.end(at, self.attributing.report(report, turns, begun), error, why)

    def _end_run(self, at: int, attributes: Attributes, error: str) -> None:
        if self._run:
            self._run.end(at, {**self.attributing.end(), **attributes}, error)
            self._run = None

    def _open(
        self, name: str, kind: SpanKind, attributes: Attributes, parent: _Open | None, at: int, link: Link | None = None
    ) -> _Open:
        context = set_span_in_context(parent.span) if parent else self.above
        return _Open(self.tracer.start_span(name, context, kind, attributes, [link] if link else None, at), at)


def _link(before: Traced) -> Link:
    """To the run's span in the process that began it, or resumed it before."""
    trace, span = int(before.trace_id, 16), int(before.span_id, 16)
    return Link(SpanContext(trace, span, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED)))
