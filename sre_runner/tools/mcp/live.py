"""The life of one session with an MCP server, from its start to its end, in one task.

The SDK takes over a second to import, and is an extra (`sre-run[mcp]`): it is imported where a session begins.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sre_runner.errors import RunnerError
from sre_runner.text.naming import said
from sre_runner.text.output import secrets_of, shown
from sre_runner.tools.mcp.errors import CLOSED, TIMED_OUT, McpError
from sre_runner.tools.mcp.spec import McpServerSpec, endpoint, environment, place, secrets

if TYPE_CHECKING:
    from mcp import ClientSession

    from sre_runner.tools.mcp.stdio import Heard, Streams

_UNSUPPORTED, _NO_METHOD = -32022, -32601
_TOLD = 2000
"""Most characters of an error."""
_HINT_COMMAND = "Start it by hand with the same arguments; it sees only PATH, HOME, the locale and what `env` names."
_HINT_URL = "Check the URL and the headers; it has to be the endpoint of streamable HTTP, which often ends with /mcp."


@dataclass(frozen=True)
class Identity:
    """What a server says that it is, and where it was reached (a program's name, or host and port)."""

    name: str
    version: str
    place: str

    def __str__(self) -> str:
        return f"{' '.join(filter(None, (self.name, self.version))) or 'a server without a name'} ({self.place})"


@dataclass
class Live:
    """A session and the task that it lives in: the SDK's contexts are entered and left in one task."""

    spec: McpServerSpec
    environ: Mapping[str, str]
    heard: Heard
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    """Set where `session` and `identity` are there, or else `problem`."""
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    changes: int = 0
    """How often the server said that its tools changed."""
    session: ClientSession | None = None
    identity: Identity | None = None
    problem: McpError | None = None
    task: asyncio.Task[None] | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more can be asked in it."""
        return self.heard.ended.is_set() or self.task is None or self.task.done()

    async def ended(self) -> None:
        """Ends it, and waits until nothing of it is left."""
        self.stop.set()
        if self.task and not self.task.done():
            await asyncio.wait([self.task])

    def end(self) -> str:
        """How it ended: a sentence that begins with the server's name."""
        if self.problem:
            return self.problem.message
        return self.words(f"the MCP server {said(self.spec.name)} {_end(self.heard)}")

    def words(self, text: str) -> str:
        """Text with a server's own words as a person may see it: secrets masked, control characters visible, cut."""
        return shown(text, secrets_of(self.environ) | secrets(self.spec, self.environ), _TOLD)


def begin(spec: McpServerSpec, environ: Mapping[str, str]) -> Live:
    """A session that is about to begin. Raises McpError where the extra is not installed."""
    _require_extra()
    from sre_runner.tools.mcp.stdio import Heard

    live = Live(spec, environ, Heard())
    live.task = asyncio.create_task(_serve(live), name=f"mcp {spec.name}")
    return live


async def _serve(live: Live) -> None:
    """The whole life of a session. Whatever ends it is told in `live.problem`, or in what was heard."""
    spec = live.spec
    try:
        async with _connected(live) as streams:
            await _session(live, streams)
    except RunnerError as error:
        live.problem = error if isinstance(error, McpError) else McpError(error.message, error.hint)
    except asyncio.CancelledError:
        live.heard.why = "was stopped"
        raise
    except Exception as error:  # noqa: BLE001  # whatever the SDK raises costs this session only
        live.heard.why = live.heard.why or _cause(error)
    finally:
        live.heard.ended.set()
        if live.session is None and live.problem is None:
            text = live.words(f"the MCP server {said(spec.name)} cannot be used: it {_end(live.heard)}")
            live.problem = McpError(text, _HINT_COMMAND if spec.command else _HINT_URL)
        live.begun.set()


@contextlib.asynccontextmanager
async def _connected(live: Live) -> AsyncIterator[Streams]:
    spec = live.spec
    if not spec.command:
        from sre_runner.tools.mcp.http import http_streams

        async with http_streams(*endpoint(spec, live.environ), live.heard) as streams:
            yield streams
        return
    from sre_runner.tools.mcp.stdio import StartError, process_streams

    try:
        async with process_streams(spec.command, environment(spec, live.environ), live.heard) as streams:
            yield streams
    except StartError as error:
        program = said(spec.command[0])
        message = f"the MCP server {said(spec.name)} cannot be started: {program}: {error}"
        raise McpError(message, f"Install {program}, or check `command` and the PATH.") from None


async def _session(live: Live, streams: Streams) -> None:
    from mcp import ClientSession
    from mcp_types import Implementation, ToolListChangedNotification

    async def noticed(message: object) -> None:
        live.changes += isinstance(message, ToolListChangedNotification)

    info = Implementation(name="sre-run", version="1")
    async with ClientSession(
        *streams, read_timeout_seconds=live.spec.timeout, message_handler=noticed, client_info=info
    ) as session:
        if not await _ready(live, session):
            return
        about = session.server_info
        name, version = (about.name, about.version) if about else ("", "")
        live.identity = Identity(_word(name), _word(version), place(live.spec, live.environ))
        live.session = session
        live.begun.set()
        waits = [asyncio.ensure_future(event.wait()) for event in (live.stop, live.heard.ended)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


async def _ready(live: Live, session: ClientSession) -> bool:
    """Whether the server and the session agree on a protocol; what it says otherwise is in `live.heard.why`."""
    from anyio import fail_after
    from mcp import MCPError

    late = f"was not ready within {live.spec.timeout:g} s"
    try:
        with fail_after(live.spec.timeout):
            try:
                await session.initialize()
            except MCPError as error:
                if error.code not in (_UNSUPPORTED, _NO_METHOD):
                    raise
                await session.discover()  # a server that speaks only the newest protocol
    except TimeoutError:
        live.heard.why = late
        return False
    except MCPError as error:
        if error.code != CLOSED or not live.heard.ended.is_set():
            live.heard.why = late if error.code == TIMED_OUT else f"answered: {error.message}"
        return False
    return True


def _require_extra() -> None:
    try:
        import mcp  # noqa: F401
    except ImportError as error:
        hint = "Install it: pip install 'sre-run[mcp]'"
        raise McpError("the tools of MCP servers need the extra `mcp`, which is not installed", hint) from error
    # Without a handler, Python writes what the SDK logs, servers' words included, to the terminal.
    for name in ("mcp", "client"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


def _end(heard: Heard) -> str:
    """How a connection ended, in words, with what its process said last."""
    how = heard.why or ("ended" if heard.code is None else f"ended with exit code {heard.code}")
    if heard.code is not None and heard.code < 0:
        how = f"was killed by signal {-heard.code}"
    if heard.stray:
        lines = "a line" if heard.strays == 1 else f"{heard.strays} lines"
        how += f"; it wrote {lines} to stdout that are not messages, first: {heard.stray.decode(errors='replace')}"
    return f"{how}. It wrote to stderr: {heard.stderr.text}" if heard.stderr.text else f"{how}."


def _cause(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if type(error).__name__ == "ValidationError":
        return "answered what does not fit the protocol"
    return f"failed: {str(error) or type(error).__name__}"


def _word(text: str) -> str:
    return shown(" ".join(text.split()), (), 100)
