"""The one place where live tools send requests: no redirects, bounded bodies, retries within a deadline.

Imports aiohttp, which takes long; only runs with live tools do.
"""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from types import TracebackType
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from sre_runner.errors import RunnerError
from sre_runner.models.retry import stated_wait
from sre_runner.tools.http.body import MOST, Body, BodyError
from sre_runner.tools.http.environment import certificates, proxy_of
from sre_runner.tools.http.failures import Failure, failure_of
from sre_runner.tools.http.request import Request
from sre_runner.tools.servers import Server

ATTEMPTS = 4
"""Of one request, where it may be sent again. In each of them aiohttp sends a GET or HEAD twice where the connection
was closed without a word."""
FIRST_WAIT = 0.2
"""Seconds before the second attempt, at most, where the server does not say; doubled for each further one."""
BUSY = (429, 503)
"""Statuses that are asked again where the server says when."""

_HEADERS = {"User-Agent": f"sre-run/{version('sre-run')}", "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}


@dataclass(frozen=True)
class Response:
    """What a server said. `headers` have lower-case names; `cut` says that `body` is only the beginning."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes
    cut: bool = False


class HttpClient:
    """Connections of a run to its servers, opened at first use. To be closed at its end, in the same event loop.

    `context` gives headers of the moment, such as those of a trace; a request's own go before them.
    """

    def __init__(
        self, environ: Mapping[str, str], *, most_body: int = MOST, context: Callable[[], Mapping[str, str]] = dict
    ) -> None:
        self._environ = environ
        self._context = context
        self._most = most_body
        self._session: aiohttp.ClientSession | None = None
        self._certificates: ssl.SSLContext | None = None

    async def __aenter__(self) -> HttpClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def send(self, server: Server, request: Request, timeout: float, *, most: int | None = None) -> Response:  # noqa: ASYNC109 (retries have to end in time)
        """The response, whatever its status, within `timeout` seconds. `most` are the bytes of the body that are kept.

        A request that only reads is sent again after a failed connection, and where the server names a time. Raises
        `Failure`, and `RunnerError` where the environment's proxy or certificates cannot be used.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + timeout
        most = self._most if most is None else most
        for attempt in range(1, ATTEMPTS + 1):
            failure, response = None, None
            try:
                response = await self._attempt(server, request, deadline, most)
            except Failure as failed:
                failure = failed
            wait = _wait(response, failure, attempt) if request.reads and attempt < ATTEMPTS else None
            if wait is None or clock() + wait >= deadline:
                break
            await asyncio.sleep(wait)
        if response is None:
            assert failure is not None
            raise failure
        return response

    async def _attempt(self, server: Server, request: Request, deadline: float, most: int) -> Response:
        body = Body(most)
        try:
            async with asyncio.timeout_at(deadline):
                return await self._exchange(server, request, body)
        except TimeoutError:
            raise Failure("it did not answer in time", sent=True, late=True, partial=bytes(body.data)) from None
        except aiohttp.ClientError as error:
            raise failure_of(error, server) from None
        except BodyError as error:
            raise Failure(f"its answer cannot be read: {error}", sent=True) from None

    async def _exchange(self, server: Server, request: Request, body: Body) -> Response:
        url = URL(request.url, encoded=True)
        there = (url.scheme, url.raw_host, url.port, url.raw_user, url.raw_password)
        if there != (server.scheme, server.host, server.port, None, None):
            raise RunnerError("the request would lead to another server")
        proxy = proxy_of(server, self._environ)
        secure = server.scheme == "https" or (proxy is not None and urlsplit(proxy).scheme == "https")
        async with self._opened().request(
            request.method,
            url,
            data=request.body,
            headers={**self._context(), **request.headers},
            allow_redirects=False,
            proxy=proxy,
            ssl=self._trusted() if secure else True,
        ) as response:
            body.packed_by(", ".join(response.headers.getall("Content-Encoding", [])))
            headers = {name.lower(): value for name, value in response.headers.items()}
            async for piece in response.content.iter_chunked(2**16):
                body.feed(piece)
                if body.cut:
                    response.close()  # or the rest would be read before the connection is used again
                    break
            body.finish()
            return Response(response.status, headers, bytes(body.data), body.cut)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=_HEADERS,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,  # its bound is not ours in every version
                trust_env=False,  # or it would send what stands in ~/.netrc
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            )
        return self._session

    def _trusted(self) -> ssl.SSLContext:
        if self._certificates is None:
            self._certificates = certificates(self._environ)
        return self._certificates


def _wait(response: Response | None, failure: Failure | None, attempt: int) -> float | None:
    """Seconds until the next attempt, None where there is to be none."""
    backoff = random.uniform(0.5, 1.0) * FIRST_WAIT * 2.0 ** (attempt - 1)  # noqa: S311 (no secret)
    if response is not None:
        stated = stated_wait(response.headers) if response.status in BUSY else None
        return None if stated is None else stated + backoff
    return backoff if failure is not None and failure.passing else None
