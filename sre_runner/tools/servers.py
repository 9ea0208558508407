"""The `servers` of a configuration that are reached by HTTP: where they are, and which headers they are sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sre_runner.errors import RunnerError
from sre_runner.text.naming import said
from sre_runner.text.secret_names import holds_a_secret

Complaint = tuple[tuple[str | int, ...], str, str]
"""A path inside the mapping that was read, what is wrong there, and a hint ("" for none)."""

SETTING: Mapping[str, Any] = {
    "type": ["string", "object"],
    "minLength": 1,
    "if": {"type": "object"},
    "then": {
        "properties": {
            "env": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "description": "The variable's name."}
        },
        "required": ["env"],
        "additionalProperties": False,
    },
}
"""JSON Schema of text, or of the variable of the environment that has it: `{env: VARIABLE}`."""

SERVER_SCHEMA: Mapping[str, Any] = {
    "title": "Server by HTTP",
    "type": "object",
    "description": "A server that live tools reach by HTTP.",
    "properties": {
        "url": {
            **SETTING,
            "description": "Scheme, host, port and base path, or {env: VARIABLE}. The tools of this server reach "
            "nothing else. No user, password, query or fragment.",
        },
        "headers": {
            "type": "object",
            "additionalProperties": SETTING,
            "description": "Headers of every request to this server. Secrets come from the environment: "
            "{env: VARIABLE}, which holds the whole value, such as `Bearer …`.",
        },
    },
    "required": ["url"],
    "additionalProperties": False,
}
"""JSON Schema of an entry under `servers`."""

HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]+")

FIXED_HEADERS = frozenset(
    {
        *("accept-encoding", "connection", "content-encoding", "content-length", "expect", "host", "keep-alive"),
        *("proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"),
    }
)
"""Headers that belong to the connection: none of them may be declared."""

_BASE_PATH = re.compile(r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+)*")
_HOST = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.)*[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.?")
_PORTS = {"http": 80, "https": 443}
_EXAMPLE = "It looks like https://prometheus.example.com or http://localhost:9090/prometheus."


@dataclass(frozen=True)
class FromEnv:
    """A value that stands in a variable of the environment."""

    variable: str


Setting = str | FromEnv


@dataclass(frozen=True)
class ServerSpec:
    """An entry under `servers` as it was written."""

    name: str
    url: Setting
    headers: Mapping[str, Setting] = field(default_factory=dict)


@dataclass(frozen=True)
class Server:
    """A server with the values of the environment. `base_path` is "" or begins, and does not end, with a slash.

    `secrets` are header values from the environment, and the parts of them that are a token.
    """

    name: str
    scheme: str
    host: str
    port: int
    base_path: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def place(self) -> str:
        """Host and port, for people: where an answer came from."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port, as a URL begins."""
        return f"{self.scheme}://{self.place}"


def parse_server(name: str, data: Mapping[str, Any]) -> ServerSpec:
    """The spec of an entry that fits `SERVER_SCHEMA`."""
    return ServerSpec(name, setting_of(data["url"]), headers_of(data))


def server_problems(spec: ServerSpec) -> list[Complaint]:
    """Everything that is wrong with an entry whatever the environment holds."""
    wrong = _url_fault(spec.url) if isinstance(spec.url, str) else None
    return [*([(("url",), *wrong)] if wrong else ()), *headers_problems(spec.headers)]


def headers_problems(headers: Mapping[str, Setting], fixed: Set[str] = FIXED_HEADERS) -> list[Complaint]:
    """Everything that is wrong with the `headers` of a server whatever the environment holds."""
    found: list[Complaint] = []
    seen: set[str] = set()
    for name, value in headers.items():
        place = ("headers", name)
        found += [(place, *wrong) for wrong in header_faults(name, value if isinstance(value, str) else None, fixed)]
        if isinstance(value, str) and holds_a_secret(name):
            hint = "Put it into a variable and write {env: VARIABLE}."
            found.append((place, f"the header {said(name)} holds a secret, and files are read by many", hint))
        if name.lower() in seen:
            found.append((place, f"the header {said(name)} is there twice", "Case makes no difference: keep one."))
        seen.add(name.lower())
    return found


