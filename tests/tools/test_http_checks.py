"""What is wrong with an `http` mapping, told before anything runs."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from sre_runner.tools.http import SCHEMA, HttpSpec, parse, problems
from sre_runner.tools.http.checks import Place
from sre_runner.tools.servers import FromEnv, ServerSpec

SERVERS = [
    ServerSpec("prometheus", "http://localhost:9090", {"X-Tenant": FromEnv("T")}),
    ServerSpec("loki", "http://l"),
]
INPUT = {
    "type": "object",
    "properties": {
        "promql": {"type": "string"},
        "namespace": {"type": "string"},
        "step": {"type": "integer", "default": 60},
        "matchers": {"type": "array", "items": {"type": "string"}},
        "filter": {"type": "object"},
        "maybe": {"type": ["string", "null"]},
    },
    "required": ["promql", "maybe"],
}


def told(mapping: dict[str, Any], **more: Any) -> list[tuple[Place, str]]:
    mapping = {"server": "prometheus", "path": "/x", **mapping}
    found = problems(parse(mapping), INPUT, SERVERS, **more)
    assert all(hint for _, _, hint in found)
    return [(place, message) for place, message, _ in found]


@pytest.mark.parametrize(
    "mapping",
    [
        {"query": {"query": "{{ promql }}", "time": "{{ namespace }}", "limit": 5}},
        {"path": "/api/{{ promql }}/{{ step }}"},
        {"path": "/api{% if namespace is defined %}/{{ namespace }}{% endif %}/"},
        {"path": "/api/{{ namespace | default('all') }}/%20a;b=c"},
        {"query": {"match[]": "{{ matchers }}", "both": ["{{ promql }}", "{{ matchers }}"]}},
        {"query": {"q": "{{ promql }},{{ step }}"}},
        {"query": {"q": "{{ promql }}{% if namespace is defined %},{{ namespace }}{% endif %}"}},
        {"method": "HEAD"},
        {"method": "POST", "safe": True, "body": {"form": {"query": "{{ promql }}", "m": "{{ matchers }}"}}},
        {
            "method": "POST",
            "safe": True,
            "body": {"json": {"q": ["{{ filter }}", "{{ matchers }}", 1, "a{{ promql }}"]}},
        },
        {"headers": {"Accept": "application/json", "X-Other": "1"}, "no_data": {"status": [204, 400]}},
    ],
)
def test_nothing_is_wrong(mapping: dict[str, Any]) -> None:
    jsonschema.validate({"server": "prometheus", "path": "/x", **mapping}, SCHEMA)
    assert told(mapping) == []


@pytest.mark.parametrize(
    ("mapping", "place", "message"),
    [
        ({"server": "promtheus"}, ("server",), "there is no server `promtheus`"),
        ({"method": "POST"}, ("method",), "a POST may change something, and this tool's effect is `read`"),
        ({"method": "{{ promql }}"}, ("method",), "the method takes no template"),
        ({"safe": True}, ("safe",), "GET is safe as it is"),
        ({"body": {"json": {}}}, ("body",), "a GET has no body"),
        ({"method": "HEAD", "body": {"form": {}}}, ("body",), "a HEAD has no body"),
        ({"path": "api"}, ("path",), "the path does not begin with a slash"),
        ({"path": "{{ promql }}"}, ("path",), "the path does not begin with a slash"),
        ({"path": "http://evil.example/x"}, ("path",), "the path is a whole URL"),
        ({"path": "//evil.example/x"}, ("path",), "the path is a whole URL"),
        ({"path": "/x?query={{ promql }}"}, ("path",), "the path has a query or a fragment"),
        ({"path": "/x#y"}, ("path",), "the path has a query or a fragment"),
        ({"path": "/x y"}, ("path",), "the path has characters that no path has"),
        ({"path": "/x\ny"}, ("path",), "the path has characters that no path has"),
        ({"path": "/\ue000"}, ("path",), "the path has characters that no path has"),
        ({"path": "/%2{{ promql }}"}, ("path",), "the path has characters that no path has"),
        ({"path": "/a/../b"}, ("path",), "the path has an empty segment, `.`, `..` or an encoded slash"),
        ({"path": "/a/%2E%2e"}, ("path",), "the path has an empty segment, `.`, `..` or an encoded slash"),
        ({"path": "/a%2Fb"}, ("path",), "the path has an empty segment, `.`, `..` or an encoded slash"),
        ({"path": "/a//b"}, ("path",), "the path has an empty segment, `.`, `..` or an encoded slash"),
        ({"path": "/{{ prmql }}"}, ("path",), "nothing provides the name `prmql`"),
        ({"path": "/{{ namespace }}"}, ("path",), "the argument `namespace` may be left out, and the path needs it"),
        ({"path": "/{{ maybe }}"}, ("path",), "the argument `maybe` may be left out, and the path needs it"),
        (
            {"path": "/{{ matchers }}"},
            ("path",),
            "the argument `matchers` is not a single value and cannot be part of a text",
        ),
        ({"query": {"q": "{{ prmql }}"}}, ("query", "q"), "nothing provides the name `prmql`"),
        ({"query": {"q": ["up", "{{ a }}"]}}, ("query", "q", 1), "nothing provides the name `a`"),
        ({"query": {"q": "{% for x in y %}"}}, ("query", "q"), "template: "),
        ({"query": {"{{ promql }}": "1"}}, ("query", "{{ promql }}"), "the name of a parameter takes no template"),
        ({"query": {"": "1"}}, ("query", ""), "the name of a parameter takes no template"),
        (
            {"query": {"q": "{{ promql }},{{ namespace }}"}},
            ("query", "q"),
            "the argument `namespace` may be left out, and the rest would go with it",
        ),
        (
            {"query": {"q": "a{{ matchers }}"}},
            ("query", "q"),
            "the argument `matchers` is not a single value and cannot be part of a text",
        ),
        (
            {"query": {"q": "{{ filter }}"}},
            ("query", "q"),
            "the argument `filter` is not a single value and cannot be part of a text",
        ),
        ({"headers": {"X-A": "{{ promql }}"}}, ("headers", "X-A"), "headers take no template"),
        ({"headers": {"{{ promql }}": "a"}}, ("headers", "{{ promql }}"), "headers take no template"),
        ({"headers": {"Host": "evil.example"}}, ("headers", "Host"), "the header `Host` belongs to the connection"),
        ({"headers": {"x-tenant": "b"}}, ("headers", "x-tenant"), "the server sets the header `x-tenant` itself"),
        ({"headers": {"Cookie": "b"}}, ("headers", "Cookie"), "the header `Cookie` holds a secret"),
        ({"no_data": {"status": [204, 302]}}, ("no_data", "status", 1), "a redirect is not an answer"),
    ],
)
def test_what_is_wrong_has_its_place(mapping: dict[str, Any], place: Place, message: str) -> None:
    ((found, text),) = told(mapping)
    assert found == place
    assert text.startswith(message)


@pytest.mark.parametrize(
    ("body", "place", "message"),
    [
        ({"json": {"a": [{"b": "{{ nme }}"}]}}, ("body", "json", "a", 0, "b"), "nothing provides the name `nme`"),
        ({"json": {"{{ promql }}": 1}}, ("body", "json", "{{ promql }}"), "a key takes no template"),
        ({"json": "x{{ filter }}"}, ("body", "json"), "the argument `filter` is not a single value"),
        ({"form": {"a": "{{ nme }}"}}, ("body", "form", "a"), "nothing provides the name `nme`"),
    ],
)
def test_what_is_wrong_in_a_body(body: dict[str, Any], place: Place, message: str) -> None:
    ((found, text),) = told({"method": "POST", "safe": True, "body": body})
    assert found == place
    assert text.startswith(message)


def test_a_tool_that_writes_may_post() -> None:
    assert told({"method": "POST"}, effect="write") == []


def test_hints_name_what_was_probably_meant() -> None:
    ((_, _, hint),) = problems(HttpSpec("promtheus", "/x"), INPUT, SERVERS)
    assert hint == "Did you mean `prometheus`?"
    ((_, _, hint),) = problems(HttpSpec("grafana", "/x"), INPUT, SERVERS)
    assert hint == "Known servers: `loki`, `prometheus`."
    ((_, _, hint),) = problems(HttpSpec("grafana", "/x"), INPUT, [])
    assert hint == "Known servers: none."


def test_everything_is_told_at_once() -> None:
    mapping = {"server": "x", "path": "y", "query": {"a": "{{ b }}", "c": "{{ d }}"}, "headers": {"Host": "e"}}
    assert [place for place, _ in told(mapping)] == [
        ("server",),
        ("path",),
        ("query", "a"),
        ("query", "c"),
        ("headers", "Host"),
    ]


@pytest.mark.parametrize(
    "mapping",
    [{}, {"server": "a"}, {"server": "a", "path": "/", "method": "DELETE"}, {"server": "a", "path": "/", "url": "x"}],
)
def test_what_the_schema_refuses(mapping: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(mapping, SCHEMA)
