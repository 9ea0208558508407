"""The request that a call makes: encoded, and held against the server before it may be sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from sre_runner.casefile import Json
from sre_runner.text.naming import said
from sre_runner.tools.http.spec import HttpSpec, Parameters, plain
from sre_runner.tools.http.templates import LeftOut, RequestRefused, exact, path_of, text_of
from sre_runner.tools.servers import Server

MOST_URL = 32_000
"""Characters of a URL. Servers take 8,000 or so; what they say of more is for the model to read."""
MOST_BODY = 2**20
"""Bytes of a request's body."""

_ABSENT: Any = object()


@dataclass(frozen=True)
class Request:
    """A request as it goes out. `url` is whole and encoded; `reads` says that it may be sent again."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = None
    reads: bool = True


def prepare(spec: HttpSpec, server: Server, arguments: Mapping[str, Json]) -> Request:
    """The request of a call, whose arguments were checked. Raises `RequestRefused`."""
    try:
        path = path_of(spec.path, arguments)
    except LeftOut:
        raise RequestRefused("an argument that the path needs was left out") from None
    pairs = list(_pairs(spec.query, arguments))
    query = _encoded(pairs)
    url = f"{server.origin}{server.base_path}{path}{f'?{query}' if query else ''}"
    if len(url) > MOST_URL:
        raise RequestRefused(f"the URL has more than {MOST_URL:,} characters: ask for less at once")
    _hold(url, server, path.count("/"), len(pairs))
    body, kind = _body(spec, arguments)
    headers = {**spec.headers, **({"Content-Type": kind} if kind else {}), **server.headers}
    return Request(spec.method, url, headers, body, spec.reads)


def _hold(url: str, server: Server, segments: int, parameters: int) -> None:
    """Raise unless the URL, read again, leads to the server itself, below its base path, and has what it should."""
    parts = urlsplit(url)
    host = (parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme))
    below = parts.path.startswith(f"{server.base_path}/") and not parts.fragment and "@" not in parts.netloc
    deep = parts.path.count("/") == server.base_path.count("/") + segments
    wide = len([part for part in parts.query.split("&") if part]) == parameters
    if host != (server.scheme, server.host, server.port) or not (below and deep and wide):
        raise RequestRefused("these arguments would lead elsewhere than to this tool's server and path")


def _pairs(parameters: Parameters, arguments: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    for name, templates in parameters.items():
        for template in templates:
            argument = exact(template)
            value = arguments.get(argument) if argument is not None else None
            if isinstance(value, list):
                yield from ((name, _scalar(one, argument)) for one in value)
                continue
            try:
                yield name, text_of(template, arguments)
            except LeftOut:
                continue


def _scalar(value: Json, argument: str | None) -> str:
    if value is None or isinstance(value, (dict, list)):
        raise RequestRefused(f"the elements of the argument {said(argument)} must be single values here")
    return plain(value)


def _encoded(pairs: Sequence[tuple[str, str]]) -> str:
    try:
        return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
    except UnicodeEncodeError:
        raise RequestRefused("an argument has half a character, which cannot be sent") from None


def _body(spec: HttpSpec, arguments: Mapping[str, Json]) -> tuple[bytes | None, str]:
    """The body and its type; None and "" where there is none."""
    if spec.form is not None:
        body, kind = _encoded(list(_pairs(spec.form, arguments))).encode(), "application/x-www-form-urlencoded"
    elif spec.has_json:
        value = _filled(spec.json, arguments)
        body, kind = json.dumps(None if value is _ABSENT else value).encode(), "application/json"
    else:
        return None, ""
    if len(body) > MOST_BODY:
        raise RequestRefused(f"the body has more than {MOST_BODY:,} bytes: ask for less at once")
    return body, kind


def _filled(value: Json, arguments: Mapping[str, Json]) -> Json:
    """JSON with its templates filled in; `_ABSENT` where its argument was left out."""
    if isinstance(value, dict):
        filled = {key: _filled(inner, arguments) for key, inner in value.items()}
        return {key: inner for key, inner in filled.items() if inner is not _ABSENT}
    if isinstance(value, (list, tuple)):
        elements = [_filled(inner, arguments) for inner in value]
        return [inner for inner in elements if inner is not _ABSENT]
    if not isinstance(value, str):
        return value
    argument = exact(value)
    if argument is not None:
        return arguments.get(argument, _ABSENT)
    try:
        return text_of(value, arguments)
    except LeftOut:
        return _ABSENT
