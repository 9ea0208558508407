"""How requests reach the model service: through the SDK's aiohttp client, without redirects, and with bounded replies.

Imports the SDK; only the `anthropic` model does so, once it is made.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import ClassVar

import aiohttp
import anthropic
import httpx2

MAX_BODY = 16 * 2**20
"""Bytes of a reply once it is unpacked. The longest answers, of 128,000 tokens, have about one MiB."""

MAX_CONNECTIONS = 10_000
"""Above any `max_parallel` that makes sense: how many calls run at once is the engine's to decide."""

ENCODING = "content_encoding"
"""The extension of a response that says how its body was packed; the header would have it unpacked once more."""


class BodyError(Exception):
    """A reply whose body cannot be used, in words; `kind` as of a `ModelError`. One that `stays` is not asked again."""

    def __init__(self, kind: str, message: str, *, stays: bool = False) -> None:
        super().__init__(message)
        self.kind = kind
        self.stays = stays


class BoundedTransport(httpx2.AsyncBaseTransport):
    """Reads and unpacks whole replies up to `MAX_BODY`; raises `BodyError` for others, and httpx2's errors."""

    _PACKING: ClassVar = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The response to a request, whatever its status; a redirect is one, too."""
        try:
            response = await self._client.send(request, stream=True, follow_redirects=False)
        except aiohttp.ClientResponseError as error:
            raise BodyError("malformed", f"it is not HTTP: {error.message}") from error
        try:
            body = await _body(response)
        finally:
            await response.aclose()
        return httpx2.Response(
            response.status_code,
            headers=[(name, value) for name, value in response.headers.raw if name.lower() not in self._PACKING],
            content=body,
            request=request,
            extensions={**response.extensions, ENCODING: response.headers.get("content-encoding", "")},
        )

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._client.aclose()


async def _body(response: httpx2.Response) -> bytes:
    """The whole body. Of a refusal, whose status says enough, as much as can be had."""
    body = bytearray()
    encoding = response.headers.get("content-encoding", "")
    try:
        if "," in encoding:
            raise BodyError("malformed", "it is packed more than once", stays=True)  # each packing multiplies
        async with aclosing(response.aiter_bytes()) as parts:  # of at most 1 MiB each, unpacked
            async for part in parts:
                body += part
                if len(body) > MAX_BODY:
                    raise BodyError("malformed", f"it has more than {MAX_BODY >> 20} MiB once unpacked", stays=True)
    except BodyError:
        if response.is_success:
            raise
    except httpx2.DecodingError as error:
        if response.is_success:
            raise BodyError("malformed", f"it is not packed by {encoding}, as it says: {error}") from error
    except (httpx2.NetworkError, httpx2.ProtocolError) as error:
        if response.is_success:
            raise BodyError("cut_short", str(error)) from error
    return bytes(body[:MAX_BODY])


def bounded_client() -> httpx2.AsyncClient:
    """A client for the SDK. Raises `OSError` or `ValueError` where the environment's proxies or certificates do not
    do."""
    limits = httpx2.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS)
    inner = anthropic.DefaultAioHttpClient(limits=limits, follow_redirects=False)
    return httpx2.AsyncClient(transport=BoundedTransport(inner), timeout=anthropic.DEFAULT_TIMEOUT)


def connection_failed(causes: list[BaseException]) -> bool:
    """Whether there was no connection in time."""
    return any(isinstance(cause, httpx2.ConnectTimeout | httpx2.PoolTimeout) for cause in causes)
