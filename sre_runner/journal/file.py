"""The journal of a run: a closed set of events, one JSONL line each; appended by one writer, and read."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal, TypeAlias

from sre_runner.journal.events import AssignmentStarted, Entry, Event, JournalError, entry_of, subject_of, to_line

Identity: TypeAlias = tuple[Literal["model", "tool"], str, str, int]
"""A call's kind, scope (the assignment's id), digest of the request, and how often that came before, from 1."""


LOCK_ATTEMPTS, LOCK_PAUSE = 10, 0.01
"""Who only looks whether a run goes on holds its lock for an instant; seconds between attempts."""


JOURNAL = "journal.jsonl"
"""The file of a run's folder that everything else is made from."""


class Journal:
    """Appends events to a file, of which it is the only writer.

    Each event is handed to the operating system before `append` returns, so that nothing that was used is lost with
    the process; `sync` hands it to the disk, so that nothing is lost with the machine. A journal that is there
    already is gone on with only by `reopen`: listeners are told what it has, and its times go on from its last one.
    """

    def __init__(self, path: Path, listeners: Iterable[Callable[[Entry], None]] = (), *, reopen: bool = False) -> None:
        self.path = path
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
        if self._last.get(subject_of(event)) != event:
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
        self._last[subject_of(entry.event)] = entry.event
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


def read(path: Path) -> Iterator[Entry]:
    """The entries of a journal, in order.

    A last line without its end was being written when the process was killed, and is passed over; any other broken
    line raises `JournalError` with its number.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.endswith(b"\n"):
                yield entry_of(line, path, number)


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
