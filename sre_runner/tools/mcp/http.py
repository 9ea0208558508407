"""The HTTP client that the SDK's session is given: one origin, no redirects, bounded answers, failures in words.

Imported only where a server is reached by HTTP. The SDK ends a whole session where a connection fails; here every
failure is the answer to its own request.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx2
from mcp.client.streamable_http import streamable_http_client
from mcp_types import INTERNAL_ERROR, JSONRPCError, jsonrpc_message_adapter
from pydantic import ValidationError

from sre_runner.text.output import printable
from sre_runner.tools.mcp.errors import CLOSED, UNREACHED
from sre_runner.tools.mcp.lines import MAX_MESSAGE
from sre_runner.tools.mcp.stdio import TOO_LARGE, Heard, Streams

_CONNECT = 10.0
_PARTING = 1.0
"""Seconds for the last request of a session."""
_BODY = 64 * 1024
"""Bytes that are read of the body of an error."""
_QUOTED = 500
"""Characters that are told of it."""


@contextlib.asynccontextmanager
async def http_streams(url: str, headers: Mapping[str, str], heard: Heard) -> AsyncIterator[Streams]:
    """A session's streams to this endpoint, and to nowhere else."""
    async with (
        _Client(url, headers, heard) as client,
        streamable_http_client(url, http_client=client, max_sse_event_size=MAX_MESSAGE) as streams,
    ):
        yield streams  # type: ignore[misc]  # the SDK's own streams, which have the same methods


class _Client(httpx2.AsyncClient):
    """Never raises for what a network or a server does: a failure is a response with a JSON-RPC error."""

    def __init__(self, url: str, headers: Mapping[str, str], heard: Heard) -> None:
        # What is compressed could be any size: without, the bytes that are counted are those that are kept.
        super().__init__(
            headers={**headers, "accept-encoding": "identity"}, timeout=httpx2.Timeout(None, connect=_CONNECT)
        )
        self._origin = _origin(httpx2.URL(url))
        self._heard = heard

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        if _origin(request.url) != self._origin:
            return _failure(request, f"{request.url.host} is not the server's host, and was not asked", UNREACHED)
        if request.method == "DELETE":
            request.extensions = {**request.extensions, "timeout": httpx2.Timeout(_PARTING).as_dict()}
        try:
            response = await super().send(request, **{**options, "follow_redirects": False, "stream": True})
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError) as error:
            return _failure(request, f"{request.url.host} cannot be reached: {_words(error)}", UNREACHED)
        except httpx2.TransportError as error:
            return _failure(request, f"the connection to {request.url.host} broke: {_words(error)}", CLOSED)
        bounded = await self._bounded(request, response)
        if not options.get("stream"):
            await bounded.aread()
        return bounded

    async def _bounded(self, request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        if response.status_code >= 300:
            try:
                return await self._refused(request, response)
            finally:
                await response.aclose()
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            await response.aclose()
            return _failure(request, "the server compressed its answer although it was asked not to")
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        is_stream = response.headers.get("content-type", "").lower().startswith("text/event-stream")
        response.stream = _Bounded(response.stream, None if is_stream else MAX_MESSAGE)
        return response

    async def _refused(self, request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        status = f"HTTP {response.status_code} {response.reason_phrase}".strip()
        if response.has_redirect_location:
            where = printable(response.headers["location"])[:_QUOTED].partition("?")[0]
            return _failure(request, f"{status}: the server redirects to {where}, which is not followed")
        if response.status_code == 404 and "mcp-session-id" in request.headers:
            self._heard.gone = True
            self._heard.ended.set()
        body = await _beginning(response)
        with contextlib.suppress(ValidationError):
            told = jsonrpc_message_adapter.validate_json(body, by_name=False)
            if isinstance(told, JSONRPCError):
                return _failure(request, f"{status}: {told.error.message}", told.error.code, response.status_code)
        text = " ".join(printable(body.decode(errors="replace")).split())[:_QUOTED]
        return _failure(request, f"{status}: {text}" if text else status, status=response.status_code)


class _Bounded(httpx2.AsyncByteStream):
    """A body of at most `limit` bytes (None: an event stream, which the SDK bounds). Raises StreamError, which the SDK
    makes the answer to this one request."""

    def __init__(self, stream: httpx2.AsyncByteStream, limit: int | None) -> None:
        self._stream = stream
        self._limit = limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        try:
            async for chunk in self._stream:
                size += len(chunk)
                if self._limit is not None and size > self._limit:
                    raise httpx2.StreamError(TOO_LARGE)
                yield chunk
        except httpx2.TransportError as error:
            raise httpx2.StreamError(f"the connection broke: {_words(error)}") from error

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _beginning(response: httpx2.Response) -> bytes:
    body = b""
    with contextlib.suppress(httpx2.TransportError, httpx2.DecodingError):
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) >= _BODY:
                break
    return body[:_BODY]


def _failure(request: httpx2.Request, message: str, code: int = INTERNAL_ERROR, status: int = 502) -> httpx2.Response:
    """A response in whose place the SDK gives the request this error."""
    error = {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": message}}
    content = json.dumps(error).encode()
    headers = {"content-type": "application/json"}
    return httpx2.Response(max(status, 400), headers=headers, content=content, request=request)


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
