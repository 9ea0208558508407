"""The tools of MCP servers: what a server offers, as entries of a `tools.d` file, compared with them, and called."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sre_runner.casefile import Json, ToolAnswer
from sre_runner.text.naming import nearest, said
from sre_runner.text.output import printable
from sre_runner.tools.mcp.answers import answer_of
from sre_runner.tools.mcp.errors import McpError
from sre_runner.tools.mcp.live import Live
from sre_runner.tools.mcp.sessions import Sessions

if TYPE_CHECKING:
    from mcp import ClientSession
    from mcp_types import CallToolResult, InputRequiredResult, ListToolsResult, ToolAnnotations

TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""What a tool can be called here, which is what the model service takes."""

MAX_TOOLS = 1000
MAX_PAGES = 100
MAX_LISTING = 8 * 1024 * 1024
"""Characters of all descriptions and schemas of a server."""


@dataclass(frozen=True)
class Offered:
    """A tool as its server describes it. `read_only` is what the server says of itself, False where it says nothing."""

    name: str
    description: str
    input_schema: Mapping[str, Json]
    read_only: bool


class Listings:
    """What the servers of a run offer, asked once a session, and again where a server says that it changed.

    A change that a server keeps to itself reaches no model: what a model reads of a tool stands in the file.
    """

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self._known: dict[str, tuple[Live, int, tuple[Offered, ...]]] = {}

    async def offered(self, server: str) -> tuple[Offered, ...]:
        """All tools of a server, in its order. Raises McpError, also where it lists tools without end."""
        live = await self.sessions.opened(server)
        known = self._known.get(server)
        if known and known[0] is live and known[1] == live.changes:
            return known[2]
        changes = live.changes
        tools = await self.sessions.ask(server, lambda session: _listed(server, session), live.spec.timeout)
        self._known[server] = (live, changes, tools)
        return tools

    async def refusal(self, server: str, tool: str, entry: Mapping[str, Json]) -> str:
        """Why a tool of a file must not be called: the server no longer offers it, or as another one; "" where it may
        be. The text has none of the server's words: a model reads it. Raises McpError."""
        offered = {one.name: one for one in await self.offered(server)}
        if tool not in offered:
            return f"The MCP server {said(server)} does not offer a tool {said(tool)}."
        found = differences(entry, offered[tool])
        if not found:
            return ""
        return f"The tool {said(tool)} was not called, as it is not the one that was reviewed: {' '.join(found)}"


async def _listed(server: str, session: ClientSession) -> tuple[Offered, ...]:
    from mcp_types import PaginatedRequestParams

    found: list[Offered] = []
    size, cursor = 0, None
    for _ in range(MAX_PAGES):
        page = await session.list_tools(params=PaginatedRequestParams(cursor=cursor))
        found += _tools(page)
        size += sum(len(tool.description or "") + len(canonical(tool.input_schema)) for tool in page.tools)
        if len(found) > MAX_TOOLS or size > MAX_LISTING:
            break
        if page.next_cursor is None:
            return tuple(found)
        cursor = page.next_cursor
    limit = f"{MAX_TOOLS:,} tools, {MAX_PAGES} pages and {MAX_LISTING // 1024 // 1024} MiB"
    raise McpError(f"the MCP server {said(server)} lists its tools without end (limits: {limit})", "", "refused")


def _tools(page: ListToolsResult) -> list[Offered]:
    return [
        Offered(tool.name, tool.description or "", tool.input_schema, _read_only(tool.annotations))
        for tool in page.tools
    ]


def _read_only(annotations: ToolAnnotations | None) -> bool:
    return bool(annotations and annotations.read_only_hint)


async def call(sessions: Sessions, server: str, tool: str, arguments: Mapping[str, Json], seconds: float) -> ToolAnswer:
    """What the tool answers. Never raises for what a server does: its errors, its silence and its end are answers that
    say so, `from_tool` only where the server itself spoke."""
    try:
        result = await sessions.ask(server, lambda session: _called(session, tool, arguments, seconds), seconds)
    except McpError as error:
        return ToolAnswer(error.message, is_error=True, from_tool=error.kind == "refused")
    return answer_of(result)


