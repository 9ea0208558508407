"""The sessions with MCP servers: one a server and run, begun at first use, shared by agents, ended with the run."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from sre_runner.text.naming import said
from sre_runner.tools.mcp.errors import CLOSED, KINDS, TIMED_OUT, McpError
from sre_runner.tools.mcp.live import Identity, Live, begin
from sre_runner.tools.mcp.spec import McpServerSpec

if TYPE_CHECKING:
    from mcp import ClientSession

STARTS = 2
"""How often the process of a server is started in a run."""

_GRACE = 1.0
"""Seconds after the timeout of a call in which the SDK tells the server that it is given up."""

T = TypeVar("T")


class Sessions:
    """The sessions of one run, inside one event loop.

        async with Sessions(specs) as sessions:
            await sessions.ask("kubernetes", lambda session: session.list_tools(), 30)

    When it is left, every session is closed and no process of a server is left.
    """

    def __init__(self, specs: Mapping[str, McpServerSpec], environ: Mapping[str, str] | None = None) -> None:
        self._specs = specs
        self._environ = os.environ if environ is None else environ
        self._live: dict[str, Live] = {}
        self._starts: dict[str, int] = {}

    async def __aenter__(self) -> Sessions:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends every session. Where this is cancelled while it waits, the processes are killed at once."""
        lives = [live for live in self._live.values() if live.task and not live.task.done()]
        for live in lives:
            live.stop.set()
            if not live.begun.is_set() and live.task:
                live.task.cancel()
        await asyncio.gather(*(live.task for live in lives if live.task), return_exceptions=True)
        self._live.clear()

    def timeout(self, server: str) -> float:
        """The seconds in which the server has to be ready, and to list its tools."""
        return self._specs[server].timeout

    async def identity(self, server: str) -> Identity:
        """Who the server says that it is. Raises McpError where it cannot be used."""
        live = await self.opened(server)
        assert live.identity
        return live.identity

    async def opened(self, server: str) -> Live:
        """The server's session, begun where there is none. Raises McpError where it cannot be used."""
        live = self._live.get(server)
        if live is None or (live.over and live.begun.is_set()):
            if live:
                await live.ended()
            if self._live.get(server) is live:  # otherwise another agent has begun one in the meantime
                self._live[server] = self._begin(self._specs[server], live)
            live = self._live[server]
        await live.begun.wait()
        if live.problem:
            raise McpError(live.problem.message, live.problem.hint)
        return live

    async def ask(self, server: str, request: Callable[[ClientSession], Awaitable[T]], seconds: float) -> T:
        """What the server answers within these seconds, in which the begin of its session does not count. Raises
        McpError. A request that an HTTP server did not take, as it has forgotten the session, is made once more."""
        live = await self.opened(server)
        try:
            return await _asked(live, request, seconds)
        except McpError:
            if not live.heard.gone:
                raise
        return await _asked(await self.opened(server), request, seconds)

    def _begin(self, spec: McpServerSpec, last: Live | None) -> Live:
        starts = self._starts.get(spec.name, 0)
        if last and spec.command and starts >= STARTS:
            raise McpError(f"{last.end()} It was started {starts} times and is not started again.")
        self._starts[spec.name] = starts + 1
        return begin(spec, self._environ)


async def _asked(live: Live, request: Callable[[ClientSession], Awaitable[T]], seconds: float) -> T:
    from mcp import MCPError
    from pydantic import ValidationError

    assert live.session
    name = said(live.spec.name)
    late = McpError(f"the MCP server {name} did not answer within {seconds:g} s", "", "unknown")
    try:
        async with asyncio.timeout(seconds + _GRACE):
            return await request(live.session)
    except TimeoutError:
        raise late from None
    except MCPError as error:
        if error.code == TIMED_OUT:
            raise late from None
        if error.code == CLOSED and live.over:
            await live.ended()
            raise McpError(live.end(), "", "unknown") from None
        kind = KINDS.get(error.code, "refused")
        told = "answered: " if kind == "refused" else ""
        raise McpError(live.words(f"the MCP server {name}: {told}{error.message}"), "", kind) from None
    except ValidationError:
        raise McpError(f"what the MCP server {name} answered does not fit the protocol", "", "refused") from None
