"""A loopback HTTP server out of one function, for stand-ins of services: it records every request.

with Serving(lambda request: Answer(200, b"ready\\n", "text/plain")) as server:
    urllib.request.urlopen(server.url + "/ready")
    assert [request.path for request in server.requests] == ["/ready"]
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from loopback_server import LoopbackServer


@dataclass(frozen=True)
class Request:
    """One request as it came: the names of its headers in lower case, of its query the values in their order."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def value(self, name: str, default: str = "") -> str:
        """The last value of a query parameter."""
        return self.query.get(name, [default])[-1]


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def as_json(data: Any, status: int = 200, content_type: str = "application/json") -> Answer:
    """An answer of JSON."""
    return Answer(status, json.dumps(data).encode(), content_type)


def as_text(text: str, status: int = 200) -> Answer:
    """An answer of plain text."""
    return Answer(status, text.encode(), "text/plain; charset=utf-8")


class Serving:
    """The server, up inside its `with`. What `answer` raises is an answer of status 500 and fails at the end."""

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self._answer = answer
        self._lock = threading.Lock()
        self.requests: list[Request] = []
        self.failures: list[str] = []
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, request: Request) -> Answer:
        """Record a request and make its answer."""
        with self._lock:
            self.requests.append(request)
        try:
            return self._answer(request)
        except Exception as problem:  # noqa: BLE001 (the test fails with it at the end)
            self.failures.append(f"{request.method} {request.path}: {type(problem).__name__}: {problem}")
            return as_text(self.failures[-1], 500)

    def __enter__(self) -> Serving:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        if self.failures and raised is None:
            raise AssertionError("; ".join(self.failures))
        if self.failures and raised is not None:
            raised.add_note(f"and the stand-in: {self.failures}")


class _Server(LoopbackServer):
    request_queue_size = 128

    def __init__(self, serving: Serving) -> None:
        self.serving = serving
        super().__init__(_Exchange)


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept, as the real services do
    disable_nagle_algorithm = True
    server: _Server

    def handle_any(self) -> None:
        """Answer a request of any method."""
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = parse_qs(parts.query, keep_blank_values=True)
        answer = self.server.serving.answer(Request(self.command, parts.path, query, headers, body))
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-type", answer.content_type)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_any  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing on stderr."""
