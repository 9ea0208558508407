"""What `sre-run doctor` sees of a server: whether it answers, and how long its certificate is valid."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor
from urllib.parse import urlsplit

from sre_runner.errors import RunnerError
from sre_runner.tools.backends.connections import Connections
from sre_runner.tools.backends.look import Seen
from sre_runner.tools.http.prerequisites import prerequisites
from sre_runner.tools.mcp import spec as by_mcp
from sre_runner.tools.servers import Server, parse_server

FEW_DAYS = 21
"""Days before a certificate's end from which on it is warned of."""
REFUSED = (401, 403)


async def seen_by_http(name: str, connections: Connections) -> list[Seen]:
    """Its host, the status at its base path, and its certificate."""
    reached = await prerequisites(parse_server(name, connections.servers[name]), connections.environ)
    if reached.status is None:
        return [Seen("fail", message, hint) for _, message, hint in reached.problems]
    return [
        answered(reached.place, reached.status),
        *await of_certificate(connections.server(name), connections.environ),
    ]


def answered(place: str, status: int) -> Seen:
    """What it means that a server answered with this status at its base path: most have nothing there."""
    text = f"{place} answers ({status})"
    if status in REFUSED:
        return Seen("warn", text, "It may want other credentials: check its `headers` and their variables.")
    if status >= 500:
        return Seen("warn", text, "The server, or what stands before it, is not well.")
    return Seen("ok", text)


async def seen_by_mcp(name: str, connections: Connections) -> list[Seen]:
    """Who it says that it is, how many tools it offers, and its certificate."""
    listings = connections.mcp
    identity = await listings.sessions.identity(name)
    count = len(await listings.offered(name))
    seen = Seen("ok", f"MCP server {identity}, {count} tool{'s' if count != 1 else ''}")
    return [seen, *await of_certificate(_endpoint(name, connections), connections.environ)]


def _endpoint(name: str, connections: Connections) -> Server | None:
    spec = by_mcp.parse(name, connections.servers[name]["mcp"])
    if spec.command:
        return None
    parts = urlsplit(by_mcp.endpoint(spec, connections.environ)[0])
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return Server(name, parts.scheme, parts.hostname or "", port, "")


async def of_certificate(server: Server | None, environ: Mapping[str, str]) -> list[Seen]:
    """How long its certificate is valid; nothing for a server that has none."""
    from sre_runner.tools.http.certificate import days_left

    try:
        days = await days_left(server, environ) if server else None
    except (OSError, RunnerError) as error:
        return [Seen("warn", f"its certificate cannot be looked at: {error}", "")]
    return [] if days is None else [validity(days)]


def validity(days: float) -> Seen:
    """What to say of a certificate that ends in so many days."""
    text = f"its certificate is valid for {floor(days)} more day{'s' if floor(days) != 1 else ''}"
    return Seen("ok", text) if days > FEW_DAYS else Seen("warn", text, "Renew it.")
