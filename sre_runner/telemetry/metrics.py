"""A run in numbers: tokens, durations, dollars and how it ended."""

from __future__ import annotations

from opentelemetry.metrics import Histogram, Meter

from sre_runner.casefile import ModelAnswer, Status
from sre_runner.errors import ExitCode
from sre_runner.journal.events import AssignmentFinished, CallFinished, CallStarted, Entry, RunFinished
from sre_runner.telemetry import names
from sre_runner.telemetry.names import Conventions
from sre_runner.telemetry.seen import Begun, Seen, error_of, prompt_tokens

SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
"""Bounds of the buckets of durations, by the conventions."""
TOKENS = tuple(float(4**power) for power in range(14))
"""Bounds of the buckets of tokens, by the conventions: 1 to 67,108,864."""
RUN_SECONDS = (1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0)

Attributes = dict[str, str | int | bool]


class Metrics:
    """Records the metrics of one run.

    A call that another run paid for, or that was never made, takes no time and no tokens. Tokens are recorded only
    where the service counted them.
    """

    def __init__(self, meter: Meter, seen: Seen, conventions: Conventions) -> None:
        self._seen = seen
        self._runs = meter.create_counter("sre_run.runs", "{run}", "Investigations that ended.")
        self._cost = meter.create_counter("sre_run.cost", "{USD}", "US dollars for model calls, by the price table.")
        self._seconds = _durations(meter, "sre_run.run.duration", "Duration of an investigation.", RUN_SECONDS)
        self._per_version = _Latest(meter) if conventions.latest else _Known(meter)
        self._ended = False

    def take(self, entry: Entry, call: tuple[CallStarted, float] | None, work: Begun | None) -> None:
        """Follow one event; `call` and `work` are what it ends."""
        match entry.event:
            case CallFinished() as finished if call and call[0].made and not finished.reused:
                self._call(finished, call[0], entry.at - call[1])
            case AssignmentFinished(report) if work:
                error = {} if report.status is Status.COMPLETED else {names.ERROR: str(report.status)}
                found: Attributes = {names.OPERATION: names.INVOKE_AGENT, names.AGENT: report.agent, **error}
                self._per_version.agent(entry.at - work.at, found)
            case RunFinished(code):
                self._end(ExitCode(code).name.lower(), entry.at)

    def close(self, seconds: float) -> None:
        """Count a run of which nothing more will be told."""
        if self._seen.run and not self._ended:
            self._end("aborted", seconds)

    def _call(self, finished: CallFinished, started: CallStarted, seconds: float) -> None:
        error = error_of(finished)
        failed: Attributes = {names.ERROR: error} if error else {}
        if started.kind == "tool":
            found: Attributes = {names.OPERATION: names.EXECUTE_TOOL, names.TOOL: started.name, **failed}
            self._per_version.tool(seconds, found)
            return
        answer = finished.model_answer
        found = {
            names.OPERATION: names.CHAT,
            names.PROVIDER: self._seen.provider,
            names.REQUEST_MODEL: started.name,
            **({names.RESPONSE_MODEL: answer.model} if answer and answer.model else {}),
        }
        self._per_version.chat(seconds, {**found, **failed})
        if answer is None or self._seen.rehearsal:
            return
        if not answer.estimated:
            self._per_version.tokens(answer, found)
        usd = self._seen.dollars(started, answer)
        if usd is not None:
            where: Attributes = {names.PLAYBOOK: self._seen.playbook, names.AGENT: self._seen.agent_of(started.scope)}
            self._cost.add(usd, {**where, names.REQUEST_MODEL: started.name})

    def _end(self, outcome: str, seconds: float) -> None:
        self._ended = True
        found: Attributes = {
            names.PLAYBOOK: self._seen.playbook,
            names.REHEARSAL: self._seen.rehearsal,
            "sre_run.outcome": outcome,
        }
        severity: Attributes = {names.SEVERITY: self._seen.severity} if self._seen.severity else {}
        self._runs.add(1, {**found, **severity})
        self._seconds.record(seconds, found)
        self._per_version.workflow(seconds, self._seen.playbook, "" if outcome == "ok" else outcome)


class _Known:
    """The metrics of v1.41.0."""

    def __init__(self, meter: Meter) -> None:
        self._seconds = _durations(meter, "gen_ai.client.operation.duration", "GenAI operation duration.")
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage",
            "{token}",
            "Number of input and output tokens used.",
            explicit_bucket_boundaries_advisory=TOKENS,
        )

    def chat(self, seconds: float, found: Attributes) -> None:
        self._seconds.record(seconds, found)

    def tokens(self, answer: ModelAnswer, found: Attributes) -> None:
        self._tokens.record(prompt_tokens(answer.usage), {**found, names.TOKEN_TYPE: "input"})
        self._tokens.record(answer.usage.output_tokens, {**found, names.TOKEN_TYPE: "output"})

    def tool(self, seconds: float, found: Attributes) -> None:
        """That version has none."""

    def agent(self, seconds: float, found: Attributes) -> None:
        """That version has none."""

    def workflow(self, seconds: float, playbook: str, error: str) -> None:
        """That version has none."""


class _Latest:
    """The metrics of v0.1.0 of the GenAI conventions' own repository."""

    def __init__(self, meter: Meter) -> None:
        usage = "gen_ai.client.inference.usage"
        self._seconds = _durations(meter, "gen_ai.client.inference.duration", "GenAI client inference duration.")
        self._agents = _durations(meter, "gen_ai.invoke_agent.duration", "Duration of an agent's or workflow's work.")
        self._tools = _durations(meter, "gen_ai.execute_tool.duration", "Duration of a tool call.")
        self._input = meter.create_counter(f"{usage}.input_tokens", "{token}", "Input tokens, cached ones included.")
        self._output = meter.create_counter(f"{usage}.output_tokens", "{token}", "Output tokens.")
        self._read = meter.create_counter(f"{usage}.cache_read.input_tokens", "{token}", "Tokens read from a cache.")
        self._write = meter.create_counter(f"{usage}.cache_write.input_tokens", "{token}", "Tokens written to a cache.")

    def chat(self, seconds: float, found: Attributes) -> None:
        self._seconds.record(seconds, found)

    def tokens(self, answer: ModelAnswer, found: Attributes) -> None:
        usage = answer.usage
        self._input.add(prompt_tokens(usage), found)
        self._output.add(usage.output_tokens, found)
        if usage.cache_read_tokens:
            self._read.add(usage.cache_read_tokens, found)
        if usage.cache_write_tokens:
            self._write.add(usage.cache_write_tokens, found)

    def tool(self, seconds: float, found: Attributes) -> None:
        self._tools.record(seconds, found)

    def agent(self, seconds: float, found: Attributes) -> None:
        self._agents.record(seconds, found)

    def workflow(self, seconds: float, playbook: str, error: str) -> None:
        failed: Attributes = {names.ERROR: error} if error else {}
        self._agents.record(seconds, {names.OPERATION: names.INVOKE_WORKFLOW, names.AGENT: playbook, **failed})


def _durations(meter: Meter, name: str, description: str, bounds: tuple[float, ...] = SECONDS) -> Histogram:
    return meter.create_histogram(name, "s", description, explicit_bucket_boundaries_advisory=bounds)
