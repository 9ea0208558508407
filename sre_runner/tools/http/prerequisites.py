"""Whether a server can be used, checked before the first paid call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sre_runner.errors import RunnerError
from sre_runner.tools.servers import Complaint, ServerSpec, resolve, server_problems, unset

TIMEOUT = 10.0
"""Seconds that a server has for an answer."""


@dataclass(frozen=True)
class Reached:
    """What came of asking a server. `place` is its host and port, `status` what it answered at its base path.

    `problems` are as of `server_problems`; where there are any, `status` is None.
    """

    server: str
    place: str = ""
    status: int | None = None
    problems: tuple[Complaint, ...] = ()


async def prerequisites(spec: ServerSpec, environ: Mapping[str, str], timeout: float = TIMEOUT) -> Reached:  # noqa: ASYNC109 (retries have to end in time)
    """Ask a server for its base path. Any HTTP status will do; the body is not read."""
    found = [*server_problems(spec), *unset(spec, environ)]
    if found:
        return Reached(spec.name, problems=tuple(found))
    from sre_runner.tools.http.client import HttpClient
    from sre_runner.tools.http.failures import Failure
    from sre_runner.tools.http.request import Request

    server = resolve(spec, environ)
    request = Request("GET", f"{server.origin}{server.base_path}/", server.headers)
    try:
        async with HttpClient(environ) as client:
            response = await client.send(server, request, timeout, most=0)
    except Failure as failure:
        complaint = (("url",), f"the server {spec.name} ({server.place}): {failure.message}", failure.hint)
    except RunnerError as error:
        complaint = (("url",), f"the server {spec.name} ({server.place}): {error.message}", error.hint)
    else:
        return Reached(spec.name, server.place, response.status)
    return Reached(spec.name, server.place, problems=(complaint,))
