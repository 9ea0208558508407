"""What an MCP server of a configuration offers, held against the files of `tools.d`, and written into a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sre_runner.casefile import Json
from sre_runner.config.checks.tools import tools_problems
from sre_runner.config.directory import Directory, check
from sre_runner.documents.hints import choices
from sre_runner.documents.yaml.document import parse
from sre_runner.errors import ConfigError, RunnerError
from sre_runner.text.naming import listed, said
from sre_runner.text.output import cut, printable
from sre_runner.tools.backends.connections import Connections
from sre_runner.tools.mcp.entries import entries_text
from sre_runner.tools.mcp.errors import McpError
from sre_runner.tools.mcp.live import Identity
from sre_runner.tools.mcp.tools import Offered, compared, differences, unknown, unusable

MOST_DIFFERENCE = 20_000
"""Characters of one tool's difference that are shown."""


@dataclass(frozen=True)
class Held:
    """A tool of a file that an MCP server answers: `name` there, `tool` at the server; `entry` as it stands there."""

    name: str
    file: str
    tool: str
    entry: Mapping[str, Json]


@dataclass(frozen=True)
class Row:
    """A tool of a server, of files that name it, or of both. `differs` are sentences, without the server's words."""

    offered: Offered | None
    held: Held | None
    differs: tuple[str, ...] = ()

    @property
    def tool(self) -> str:
        """Its name at the server."""
        return self.offered.name if self.offered else self.held.tool if self.held else ""

    @property
    def difference(self) -> str:
        """A unified diff from the file to the server, "" where they are the same."""
        if not (self.offered and self.held and self.differs):
            return ""
        return cut(compared(self.held.entry, self.offered), MOST_DIFFERENCE)


@dataclass(frozen=True)
class Listing:
    """What a server offers: in its order, then what only files name."""

    server: str
    identity: Identity
    rows: tuple[Row, ...]

    @property
    def changed(self) -> bool:
        """Whether a tool of a file is gone at the server, or another one there."""
        return any(row.held and (row.differs or not row.offered) for row in self.rows)


async def listing(folder: Directory, server: str, environ: Mapping[str, str]) -> Listing:
    """Ask a server for its tools. Raises `RunnerError` where there is no such server, or where it cannot be asked."""
    known = [name for name, data in folder.servers.items() if "mcp" in data]
    if server not in known:
        hint = choices(server, known, "Add it in tools.d: servers: {NAME: {mcp: {command: […]}}} or {mcp: {url: …}}.")
        raise RunnerError(f"there is no MCP server {said(server)}", hint)
    async with Connections(folder.servers, environ, folder.root) as connections:
        identity = await connections.mcp.sessions.identity(server)
        offered = await connections.mcp.offered(server)
    held = _held(folder, server)
    rows = [row for tool in offered for row in _rows(tool, held)]
    names = {tool.name for tool in offered}
    return Listing(server, identity, (*rows, *(Row(None, one) for one in held if one.tool not in names)))


def _rows(tool: Offered, held: Sequence[Held]) -> list[Row]:
    here = [one for one in held if one.tool == tool.name]
    return [Row(tool, one, tuple(differences(one.entry, tool))) for one in here] or [Row(tool, None)]


def _held(folder: Directory, server: str) -> list[Held]:
    found = []
    for family in folder.tools:
        for name in family.names("tools"):
            named = family.sound("tools", name, "live", "mcp")
            if named is not None and named["server"] == server:
                found.append(Held(name, family.shown, named["tool"], family.at("tools", name)))
    return found


def only(whole: Listing, tools: Sequence[str]) -> Listing:
    """The part of a listing with these tools of the server. Raises `RunnerError` for one that is in none."""
    if not tools:
        return whole
    rows = tuple(row for row in whole.rows if row.tool in tools)
    missing = [name for name in tools if name not in {row.tool for row in rows}]
    hint = f"See what it offers: sre-run mcp {whole.server}"
    _refuse(unknown(missing, [row.offered for row in whole.rows if row.offered]), hint)
    return replace(whole, rows=rows)


def entries_of(folder: Directory, path: str, found: Listing) -> str:
    """The text of a file of `tools.d` with all tools of a listing, checked as `path` would be.

    Raises `RunnerError` or `ConfigError` where one of them cannot be written, or has a name that is taken: then none
    is.
    """
    tools = [row.offered for row in found.rows if row.offered]
    names = [tool.name for tool in tools]
    twice = [f"The server offers {said(name)} twice." for name in dict.fromkeys(names) if names.count(name) > 1]
    taken = [name for name in dict.fromkeys(names) if name in folder.definitions]
    if taken:
        where = folder.definitions[taken[0]][0].shown
        hint = f"See how they differ: sre-run mcp {found.server} --diff. To write them again, take them out first."
        raise RunnerError(f"there are tools of these names already: {listed(taken, 8)} (in {where})", hint)
    _refuse([*unusable(tools), *twice], "Nothing was written. Leave them out.")
    text = entries_text(found.server, found.identity, tools)
    file = check("tools", folder.root / "tools.d" / path, parse(text, path))
    if problems := [*file.problems, *tools_problems(file, folder)]:
        raise ConfigError([replace(problem, source=printable(problem.source)) for problem in problems])
    return text


def _refuse(sentences: Sequence[str], hint: str) -> None:
    if sentences:
        more = f" And {len(sentences) - 5} more." if len(sentences) > 5 else ""
        raise McpError(f"{' '.join(sentences[:5])}{more}", hint)
