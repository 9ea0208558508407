"""The tools of an MCP server as a list, as differences from the files, and as data. A server's words stay one line."""

from __future__ import annotations

from sre_runner.casefile import Json
from sre_runner.render.columns import columns, one_line
from sre_runner.runs.mcp_servers import Listing, Row

TITLES = ("TOOL", "EFFECT", "FILE", "SAME")
_LONGEST_NAME = 64


def text(listing: Listing) -> str:
    """The server, and a line for each tool."""
    head = f"MCP server {one_line(listing.server)}: {one_line(str(listing.identity))}\n"
    return head + (columns(TITLES, [_cells(row) for row in listing.rows]) if listing.rows else "It has no tools.\n")


def _cells(row: Row) -> tuple[str, str, str, str]:
    name = row.tool if len(row.tool) <= _LONGEST_NAME else f"{row.tool[:_LONGEST_NAME]}…"
    effect = _effect(row) or "-"
    if row.held is None:
        return name, effect, "-", "-"
    where = row.held.file if row.held.name == row.tool else f"{row.held.file} ({row.held.name})"
    return name, effect, where, "gone" if row.offered is None else "no" if row.differs else "yes"


def _effect(row: Row) -> str | None:
    """What the server says of itself; what it does not call read-only counts as a write."""
    return None if row.offered is None else "read" if row.offered.read_only else "write"


def differences(listing: Listing) -> str:
    """How tools of files differ from what the server offers now; "" where none does."""
    return "".join(_difference(row) for row in listing.rows if row.held and (row.differs or row.offered is None))


def _difference(row: Row) -> str:
    assert row.held
    head = f"{row.held.file}: {one_line(row.held.name)}: "
    if row.offered is None:
        return f"{head}the server no longer offers {one_line(row.tool)}\n"
    return f"{head}{' '.join(row.differs)}\n{row.difference}\n"


def to_json(listing: Listing) -> dict[str, Json]:
    """All of it, with descriptions and schemas."""
    about = listing.identity
    identity = {"name": about.name, "version": about.version, "place": about.place}
    return {
        "server": listing.server,
        **identity,
        "changed": listing.changed,
        "tools": [_data(row) for row in listing.rows],
    }


def _data(row: Row) -> dict[str, Json]:
    return {
        "tool": row.tool,
        "effect": _effect(row),
        "description": row.offered.description if row.offered else None,
        "input_schema": dict(row.offered.input_schema) if row.offered else None,
        "file": row.held.file if row.held else None,
        "entry": row.held.name if row.held else None,
        "differs": [*row.differs],
        "difference": row.difference or None,
    }
