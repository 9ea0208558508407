"""The `mcp` part of an entry under `servers`: how an MCP server is started or reached, and what it is given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sre_runner.errors import RunnerError
from sre_runner.text.naming import said
from sre_runner.tools.servers import SETTING, FromEnv, Setting

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
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]+")
_OF_THE_CONNECTION = frozenset(
    {
        *("accept", "accept-encoding", "connection", "content-length", "content-type", "expect", "host", "keep-alive"),
        *("last-event-id", "mcp-protocol-version", "mcp-session-id", "te", "trailer", "transfer-encoding", "upgrade"),
    }
)
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
        _setting(data.get("url", "")),
        {key: _setting(value) for key, value in data.get("headers", {}).items()},
        float(data.get("timeout", TIMEOUT)),
    )


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
    url = _value(spec.url, environ)
    source = f"{spec.url.variable} (the URL" if isinstance(spec.url, FromEnv) else "(the URL"
    for fault in _url_faults(url):
        raise RunnerError(f"{source} of the MCP server {said(spec.name)}) {fault}", _EXAMPLE)
    headers = {name: _value(value, environ) for name, value in spec.headers.items()}
    for name, value in headers.items():
        for fault in _header_faults(name, value):
            raise RunnerError(f"the header {said(name)} of the MCP server {said(spec.name)} {fault}")
    return url, headers


def secrets(spec: McpServerSpec, environ: Mapping[str, str]) -> frozenset[str]:
    """Header values that came from the environment, and the tokens in them: never to be shown."""
    values = [environ.get(value.variable, "").strip() for value in spec.headers.values() if isinstance(value, FromEnv)]
    return frozenset(part for value in values for part in (value, value.partition(" ")[2].strip()) if len(part) >= 8)


def place(spec: McpServerSpec, environ: Mapping[str, str]) -> str:
    """Where the server is, for people: the program's name, or host and port."""
    if spec.command:
        return spec.command[0].rpartition("/")[2]
    return urlsplit(_value(spec.url, environ)).netloc.rpartition("@")[2]


def _setting(value: str | Mapping[str, str]) -> Setting:
    return value if isinstance(value, str) else FromEnv(value["env"])


def _value(setting: Setting, environ: Mapping[str, str]) -> str:
    return (setting if isinstance(setting, str) else environ.get(setting.variable, "")).strip()


def _require(spec: McpServerSpec, environ: Mapping[str, str]) -> None:
    missing = unset(spec, environ)
    if missing:
        names = ", ".join(missing)
        verb = "is" if len(missing) == 1 else "are"
        raise RunnerError(f"{names} {verb} not set; the MCP server {said(spec.name)} needs it", f"Set {names}.")


def _url_faults(url: str) -> Iterator[str]:
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        yield "has characters that no URL has"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        yield "cannot be read"
        return
    if parts.scheme not in ("http", "https"):
        yield "does not begin with http:// or https://"
    if not host or port == 0:
        yield "has no usable host or port"
    if "@" in parts.netloc:
        yield "has a user or a password: send them as a header"
    if parts.fragment:
        yield "has a fragment"


def _header_faults(name: str, value: str) -> Iterator[str]:
    if not _HEADER_NAME.fullmatch(name):
        yield "has a name that no header can have"
    if name.lower() in _OF_THE_CONNECTION:
        yield "belongs to the connection and cannot be set"
    if not _HEADER_VALUE.fullmatch(value):
        yield "has characters that no header can have"
