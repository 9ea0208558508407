"""What is wrong with the `http` mapping of a tool, beyond what its schema says."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from jinja2 import nodes

from sre_runner.casefile import Json
from sre_runner.documents.templates import environment
from sre_runner.documents.templates import problems as template_problems
from sre_runner.text.naming import listed, nearest, said
from sre_runner.text.secret_names import holds_a_secret
from sre_runner.tools.http.spec import HttpSpec, Parameters
from sre_runner.tools.http.templates import LITERAL_PATH, exact, names_in
from sre_runner.tools.servers import Complaint, ServerSpec, header_faults

Place = tuple[str | int, ...]

_SANDBOX = environment()
_TAG = re.compile(r"\{\{|\{%")
_LITERALLY = "Write it literally: arguments stand in path, query and body."


def problems(
    spec: HttpSpec,
    input_schema: Mapping[str, Any],
    servers: Collection[ServerSpec],
    effect: Literal["read", "write"] = "read",
) -> list[Complaint]:
    """Everything that is wrong, each with its path inside the mapping and a hint."""
    arguments = _Arguments.of(input_schema)
    server = next((one for one in servers if one.name == spec.server), None)
    return [
        *_server(spec, [one.name for one in servers]),
        *_method(spec, effect),
        *_path(spec.path, arguments),
        *_parameters(("query",), spec.query, arguments),
        *_parameters(("body", "form"), spec.form or {}, arguments),
        *(_json(("body", "json"), spec.json, arguments) if spec.has_json else ()),
        *_headers(spec.headers, server),
        *(
            (("no_data", "status", number), "a redirect is not an answer", "Leave it out: redirects are not followed.")
            for number, status in enumerate(spec.no_data)
            if 300 <= status <= 399
        ),
    ]


@dataclass(frozen=True)
class _Arguments:
    """The arguments of a tool: all, those that every call has, and those that are no single value."""

    all: frozenset[str]
    given: frozenset[str]
    lists: frozenset[str]
    objects: frozenset[str]

    @classmethod
    def of(cls, schema: Mapping[str, Any]) -> _Arguments:
        parts: Mapping[str, Mapping[str, Any]] = schema.get("properties", {})
        given = {name for name, part in parts.items() if name in schema.get("required", ()) or "default" in part}
        of_type = {kind: frozenset(name for name, part in parts.items() if kind in _types(part)) for kind in _MANY}
        nullable = {name for name, part in parts.items() if "null" in _types(part)}
        return cls(frozenset(parts), frozenset(given - nullable), of_type["array"], of_type["object"])


_MANY = ("array", "object")


def _types(part: Mapping[str, Any]) -> frozenset[str]:
    kinds = part.get("type", ())
    return frozenset([kinds] if isinstance(kinds, str) else kinds)


def _server(spec: HttpSpec, names: list[str]) -> Iterator[Complaint]:
    if spec.server not in names:
        near = nearest(spec.server, names)
        hint = f"Did you mean {said(near)}?" if near else f"Known servers: {listed(sorted(names)) or 'none'}."
        yield ("server",), f"there is no server {said(spec.server)}", hint


def _method(spec: HttpSpec, effect: str) -> Iterator[Complaint]:
    if _TAG.search(spec.method):
        yield ("method",), "the method takes no template", "Write GET, HEAD or POST."
    if spec.safe and spec.method != "POST":
        yield ("safe",), f"{spec.method} is safe as it is", "Leave `safe` out; it is for a POST that only reads."
    if effect == "read" and not spec.reads:
        hint = "If it only reads, as a search does, add `safe: true`; otherwise the tool needs `effect: write`."
        yield ("method",), "a POST may change something, and this tool's effect is `read`", hint
    if (spec.form is not None or spec.has_json) and spec.method != "POST":
        yield ("body",), f"a {spec.method} has no body", "Use `query`, or `method: POST` where the server takes one."


def _path(path: str, arguments: _Arguments) -> Iterator[Complaint]:
    place = ("path",)
    if re.match(r"\s*[A-Za-z][A-Za-z0-9+.-]*:|//", path):
        yield place, "the path is a whole URL", "Only the path, such as /api/v1/query: the server says where it is."
        return
    if not path.startswith("/"):
        yield place, "the path does not begin with a slash", "Such as /api/v1/query."
        return
    found = list(_template(place, path, arguments, whole=False))
    yield from found
    if found:
        return
    literals = [node.data for node in _SANDBOX.parse(path).find_all(nodes.TemplateData)]
    if any("?" in text or "#" in text for text in literals):
        yield place, "the path has a query or a fragment", "Put parameters under `query`."
    elif not all(LITERAL_PATH.fullmatch(text) for text in literals):
        yield place, "the path has characters that no path has", "Percent-encode them: a space is %20."
    elif any(re.search(r"//|(?:^|/)(?:\.|%2e){1,2}(?:/|$)|%2f|%5c|%00", text, re.IGNORECASE) for text in literals):
        yield place, "the path has an empty segment, `.`, `..` or an encoded slash", "Write the path that is meant."
    for name in sorted(names_in(path) - arguments.given):
        if template_problems(_SANDBOX, path, arguments.all - {name}):
            hint = "Make it `required` or give it a `default` in input_schema."
            yield place, f"the argument {said(name)} may be left out, and the path needs it", hint


def _parameters(place: Place, parameters: Parameters, arguments: _Arguments) -> Iterator[Complaint]:
    for name, templates in parameters.items():
        if _TAG.search(name) or not name:
            yield (*place, name), "the name of a parameter takes no template", _LITERALLY
        for number, template in enumerate(templates):
            inner = (*place, name) if len(templates) == 1 else (*place, name, number)
            argument = exact(template)
            if argument not in arguments.lists:
                yield from _template(inner, template, arguments)


def _json(place: Place, value: Json, arguments: _Arguments) -> Iterator[Complaint]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if _TAG.search(str(key)):
                yield (*place, key), "a key takes no template", _LITERALLY
            yield from _json((*place, key), inner, arguments)
    elif isinstance(value, (list, tuple)):
        for number, inner in enumerate(value):
            yield from _json((*place, number), inner, arguments)
    elif isinstance(value, str) and exact(value) not in arguments.all:
        yield from _template(place, value, arguments)


def _template(place: Place, text: str, arguments: _Arguments, *, whole: bool = True) -> Iterator[Complaint]:
    """What is wrong with a template. `whole`: where an argument is left out, so is what the template gives."""
    found = template_problems(_SANDBOX, text, arguments.all)
    for problem in found:
        yield place, problem.message, problem.hint
    if found:
        return
    names = names_in(text)
    for name in sorted(names & (arguments.lists | arguments.objects)):
        hint = f"Use it alone, as {{{{ {name} }}}}, in `query` or in a body."
        yield place, f"the argument {said(name)} is not a single value and cannot be part of a text", hint
    if not whole or len(names) < 2:
        return
    for name in sorted(names - arguments.given):
        if template_problems(_SANDBOX, text, arguments.all - {name}):
            hint = f"Say what then: {{% if {name} is defined %}}…{{% endif %}}, or a `default` in input_schema."
            yield place, f"the argument {said(name)} may be left out, and the rest would go with it", hint


def _headers(headers: Mapping[str, str], server: ServerSpec | None) -> Iterator[Complaint]:
    taken = {name.lower() for name in server.headers} if server else set()
    for name, value in headers.items():
        place = ("headers", name)
        if _TAG.search(name) or _TAG.search(value):
            yield place, "headers take no template", _LITERALLY
            continue
        yield from ((place, *fault) for fault in header_faults(name, value))
        if name.lower() in taken:
            yield place, f"the server sets the header {said(name)} itself", "Leave it out here."
        elif holds_a_secret(name):
            hint = "Put it under the server's `headers`, from a variable: {env: VARIABLE}."
            yield place, f"the header {said(name)} holds a secret, and files are read by many", hint
