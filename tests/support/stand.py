"""A real HTTP server on 127.0.0.1 whose answers are functions: for tools that ask servers, and for proxies.

def answer(exchange: Exchange) -> None:
    exchange.say(200, b"{}", content_type="application/json")

with Stand(answer) as stand:
    …
assert stand.targets == ["/api/v1/query?query=up"]
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Any

from loopback_server import LoopbackServer, hang_up


@dataclass(frozen=True)
class Received:
    """A request. `target` is as it stood in the first line; `headers` have lower-case names."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Exchange:
    """A request, and what can be said to it."""

    def __init__(
        self, handler: BaseHTTPRequestHandler, received: Received, number: int, closing: threading.Event
    ) -> None:
        self._handler = handler
        self.received = received
        self.number = number
        self.closing = closing

    def say(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        """A whole response."""
        self.begin(status, content_length=str(len(body)), **headers)
        self.write(body if self.received.method != "HEAD" else b"")

    def begin(self, status: int = 200, **headers: str) -> None:
        """Status and headers; the body follows by `write`."""
        self._handler.send_response(status)
        for name, value in headers.items():
            self._handler.send_header(name.replace("_", "-"), value)
        self._handler.end_headers()

    def write(self, data: bytes) -> None:
        """Raw bytes."""
        self._handler.wfile.write(data)
        self._handler.wfile.flush()

    def hang_up(self, *, reset: bool = False) -> None:
        """Close the connection; `reset` without a goodbye."""
        self._handler.close_connection = True
        connection = self._handler.connection
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._handler.server.reset.add(connection.fileno())  # type: ignore[attr-defined]
        else:
            hang_up(connection)

    def tunnel(self, port: int) -> None:
        """Answer a CONNECT: pass bytes on to a port of this machine, and back, until one side is done."""
        self._handler.send_response_only(200)
        self._handler.end_headers()
        self._handler.close_connection = True
        with socket.create_connection(("127.0.0.1", port)) as there:
            pump = threading.Thread(target=_pump, args=(there, self._handler.connection))
            pump.start()
            _pump(self._handler.connection, there)
            pump.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


Answer = Callable[[Exchange], None]


class Stand:
    """The server. What its answer function raises fails the test at the end of the `with`."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.requests: list[Received] = []
        self.connections = 0
        self.failures: list[BaseException] = []
        self.closing = threading.Event()
        self._lock = threading.Lock()
        self._scheme = "https" if tls else "http"
        self._server = _Server(self, tls)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its address, as `servers` take it."""
        return f"{self._scheme}://localhost:{self.port}"

    @property
    def targets(self) -> list[str]:
        """What was asked for, as it stood on the wire."""
        return [request.target for request in self.requests]

    def record(self, received: Received) -> int:
        """Keep a request; its number, from 1."""
        with self._lock:
            self.requests.append(received)
            return len(self.requests)

    def __enter__(self) -> Stand:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        if raised is None and self.failures:
            raise AssertionError("the server's answer failed") from self.failures[0]


class _Server(LoopbackServer):
    request_queue_size = 256

    def __init__(self, stand: Stand, tls: ssl.SSLContext | None) -> None:
        self.stand = stand
        self.reset: set[int] = set()
        self._tls = tls
        super().__init__(_Handler)

    def accepted(self, connection: socket.socket) -> socket.socket:
        self.stand.connections += 1
        if self._tls is None:
            return connection
        return self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)

    def shutdown_request(self, request: Any) -> None:
        if request.fileno() in self.reset:
            self.reset.discard(request.fileno())
            self.close_request(request)
        else:
            super().shutdown_request(request)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _any(self) -> None:
        stand = self.server.stand
        method, target, _ = self.requestline.split(" ")
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        received = Received(method, target, {name.lower(): value for name, value in self.headers.items()}, body)
        exchange = Exchange(self, received, stand.record(received), stand.closing)
        try:
            stand.answer(exchange)
        except OSError:
            self.close_connection = True  # the client had enough
        except BaseException as error:  # noqa: BLE001 (it belongs to the test)
            stand.failures.append(error)
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_CONNECT = _any  # noqa: N815 (the library finds them by these names)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing on stderr."""
