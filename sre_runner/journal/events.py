"""What can happen in a run: a closed set of events, one JSONL line each, and how a line is written and read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeAlias

from sre_runner.casefile import Assignment, Case, Conclusion, Json, ModelAnswer, Report, ToolAnswer
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.journal.decoding import MisfitError, decode
from sre_runner.text.naming import said

MOST_SAID = 500
"""Characters of what a write tool answered that others are told."""


def outcome_of(finished: CallFinished | None) -> tuple[Literal["done", "failed", "unknown"], str]:
    """What came of a write, and the beginning of what the tool said."""
    answer = finished.tool_answer if finished and finished.outcome == "answer" else None
    if answer is None:
        return "unknown", ""
    said = answer.text if len(answer.text) <= MOST_SAID else answer.text[: MOST_SAID - 1] + "…"
    return "failed" if answer.is_error else "done", said


FORMAT = 1
"""Version of the journal's format; it stands in the first event."""


MOST_SECONDS = 10.0**9
"""Of a run."""


@dataclass(frozen=True)
class RunStarted:
    """The first event.

    `configuration` is `Configuration.source`, `origin` the arguments of `config.load` that it was made with; `model` is
    the kind: `anthropic`, `offline`. `reuses` is the run whose answers were used where a call is the same; such a run
    tells its agents that one's time, and `began_at` another (ISO 8601 with offset). `asked_for` is false for a
    rehearsal that took place because there were no credentials. `sequence` numbers the runs of a folder from 1 in the
    order in which they really began, whatever the clock said; 0 where that is not known.
    """

    run: str
    case: Case
    configuration: Mapping[str, Json]
    digest: str
    model: str
    versions: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)
    origin: Mapping[str, Json] = field(default_factory=dict)
    reuses: str = ""
    began_at: str = ""
    asked_for: bool = True
    sequence: int = 0
    format: int = FORMAT


@dataclass(frozen=True)
class AssignmentStarted:
    """An agent begins its assignment."""

    assignment: Assignment


@dataclass(frozen=True)
class CallStarted:
    """A model or tool is about to be called. `call` numbers the calls of the run.

    `scope` is the assignment's id. `occurrence` counts calls with the same kind, scope and digest from 1. `name` is
    the model's or the tool's. `request` is what is new: for a model the appended messages (with `system` and `tools`
    in the first call of a conversation), for a tool its arguments; `label` is the tool call's id in its
    conversation (`c1`). A call that is `made` is on its way; others are refused, denied or reused at once.
    """

    call: int
    kind: Literal["model", "tool"]
    scope: str
    digest: str
    occurrence: int
    name: str
    request: Json
    label: str = ""
    made: bool = True


@dataclass(frozen=True)
class CallFinished:
    """The outcome of a call. `outcome` is `answer`, or why there is none; then `error` says it in words.

    `refused` breaks a rule; `denied` has no room in the budget, or is a write that nobody allowed. An answer that was
    `reused` was paid for by another run. `hint` says what helps against the `error`.
    """

    call: int
    outcome: Literal["answer", "refused", "denied", "timeout", "cancelled", "failed"]
    model_answer: ModelAnswer | None = None
    tool_answer: ToolAnswer | None = None
    error: str = ""
    reused: bool = False
    hint: str = ""


@dataclass(frozen=True)
class AssignmentFinished:
    """An agent's report, whatever its status. `turns` counts model replies, the repair turn included."""

    report: Report
    turns: int


@dataclass(frozen=True)
class Noted:
    """Something that the person should know of how the run went: a retry that waits, a plan that was replaced."""

    text: str


@dataclass(frozen=True)
class Concluded:
    """The conclusion, and the ids of the `assignments` that the run was in the end, in their order.

    What an attempt before a resume also did, and the last one did without, is not among them.
    """

    conclusion: Conclusion
    assignments: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunFinished:
    """The last event of a run that was not killed."""

    exit_code: int


Event: TypeAlias = (
    RunStarted | AssignmentStarted | CallStarted | CallFinished | AssignmentFinished | Noted | Concluded | RunFinished
)


EVENTS: Mapping[str, type[Any]] = {
    "run_started": RunStarted,
    "assignment_started": AssignmentStarted,
    "call_started": CallStarted,
    "call_finished": CallFinished,
    "assignment_finished": AssignmentFinished,
    "noted": Noted,
    "concluded": Concluded,
    "run_finished": RunFinished,
}


_NAMES = {kind: name for name, kind in EVENTS.items()}


class JournalError(RunnerError):
    """The journal cannot be written or read; a run does not go on without it."""

    exit_code = ExitCode.PARTIAL


@dataclass(frozen=True)
class Entry:
    """An event and when it happened: seconds since the run's first event."""

    at: float
    event: Event


def to_line(entry: Entry) -> str:
    """An entry as its JSONL line, newline included."""
    first = {"sequence": entry.event.sequence} if isinstance(entry.event, RunStarted) else {}
    data = {"event": _NAMES[type(entry.event)], "at": entry.at, **first, **_fields(entry.event)}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=_fields) + "\n"


def _fields(value: Any) -> dict[str, Any]:
    """As `asdict`, but what is in it is not copied: most of what a line costs would be that."""
    return {each.name: getattr(value, each.name) for each in fields(value)}


def entry_of(line: bytes, path: Path, number: int) -> Entry:
    """The entry of a line of a journal. Raises `JournalError` with the line's number where it is none."""
    try:
        data = json.loads(line)
        if not isinstance(data, dict):
            raise ValueError("no JSON object")
        name, at = data.pop("event", None), data.pop("at", None)
        if name not in EVENTS:
            raise MisfitError(f"there is no event {said(name)}")
        if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at < MOST_SECONDS:
            raise MisfitError(f"at must be seconds since the run began, not {said(at)}")
        if data.get("format", FORMAT) != FORMAT:
            raise JournalError(
                f"{path} has the format {data['format']}, and this version of sre-run reads {FORMAT}",
                "Take the version of sre-run that it names under `versions`.",
            )
        return Entry(float(at), decode(EVENTS[name], data))
    except (ValueError, TypeError, RecursionError) as error:
        raise JournalError(f"{path}:{number}: not a journal entry: {error}") from error


def subject_of(event: Event) -> tuple[str, ...]:
    """What an event is about, where a later one replaces an earlier."""
    name = _NAMES[type(event)]
    match event:
        case AssignmentStarted(assignment):
            return name, assignment.id
        case AssignmentFinished(report):
            return name, report.assignment
    return (name,)
