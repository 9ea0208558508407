"""Runs a program without a shell, in a session of its own, and leaves nothing of it behind."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import mmap
import os
import signal
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_BYTES = 8 * 1024 * 1024
"""Of stdout, and as many of stderr, that are kept of one program."""
GRACE = 2.0
"""Seconds between SIGTERM and SIGKILL."""
_CHUNK = 64 * 1024
_LAST_WORDS = 1.0
"""Seconds to wait for the end of the output once the program is gone: a daemon in another session may hold it open."""


@dataclass(frozen=True)
class Finished:
    """What came of a program. A negative `exit_code` is the signal that ended it.

    `stdout` and `stderr` are its first bytes as UTF-8, with U+FFFD for what is not; `cut` says that there were more.
    `timed_out` says that it was still running when its time was over.
    """

    stdout: str
    stderr: str
    exit_code: int
    cut: bool = False
    timed_out: bool = False


async def run(
    arguments: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    seconds: float,
    grace: float = GRACE,
    most_bytes: int = MOST_BYTES,
) -> Finished:
    """Run a program to its end, or until `seconds` are over; its stdin is empty.

    Nothing that it started in its session outlives the call: not after a normal end, a timeout or a cancellation.
    Only a program that opens a session of its own (a daemon) escapes. What is beyond `most_bytes` is read and dropped,
    so that the program can go on. Raises OSError where it cannot be started (ValueError for a NUL byte).
    """
    with contextlib.ExitStack() as opened:
        out = _Intake(most_bytes)
        opened.callback(out.close)
        err = _Intake(most_bytes)
        opened.callback(err.close)
        timed_out = False
        async with _started(arguments, env, cwd, out, err, grace) as process:
            try:
                async with asyncio.timeout(seconds):
                    await process.wait()
            except TimeoutError:
                timed_out = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS):
                await asyncio.gather(out.ended.wait(), err.ended.wait())
        assert process.returncode is not None
        return Finished(out.text(), err.text(), process.returncode, out.cut or err.cut, timed_out)


class _Intake:
    """The reading end of a pipe: keeps the first bytes and drops the rest."""

    def __init__(self, most: int) -> None:
        self._reading, self.writing = os.pipe()
        self._kept = mmap.mmap(-1, most)  # takes memory only as it is filled, and is never moved
        self.cut = False
        self.ended = asyncio.Event()
        os.set_blocking(self._reading, False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._reading, self._read)

    def _read(self) -> None:
        try:
            chunk = os.read(self._reading, _CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        room = len(self._kept) - self._kept.tell()
        self._kept.write(chunk[:room])
        self.cut = self.cut or len(chunk) > room
        if not chunk:
            self._loop.remove_reader(self._reading)
            self.ended.set()

    def started(self) -> None:
        """Close our copy of the writing end, so that the pipe ends with the programs that write to it."""
        if self.writing >= 0:
            os.close(self.writing)
            self.writing = -1

    def close(self) -> None:
        self.started()
        self._loop.remove_reader(self._reading)
        os.close(self._reading)
        self._kept.close()

    def text(self) -> str:
        # Where the bytes were cut, half a character at the end is no fault of the program.
        with memoryview(self._kept) as kept:
            return codecs.utf_8_decode(kept[: self._kept.tell()], "replace", not self.cut)[0]


@asynccontextmanager
async def _started(
    arguments: Sequence[str], env: Mapping[str, str], cwd: Path, out: _Intake, err: _Intake, grace: float
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The running program; behind the block it is gone, with all that it started."""
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out.writing,
            stderr=err.writing,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
        )
    )
    try:
        process = await asyncio.shield(starting)
    except asyncio.CancelledError:
        await _to_the_end(_stopped_at_once(starting, grace))
        raise
    try:
        out.started()
        err.started()
        yield process
    finally:
        await _to_the_end(_stopped(process, grace))


async def _stopped_at_once(starting: asyncio.Future[asyncio.subprocess.Process], grace: float) -> None:
    with contextlib.suppress(OSError, ValueError):  # it was not started
        await _stopped(await starting, grace)


async def _stopped(process: asyncio.subprocess.Process, grace: float) -> None:
    """SIGTERM, a grace period, and SIGKILL, to everything in the program's session."""
    try:
        if process.returncode is None:
            _signal(process.pid, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(grace):
                    await process.wait()
    finally:
        # Also where the program itself is gone (what it left behind is not), and where the event loop is being closed.
        _signal(process.pid, signal.SIGKILL)
    await process.wait()


def _signal(leader: int, number: signal.Signals) -> None:
    """Send a signal to the process group of a session's leader, and to the other groups of the session."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
    for process in _in_session(leader):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, number)


def _in_session(leader: int) -> list[int]:
    """The processes of a session, outside its leader's group: a shell with job control makes such groups.

    Only where there is a `/proc`: elsewhere the group is all that can be found.
    """
    found = []
    for name in filter(str.isdecimal, os.listdir("/proc") if os.path.isdir("/proc") else ()):
        with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
            # "pid (name) state ppid pgrp session …"; the name may hold anything.
            group, session = file.read().rpartition(b")")[2].split()[2:4]
            if int(session) == leader != int(group):
                found.append(int(name))
    return found


async def _to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Await something short that must be done whole: a cancellation is raised behind it."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled:
        raise cancelled
    task.result()
