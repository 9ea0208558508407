"""The journal of a run: a closed set of events, one JSONL line each; appended by one writer, and read."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias

from sre_runner.journal.changes import Change, changes_of, changes_text
from sre_runner.journal.events import AssignmentStarted, Entry, Event, JournalError, entry_of, subject_of, to_line
from sre_runner.journal.seals import KEY_VARIABLE, Chain, seal_of

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

    Every line is sealed, and with a `key` signed. What is gone on with stays as it is: a journal of format 1 without
    seals, a signed one signed. Raises `JournalError` for one that was changed, or that is signed and has no key here.
    """

    def __init__(
        self,
        path: Path,
        listeners: Iterable[Callable[[Entry], None]] = (),
        *,
        reopen: bool = False,
        key: bytes = b"",
    ) -> None:
        self.path = path
        flags = os.O_RDWR | os.O_APPEND | (0 if reopen else os.O_CREAT | os.O_EXCL)
        self._file = os.open(path, flags, 0o600)
        try:
            _lock(self._file, path)
            lines = _cut_to_whole_lines(self._file, path, key) if reopen else []
            self.entries = [entry_of(line, path, number) for number, line in enumerate(lines, start=1)]
            self._chain = _chain_of(lines, path, key)
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
        text, chain = to_line(entry), None
        sealed = text.encode()
        if self._chain:
            sealed, chain = self._chain.add(text)
            entry = replace(entry, seal=chain.seal)
        line, written = memoryview(sealed), 0
        try:
            while written < len(line):
                written += os.write(self._file, line[written:])
        except OSError as error:
            # A part of a line would break the next one, should there be room again.
            os.ftruncate(self._file, os.fstat(self._file).st_size - written)
            raise JournalError(f"the journal cannot be written: {error.strerror}", "Make room on the disk.") from error
        self._unsynced, self._chain = True, chain
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
    """The entries of a journal, in order; whether it was changed is not looked at.

    A last line without its end was being written when the process was killed, and is passed over; any other broken
    line raises `JournalError` with its number.
    """
    for number, line in enumerate(whole_lines(path), start=1):
        yield entry_of(line, path, number)


def whole_lines(path: Path) -> Iterator[bytes]:
    """The lines of a journal that were written to their end, with it."""
    with path.open("rb") as file:
        yield from (line for line in file if line.endswith(b"\n"))


def refuse_changed(path: Path, changes: Sequence[Change], because: str = "") -> None:
    """Raise `JournalError` with the changes of a journal, if there are any, and what is wrong `because` of them."""
    if changes:
        raise JournalError(
            f"{path} was changed after it was written: {changes_text(changes)}{f'; {because}' if because else ''}",
            "Take the journal from a copy of before. `sre-run verify` lists every change.",
        )


def _lock(file: int, path: Path) -> None:
    """Be the only writer. The lock goes with the process, however that ends."""
    for _ in range(LOCK_ATTEMPTS):
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(LOCK_PAUSE)
    raise JournalError(f"{path} is being written by another process", "Wait until it has ended, or stop it.")


def _cut_to_whole_lines(file: int, path: Path, key: bytes) -> list[bytes]:
    """The lines that are there, with a torn last one cut off; nothing is cut of a journal that was changed."""
    lines = list(whole_lines(path))
    refuse_changed(path, changes_of(lines, key))
    os.ftruncate(file, sum(map(len, lines)))
    return lines


def _chain_of(lines: Sequence[bytes], path: Path, key: bytes) -> Chain | None:
    """The chain to go on with; None where the journal has none."""
    if not lines:
        return Chain(key=key)
    last = seal_of(lines[-1])
    if last and last.signature and not key:
        raise JournalError(
            f"{path} is signed, and {KEY_VARIABLE} is not set", f"Set {KEY_VARIABLE} to the key that signed it."
        )
    return Chain(len(lines), last.seal, key if last.signature else b"") if last else None
