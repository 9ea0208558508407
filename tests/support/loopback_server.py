"""What the HTTP servers of the tests on 127.0.0.1 have in common: a free port, and an end that waits for nobody."""

from __future__ import annotations

import contextlib
import socket
import socketserver
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def hang_up(connection: socket.socket) -> None:
    """End a connection for both sides."""
    with contextlib.suppress(OSError):  # it may be gone already
        connection.shutdown(socket.SHUT_RDWR)


class LoopbackServer(ThreadingHTTPServer):
    """A thread for each connection. `server_close` hangs up on those that clients keep open, and waits for all."""

    daemon_threads = False  # so that `server_close` waits for them

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), handler)

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)  # the class between asks for the name of the machine

    def accepted(self, connection: socket.socket) -> socket.socket:
        """A new connection as it is used from now on."""
        return connection

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        connection = self.accepted(connection)
        self._open.add(connection)
        return connection, address

    def close_request(self, request: Any) -> None:
        self._open.discard(request)
        super().close_request(request)

    def server_close(self) -> None:
        for connection in list(self._open):
            hang_up(connection)
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up, or does not trust the certificate, is no failure of the server's."""
