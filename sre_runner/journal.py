"""The journal of a run: a closed set of events, one JSONL line each; appended by one writer, and read."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeAlias

from sre_runner.casefile import (
    Assignment,
    Case,
    Conclusion,
    Json,
    ModelAnswer,
    Report,
    ToolAnswer,
)
from sre_runner.decoding import MisfitError, decode
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.naming import said

Identity: TypeAlias = tuple[Literal["model", "tool"], str, str, int]
"""A call's kind, scope (the assignment's id), digest of the request, and how often that came before, from 1."""

FORMAT = 1
"""Version of the journal's format; it stands in the first event."""

LOCK_ATTEMPTS, LOCK_PAUSE = 10, 0.01
"""Who only looks whether a run goes on holds its lock for an instant; seconds between attempts."""

MOST_SECONDS = 10.0**9
"""Of a run."""

JOURNAL = "journal.jsonl"
"""The file of a run's folder that everything else is made from."""


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


class Journal:
    """Appends events to a file, of which it is the only writer.

    Each event is handed to the operating system before `append` returns, so that nothing that was used is lost with
    the process; `sync` hands it to the disk, so that nothing is lost with the machine. A journal that is there
    already is gone on with only by `reopen`: listeners are told what it has, and its times go on from its last one.
    """

    def __init__(self, path: Path, listeners: Iterable[Callable[[Entry], None]] = (), *, reopen: bool = False) -> None:
        flags = os.O_RDWR | os.O_APPEND | (0 if reopen else os.O_CREAT | os.O_EXCL)
        self._file = os.open(path, flags, 0o600)
        try:
            _lock(self._file, path)
            self.entries = _cut_to_whole_lines(self._file, path) if reopen else []
        except BaseException:
            os.close(self._file)
            raise
        self._last: dict[tuple[str, ...], Event] = {}
        self.go_on()
        self._listeners = tuple(listeners)
        self._unsynced = False
        for entry in self.entries:
            self._tell(entry)

    def go_on(self) -> None:
        """Let the times go on from the last entry as of now, so that what went before costs the run no time."""
        self._start = time.monotonic() - (self.entries[-1].at if self.entries else 0.0)

    def append_new(self, event: Event) -> None:
        """Append an event unless it is what the journal says last of that assignment, or of the conclusion."""
        if self._last.get(_subject(event)) != event:
            self.append(event)

    def append(self, event: Event) -> None:
        """Write one event and tell the listeners; raise `JournalError` where the disk does not take it."""
        entry = Entry(round(self.seconds(), 6), event)
        line = memoryview(to_line(entry).encode())
        written = 0
        try:
            while written < len(line):
                written += os.write(self._file, line[written:])
        except OSError as error:
            # A part of a line would break the next one, should there be room again.
            os.ftruncate(self._file, os.fstat(self._file).st_size - written)
            raise JournalError(f"the journal cannot be written: {error.strerror}", "Make room on the disk.") from error
        self._unsynced = True
        self.entries.append(entry)
        self._tell(entry)

    def _tell(self, entry: Entry) -> None:
        self._last[_subject(entry.event)] = entry.event
        if isinstance(entry.event, AssignmentStarted):
            self._last.pop(("assignment_finished", entry.event.assignment.id), None)  # it was another piece of work
        for listener in self._listeners:
            listener(entry)

    def sync(self) -> None:
        """Return once everything that was appended is on the disk; raise `JournalError` where that fails."""
        if self._unsynced:
            self._unsynced = False
            try:
                os.fsync(self._file)
            except OSError as error:
                raise JournalError(f"the journal cannot be written to the disk: {error.strerror}") from error

    async def keep_synced(self, every: float = 1.0) -> None:
        """Sync in groups of at most `every` seconds, beside the event loop, until cancelled."""
        while True:
            await asyncio.sleep(every)
            await asyncio.to_thread(self.sync)

    def seconds(self) -> float:
        """Since the journal was begun."""
        return time.monotonic() - self._start

    def close(self) -> None:
        """Close the file; the journal is whole after every `append`, closed or not."""
        os.close(self._file)


def to_line(entry: Entry) -> str:
    """An entry as its JSONL line, newline included."""
    first = {"sequence": entry.event.sequence} if isinstance(entry.event, RunStarted) else {}
    data = {"event": _NAMES[type(entry.event)], "at": entry.at, **first, **_fields(entry.event)}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=_fields) + "\n"


def _fields(value: Any) -> dict[str, Any]:
    """As `asdict`, but what is in it is not copied: most of what a line costs would be that."""
    return {each.name: getattr(value, each.name) for each in fields(value)}


def read(path: Path) -> Iterator[Entry]:
    """The entries of a journal, in order.

    A last line without its end was being written when the process was killed, and is passed over; any other broken
    line raises `JournalError` with its number.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.endswith(b"\n"):
                yield _entry(line, path, number)


def _entry(line: bytes, path: Path, number: int) -> Entry:
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


def _subject(event: Event) -> tuple[str, ...]:
    """What an event is about, where a later one replaces an earlier."""
    name = _NAMES[type(event)]
    match event:
        case AssignmentStarted(assignment):
            return name, assignment.id
        case AssignmentFinished(report):
            return name, report.assignment
    return (name,)


def _lock(file: int, path: Path) -> None:
    """Be the only writer. The lock goes with the process, however that ends."""
    for _ in range(LOCK_ATTEMPTS):
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(LOCK_PAUSE)
    raise JournalError(f"{path} is being written by another process", "Wait until it has ended, or stop it.")


def _cut_to_whole_lines(file: int, path: Path) -> list[Entry]:
    """The entries that are there, with a torn last line cut off."""
    entries = list(read(path))
    os.ftruncate(file, path.read_bytes().rfind(b"\n") + 1)
    return entries
