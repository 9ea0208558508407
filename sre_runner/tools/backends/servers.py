"""The kinds of `servers` that live tools go to; each entry is told by its key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sre_runner.casefile import Json
from sre_runner.errors import RunnerError
from sre_runner.text.naming import said
from sre_runner.tools import servers as by_http
from sre_runner.tools.backends.backend import Lack, Place, Reach, of_environment, setting, settings
from sre_runner.tools.backends.clusters import CLUSTER_SCHEMA, variables
from sre_runner.tools.backends.connections import Connections
from sre_runner.tools.backends.look import Seen
from sre_runner.tools.backends.nested import nested
from sre_runner.tools.backends.server_looks import seen_by_http, seen_by_mcp
from sre_runner.tools.http.prerequisites import prerequisites
from sre_runner.tools.mcp import spec as by_mcp
from sre_runner.tools.mcp.errors import McpError


@dataclass(frozen=True)
class ServerKind:
    """A kind of server. `schema` is that of the whole entry, `problems` those that it cannot tell, with their place in
    the entry; `lacks` is asked before the first paid call, and `see` by `sre-run doctor`; `place` says for people where
    it is, and `reached` by parts what its tools can touch and what it is given."""

    key: str
    schema: Mapping[str, Any]
    problems: Callable[[str, Mapping[str, Json]], Iterable[tuple[Place, str, str]]]
    lacks: Callable[[str, Connections], Awaitable[list[Lack]]]
    see: Callable[[str, Connections], Awaitable[Iterable[Seen]]]
    place: Callable[[Mapping[str, Json]], str]
    reached: Callable[[Mapping[str, Json]], tuple[Reach, ...]]


def _of_http(name: str, data: Mapping[str, Json]) -> Iterable[tuple[Place, str, str]]:
    return by_http.server_problems(by_http.parse_server(name, data))


async def _http_lacks(name: str, connections: Connections) -> list[Lack]:
    reached = await prerequisites(by_http.parse_server(name, connections.servers[name]), connections.environ)
    return [Lack(message, hint, name) for _, message, hint in reached.problems]


def _http_place(data: Mapping[str, Json]) -> str:
    return setting(data["url"])


def _http_reached(data: Mapping[str, Json], at: Place = ()) -> tuple[Reach, ...]:
    url = Reach("URL", (setting(data["url"]),), (*at, "url"), variables=of_environment([data["url"]]))
    return url, settings("headers", (*at, "headers"), data.get("headers", {}), ": ")


def _nothing(name: str, data: Mapping[str, Json]) -> Iterable[tuple[Place, str, str]]:
    return ()


def _of_mcp(name: str, data: Mapping[str, Json]) -> Iterable[tuple[Place, str, str]]:
    for place, message, hint in by_mcp.server_problems(by_mcp.parse(name, data["mcp"])):
        yield ("mcp", *place), message, hint


async def _mcp_lacks(name: str, connections: Connections) -> list[Lack]:
    try:
        await connections.mcp.sessions.opened(name)
    except (McpError, RunnerError) as error:
        return [Lack(error.message, error.hint, name)]
    return []


def _mcp_place(data: Mapping[str, Json]) -> str:
    mcp = data["mcp"]
    return "MCP server " + (" ".join(mcp["command"]) if "command" in mcp else _http_place(mcp))


def _mcp_reached(data: Mapping[str, Json]) -> tuple[Reach, ...]:
    mcp = data["mcp"]
    if "url" in mcp:
        return _http_reached(mcp, ("mcp",))
    env = tuple(mcp.get("env", ()))
    command = Reach("command", tuple(mcp["command"]), ("mcp", "command"))
    return command, Reach("variables", env, ("mcp", "env"), whole=False, variables=env)


async def _cluster_lacks(name: str, connections: Connections) -> list[Lack]:
    unset = [each for each in variables(connections.servers[name]["kubectl"]) if not connections.environ.get(each)]
    return [Lack(f"the variable {said(each)} is not set", f"Set {each}.", name) for each in unset]


async def _cluster_seen(name: str, connections: Connections) -> list[Seen]:
    """Only that it is known where the cluster is: what is allowed there is seen with the tools that go to it."""
    missing = [Seen("fail", lack.message, lack.hint) for lack in await _cluster_lacks(name, connections)]
    return missing or [Seen("ok", _cluster_place(connections.servers[name]))]


def _cluster_place(data: Mapping[str, Json]) -> str:
    context = data["kubectl"].get("context", "")
    return f"kubectl's context {setting(context)}" if context else "kubectl"


def _cluster_reached(data: Mapping[str, Json]) -> tuple[Reach, ...]:
    given = {key: data["kubectl"].get(key) for key in ("context", "kubeconfig")}
    return tuple(
        Reach(key, (setting(value) if value else "kubectl's own",), ("kubectl", key), variables=of_environment([value]))
        for key, value in given.items()
    )


_MCP_SCHEMA = nested("mcp", "MCP server", by_mcp.MCP_SERVER_SCHEMA)
_KUBECTL_SCHEMA = nested("kubectl", "Cluster", CLUSTER_SCHEMA)

HTTP = ServerKind("url", by_http.SERVER_SCHEMA, _of_http, _http_lacks, seen_by_http, _http_place, _http_reached)
MCP = ServerKind("mcp", _MCP_SCHEMA, _of_mcp, _mcp_lacks, seen_by_mcp, _mcp_place, _mcp_reached)
KUBECTL = ServerKind(
    "kubectl", _KUBECTL_SCHEMA, _nothing, _cluster_lacks, _cluster_seen, _cluster_place, _cluster_reached
)

SERVERS: Mapping[str, ServerKind] = {kind.key: kind for kind in (MCP, KUBECTL, HTTP)}
"""By their keys. An entry with none of them is taken for the last one."""


def kind_of(data: Mapping[str, Json]) -> ServerKind:
    """The kind of an entry that fits the schema."""
    return next(kind for key, kind in SERVERS.items() if key in data)