def header_faults(name: str, value: str | None, fixed: Set[str] = FIXED_HEADERS) -> Iterator[tuple[str, str]]:
    """What keeps a header from being sent, each with its hint. `value` is None where it is not known yet; `fixed` are
    the names, in lower case, that belong to the connection."""
    if not HEADER_NAME.fullmatch(name):
        yield f"{said(name)} is not the name of a header", "Letters, digits and dashes, such as X-Scope-OrgID."
    elif name.lower() in fixed:
        yield f"the header {said(name)} belongs to the connection and cannot be set", "Leave it out."
    if value is not None and not _HEADER_VALUE.fullmatch(value):
        yield f"the header {said(name)} has characters that no header can have", "Printable ASCII on one line."


def unset(spec: ServerSpec, environ: Mapping[str, str]) -> list[Complaint]:
    """The settings whose variables are not set (or empty), or whose values cannot be used. Values are never named."""
    found: list[Complaint] = []
    settings = [(("url",), spec.url), *((("headers", name), value) for name, value in spec.headers.items())]
    for place, setting in settings:
        if not isinstance(setting, FromEnv):
            continue
        value = environ.get(setting.variable, "").strip()
        if not value:
            message = f"the variable {setting.variable} of the server {said(spec.name)} is not set"
            found.append(
                (place, message, f"Set {setting.variable}{_EXAMPLES.get(place[0], '').format(server=spec.name)}.")
            )
        elif place == ("url",) and (wrong := _url_fault(value)):
            found.append((place, f"{setting.variable}: {wrong[0]}", wrong[1]))
        elif place != ("url",) and not _HEADER_VALUE.fullmatch(value):
            message = f"{setting.variable} has characters that no header can have"
            found.append((place, message, "Printable ASCII on one line."))
    return found


_EXAMPLES = {"url": ", such as https://{server}.example.com", "headers": " to the header's whole value"}


def resolve(spec: ServerSpec, environ: Mapping[str, str]) -> Server:
    """The server with the values of the environment. Raises `RunnerError` where there are problems."""
    for _, message, hint in [*server_problems(spec), *unset(spec, environ)]:
        raise RunnerError(message, hint)
    parts = urlsplit(value_of(spec.url, environ))
    headers = {name: value_of(value, environ) for name, value in spec.headers.items()}
    secret = [headers[name] for name, value in spec.headers.items() if isinstance(value, FromEnv)]
    return Server(
        spec.name,
        parts.scheme,
        parts.hostname or "",
        parts.port or _PORTS[parts.scheme],
        parts.path.rstrip("/"),
        headers,
        frozenset(part for value in secret for part in (value, value.partition(" ")[2].strip()) if part),
    )


def setting_of(value: str | Mapping[str, str]) -> Setting:
    """A setting as a file has it, which fits `SETTING`."""
    return value if isinstance(value, str) else FromEnv(value["env"])


def headers_of(data: Mapping[str, Any]) -> dict[str, Setting]:
    """The settings under `headers`; none where there is no such key."""
    return {name: setting_of(value) for name, value in data.get("headers", {}).items()}


def value_of(setting: Setting, environ: Mapping[str, str]) -> str:
    """The value of a setting, without space around it; "" where its variable is not set."""
    return (setting if isinstance(setting, str) else environ.get(setting.variable, "")).strip()


def url_fault(url: str, example: str) -> tuple[str, str] | None:
    """Why no server can be reached by a URL, and a hint. The URL is not named: it may hold a password."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return "the URL has characters that no URL has", f"{example} Write other hosts in their xn-- form."
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "the URL cannot be read", example
    if parts.scheme not in _PORTS:
        return "the URL does not begin with http:// or https://", example
    if "@" in parts.netloc:
        return "the URL has a user or a password", "Send them as a header: headers: {Authorization: {env: VARIABLE}}."
    bracketed = parts.netloc.startswith("[")
    if port == 0 or "%" in host or not (host and (bracketed or _HOST.fullmatch(host))):
        return "the URL has no usable host or port", example
    return None


def _url_fault(url: str) -> tuple[str, str] | None:
    """The same for a URL that tools put their paths behind."""
    if wrong := url_fault(url, _EXAMPLE):
        return wrong
    if "?" in url or "#" in url:
        return "the URL has a query or a fragment", "End it before the first ? or #; tools have a `query` of their own."
    path = urlsplit(url).path.rstrip("/")
    dots = any(re.fullmatch(r"(?:\.|%2e){1,2}", part, re.IGNORECASE) for part in path.split("/"))
    if dots or not _BASE_PATH.fullmatch(path):
        return "the URL's path is not usable", "Without `..`, `//` and characters that need to be encoded."
    return None
