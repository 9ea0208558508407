"""The names in a proposed command that must be real: what it acts on, where, and in which version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sre_runner.proposed.kubernetes_names import kubernetes_names
from sre_runner.proposed.program_names import program_names
from sre_runner.proposed.sql_names import sql_names
from sre_runner.proposed.sql_texts import sql_texts
from sre_runner.proposed.unwrapping import Call, calls
from sre_runner.proposed.words import Word

KINDS = (
    *("namespace", "workload", "pod", "node", "container", "service", "object", "context", "label", "release", "image"),
    *("version", "host", "port", "path", "file", "unit", "database", "table", "resource"),
)
"""The kinds of names."""

PLACEHOLDER = "placeholder"

_SLOT = re.compile(
    r"<[^<>\n]*>|\$\{|\$\(|\$[A-Za-z_]|`|\{\{|\{\}|\.\.\.|…|[*?\[\]%]|(?<![A-Za-z0-9])(?:[xX]{3,}|[Yy]our|YOUR)(?![a-z])"
)
_CAPITALS = re.compile(r"[A-Z][A-Z0-9]*(?:[_-][A-Z0-9]+)*$")
_CAPITAL_SLOT = re.compile(r"(?<![A-Za-z0-9])(?:(?:YOUR|MY|THE)_[A-Z_]+|[A-Z]+_(?:NAME|ID|HOST|TABLE|DB))$")
_SPOKEN = re.compile(
    r"(?:pod|node|deployment|namespace|service|container|app|release|cluster|host|image|db|database|table)[-_]?name$"
)
_VISIBLE = re.compile(
    r"<[A-Za-z][\w.:/|-]{0,60}>|<[A-Za-z][\w.-]*(?: [\w.-]+){1,6}>|\{\{[^{}\n]{1,80}\}\}|\$\{[A-Za-z_]\w{0,60}\}"
    r"|\$[A-Za-z_]\w{0,60}|(?<![\w.])(?:\.\.\.|…)(?![\w.])"
)
_WELL_KNOWN: dict[str, frozenset[str]] = {
    "namespace": frozenset(("default", "kube-system", "kube-public", "kube-node-lease")),
    "host": frozenset(("localhost", "127.0.0.1", "::1", "kubernetes", "kubernetes.default.svc", "github.com")),
    "image": frozenset(("busybox", "alpine", "curlimages/curl", "nicolaka/netshoot", "ubuntu", "debian")),
    "version": frozenset(("latest", "HEAD", "main", "master", "stable", "0")),
    "port": frozenset(("80", "443")),
    "database": frozenset(("postgres", "mysql", "information_schema", "performance_schema", "template1")),
    "path": frozenset(("/tmp", "/etc/hosts", "/etc/resolv.conf", "/var/log", "/var", "/proc", "/host", "/etc")),  # noqa: S108
    "container": frozenset(("*",)),
}


@dataclass(frozen=True)
class Name:
    """A name of a kind (one of `KINDS`, or `PLACEHOLDER`), as it is written in the command, and its place there."""

    kind: str
    text: str
    start: int
    end: int


def names(command: str) -> tuple[Name, ...]:
    """The names of a command that must be real, in the order of their places.

    Left out is what stands for a name (`<pod>`, `$POD`), what is everywhere (`kube-system`, `localhost`), and what the
    command itself makes (`kubectl create namespace x`).
    """
    found = {
        (word.start, word.end, kind): Name(kind, word.text, word.start, word.end)
        for kind, word in _candidates(command)
        if not is_placeholder(word.text, kind) and word.text not in _WELL_KNOWN.get(kind, ())
    }
    return tuple(found[key] for key in sorted(found))


def placeholders(command: str) -> tuple[Name, ...]:
    """What stands for a name and is to be filled in, in the order of the places."""
    spans = {(each.start(), each.end()) for each in _VISIBLE.finditer(command)}
    held = {(word.start, word.end) for kind, word in _candidates(command) if is_placeholder(word.text, kind)}
    wide = sorted(held | spans, key=lambda each: (each[0], -each[1]))
    found: list[Name] = []
    for start, end in wide:
        if not found or start >= found[-1].end:
            found.append(Name(PLACEHOLDER, command[start:end], start, end))
    return tuple(found)


def is_placeholder(text: str, kind: str = "") -> bool:
    """Whether a text stands for a name of that kind instead of being one."""
    if _SLOT.search(text) or _SPOKEN.match(text) or _CAPITAL_SLOT.search(text):
        return True
    return kind not in ("table", "database", "version", "path", "file", "label") and bool(_CAPITALS.match(text))


def _candidates(command: str) -> Iterator[tuple[str, Word]]:
    for call in calls(command):
        for kind, word in _of(call):
            if word.text and word.text != "-":
                yield kind, word


def _of(call: Call) -> Iterator[tuple[str, Word]]:
    for text in sql_texts(call):
        yield from sql_names(text)
    if call.sql:
        return
    if call.name in ("kubectl", "oc", "k", "kubectl-argo-rollouts"):
        yield from kubernetes_names(call)
    yield from program_names(call)
