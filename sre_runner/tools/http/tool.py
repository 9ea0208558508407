"""A tool that asks a server: one request a call, and what the response means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sre_runner.casefile import Json, ToolAnswer
from sre_runner.errors import RunnerError
from sre_runner.models.addresses import redirect_of
from sre_runner.tools.http.body import is_text, text_of
from sre_runner.tools.http.client import HttpClient, Response
from sre_runner.tools.http.failures import Failure
from sre_runner.tools.http.request import Request, prepare
from sre_runner.tools.http.spec import HttpSpec
from sre_runner.tools.http.templates import RequestRefused
from sre_runner.tools.servers import Server
from sre_runner.tools.tool import as_text, filled_in

FIRST_PART = 2000
"""Characters of a body that an error shows."""
_MASK = "[masked]"
_UNKNOWN = " Whether the server did what was asked is not known."
_SHOWN_OF_HEAD = ("content-type", "content-length", "last-modified", "etag", "date", "age", "retry-after")


@dataclass(frozen=True)
class HttpTool:
    """A live tool of kind `http`. `timeout` are the seconds of a call, retries included."""

    name: str
    spec: HttpSpec
    input_schema: Mapping[str, Any]
    server: Server
    client: HttpClient
    timeout: float

    def request(self, arguments: Mapping[str, Json]) -> Request:
        """The request that a call makes, defaults of the schema filled in. Raises `RequestRefused`."""
        return prepare(self.spec, self.server, filled_in(self.input_schema, arguments))

    async def answer(
        self,
        arguments: Mapping[str, Json],
        earlier: Sequence[Mapping[str, Json]],
        agent: str = "",
    ) -> ToolAnswer:
        """Answer one call; a proxy or certificates that cannot be used are an error for the model, too."""
        try:
            request = self.request(arguments)
        except RequestRefused as refused:
            return ToolAnswer(f"The call was not made: {refused.message}.", is_error=True)
        try:
            response = await self.client.send(self.server, request, self.timeout)
        except Failure as failure:
            return self._error(_failed(self.server, failure, self.timeout, request.reads))
        except RunnerError as error:
            return self._error(f"{_named(self.server)} cannot be asked: {error.message}.")
        status = response.status
        if 300 <= status <= 399:
            return self._error(_redirect(self.server, request, response))
        if status in self.spec.no_data:
            given = as_text(dict(filled_in(self.input_schema, arguments)))
            said = f" {self._masked(_status(self.server, response))}"
            return ToolAnswer(f"No data for these arguments: {self.name}({given}).{said}", no_data=True)
        if not 200 <= status <= 299:
            return self._error(_status(self.server, response))
        return _success(self.server, request, response)

    def _error(self, text: str) -> ToolAnswer:
        return ToolAnswer(self._masked(text), is_error=True)

    def _masked(self, text: str) -> str:
        for secret in sorted(self.server.secrets, key=len, reverse=True):
            text = text.replace(secret, _MASK)
        return text


def _failed(server: Server, failure: Failure, timeout: float, reads: bool) -> str:
    text = f"{_named(server)}: {failure.message}"
    if failure.late:
        text += f" ({timeout:g} s)"
    unknown = _UNKNOWN if failure.sent and not reads else ""
    partial = text_of("", failure.partial[: FIRST_PART * 4])[:FIRST_PART]
    size = len(failure.partial)
    return f"{text}.{unknown}" + (f" Of its answer {size:,} bytes came, which begin:\n{partial}" if partial else "")


def _redirect(server: Server, request: Request, response: Response) -> str:
    origin, _ = redirect_of(request.url, response.headers.get("location", ""))
    place = "an address that is none" if not origin else origin[:200]
    place = "another path of its own" if origin == server.origin else place
    return f"{_named(server)} answered with a redirect (HTTP {response.status}) to {place}. Redirects are not followed."


def _status(server: Server, response: Response) -> str:
    return f"{_named(server)} answered HTTP {response.status}{_first_part(response)}"


def _first_part(response: Response) -> str:
    kind = response.headers.get("content-type", "")
    if not response.body:
        return "."
    if not is_text(kind, response.body):
        return f" and {len(response.body):,} bytes that are not text."
    text = text_of(kind, response.body)
    return f":\n{text[:FIRST_PART]}" + ("\n[the rest is left out]" if len(text) > FIRST_PART or response.cut else "")


def _success(server: Server, request: Request, response: Response) -> ToolAnswer:
    kind = response.headers.get("content-type", "")
    if request.method == "HEAD":
        lines = [f"{name}: {response.headers[name]}" for name in _SHOWN_OF_HEAD if name in response.headers]
        return ToolAnswer("\n".join([f"HTTP {response.status}", *lines]))
    if not response.body:
        return ToolAnswer(f"{_named(server)} answered HTTP {response.status} with an empty body.", no_data=True)
    size = f"{len(response.body):,} bytes"
    if not is_text(kind, response.body):
        text = f"{_named(server)} answered with {size} that are not text ({kind[:100] or 'of no stated type'})."
        return ToolAnswer(text, is_error=True)
    rest = f"\n[Only the first {size} of this answer were read. Ask for less at once.]" if response.cut else ""
    return ToolAnswer(text_of(kind, response.body) + rest)


def _named(server: Server) -> str:
    return f"The server {server.name} ({server.place})"
