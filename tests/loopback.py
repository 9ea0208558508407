"""A real HTTP server on 127.0.0.1 that plays a script of the Messages API, faults included.

    script = [reply(use("count_errors")), error(429), reply(use("submit_report", {...}))]
    with Loopback({"log analyst": script}) as server:
        model = AnthropicModel(api_key="test", base_url=server.url, first_wait=0.01)

or, for `sre-run` in a process of its own, `env={**os.environ, **server.environ}`.

Scripts are per agent, so that agents that run at the same time are deterministic: a key is any text in the first line
of the system prompt (case and hyphens do not matter; the longest that fits is taken). A key that begins with `/` is a
path instead (`/v1/oauth/token`). A list in place of the dict is one script for all. A script is a sequence of steps,
or one function that makes every step of that agent's.

A step is one of

    reply(*blocks, stop=…, usage=…)     a message, blocks from text(), use(), thinking() or any dict; the stop reason
                                        is `tool_use` if there is a call in it, otherwise `end_turn`
    error(status, "words", code=…, **headers)    the API's error object; `retry_after=3` is the header `retry-after`
    raw(body, status, content_type)     any bytes: broken JSON, HTML
    dropped() · cut(step)               the connection is closed before the reply · in the middle of its body
    step.after(seconds)                 the same, later
    lambda request: step                made from the request: `.body` is its JSON, `.last` its newest message's blocks

A request that no step is left for, one that the API would refuse (`messages_api.py`; `strict=False` leaves this out)
and steps that are left over fail the test at the end of the `with`; the two former are answered by status 400 at once.
`server.requests` has every request in the order of arrival, `server.of("log analyst")` those of one script.
"""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from messages_api import Rules
from replies import NUMBERS, Request, Script, Step, cut, dropped, error, message, raw, reply, text, thinking, use

KEY = "test-key-of-the-loopback"

__all__ = [
    "KEY",
    "Loopback",
    "Request",
    "Script",
    "Step",
    "cut",
    "dropped",
    "error",
    "message",
    "raw",
    "reply",
    "text",
    "thinking",
    "use",
]


class Loopback:
    """The server; see the module's docstring. Used as a context manager, it fails at the end on what went wrong."""

    def __init__(self, scripts: Mapping[str, Script] | Script, *, strict: bool = True) -> None:
        scripts = scripts if isinstance(scripts, Mapping) else {"": scripts}
        self._scripts = {key: script if callable(script) else list(script) for key, script in scripts.items()}
        self._rules = Rules() if strict else None
        self._lock = threading.Lock()
        self.failures: list[str] = []
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        """Its address, as `base_url` and ANTHROPIC_BASE_URL take it."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def environ(self) -> dict[str, str]:
        """The variables that lead the SDK here."""
        return {"ANTHROPIC_BASE_URL": self.url, "ANTHROPIC_API_KEY": KEY}

    def of(self, key: str) -> list[Request]:
        """The requests that one script was played to, in their order."""
        return [request for request in self.requests if request.script == key]

    def __enter__(self) -> Loopback:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        left = {key: len(script) for key, script in self._scripts.items() if not callable(script) and script}
        wrong = [*self.failures, *([f"steps left over: {left}"] if left else [])]
        if raised is not None and wrong:
            raised.add_note(f"and the loopback server: {wrong}")
        elif wrong:
            raise AssertionError("; ".join(wrong))

    def stop(self) -> None:
        """Close every connection and wait for the server's threads."""
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def step_for(self, path: str, headers: Mapping[str, str], body: bytes) -> Step:
        """Record a request and take its step."""
        with self._lock:
            try:
                data = json.loads(body)
            except ValueError:
                data = None
            request = Request(path, headers, body, data, self._key_of(path, data))
            self.requests.append(request)
            try:
                return self._take(request)
            except Exception as problem:  # noqa: BLE001 (a step's own assertion, too, belongs to the test)
                self.failures.append(f"{type(problem).__name__}: {problem}")
                return error(400, str(problem))

    def _take(self, request: Request) -> Step:
        to_api = request.path == "/v1/messages"
        if to_api and self._rules and (faults := self._rules.faults(request.body)):
            raise AssertionError(f"a request that the API refuses: {'; '.join(faults)}")
        script = self._scripts.get(request.script) if request.script is not None else None
        if not script:
            raise AssertionError(f"unexpected request to {request.path}: {_first_line(request.body)!r}")
        step: Any = script if callable(script) else script.pop(0)
        step = step(request) if callable(step) else step
        if to_api and self._rules:
            self._rules.answered(_content(step.body))
        return step  # type: ignore[no-any-return]

    def _key_of(self, path: str, body: Any) -> str | None:
        if path != "/v1/messages":
            return path if path in self._scripts else None
        line = _plain(_first_line(body))
        fitting = [key for key in self._scripts if not key.startswith("/") and _plain(key) in line]
        return max(fitting, key=len, default=None)


def _plain(words: str) -> str:
    return words.replace("-", " ").casefold()


def _first_line(body: Any) -> str:
    """The first line of a request's system prompt."""
    system = body.get("system") if isinstance(body, dict) else None
    words = system if isinstance(system, str) else "".join(block.get("text", "") for block in system or ())
    return words.partition("\n")[0]


def _content(body: bytes) -> Any:
    try:
        return json.loads(body)["content"]
    except (ValueError, TypeError, LookupError):
        return None


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that `server_close` waits for them
    request_queue_size = 1024

    def __init__(self, loopback: Loopback) -> None:
        self.loopback = loopback
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Exchange)

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)  # the class between asks for the name of the machine

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        for connection in list(self._open):
            _hang_up(connection)
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is no failure of the server's."""


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept, as the real service does
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        loopback = self.server.loopback
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        step = loopback.step_for(self.path, headers, body)
        loopback.closing.wait(step.delay)
        if step.drop == "before":
            self._end()
            return
        self.send_response(step.status)
        for name, value in {"request-id": f"req_{next(NUMBERS):04}", **step.headers}.items():
            self.send_header(name, value)
        self.send_header("content-type", step.content_type)
        self.send_header("content-length", str(len(step.body)))
        self.end_headers()
        self.wfile.write(step.body if not step.drop else step.body[: len(step.body) // 2])
        if step.drop:
            self._end()

    def _end(self) -> None:
        self.close_connection = True
        _hang_up(self.connection)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing on stderr."""


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it may be gone already
        connection.shutdown(socket.SHUT_RDWR)
