"""The backend `live: {http: …}`: a request to one server for every call."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from sre_runner.casefile import Json
from sre_runner.specs import ToolSpec
from sre_runner.tools.backends.backend import Backend, Complaint, Entry, Reach, Use, of_templates, settings
from sre_runner.tools.backends.nested import nested
from sre_runner.tools.backends.servers import HTTP as HTTP_SERVER
from sre_runner.tools.http import SCHEMA, parse, problems
from sre_runner.tools.servers import parse_server
from sre_runner.tools.tool import Tool, filled_in

_MARGIN = 0.95
"""Of a tool's timeout: so that there is time to say what did not answer."""


def _problems(entry: Entry) -> Iterator[Complaint]:
    data = entry.file.sound(*entry.place, "http")
    if data is None or entry.schema is None:
        return
    servers = [parse_server(name, server) for name, server in entry.servers.items() if HTTP_SERVER.key in server]
    effect: Literal["read", "write"] = entry.file.sound("tools", entry.name, "effect") or "read"
    for place, message, hint in problems(parse(data), entry.schema, servers, effect):
        yield Complaint((*entry.place, "http", *place), message, hint)


def _tool(use: Use) -> Tool:
    from sre_runner.tools.http.tool import HttpTool

    spec = parse(use.data["http"])
    server = use.connections.server(spec.server)
    seconds = use.spec.timeout * _MARGIN
    return HttpTool(use.spec.name, spec, use.spec.input_schema, server, use.connections.http, seconds)


def _preview(use: Use, arguments: Mapping[str, Json]) -> str:
    from sre_runner.tools.http.request import prepare
    from sre_runner.tools.http.templates import RequestRefused

    spec = parse(use.data["http"])
    given = filled_in(use.spec.input_schema, arguments)
    try:
        request = prepare(spec, use.connections.server(spec.server), given)
    except RequestRefused as refused:
        return f"(it will be refused: {refused.message})"
    body = f"\n{request.body.decode(errors='replace')}" if request.body else ""
    return f"{request.method} {request.url}{body}"


async def _origin(use: Use, arguments: Mapping[str, Json]) -> str:
    server = use.connections.server(use.data["http"]["server"])
    return f"{server.name} ({server.place})"


def _reaches(spec: ToolSpec, data: Mapping[str, Any], servers: Mapping[str, Mapping[str, Json]]) -> str:
    request = parse(data["http"])
    place = HTTP_SERVER.place(servers[request.server]) if request.server in servers else request.server
    return f"{request.method} {place.rstrip('/')}{request.path}"


def _reached(data: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[Reach, ...]:
    http = data["http"]
    request = parse(http)
    query = tuple(f"{name}={each}" for name, templates in request.query.items() for each in templates)
    body = (json.dumps(http["body"], ensure_ascii=False, sort_keys=True),) if "body" in http else ()
    return (
        Reach("server", (request.server,), ("http", "server")),
        Reach("method", (request.method,), ("http", "method")),
        Reach("promise that it only reads", ("safe",) if request.safe else (), ("http", "safe"), whole=False),
        of_templates("path", ("http", "path"), (request.path,)),
        of_templates("query", ("http", "query"), query),
        of_templates("body", ("http", "body"), body, _texts(http.get("body"))),
        settings("headers", ("http", "headers"), request.headers, ": "),
    )


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (Mapping, list)):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(each)


HTTP = Backend(
    key="http",
    schema=nested("http", "Live by HTTP", SCHEMA),
    problems=_problems,
    tool=_tool,
    reaches=_reaches,
    origin=_origin,
    preview=_preview,
    servers=lambda data, schema: (data["http"]["server"],),
    reached=_reached,
)
