"""What is known of a run from the events so far, as far as spans and metrics need it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sre_runner.casefile import Assignment, Json, ModelAnswer, Usage
from sre_runner.config.sources import model_of
from sre_runner.journal.events import (
    AssignmentFinished,
    AssignmentStarted,
    CallFinished,
    CallStarted,
    Concluded,
    Entry,
    RunStarted,
    Traced,
)
from sre_runner.models.prices import cost
from sre_runner.specs import ModelSpec

REHEARSED = "sre_run.offline"
"""The provider of a rehearsal, in which no model takes part."""


@dataclass
class Begun:
    """A call or an assignment under way; `at` is in seconds since the run's start."""

    at: float
    usage: Usage = field(default_factory=Usage)


@dataclass
class Seen:
    """The fold of a run's events; `take` is told each of them before anything is made of it."""

    run: RunStarted | None = None
    severity: str = ""
    partial: bool = False
    traced: Traced | None = None
    work: dict[str, Assignment] = field(default_factory=dict)
    begun: dict[str, Begun] = field(default_factory=dict)
    calls: dict[int, tuple[CallStarted, float]] = field(default_factory=dict)
    _ids: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    _models: dict[str, ModelSpec | None] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        """Follow one event. A call stays among the `calls` until `ended` takes it out."""
        match entry.event:
            case RunStarted() as run:
                self.run = run
            case AssignmentStarted(assignment):
                self.work[assignment.id] = assignment
                self.begun[assignment.id] = Begun(entry.at)
            case CallStarted() as started:
                self.calls[started.call] = started, entry.at
            case CallFinished(model_answer=ModelAnswer() as answer) if entry.event.call in self.calls:
                scope = self.calls[entry.event.call][0].scope
                self._ids[scope] = list(_tool_calls(answer))
                if not entry.event.reused and scope in self.begun:
                    self.begun[scope].usage += answer.usage
            case Traced() as traced:
                self.traced = traced
            case Concluded(conclusion):
                severity = conclusion.fields.get("severity")
                self.severity = severity if isinstance(severity, str) else ""
                self.partial = conclusion.partial

    def ended(self, finished: CallFinished) -> tuple[CallStarted, float] | None:
        """The call that ends here, and when it began; None where that was never told."""
        return self.calls.pop(finished.call, None)

    def ended_work(self, finished: AssignmentFinished) -> Begun | None:
        """The assignment that ends here."""
        return self.begun.pop(finished.report.assignment, None)

    @property
    def rehearsal(self) -> bool:
        """Whether no model takes part."""
        return self.run is not None and self.run.model == "offline"

    @property
    def name(self) -> str:
        """The run's id."""
        return self.run.run if self.run else ""

    @property
    def playbook(self) -> str:
        """The playbook's name."""
        return str(self._source("playbook").get("name", ""))

    @property
    def provider(self) -> str:
        """`gen_ai.provider.name`: whose API is spoken, whoever serves it."""
        return REHEARSED if self.rehearsal or self.run is None else self.run.model

    def agent_of(self, scope: str) -> str:
        """The agent of an assignment."""
        return self.work[scope].agent if scope in self.work else ""

    def conversation_of(self, scope: str) -> str:
        """`gen_ai.conversation.id`: the first assignment of a conversation stands for all of it."""
        passed: set[str] = set()
        while scope in self.work and scope not in passed and self.work[scope].continues:
            passed.add(scope)
            scope = self.work[scope].continues or scope
        return f"{self.name}/{scope}"

    def model_of(self, scope: str) -> ModelSpec | None:
        """The model of the agent that carries out an assignment; None where the journal names none."""
        agent = self.agent_of(scope)
        if agent not in self._models:
            given = self.description_of("agents", agent).get("model") or self._source("playbook").get("model")
            self._models[agent] = model_of(given) if given else None
        return self._models[agent]

    def description_of(self, kind: str, name: str) -> Mapping[str, Json]:
        """What the configuration says of one of its `agents` or `tools`."""
        found = self._source(kind).get(name)
        return found if isinstance(found, Mapping) else {}

    def dollars(self, started: CallStarted, answer: ModelAnswer) -> float | None:
        """What a model call cost; None where no price is known."""
        spec = self.model_of(started.scope)
        return cost(answer.usage, started.name, spec.price if spec else None)

    def tool_call_id(self, started: CallStarted) -> str:
        """The id that the model gave a tool call. Calls begin in the order in which the reply asked for them."""
        asked = self._ids.get(started.scope, [])
        for place, (name, given) in enumerate(asked):
            if name == started.name:
                del asked[: place + 1]
                return given
        return started.label

    def _source(self, kind: str) -> Mapping[str, Json]:
        found = self.run.configuration.get(kind) if self.run else None
        return found if isinstance(found, Mapping) else {}


def _tool_calls(answer: ModelAnswer) -> Iterator[tuple[str, str]]:
    """Name and id of each tool call of a reply."""
    for block in answer.content:
        name, given = block.get("name"), block.get("id")
        if block.get("type") == "tool_use" and isinstance(name, str) and isinstance(given, str):
            yield name, given


def prompt_tokens(usage: Usage) -> int:
    """`gen_ai.usage.input_tokens`: by the conventions cached tokens are among them, unlike in the Messages API."""
    return usage.total - usage.output_tokens


def error_of(finished: CallFinished) -> str:
    """`error.type` of a call: the service's word, or how it ended; "" where it is an ordinary answer."""
    if finished.outcome == "answer":
        return "tool_error" if finished.tool_answer and finished.tool_answer.is_error else ""
    if finished.outcome == "failed":
        return finished.error.partition(": ")[0] or "failed"
    return finished.outcome
