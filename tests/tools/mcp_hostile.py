"""A program that speaks just enough of MCP over stdio to do one thing badly: `mcp_hostile.py WHAT`. It imports nothing
of the SDK, so that it starts at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

out = sys.stdout.buffer
Request = dict[str, Any]


def send(message: Any) -> None:
    """One message on a line of its own."""
    out.write(json.dumps(message).encode() + b"\n")
    out.flush()


def result(request: Request, value: Any) -> None:
    """The answer to a request."""
    send({"jsonrpc": "2.0", "id": request["id"], "result": value})


def text(request: Request, said: str) -> None:
    """The answer to a call, as text."""
    result(request, {"content": [{"type": "text", "text": said}]})


TOOL = {"name": "do", "description": "Do it.", "inputSchema": {"type": "object"}}


def usual(request: Request) -> None:
    """What a server that behaves would do; `do` answers with its process id."""
    method = request.get("method")
    if method == "initialize":
        about = {"name": "\x1b[31mhostile\u200b", "version": "6.6\n6"}
        capabilities = {"tools": {"listChanged": True}}
        version = request["params"]["protocolVersion"]
        result(request, {"protocolVersion": version, "capabilities": capabilities, "serverInfo": about})
    elif method == "tools/list":
        result(request, {"tools": [TOOL]})
    elif method == "tools/call":
        text(request, str(os.getpid()))
    elif "id" in request:
        send({"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32601, "message": "what?"}})


def on(method: str, act: Callable[[Request], None]) -> Callable[[Request], None]:
    """Does this for one method, and for all others what is usual."""
    return lambda request: act(request) if request.get("method") == method else usual(request)


def pages(request: Request) -> None:
    """A list of tools that always goes on."""
    result(request, {"tools": [], "nextCursor": str(time.monotonic())})


def many(request: Request) -> None:
    """More tools than anybody wants."""
    result(request, {"tools": [{**TOOL, "name": f"do{number}"} for number in range(2000)]})


def nasty(request: Request) -> None:
    """Names and descriptions that would steer a terminal or a file, a very long one, and one name twice."""
    names = ("\x1b[2Jclear", "a\nb: [", "x" * 100_000, "do", "do", "fine")
    result(request, {"tools": [{**TOOL, "name": name, "description": f"\x1b]0;{name}\u202e"} for name in names]})


def huge(request: Request) -> None:
    """An answer of 50 MB in one line, and afterwards a good one."""
    if request["params"]["arguments"].get("small"):
        text(request, "small")
        return
    out.write(b'{"jsonrpc":"2.0","id":%d,"result":{"content":[{"type":"text","text":"' % request["id"])
    for _ in range(50):
        out.write(b"x" * 1_000_000)
    out.write(b'"}]}}\n')
    out.flush()


def endless(request: Request) -> None:
    """A line that never ends."""
    out.write(b'{"jsonrpc":"2.0","id":%d,"result":"' % request["id"])
    while True:
        out.write(b"x" * 1_000_000)


def flood(request: Request) -> None:
    """A hundred megabytes on stderr, then the answer."""
    for _ in range(100):
        sys.stderr.write("noise " * 170_000 + "\n")
    sys.stderr.write("last words\n")
    sys.stderr.flush()
    text(request, "flooded")


def garbage(request: Request) -> None:
    """Lines that are no messages, then the answer."""
    for line in (b"Starting \x1b[2Jserver", b"{", b"[]", b'{"jsonrpc":"2.0"}', b"\xff\xfe", b"[" * 100_000, b"null"):
        out.write(line + b"\n")
    usual(request)


def child(request: Request) -> None:
    """Starts a process that holds the pipes and ignores SIGTERM, and tells its id."""
    program = (
        "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('x', flush=True); time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=sys.stderr)
    time.sleep(0.3)
    text(request, str(process.pid))


def wrong(request: Request) -> None:
    """A result that does not fit the protocol."""
    result(request, {"content": "not a list"})


def modern(request: Request) -> None:
    """Speaks only the newest protocol, which has no handshake."""
    method, newest = request["method"], "2026-07-28"
    fresh = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"}
    if method == "initialize":
        error = {"code": -32022, "message": "unsupported", "data": {"supported": [newest], "requested": "?"}}
        send({"jsonrpc": "2.0", "id": request["id"], "error": error})
    elif method == "server/discover":
        result(request, {**fresh, "supportedVersions": [newest], "capabilities": {"tools": {}}})
    elif method == "tools/list":
        result(request, {**fresh, "tools": [TOOL]})
    elif method == "tools/call" and request["params"]["arguments"].get("ask"):
        result(request, {"resultType": "input_required", "requestState": "x"})
    elif method == "tools/call":
        result(request, {"resultType": "complete", "content": [{"type": "text", "text": "modern"}]})


def chatter(request: Request) -> None:
    """Writes for people and never answers."""
    out.write(b"Welcome!\nReady.\n")
    out.flush()


def other_protocol(request: Request) -> None:
    """A version that nobody knows."""
    about = {"name": "x", "version": "1"}
    result(request, {"protocolVersion": "1999-01-01", "capabilities": {}, "serverInfo": about})


def silent(request: Request) -> None:
    """Never answers."""


def refuses(request: Request) -> None:
    """An error of the protocol."""
    send({"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32602, "message": "no such thing\x1b[1m"}})


def last_words(request: Request) -> None:
    """Ends before it is ready."""
    sys.stderr.write(f"cannot read the kubeconfig, token={os.environ.get('TEST_TOKEN')}\n")
    sys.exit(7)


WAYS: dict[str, Callable[[Request], None]] = {
    "usual": usual,
    "pages": on("tools/list", pages),
    "many": on("tools/list", many),
    "nasty": on("tools/list", nasty),
    "huge": on("tools/call", huge),
    "endless": on("tools/call", endless),
    "flood": on("tools/call", flood),
    "garbage": garbage,
    "child": on("tools/call", child),
    "modern": modern,
    "chatter": chatter,
    "other-protocol": on("initialize", other_protocol),
    "wrong-begin": on("initialize", wrong),
    "wrong": on("tools/call", wrong),
    "silent": silent,
    "silent-call": on("tools/call", silent),
    "refuses": on("tools/call", refuses),
    "last-words": last_words,
    "deaf": usual,
}


def main(way: str) -> None:
    """Reads requests to the end of stdin; `deaf` goes on after it and ignores SIGTERM."""
    if way == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for line in sys.stdin:
        WAYS[way](json.loads(line))
    while way == "deaf":
        time.sleep(1)


if __name__ == "__main__":
    main(sys.argv[1])
