"""The backend `live: {mcp: …}`: a tool of an MCP server, as long as that offers what the file says."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from sre_runner.casefile import Json
from sre_runner.documents.hints import choices
from sre_runner.errors import RunnerError
from sre_runner.specs import ToolSpec
from sre_runner.text.naming import said
from sre_runner.tools.backends.backend import Backend, Complaint, Entry, Lack, Reach, Use
from sre_runner.tools.backends.look import Look, Seen
from sre_runner.tools.backends.nested import nested
from sre_runner.tools.mcp.errors import McpError
from sre_runner.tools.tool import Tool

_SCHEMA: Mapping[str, Any] = {
    "description": "A tool of an MCP server. `sre-run mcp SERVER --write FILE TOOL` writes such an entry.",
    "type": "object",
    "additionalProperties": False,
    "required": ["server", "tool"],
    "properties": {
        "server": {"description": "A name under `servers`.", "type": "string", "minLength": 1},
        "tool": {"description": "The tool's name at the server.", "type": "string", "minLength": 1},
    },
    "examples": [{"server": "kubernetes", "tool": "pods_log"}],
}


def _problems(entry: Entry) -> Iterator[Complaint]:
    data = entry.file.sound(*entry.place, "mcp")
    known = [name for name, server in entry.servers.items() if "mcp" in server]
    if data is not None and data["server"] not in known:
        hint = choices(data["server"], known, "Add it under `servers`: NAME: {mcp: {command: […]}} or {mcp: {url: …}}.")
        message = f"there is no MCP server {said(data['server'])} under `servers`"
        yield Complaint((*entry.place, "mcp", "server"), message, hint)


def _of_file(spec: ToolSpec) -> dict[str, Json]:
    return {"description": spec.description, "input_schema": dict(spec.input_schema)}


def _tool(use: Use) -> Tool:
    from sre_runner.tools.mcp.tools import McpTool

    named = use.data["mcp"]
    return McpTool(use.connections.mcp, named["server"], named["tool"], _of_file(use.spec), use.spec.timeout * 0.95)


async def _lacks(use: Use) -> list[Lack]:
    """A tool that is gone at its server, or another one there, as far as the server itself can be asked."""
    named = use.data["mcp"]
    try:
        refusal = await use.connections.mcp.refusal(named["server"], named["tool"], _of_file(use.spec))
    except (McpError, RunnerError):
        return []  # told of the server
    hint = f"Look at the difference: sre-run mcp {named['server']} --diff. Or go on without it: --without TOOL."
    return [Lack(refusal, hint)] if refusal else []


def _looks(use: Use) -> Iterator[Look]:
    yield Look(f"tool {use.spec.name}", partial(_seen, use))


async def _seen(use: Use) -> list[Seen]:
    """Whether the server offers the tool as the file has it. A server that cannot be asked is seen by itself."""
    from sre_runner.tools.mcp.tools import differences

    server, name = use.data["mcp"]["server"], use.data["mcp"]["tool"]
    try:
        offered = {one.name: one for one in await use.connections.mcp.offered(server)}
    except (McpError, RunnerError):
        return []
    if name not in offered:
        hint = f"See what it offers: sre-run mcp {shlex.quote(server)}"
        return [Seen("fail", f"the MCP server {server} does not offer {said(name)}", hint)]
    if found := differences(_of_file(use.spec), offered[name]):
        hint = f"Review the difference: sre-run mcp {shlex.quote(server)} --diff"
        return [Seen("fail", f"the MCP server {server} offers it differently: {' '.join(found)}", hint)]
    return [Seen("ok", f"the MCP server {server} offers it as the file has it")]


async def _origin(use: Use, arguments: Mapping[str, Json]) -> str:
    name = use.data["mcp"]["server"]
    try:
        return f"MCP server {name}: {await use.connections.mcp.sessions.identity(name)}"
    except McpError:
        return f"MCP server {name}"


def _reaches(spec: ToolSpec, data: Mapping[str, Any], servers: Mapping[str, Mapping[str, Json]]) -> str:
    return f"calls {data['mcp']['tool']} of the MCP server {data['mcp']['server']}"


def _reached(data: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[Reach, ...]:
    keys = {"server": "MCP server", "tool": "tool of the server"}
    return tuple(Reach(what, (data["mcp"][key],), ("mcp", key)) for key, what in keys.items())


MCP = Backend(
    key="mcp",
    schema=nested("mcp", "Live by an MCP server", _SCHEMA),
    problems=_problems,
    tool=_tool,
    reaches=_reaches,
    lacks=_lacks,
    origin=_origin,
    looks=_looks,
    servers=lambda data, schema: (data["mcp"]["server"],),
    reached=_reached,
    claimed=True,
)
