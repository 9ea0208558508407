"""MCP servers for tests: how the programs beside this file are started, and an HTTP server that misbehaves."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

from sre_runner.tools.mcp.sessions import Sessions
from sre_runner.tools.mcp.spec import McpServerSpec

Done = TypeVar("Done")

HERE = Path(__file__).parent
SDK = McpServerSpec("sdk", (sys.executable, str(HERE / "mcp_server.py"), "stdio"))


def hostile(way: str, timeout: float = 10.0, env: tuple[str, ...] = ()) -> McpServerSpec:
    """A server that does this badly; see `mcp_hostile.py`."""
    return McpServerSpec("bad", (sys.executable, str(HERE / "mcp_hostile.py"), way), env, timeout=timeout)


def alive(pid: int | str) -> bool:
    """Whether this process still runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pid: int | str, seconds: float = 5.0) -> bool:
    """Whether this process has ended within some seconds."""
    until = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.01)
    return not alive(pid)


@contextlib.contextmanager
def sdk_over_http(kind: str = "http") -> Iterator[str]:
    """The URL of the SDK's server, which runs in a process of its own: `http` answers by events, `http-json` not."""
    command = [sys.executable, str(HERE / "mcp_server.py"), kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=dict(os.environ)) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/mcp"
        finally:
            process.kill()


class Handler(BaseHTTPRequestHandler):
    """Behaves, but for one method, in which `act` answers in its place."""

    protocol_version = "HTTP/1.1"
    act: Callable[[Handler, dict[str, Any]], None]
    method: str
    seen: list[tuple[str, dict[str, str]]]

    def do_POST(self) -> None:
        """A message."""
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.seen.append((request["method"], {name.lower(): value for name, value in self.headers.items()}))
        if request["method"] == self.method:
            self.act(request)
        elif request["method"] == "initialize":
            about = {"name": "raw", "version": "1"}
            version = request["params"]["protocolVersion"]
            self.result(request, {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": about})
        elif "id" in request:
            self.result(request, {"content": [{"type": "text", "text": "well"}], "tools": []})
        else:
            self.answer(202, b"")

    def do_GET(self) -> None:
        """The stream of events, which there is none of."""
        self.answer(405, b"")

    def do_DELETE(self) -> None:
        """The end of the session."""
        self.seen.append(("DELETE", {}))
        self.answer(200, b"")

    def result(self, request: dict[str, Any], value: Any) -> None:
        """A good answer."""
        body = json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": value}).encode()
        self.answer(200, body, {"content-type": "application/json", "mcp-session-id": "s1"})

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        """Any answer."""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Says nothing."""


@contextlib.contextmanager
def raw_http(
    method: str, act: Callable[[Handler, dict[str, Any]], None]
) -> Iterator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    """URL of a server that behaves but for one method, and the methods and headers that it was sent."""
    seen: list[tuple[str, dict[str, str]]] = []
    handler = type("One", (Handler,), {"act": act, "method": method, "seen": seen})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/mcp", seen
        finally:
            server.shutdown()
            thread.join()


def zipped(handler: Handler, request: dict[str, Any]) -> None:
    """A few kilobytes that are twenty megabytes."""
    body = gzip.compress(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": "x" * 20_000_000}).encode())
    handler.answer(200, body, {"content-type": "application/json", "content-encoding": "gzip"})


def within(
    spec: McpServerSpec, work: Callable[[Sessions], Awaitable[Done]], environ: Mapping[str, str] | None = None
) -> Done:
    """What `work`, given the sessions, returns; all tasks but the test's own are gone afterwards."""

    async def run() -> Done:
        async with Sessions({spec.name: spec}, environ) as sessions:
            done = await work(sessions)
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return done

    return asyncio.run(run())