class McpTool:
    """A tool of a file that an MCP server answers, as long as it offers what the file says; see `Tool`.

    `entry` has the `description` and the `input_schema` of the file, `tool` is its name at the server, and `seconds` is
    how long one call may take.
    """

    def __init__(self, listings: Listings, server: str, tool: str, entry: Mapping[str, Json], seconds: float) -> None:
        self._listings = listings
        self._server = server
        self._tool = tool
        self._entry = entry
        self._seconds = seconds

    async def answer(
        self,
        arguments: Mapping[str, Json],
        earlier: Sequence[Mapping[str, Json]],
        agent: str = "",
    ) -> ToolAnswer:
        """Answer one call, or say why it was not made."""
        try:
            refused = await self._listings.refusal(self._server, self._tool, self._entry)
        except McpError as error:
            return ToolAnswer(error.message, is_error=True, from_tool=False)
        if refused:
            return ToolAnswer(refused, is_error=True, from_tool=False)
        return await call(self._listings.sessions, self._server, self._tool, arguments, self._seconds)


async def _called(session: ClientSession, tool: str, arguments: Mapping[str, Json], seconds: float) -> CallToolResult:
    # Not `session.call_tool`: that one runs the patterns of the server's output schema over the server's answer, and
    # refuses a useful answer that does not fit.
    from mcp_types import CallToolRequest, CallToolRequestParams, CallToolResult, InputRequiredResult
    from pydantic import TypeAdapter

    request = CallToolRequest(params=CallToolRequestParams(name=tool, arguments=dict(arguments)))
    either: TypeAdapter[CallToolResult | InputRequiredResult] = TypeAdapter(CallToolResult | InputRequiredResult)
    result = await session.send_request(request, either, request_read_timeout_seconds=seconds)
    if isinstance(result, InputRequiredResult):
        raise McpError(f"the tool {said(tool)} asks a person for more input, which an investigation cannot give")
    return result


def entry(server: str, tool: Offered) -> dict[str, Json]:
    """The tool as an entry of a `tools.d` file. What its server does not call read-only is a write."""
    return {
        "description": tool.description or tool.name,
        "effect": "read" if tool.read_only else "write",
        "input_schema": dict(tool.input_schema),
        "live": {"mcp": {"server": server, "tool": tool.name}},
    }


def differences(entry: Mapping[str, Json], offered: Offered) -> list[str]:
    """How what a server offers differs from the entry of a file, in sentences without the server's words."""
    found = []
    if _plain(entry.get("description", "")) != _plain(offered.description or offered.name):
        found.append("Its description differs from the file's.")
    mine, theirs = entry.get("input_schema", {}), offered.input_schema
    if canonical(mine) != canonical(theirs):
        here, there = (schema.get("properties", {}) for schema in (mine, theirs))
        both = [part if isinstance(part, Mapping) else {} for part in (here, there)]
        gone = sorted(name for name in both[0] if name not in both[1])
        new = len([name for name in both[1] if name not in both[0]])
        found.append("Its input_schema differs from the file's.")
        found += [f"Without the argument {said(name)}." for name in gone[:5]]
        found += [f"With {new} more argument{'s' if new != 1 else ''}."] if new else []
    return found


def compared(entry: Mapping[str, Json], offered: Offered) -> str:
    """The same for a person: a unified diff from the file to the server, with control characters made visible."""
    mine = _lines(entry.get("description", ""), entry.get("input_schema", {}))
    theirs = _lines(offered.description or offered.name, offered.input_schema)
    return printable("\n".join(difflib.unified_diff(mine, theirs, "file", "server", lineterm="", n=2)))


def _lines(description: Json, schema: Json) -> list[str]:
    pretty = json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False)
    return [*_plain(description).split("\n"), *pretty.split("\n")]


def unusable(tools: Sequence[Offered]) -> list[str]:
    """A sentence for every tool whose name cannot be used here as it is."""
    limits = "letters, digits, _ and -, at most 64"
    return [f"{said(tool.name)} cannot be the name of a tool here ({limits})." for tool in tools if not named(tool)]


def named(tool: Offered) -> bool:
    """Whether the server's name for it can be its name here."""
    return TOOL_NAME.fullmatch(tool.name) is not None


def unknown(wanted: Sequence[str], tools: Sequence[Offered]) -> list[str]:
    """A sentence for every name that the server does not offer."""
    names = [tool.name for tool in tools]
    found = []
    for name in wanted:
        if name not in names:
            near = nearest(name, names)
            found.append(f"The server does not offer {said(name)}." + (f" Did you mean {said(near)}?" if near else ""))
    return found


def canonical(data: Json) -> str:
    """JSON in the one form in which equal data is equal text."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _plain(description: Json) -> str:
    """Without the white space that YAML's block strings lose at the end."""
    return str(description).strip()
