"""`sre-run` in a process of its own that is killed at some moment, and what its journal and the server know then."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loopback import Loopback, Request
from messages_api import without_markers

from sre_runner.journal.file import JOURNAL
from sre_runner.journal.record import CallRecord, Record, record_of

SRE_RUN = Path(sys.executable).with_name("sre-run")
PATIENCE = 300
"""Seconds after which a process counts as hung."""

_POLL = 0.005


def told(line: str) -> None:
    """Say how far it is; a series takes minutes."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


@dataclass(frozen=True)
class Ended:
    """A process that is gone: its exit code, negative where a signal ended it, and what it wrote."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Knows:
    """What is known when a process is gone: the calls whose answers are in the journal, and those that have begun.

    `starts` counts how often the journal has a call begin, `asked` how often the server was sent a request. Calls have
    the names that `named` gives them.
    """

    record: Record
    answered: frozenset[str]
    in_flight: frozenset[str]
    starts: Counter[str]
    asked: Counter[str]


@dataclass(frozen=True)
class Place:
    """Where one run lives: its folder's parent, and the key by which the server tells its requests from others'."""

    runs: Path
    key: str
    server: Loopback

    @property
    def folder(self) -> Path | None:
        """The run's folder, once it is there."""
        return next(iter(self.runs.iterdir()), None) if self.runs.is_dir() else None

    @property
    def journal(self) -> Path:
        """The path of its journal, which need not be there."""
        return (self.folder or self.runs) / JOURNAL

    @property
    def size(self) -> int:
        """Of its journal, in bytes."""
        return self.journal.stat().st_size if self.journal.exists() else 0

    @property
    def has_header(self) -> bool:
        """Whether anything was recorded."""
        return self.journal.exists() and b"\n" in self.journal.read_bytes()

    def asked(self) -> Counter[str]:
        """How often the server was sent each request of this run."""
        return Counter(_sent(each) for each in list(self.server.requests) if self.key in _keys(each))

    def knows(self) -> Knows:
        """What is known now, while no process writes."""
        assert self.folder
        record = record_of(self.folder)
        calls = list(named(record))
        answered = frozenset(name for name, call in calls if is_answered(call))
        starts = Counter(name for name, _ in calls)
        return Knows(record, answered, frozenset(starts) - answered, starts, self.asked())

    def process(self, *arguments: str, kill: Callable[[subprocess.Popen[str]], None] | None = None) -> Ended:
        """Run `sre-run`; `kill` waits for the moment, and then the process is killed unless it has come to its end."""
        environ = {**os.environ, **self.server.environ, "ANTHROPIC_API_KEY": self.key}
        command = [str(SRE_RUN), *arguments, "-q", "--json"]
        with subprocess.Popen(
            command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            if kill:
                kill(process)
                process.kill()
            out, err = process.communicate(timeout=PATIENCE)
        return Ended(process.returncode, out, err)

    def sleep(self, process: subprocess.Popen[str], seconds: float) -> None:
        """Wait, no longer than the process lives."""
        end = time.monotonic() + seconds
        self.until(process, lambda: time.monotonic() >= end)

    def until(self, process: subprocess.Popen[str], done: Callable[[], bool]) -> None:
        """Wait, no longer than the process lives."""
        began = time.monotonic()
        while process.poll() is None and not done():
            assert time.monotonic() - began < PATIENCE
            time.sleep(_POLL)


def is_answered(call: CallRecord) -> bool:
    """Whether the journal can serve a call again."""
    return call.outcome is not None and call.outcome.outcome in ("answer", "refused")


def named(record: Record) -> Iterator[tuple[str, CallRecord]]:
    """The calls of a journal in their order: a model's by the whole request as it was sent, rebuilt from what was
    appended; a tool's by its identity."""
    said: dict[str, list[Any]] = {}
    systems: dict[str, str] = {}
    for call in record.calls.values():
        request = call.request
        if request.kind == "tool":
            yield f"{request.scope} {request.name} {request.digest} {request.occurrence}", call
            continue
        conversation = _conversation(record, request.scope)
        systems.setdefault(conversation, request.request.get("system", ""))
        messages = [*said.get(conversation, []), *request.request["messages"]]
        yield _canonical(systems[conversation], messages), call
        if call.outcome and call.outcome.model_answer:
            answer = {"role": "assistant", "content": list(call.outcome.model_answer.content)}
            said[conversation] = [*messages, answer]


def _conversation(record: Record, scope: str) -> str:
    """The first assignment of the conversation that an assignment belongs to."""
    continued = record.work[scope].assignment.continues
    return _conversation(record, continued) if continued else scope


def _keys(request: Request) -> tuple[str, str]:
    """Where the SDK may put its key."""
    return request.headers.get("authorization", "").removeprefix("Bearer "), request.headers.get("x-api-key", "")


def _sent(request: Request) -> str:
    system = "".join(block["text"] for block in request.body["system"])
    return _canonical(system, request.body["messages"])


def _canonical(system: str, messages: list[Any]) -> str:
    return json.dumps(without_markers([system, messages]), sort_keys=True)
