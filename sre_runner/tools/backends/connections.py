"""What the live tools of one run share: the environment, the servers, and the connections to them."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from sre_runner.errors import RunnerError
from sre_runner.tools import servers as by_http
from sre_runner.tools.mcp import spec as by_mcp

if TYPE_CHECKING:
    from sre_runner.tools.http.client import HttpClient
    from sre_runner.tools.mcp.tools import Listings


@dataclass
class Connections:
    """Made for a run, and closed with it: `async with`. Nothing is connected before a tool is called.

    `servers` are the entries of the configuration by name. `directory` is the configuration's, in which programs run
    and folders of runbooks are.
    """

    servers: Mapping[str, Mapping[str, Any]]
    environ: Mapping[str, str] = field(repr=False)
    directory: Path
    origins: dict[Any, Any] = field(default_factory=dict, repr=False)
    """What was found out of where answers come from, so that it is found out once."""

    def __post_init__(self) -> None:
        self._closing = contextlib.AsyncExitStack()
        self.server = cache(self._server)

    async def __aenter__(self) -> Connections:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._closing.aclose()

    def _server(self, name: str) -> by_http.Server:
        """A server that is reached by HTTP. Raises `RunnerError` where the environment lacks what it needs."""
        return by_http.resolve(by_http.parse_server(name, self.servers[name]), self.environ)

    @cached_property
    def http(self) -> HttpClient:
        """The HTTP client of the run."""
        from sre_runner.tools.http.client import HttpClient

        client = HttpClient(self.environ)
        self._closing.push_async_callback(client.aclose)
        return client

    @cached_property
    def mcp(self) -> Listings:
        """The sessions with MCP servers, and what these offer. Raises `RunnerError` where the extra is missing."""
        from sre_runner.tools.mcp.sessions import Sessions
        from sre_runner.tools.mcp.tools import Listings

        specs = {name: by_mcp.parse(name, data["mcp"]) for name, data in self.servers.items() if "mcp" in data}
        sessions = Sessions(specs, self.environ)
        self._closing.push_async_callback(sessions.close)
        return Listings(sessions)

    @property
    def secrets(self) -> frozenset[str]:
        """Header values that came from the environment, whatever their variables are called."""
        found: set[str] = set()
        for name, data in self.servers.items():
            if "mcp" in data:
                found |= by_mcp.secrets(by_mcp.parse(name, data["mcp"]), self.environ)
            elif "url" in data:
                with contextlib.suppress(RunnerError):  # what is missing is told where it is looked for
                    found |= self.server(name).secrets
        return frozenset(found)
