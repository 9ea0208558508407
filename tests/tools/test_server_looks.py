"""What is seen of servers: a real MCP server over HTTP, and certificates that cannot be looked at."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from mcp_serving import sdk_over_http
from own_authority import free_port

from sre_runner.tools.backends.connections import Connections
from sre_runner.tools.backends.look import Seen
from sre_runner.tools.backends.server_looks import of_certificate, seen_by_mcp
from sre_runner.tools.servers import Server


def test_an_mcp_server_by_http(tmp_path: Path) -> None:
    async def see(url: str) -> list[Seen]:
        servers = {"sdk": {"mcp": {"url": {"env": "MCP_URL"}}}}
        async with Connections(servers, {**os.environ, "MCP_URL": url}, tmp_path) as connections:
            return [*await seen_by_mcp("sdk", connections)]

    with sdk_over_http() as url:
        place = url.removeprefix("http://").removesuffix("/mcp")
        assert asyncio.run(see(url)) == [Seen("ok", f"MCP server test-server 1.2.3 ({place}), 13 tools")]


def test_a_certificate_that_cannot_be_looked_at_is_a_warning() -> None:
    server = Server("s", "https", "localhost", free_port(), "")
    (seen,) = asyncio.run(of_certificate(server, dict(os.environ)))
    assert seen.level == "warn"
    assert "cannot be looked at" in seen.text
    (seen,) = asyncio.run(of_certificate(server, {"SSL_CERT_FILE": "/no/such/file"}))
    assert "SSL_CERT_FILE cannot be used" in seen.text
    assert asyncio.run(of_certificate(None, {})) == []
