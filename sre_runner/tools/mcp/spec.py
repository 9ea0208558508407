"""The `mcp` part of an entry under `servers`: how an MCP server is started or reached, and what it is given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sre_runner.errors import RunnerError
from sre_runner.text.naming import said
from sre_runner.tools.servers import (
    FIXED_HEADERS,
    SETTING,
    Complaint,
    FromEnv,
    Setting,
    header_faults,
    headers_of,
    headers_problems,
    setting_of,
    url_fault,
    value_of,
)

TIMEOUT = 30.0
"""Seconds, where a server states none."""

_TIMEOUT: Mapping[str, Any] = {
    "type": "number",
    "exclusiveMinimum": 0,
    "maximum": 600,
    "description": f"Seconds in which the server has to be ready and to list its tools (default {TIMEOUT:g}). "
    "Each tool has a timeout of its own.",
}

MCP_SERVER_SCHEMA: Mapping[str, Any] = {
    "description": "An MCP server: a program that is started for the run (`command`), or a service that speaks "
    "streamable HTTP (`url`). Install the extra: pip install 'sre-run[mcp]'.",
    "type": "object",
    "additionalProperties": False,
    "oneOf": [{"required": ["command"]}, {"required": ["url"]}],
    "dependentRequired": {"env": ["command"], "headers": ["url"]},
    "properties": {
        "command": {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "pattern": "^[^\\u0000]*$"},
            "minItems": 1,
            "description": "Program and arguments, as they are: no shell, no templates. It runs in a process group of "
            "its own, which is killed as a whole when the run ends.",
        },
        "env": {
            "type": "array",
            "items": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
            "uniqueItems": True,
            "description": "Environment variables that the program sees besides PATH, HOME and the locale.",
        },
        "url": {
            **SETTING,
            "description": "The endpoint of the service, or {env: VARIABLE}. No other host or port is reached, and "
            "redirects are not followed.",
        },
        "headers": {
            "type": "object",
            "additionalProperties": SETTING,
            "description": "Headers of each request. Secrets come from the environment: {env: VARIABLE}, which holds "
            "the whole value, such as `Bearer …`.",
        },
        "timeout": _TIMEOUT,
    },
}
"""JSON Schema of `servers.<name>.mcp`."""

_PASSED_ON = re.compile(r"PATH|HOME|LANG|LANGUAGE|LC_[A-Z]+")
_FIXED_HEADERS = FIXED_HEADERS | {
    "accept",
    "content-type",
    "last-event-id",
    "mcp-protocol-version",
    "mcp-session-id",
}
_EXAMPLE = "It looks like https://mcp.example.com/mcp or http://localhost:8080/mcp."


@dataclass(frozen=True)
class McpServerSpec:
    """An MCP server as it was written: either `command` (with `env`) or `url` (with `headers`); `timeout` in seconds.

    `env` are the names of variables that its process is given besides PATH, HOME and the locale.
    """

    name: str
    command: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    url: Setting = ""
    headers: Mapping[str, Setting] = field(default_factory=dict)
    timeout: float = TIMEOUT

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that have to be set for it."""
        settings = (self.url, *self.headers.values())
        return tuple(dict.fromkeys((*self.env, *(one.variable for one in settings if isinstance(one, FromEnv)))))


def parse(name: str, data: Mapping[str, Any]) -> McpServerSpec:
    """The spec of an entry that fits `MCP_SERVER_SCHEMA`."""
    return McpServerSpec(
        name,
        tuple(data.get("command", ())),
        tuple(data.get("env", ())),
        setting_of(data.get("url", "")),
        headers_of(data),
        float(data.get("timeout", TIMEOUT)),
    )


def server_problems(spec: McpServerSpec) -> list[Complaint]:
    """Everything that is wrong with an entry whatever the environment holds."""
    wrong = _url_fault(spec.url) if spec.url and isinstance(spec.url, str) else None
    return [*([(("url",), *wrong)] if wrong else ()), *headers_problems(spec.headers, _FIXED_HEADERS)]


def unset(spec: McpServerSpec, environ: Mapping[str, str]) -> list[str]:
    """The variables of this server that are not set, or empty."""
    return [name for name in spec.variables if not environ.get(name, "").strip()]


def environment(spec: McpServerSpec, environ: Mapping[str, str]) -> dict[str, str]:
    """All that the server's process sees of the environment. Raises RunnerError where a variable is not set."""
    _require(spec, environ)
    return {name: value for name, value in environ.items() if name in spec.env or _PASSED_ON.fullmatch(name)}


def endpoint(spec: McpServerSpec, environ: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """URL and headers with the values of the environment. Raises RunnerError for what cannot be used; no value that
    came from the environment is named."""
    _require(spec, environ)
    url = value_of(spec.url, environ)
    server = f"the MCP server {said(spec.name)}"
    if wrong := _url_fault(url):
        source = f"{spec.url.variable} (the URL of {server})" if isinstance(spec.url, FromEnv) else server
        raise RunnerError(f"{source}: {wrong[0]}", wrong[1])
    headers = {name: value_of(value, environ) for name, value in spec.headers.items()}
    for name, value in headers.items():
        for fault, hint in header_faults(name, value, _FIXED_HEADERS):
            raise RunnerError(f"{server}: {fault}", hint)
    return url, headers


def secrets(spec: McpServerSpec, environ: Mapping[str, str]) -> frozenset[str]:
    """Header values that came from the environment, and the tokens in them: never to be shown."""
    values = [environ.get(value.variable, "").strip() for value in spec.headers.values() if isinstance(value, FromEnv)]
    return frozenset(part for value in values for part in (value, value.partition(" ")[2].strip()) if len(part) >= 8)


def place(spec: McpServerSpec, environ: Mapping[str, str]) -> str:
    """Where the server is, for people: the program's name, or host and port."""
    if spec.command:
        return spec.command[0].rpartition("/")[2]
    return urlsplit(value_of(spec.url, environ)).netloc.rpartition("@")[2]


def _require(spec: McpServerSpec, environ: Mapping[str, str]) -> None:
    missing = unset(spec, environ)
    if missing:
        names = ", ".join(missing)
        verb = "is" if len(missing) == 1 else "are"
        raise RunnerError(f"{names} {verb} not set; the MCP server {said(spec.name)} needs it", f"Set {names}.")


def _url_fault(url: str) -> tuple[str, str] | None:
    if wrong := url_fault(url, _EXAMPLE):
        return wrong
    return ("the URL has a fragment", "End it before the #: it would not be sent.") if "#" in url else None
