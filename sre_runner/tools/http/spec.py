"""The `http` mapping of a live tool: which request a call makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sre_runner.casefile import Json

Method = Literal["GET", "HEAD", "POST"]
NO_DATA = (204, 404)
"""Statuses that mean "nothing for these arguments", where the tool does not say."""

_VALUE = {"type": ["string", "number", "boolean"]}
_PARAMETERS = {
    "type": "object",
    "additionalProperties": {"oneOf": [_VALUE, {"type": "array", "items": _VALUE, "minItems": 1}]},
}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "description": "A request to a server. Arguments of the call stand in it as {{ name }}.",
    "properties": {
        "server": {"type": "string", "description": "A name under `servers`: the only place that is reached."},
        "method": {
            "enum": ["GET", "HEAD", "POST"],
            "default": "GET",
            "description": "GET and HEAD may be sent again after a failure, POST only with `safe: true`.",
        },
        "safe": {
            "type": "boolean",
            "default": False,
            "description": "This POST only reads, as a search does, and may be sent again after a failure.",
        },
        "path": {
            "type": "string",
            "description": "The path below the server's URL, from a slash on. An argument in it is percent-encoded as "
            "part of one segment, and is refused where it has a slash.",
        },
        "query": {
            **_PARAMETERS,
            "description": "Parameters of the query, encoded. One whose argument is left out is left out; one that is "
            "nothing but a list argument is repeated for each element.",
        },
        "body": {
            "type": "object",
            "properties": {
                "json": {
                    "description": "JSON. Text that is nothing but {{ name }} keeps the argument's type; where the "
                    "argument is left out, so are its key or element."
                },
                "form": {**_PARAMETERS, "description": "Fields of a form, as in `query`."},
            },
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
            "description": "The body of a POST.",
        },
        "headers": {
            "type": "object",
            "additionalProperties": {"type": "string", "minLength": 1},
            "description": "Headers of this tool's requests, literally. Credentials are headers of the server.",
        },
        "no_data": {
            "type": "object",
            "properties": {
                "status": {
                    "type": "array",
                    "items": {"type": "integer", "minimum": 200, "maximum": 599},
                    "default": list(NO_DATA),
                    "description": "HTTP statuses that mean that there is nothing for these arguments.",
                }
            },
            "required": ["status"],
            "additionalProperties": False,
            "description": "How the server says that there is nothing.",
        },
    },
    "required": ["server", "path"],
    "additionalProperties": False,
}
"""JSON Schema of the mapping."""

Parameters = Mapping[str, tuple[str, ...]]
"""Templates by parameter; several repeat it."""


@dataclass(frozen=True)
class HttpSpec:
    """The mapping, checked and frozen. `form` and `json` are None where there is no such body."""

    server: str
    path: str
    method: Method = "GET"
    safe: bool = False
    query: Parameters = field(default_factory=dict)
    form: Parameters | None = None
    json: Json = None
    has_json: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    no_data: tuple[int, ...] = NO_DATA

    @property
    def reads(self) -> bool:
        """Whether a request only reads, so that it may be sent again."""
        return self.method != "POST" or self.safe


def parse(data: Mapping[str, Any]) -> HttpSpec:
    """The spec of a mapping that fits `SCHEMA`."""
    body = data.get("body", {})
    return HttpSpec(
        server=data["server"],
        path=data["path"],
        method=data.get("method", "GET"),
        safe=data.get("safe", False),
        query=_parameters(data.get("query", {})),
        form=_parameters(body["form"]) if "form" in body else None,
        json=body.get("json"),
        has_json="json" in body,
        headers=dict(data.get("headers", {})),
        no_data=tuple(data.get("no_data", {}).get("status", NO_DATA)),
    )


def plain(value: Json) -> str:
    """A scalar as a parameter's text: true, not True."""
    return value if isinstance(value, str) else "true" if value is True else "false" if value is False else str(value)


def _parameters(data: Mapping[str, Json]) -> Parameters:
    return {
        name: tuple(plain(one) for one in value) if isinstance(value, list) else (plain(value),)
        for name, value in data.items()
    }
