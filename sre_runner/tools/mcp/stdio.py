"""A server's process and its pipes, as the streams that the SDK's session takes. Imported only where one is used.

The SDK's own stdio transport reads lines of any length, needs a file for stderr, passes more of the environment on, and
logs what it cannot read to the terminal.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from asyncio import WriteTransport
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from mcp_types import PARSE_ERROR, ErrorData, JSONRPCError, jsonrpc_message_adapter

from sre_runner.tools.mcp.lines import MAX_MESSAGE, MAX_SKIPPED, Lines, Oversized, Said

Incoming = SessionMessage | Exception
Streams = tuple[MemoryObjectReceiveStream[Incoming], MemoryObjectSendStream[SessionMessage]]

POLITE = 1.0
"""Seconds that the process has after its stdin was closed, and again after SIGTERM."""
_POLL = 0.01
_CHUNK = 256 * 1024

TOO_LARGE = f"the answer is larger than {MAX_MESSAGE // 1024 // 1024} MiB and was thrown away: ask for less"


class StartError(Exception):
    """A process could not be started; the text says why."""


@dataclass
class Heard:
    """What is known of a connection besides its messages.

    `ended` is set as soon as no more messages can come. `code` is the exit code of a process that ended by itself
    (negative: by that signal), `stray` the first line that was no message, `strays` how many there were; `gone` says
    that an HTTP server no longer knows the session.
    """

    stderr: Said = field(default_factory=Said)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    code: int | None = None
    stray: bytes = b""
    strays: int = 0
    why: str = ""
    gone: bool = False


@contextlib.asynccontextmanager
async def process_streams(command: Sequence[str], env: Mapping[str, str], heard: Heard) -> AsyncIterator[Streams]:
    """Starts the process in a session and process group of its own, and ends the whole group when left.

    Raises StartError where it cannot be started.
    """
    process = _started(command, env)
    async with _ended_at_last(process, heard), _pipes(process, heard) as (stdout, stdin):
        to_session, read_stream = anyio.create_memory_object_stream[Incoming](0)
        write_stream, from_session = anyio.create_memory_object_stream[SessionMessage](0)
        async with to_session, read_stream, write_stream, from_session, anyio.create_task_group() as tasks:
            tasks.start_soon(_read, stdout, to_session, heard)
            tasks.start_soon(_write, stdin, from_session)
            try:
                yield read_stream, write_stream
            finally:
                read_stream.close()
                with anyio.CancelScope(shield=True):
                    await _stop(process, stdin, heard)
                tasks.cancel_scope.cancel()


def _started(command: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(  # noqa: S603  # the list stands in the configuration, and no shell reads it
            list(command), stdin=pipe, stdout=pipe, stderr=pipe, env=dict(env), bufsize=0, start_new_session=True
        )
    except OSError as error:
        raise StartError(error.strerror or str(error)) from error
    except ValueError as error:
        raise StartError(str(error)) from error


@contextlib.asynccontextmanager
async def _ended_at_last(process: subprocess.Popen[bytes], heard: Heard) -> AsyncIterator[None]:
    """Whatever happens, nothing of the group is left and the process is reaped; without awaiting anything."""
    try:
        yield
    finally:
        if heard.code is None:
            heard.code = process.poll()
        _signal(process, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(POLITE)  # after SIGKILL it takes a millisecond
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                pipe.close()
        heard.ended.set()


async def _stop(process: subprocess.Popen[bytes], stdin: WriteTransport, heard: Heard) -> None:
    """Asks the process to end: by the end of its stdin, then by SIGTERM to the group."""
    if heard.ended.is_set():  # it closed its stdout: let its exit code be seen
        await _exited(process, POLITE)
    heard.code = process.poll()
    stdin.close()
    if not await _exited(process, POLITE):
        _signal(process, signal.SIGTERM)
        await _exited(process, POLITE)


async def _exited(process: subprocess.Popen[bytes], seconds: float) -> bool:
    until = anyio.current_time() + seconds
    while process.poll() is None:
        if anyio.current_time() >= until:
            return False
        await anyio.sleep(_POLL)
    return True


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


class _Stdin(asyncio.BaseProtocol):
    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self.lost = False

    def connection_lost(self, exc: Exception | None) -> None:  # asyncio calls it
        self.lost = True
        self._heard.ended.set()


class _Stderr(asyncio.Protocol):
    def __init__(self, said: Said) -> None:
        self._said = said

    def data_received(self, data: bytes) -> None:
        self._said.add(data)


@contextlib.asynccontextmanager
async def _pipes(
    process: subprocess.Popen[bytes], heard: Heard
) -> AsyncIterator[tuple[asyncio.StreamReader, WriteTransport]]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(_CHUNK)
    async with contextlib.AsyncExitStack() as stack:
        output, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), process.stdout)
        stack.callback(output.close)
        errors, _ = await loop.connect_read_pipe(lambda: _Stderr(heard.stderr), process.stderr)
        stack.callback(errors.close)
        stdin, end = await loop.connect_write_pipe(lambda: _Stdin(heard), process.stdin)
        # `close` would wait for a server that does not read; a transport that is lost cannot be aborted.
        stack.callback(lambda: None if end.lost else stdin.abort())
        yield reader, stdin


async def _read(stdout: asyncio.StreamReader, to_session: MemoryObjectSendStream[Incoming], heard: Heard) -> None:
    """Passes messages on until there are no more; what comes after the session has ended is drained."""
    lines = Lines()
    try:
        async with to_session:
            while chunk := await stdout.read(_CHUNK):
                for line in lines.feed(chunk):
                    message = _message(line, heard)
                    if message:
                        await to_session.send(message)
                if lines.skipped > MAX_SKIPPED:
                    heard.why = f"it wrote more than {MAX_SKIPPED // 1024 // 1024} MiB without a line's end"
                    break
    except anyio.BrokenResourceError:
        while await stdout.read(_CHUNK):
            pass
    except OSError as error:
        heard.why = str(error)
    finally:
        heard.ended.set()


def _message(line: bytes | Oversized, heard: Heard) -> SessionMessage | None:
    if isinstance(line, Oversized):
        if line.id is None:
            heard.strays += 1
            return None
        error = ErrorData(code=PARSE_ERROR, message=TOO_LARGE)
        return SessionMessage(JSONRPCError(jsonrpc="2.0", id=line.id, error=error))
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValueError:
        if line.strip():
            heard.stray = heard.stray or line[:200]
            heard.strays += 1
        return None


async def _write(stdin: WriteTransport, from_session: MemoryObjectReceiveStream[SessionMessage]) -> None:
    async with from_session:
        async for message in from_session:
            stdin.write(message.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
