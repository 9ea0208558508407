"""How long a server's certificate is still valid."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Mapping
from typing import Any

from sre_runner.tools.http.environment import certificates, proxy_of
from sre_runner.tools.servers import Server


async def days_left(server: Server, environ: Mapping[str, str]) -> float | None:
    """Days until a server's certificate ends; None without TLS, or where a proxy stands between.

    Raises `OSError` (a certificate that is not trusted is one) or `RunnerError` where the environment's proxy or
    certificates cannot be used. No request is sent.
    """
    if server.scheme != "https" or proxy_of(server, environ):
        return None
    trusted = await asyncio.to_thread(certificates, environ)
    _, writer = await asyncio.open_connection(server.host, server.port, ssl=trusted)
    try:
        shown: Mapping[str, Any] = writer.get_extra_info("peercert") or {}
    finally:
        writer.close()
        with contextlib.suppress(OSError, ssl.SSLError):
            await writer.wait_closed()
    until = shown.get("notAfter")
    return (ssl.cert_time_to_seconds(until) - time.time()) / 86_400 if until else None
