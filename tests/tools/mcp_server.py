"""A real MCP server of the official SDK, for tests: `mcp_server.py stdio`, or `http` / `http-json`, which writes the
port that it listens on to stdout.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import (
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
)

server = MCPServer("test-server", version="1.2.3")
READ = ToolAnnotations(read_only_hint=True)


@server.tool(annotations=READ, structured_output=False)
def echo(text: str) -> str:
    """Say it again.

    On two lines.
    """
    return text


@server.tool(annotations=READ)
def structured() -> CallToolResult:
    """JSON without text."""
    return CallToolResult(content=[], structured_content={"pods": [{"name": "api-1", "restarts": 3}]})


@server.tool(annotations=READ, structured_output=False)
def fails(why: str) -> str:
    """An error of the tool."""
    raise ToolError(why)


@server.tool(annotations=READ)
def picture() -> CallToolResult:
    """An image, a sound and a text."""
    return CallToolResult(
        content=[
            TextContent(text="a graph:"),
            ImageContent(data="A" * 4000, mime_type="image/png"),
            AudioContent(data="A" * 400_000, mime_type="audio/wav"),
        ]
    )


@server.tool(annotations=READ)
def resources() -> CallToolResult:
    """A link and two embedded resources."""
    return CallToolResult(
        content=[
            ResourceLink(name="runbook", uri="file:///runbooks/oom.md", description="What to do"),
            EmbeddedResource(
                resource=TextResourceContents(uri="log://1", text="out of memory", mime_type="text/plain")
            ),
            EmbeddedResource(resource=BlobResourceContents(uri="core://1", blob="AAAA", mime_type="application/core")),
        ]
    )


@server.tool(annotations=READ)
def nothing() -> CallToolResult:
    """An answer without anything in it."""
    return CallToolResult(content=[])


@server.tool(annotations=READ, structured_output=False)
async def slow(seconds: float) -> str:
    """An answer that takes its time."""
    await asyncio.sleep(seconds)
    return "at last"


@server.tool(structured_output=False)
def dies(code: int) -> str:
    """The server ends in the middle of it."""
    sys.stderr.write("panic: index out of range\n")
    sys.stderr.flush()
    os._exit(code)


@server.tool(annotations=READ, structured_output=False)
def pid() -> str:
    """The process of the server."""
    return str(os.getpid())


@server.tool(annotations=READ, structured_output=False)
def environment() -> str:
    """The names in its environment."""
    return " ".join(sorted(os.environ))


@server.tool(annotations=READ, structured_output=False)
def big(megabytes: int) -> str:
    """A large answer."""
    return "x" * (megabytes * 1024 * 1024)


@server.tool(annotations=READ, structured_output=False)
async def rename(description: str, ctx: Context[Any], tell: bool = True) -> str:
    """Gives `echo` another description."""
    tool = server._tool_manager.get_tool("echo")
    assert tool
    tool.description = description
    if tell:
        await ctx.session.send_tool_list_changed()
    return "done"


@server.tool(name="with.dots", structured_output=False)
def with_dots() -> str:
    """A name that is none here."""
    return "dotted"


def serve(json_response: bool) -> None:
    """Listens on a free port of the loopback interface, and writes its number to stdout."""
    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    app = server.streamable_http_app(json_response=json_response)
    config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    if sys.argv[1] == "stdio":
        server.run("stdio")
    else:
        serve(sys.argv[1] == "http-json")
