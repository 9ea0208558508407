"""Which request a call makes; and that no argument leads it to another host, path or parameter."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.casefile import Json
from sre_runner.tools.http import SCHEMA, Request, RequestRefused, parse
from sre_runner.tools.http.request import MOST_BODY, MOST_URL, prepare
from sre_runner.tools.servers import FromEnv, Server, ServerSpec, resolve

SERVER = resolve(
    ServerSpec("metrics", "https://metrics.example:8443/base", {"Authorization": FromEnv("A")}), {"A": "Bearer t0"}
)


def request(mapping: dict[str, Any], server: Server = SERVER, **arguments: Json) -> Request:
    mapping = {"server": "metrics", "path": "/x", **mapping}
    jsonschema.validate(mapping, SCHEMA)
    return prepare(parse(mapping), server, arguments)


def url(mapping: dict[str, Any], **arguments: Json) -> str:
    whole = request(mapping, **arguments).url
    assert whole.startswith("https://metrics.example:8443/base/")
    return whole.removeprefix("https://metrics.example:8443/base")


@pytest.mark.parametrize(
    ("mapping", "arguments", "expected"),
    [
        ({"path": "/api/v1/query"}, {}, "/api/v1/query"),
        ({"path": "/"}, {}, "/"),
        ({"path": "/pods/"}, {}, "/pods/"),
        ({"path": "/a/{{ ns }}/b"}, {"ns": "kube-system"}, "/a/kube-system/b"),
        ({"path": "/a/{{ ns }}-{{ n }}"}, {"ns": "x", "n": 3}, "/a/x-3"),
        ({"path": "/a/{{ ns | upper }}"}, {"ns": "a b"}, "/a/A%20B"),
        ({"path": "/a/{{ on }}"}, {"on": True}, "/a/true"),
        ({"path": "/a{% if ns is defined %}/{{ ns }}{% endif %}"}, {}, "/a"),
        ({"path": "/a{% if ns is defined %}/{{ ns }}{% endif %}"}, {"ns": "b"}, "/a/b"),
        ({"path": "/a/{{ ns | default('none') }}"}, {}, "/a/none"),
        ({"path": "/a/{{ 'b?c' }}"}, {}, "/a/b%3Fc"),
        ({"path": "/a%20b;v=1/{{ ns }}"}, {"ns": "..."}, "/a%20b;v=1/..."),
        ({"query": {"query": "{{ promql }}"}}, {"promql": 'up{a="b"}\n+ 1'}, "/x?query=up%7Ba%3D%22b%22%7D%0A%2B%201"),
        ({"query": {"query": "{{ promql }}", "limit": 10, "flat": False}}, {}, "/x?limit=10&flat=false"),
        ({"query": {"q": "{{ a }}"}}, {"a": None}, "/x"),
        ({"query": {"q": "{{ a }}"}}, {"a": ""}, "/x?q="),
        ({"query": {"q": "{{ a }}"}}, {"a": True}, "/x?q=true"),
        ({"query": {"q": "{{ a }}"}}, {"a": 1.5}, "/x?q=1.5"),
        ({"query": {"match[]": "{{ m }}"}}, {"m": ["up", "a&b"]}, "/x?match%5B%5D=up&match%5B%5D=a%26b"),
        ({"query": {"match[]": "{{ m }}"}}, {"m": []}, "/x"),
        ({"query": {"match[]": ["{{ m }}", "{{ n }}", "up"]}}, {"n": "a"}, "/x?match%5B%5D=a&match%5B%5D=up"),
        ({"query": {"q": "a{% if b is defined %},{{ b }}{% endif %}"}}, {}, "/x?q=a"),
        ({"query": {"q": "{{ a | lower }}"}}, {}, "/x"),
    ],
)
def test_urls(mapping: dict[str, Any], arguments: dict[str, Json], expected: str) -> None:
    assert url(mapping, **arguments) == expected


def test_headers_of_the_server_and_the_tool() -> None:
    made = request({"headers": {"Accept": "application/json"}})
    assert made.headers == {"Accept": "application/json", "Authorization": "Bearer t0"}
    assert (made.method, made.body, made.reads) == ("GET", None, True)
    assert "t0" not in repr(made)


def test_json_keeps_types_and_leaves_out_what_is_left_out() -> None:
    body = {
        "query": {"match": {"message": "{{ words }}"}, "size": "{{ size }}", "on": "{{- on -}}"},
        "must": ["{{ first }}", "{{ second }}", {"k": "{{ second }}"}, 7, None],
        "text": "level:{{ level }}",
        "gone": "level:{{ second }}",
        "literal": True,
    }
    arguments = {"words": 'a"}, {"b', "size": 5, "on": False, "first": {"a": [1]}, "level": "x\ny"}
    made = request({"method": "POST", "safe": True, "body": {"json": body}}, **arguments)
    assert json.loads(made.body or b"") == {
        "query": {"match": {"message": 'a"}, {"b'}, "size": 5, "on": False},
        "must": [{"a": [1]}, {}, 7, None],
        "text": "level:x\ny",
        "literal": True,
    }
    assert made.headers["Content-Type"] == "application/json"
    assert made.reads


def test_a_form() -> None:
    mapping = {"method": "POST", "body": {"form": {"query": "{{ q }}", "many": "{{ m }}", "none": "{{ n }}"}}}
    made = request(mapping, q="a=b&c +", m=[1, 2])
    assert made.body == b"query=a%3Db%26c%20%2B&many=1&many=2"
    assert made.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert not made.reads


def test_a_body_that_is_nothing_but_an_argument() -> None:
    mapping = {"method": "POST", "body": {"json": "{{ q }}"}}
    assert request(mapping, q=[1]).body == b"[1]"
    assert request(mapping).body == b"null"


PATHS = ("..", ".", "", "/", "a/b", "../..", "..\\..", "a\\b", "/etc/passwd", "//evil.example", "http://evil.example/")
ENCODED = ("%2f", "..%2f..", "%252f", "%25252f", "%5c", "a%00", "%2e%2e", "%2E", "%252e%252e", "%" + "25" * 20 + "2f")
LINES = ("%0d%0aHost:x", "a\0b", "a\nb", "a\r\nX: y", "\x7f")


@pytest.mark.parametrize("hostile", [*PATHS, *ENCODED, *LINES])
def test_what_would_be_another_path_is_refused(hostile: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        url({"path": "/ns/{{ a }}/pods"}, a=hostile)
    assert refused.value.message.isprintable()


@pytest.mark.parametrize(
    "hostile",
    [
        *("?x=1", "#f", "a&b=c", "a;b", "@evil.example", "user:pw@evil.example", ":8080", "$(id)", "`id`", "{{ 7*7 }}"),
        *(
            "{% raw %}",
            "\u2215etc",
            "\uff0e\uff0e",
            "\u2024\u2024",
            "\ue000",
            "\ue001",
            "--server=x",
            "a b",
            "%",
            "%zz",
        ),
        *("\u202e", "'", '"', "[::1]", "*", "\U0001f600", "...", "a.."),
    ],
)
def test_what_means_something_in_a_url_means_nothing_in_an_argument(hostile: str) -> None:
    made = url({"path": "/ns/{{ a }}/pods", "query": {"q": "{{ a }}", "r": "1"}}, a=hostile)
    parts = urlsplit(made)
    assert [unquote(part) for part in parts.path.split("/")] == ["", "ns", hostile, "pods"]
    assert parse_qsl(parts.query, keep_blank_values=True) == [("q", hostile), ("r", "1")]
    assert re.fullmatch(r"[A-Za-z0-9._~/%-]+\?q=[A-Za-z0-9._~%-]*&r=1", made)


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("/{{ a }}{{ b }}/x", {"a": ".", "b": "."}),
        ("/.{{ a }}/x", {"a": "."}),
        ("/%2e{{ a }}/x", {"a": "."}),
        ("/%{{ a }}x", {"a": "2f"}),
        ("/%2{{ a }}x", {"a": "f"}),
        ("/a/{% if b is defined %}/{{ b }}{% endif %}/c", {}),
        ("{{ a }}", {"a": "x"}),
        ("//{{ a }}/x", {"a": "evil.example"}),
        ("/x?q={{ a }}", {"a": "x"}),
        ("/x#{{ a }}", {"a": "x"}),
        ("/{{ a }}", {}),
        ("/{{ a }}", {"a": ["x"]}),
        ("/{{ a }}", {"a": {"x": 1}}),
        ("/{{ a }}", {"a": "\ud800"}),
        ("/{{ a }}", {"a": 10**5000}),
        ("/{{ a }}", {"a": "x" * MOST_URL}),
        ("/{{ a.b }}", {"a": "x"}),
    ],
)
def test_a_template_that_the_checks_would_refuse_does_no_harm(path: str, arguments: dict[str, Json]) -> None:
    with pytest.raises(RequestRefused):
        request({"path": path}, **arguments)


@pytest.mark.parametrize(
    ("mapping", "arguments"),
    [
        ({"query": {"q": "{{ a }}"}}, {"a": "\ud800"}),
        ({"query": {"q": "{{ a }}"}}, {"a": {"b": 1}}),
        ({"query": {"q": "{{ a }}"}}, {"a": [["b"]]}),
        ({"query": {"q": "{{ a }}"}}, {"a": [None]}),
        ({"query": {"q": "x{{ a }}"}}, {"a": ["b"]}),
        ({"method": "POST", "body": {"json": {"q": "x{{ a }}"}}}, {"a": ["b"]}),
        ({"method": "POST", "body": {"json": "{{ a }}"}}, {"a": "b" * MOST_BODY}),
        ({"method": "POST", "body": {"form": {"q": "{{ a }}"}}}, {"a": "b" * MOST_BODY}),
    ],
)
def test_values_that_cannot_be_sent(mapping: dict[str, Any], arguments: dict[str, Json]) -> None:
    with pytest.raises(RequestRefused):
        request(mapping, **arguments)


SPECIAL = st.sampled_from(
    [*"/\\.%?#&=@:;+ \0\r\n\t", "..", "%2f", "%2e", "http://", "//", "\ue000", "\ue001", "\u2215"]
)
TEXTS = st.lists(st.one_of(SPECIAL, st.text(max_size=3)), max_size=8).map("".join)
VALUES = st.one_of(
    TEXTS, st.integers(), st.booleans(), st.floats(allow_nan=False), st.none(), st.lists(TEXTS, max_size=3)
)


@given(st.fixed_dictionaries({}, optional={"a": VALUES, "b": VALUES, "c": VALUES}))
def test_no_argument_changes_host_segments_or_parameters(arguments: dict[str, Json]) -> None:
    mapping = {
        "path": "/ns/{{ a }}/x.{{ b }}{{ c | default('d') }}/end",
        "query": {"q": "{{ a }}", "r": "{{ b | upper }},", "m": "{{ c }}", "last": "1"},
    }
    try:
        made = request(mapping, **arguments)
    except RequestRefused:
        return
    parts = urlsplit(made.url)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "metrics.example:8443", "")
    segments = parts.path.split("/")
    assert (segments[:3], segments[5:]) == (["", "base", "ns"], ["end"])
    decoded = parts.path
    for _ in range(3):
        decoded = unquote(decoded)
        assert decoded.count("/") == 5
        assert "\\" not in decoded
        assert decoded.isprintable() or not re.search(r"[\x00-\x1f\x7f]", decoded)
    assert not {".", "..", ""} & set(unquote(parts.path).split("/")[1:])
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    lists = arguments["c"] if isinstance(arguments.get("c"), list) else None
    assert [name for name, _ in pairs if name != "m"] == ["q", "r", "last"]
    assert [value for name, value in pairs if name == "m"] == (lists or [value for name, value in pairs if name == "m"])
    assert pairs[-1] == ("last", "1")


@given(VALUES, VALUES)
def test_no_argument_changes_the_shape_of_json(a: Json, b: Json) -> None:
    body = {"k": {"x": "{{ a }}", "y": "pre {{ b }}"}, "z": 1}
    try:
        made = request({"method": "POST", "body": {"json": body}}, a=a, b=b)
    except RequestRefused:
        return
    sent = json.loads(made.body or b"")
    assert list(sent) == ["k", "z"]
    assert sent["k"]["x"] == a
    assert set(sent["k"]) <= {"x", "y"}
