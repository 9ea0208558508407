"""Entries under `servers`: what may stand there, and what the environment makes of them."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.errors import RunnerError
from sre_runner.tools.servers import (
    SERVER_SCHEMA,
    FromEnv,
    Server,
    ServerSpec,
    parse_server,
    resolve,
    server_problems,
    unset,
)

PROMETHEUS: dict[str, Any] = {
    "url": {"env": "PROMETHEUS_URL"},
    "headers": {"Authorization": {"env": "PROMETHEUS_AUTHORIZATION"}, "X-Scope-OrgID": "sre"},
}
ENVIRON = {"PROMETHEUS_URL": "https://Prometheus.example/base/ ", "PROMETHEUS_AUTHORIZATION": "Bearer s3cr3t-t0ken\n"}


def test_an_entry_is_read_and_resolved() -> None:
    jsonschema.validate(PROMETHEUS, SERVER_SCHEMA)
    spec = parse_server("prometheus", PROMETHEUS)
    assert spec == ServerSpec(
        "prometheus",
        FromEnv("PROMETHEUS_URL"),
        {"Authorization": FromEnv("PROMETHEUS_AUTHORIZATION"), "X-Scope-OrgID": "sre"},
    )
    assert (server_problems(spec), unset(spec, ENVIRON)) == ([], [])
    assert resolve(spec, ENVIRON) == Server(
        "prometheus",
        "https",
        "prometheus.example",
        443,
        "/base",
        {"Authorization": "Bearer s3cr3t-t0ken", "X-Scope-OrgID": "sre"},
        frozenset({"Bearer s3cr3t-t0ken", "s3cr3t-t0ken"}),
    )


def test_header_values_are_in_no_representation() -> None:
    assert "s3cr3t" not in repr(resolve(parse_server("prometheus", PROMETHEUS), ENVIRON))


@pytest.mark.parametrize(
    ("url", "origin", "place", "base"),
    [
        ("http://localhost:9090", "http://localhost:9090", "localhost:9090", ""),
        ("http://localhost:80/", "http://localhost", "localhost", ""),
        ("https://[::1]:8443/a/b", "https://[::1]:8443", "[::1]:8443", "/a/b"),
        ("https://xn--bcher-kva.example./%41", "https://xn--bcher-kva.example.", "xn--bcher-kva.example.", "/%41"),
        ("http://my_service.ns.svc:3100", "http://my_service.ns.svc:3100", "my_service.ns.svc:3100", ""),
    ],
)
def test_addresses_that_will_do(url: str, origin: str, place: str, base: str) -> None:
    server = resolve(ServerSpec("s", url), {})
    assert (server.origin, server.place, server.base_path) == (origin, place, base)


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("prometheus.example", "does not begin with http"),
        ("ftp://prometheus.example", "does not begin with http"),
        ("file:///etc/passwd", "does not begin with http"),
        ("https://user:pw@prometheus.example", "user or a password"),
        ("https://@prometheus.example", "user or a password"),
        ("https://prometheus.example?x=1", "query or a fragment"),
        ("https://prometheus.example/#", "query or a fragment"),
        ("https://", "no usable host"),
        ("https://prometheus.example:0", "no usable host"),
        ("https://prometheus.example:99999", "cannot be read"),
        ("https://[::1%25eth0]", "no usable host"),
        ("https://[::1", "cannot be read"),
        ("https://a..b", "no usable host"),
        ("https://b\u00fccher.example", "characters that no URL has"),
        ("https://prometheus.example\\@evil.example", "characters that no URL has"),
        ("https://prometheus.example/a b", "characters that no URL has"),
        ("https://prometheus.example/a\n", "characters that no URL has"),
        ("https://prometheus.example/a/../b", "path is not usable"),
        ("https://prometheus.example/%2E%2e/b", "path is not usable"),
        ("https://prometheus.example//b", "path is not usable"),
        ("https://prometheus.example/%zz", "path is not usable"),
    ],
)
def test_addresses_that_will_not_do_are_told_without_being_named(url: str, wrong: str) -> None:
    ((place, message, hint),) = server_problems(ServerSpec("s", url))
    assert place == ("url",)
    assert wrong in message
    assert hint
    assert "evil" not in message + hint
    assert "pw" not in message + hint
    spec = ServerSpec("s", FromEnv("S_URL"))
    if url == url.strip():
        ((place, message, _),) = unset(spec, {"S_URL": url})
        assert message == f"S_URL: {server_problems(ServerSpec('s', url))[0][1]}"
        with pytest.raises(RunnerError, match="S_URL"):
            resolve(spec, {"S_URL": url})


@pytest.mark.parametrize(
    ("headers", "wrong"),
    [
        ({"Host": "other.example"}, "belongs to the connection"),
        ({"transfer-encoding": "chunked"}, "belongs to the connection"),
        ({"X A": "1"}, "not the name of a header"),
        ({"X-A:": "1"}, "not the name of a header"),
        ({"X-A": "1\r\nHost: other.example"}, "characters that no header can have"),
        ({"X-A": "\u00fc"}, "characters that no header can have"),
        ({"Authorization": "Bearer abc"}, "holds a secret"),
        ({"X-Api-Key": "abc"}, "holds a secret"),
        ({"X-A": "1", "x-a": "2"}, "there twice"),
    ],
)
def test_headers_that_will_not_do(headers: dict[str, str], wrong: str) -> None:
    ((place, message, hint),) = server_problems(ServerSpec("s", "http://localhost", headers))
    assert place[0] == "headers"
    assert wrong in message
    assert hint


def test_everything_that_is_not_set_is_told_at_once() -> None:
    spec = parse_server("prometheus", PROMETHEUS)
    assert unset(spec, {"PROMETHEUS_AUTHORIZATION": " "}) == [
        (
            ("url",),
            "the variable PROMETHEUS_URL of the server `prometheus` is not set",
            "Set PROMETHEUS_URL, such as https://prometheus.example.com.",
        ),
        (
            ("headers", "Authorization"),
            "the variable PROMETHEUS_AUTHORIZATION of the server `prometheus` is not set",
            "Set PROMETHEUS_AUTHORIZATION to the header's whole value.",
        ),
    ]


def test_the_example_of_a_url_is_that_of_the_server() -> None:
    ((_, _, hint),) = unset(parse_server("loki", {"url": {"env": "LOKI_URL"}}), {})
    assert hint == "Set LOKI_URL, such as https://loki.example.com."


def test_a_value_that_would_split_a_header_is_refused_unnamed() -> None:
    ((place, message, _),) = unset(parse_server("p", PROMETHEUS), {**ENVIRON, "PROMETHEUS_AUTHORIZATION": "a\r\nB: c"})
    assert place == ("headers", "Authorization")
    assert "B: c" not in message


@pytest.mark.parametrize("entry", [{}, {"url": ""}, {"url": {"env": "A B"}}, {"url": "http://a", "query": {}}])
def test_what_the_schema_refuses(entry: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(entry, SERVER_SCHEMA)


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_whatever_stands_in_the_variable_is_a_server_or_a_problem(text: str) -> None:
    spec = ServerSpec("s", FromEnv("S_URL"))
    for url in (text, f"https://{text}", f"http://localhost/{text}"):
        if unset(spec, {"S_URL": url}):
            continue
        server = resolve(spec, {"S_URL": url})
        assert server.scheme in ("http", "https")
        assert server.host
        assert "/../" not in f"{server.base_path}/"
