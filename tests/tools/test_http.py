"""Live tools that ask a server: real requests over the loopback."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from stand import Exchange, Stand

from sre_runner.casefile import Json, ToolAnswer
from sre_runner.tools.http import parse
from sre_runner.tools.http.client import HttpClient
from sre_runner.tools.http.tool import HttpTool
from sre_runner.tools.servers import FromEnv, ServerSpec, resolve

TOKEN = "t0ps3cr3t-t0ken"
INPUT = {"type": "object", "properties": {"q": {"type": "string"}, "n": {"type": "integer", "default": 7}}}
MAPPING: dict[str, Any] = {"server": "metrics", "path": "/api", "query": {"q": "{{ q }}", "n": "{{ n }}"}}


async def ask(
    url: str,
    mapping: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    timeout: float = 10.0,  # noqa: ASYNC109 (the tool's)
    **arguments: Json,
) -> ToolAnswer:
    """One call of a tool, in a run of its own."""
    spec = ServerSpec("metrics", url, {"Authorization": FromEnv("AUTH")})
    server = resolve(spec, {"AUTH": f"Bearer {TOKEN}"})
    async with HttpClient(environ or {}) as client:
        tool = HttpTool("query_metrics", parse({**MAPPING, **(mapping or {})}), INPUT, server, client, timeout)
        answer = await tool.answer(arguments, ())
    assert TOKEN not in answer.text
    return answer


def asked(url: str, mapping: Mapping[str, Any] | None = None, **more: Any) -> ToolAnswer:
    return asyncio.run(ask(url, mapping, **more))


def said(status: int, body: bytes = b"", mapping: Mapping[str, Any] | None = None, **headers: str) -> ToolAnswer:
    """The answer of a tool whose server always says the same."""
    with Stand(lambda exchange: exchange.say(status, body, **headers)) as stand:
        return asked(stand.url, mapping)


def test_a_request_as_it_arrives_and_the_answer_as_it_came() -> None:
    body = b'{"status": "success",  "data": "\xc3\xbc"}'
    with Stand(lambda exchange: exchange.say(200, body, content_type="application/json")) as stand:
        answer = asked(f"{stand.url}/base/", q='up{a="b"} & c')
    assert answer == ToolAnswer(body.decode())
    (request,) = stand.requests
    assert request.target == "/base/api?q=up%7Ba%3D%22b%22%7D%20%26%20c&n=7"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["host"] == f"localhost:{stand.port}"
    assert request.headers["user-agent"].startswith("sre-run/")
    assert "cookie" not in request.headers


def test_posts() -> None:
    mapping = {"method": "POST", "safe": True, "query": {}, "body": {"json": {"q": "{{ q }}", "n": "{{ n }}"}}}
    with Stand(lambda exchange: exchange.say(200, b"ok")) as stand:
        assert asked(stand.url, mapping, q="x") == ToolAnswer("ok")
    assert json.loads(stand.requests[0].body) == {"q": "x", "n": 7}
    assert (stand.requests[0].method, stand.targets) == ("POST", ["/api"])


def test_one_connection_serves_a_run_and_no_cookie_is_kept() -> None:
    async def thrice(url: str) -> None:
        server = resolve(ServerSpec("metrics", url), {})
        async with HttpClient({}) as client:
            tool = HttpTool("t", parse(MAPPING), INPUT, server, client, 10.0)
            for _ in range(3):
                assert (await tool.answer({}, ())).text == "ok"

    with Stand(lambda exchange: exchange.say(200, b"ok", set_cookie="a=b; Path=/")) as stand:
        asyncio.run(thrice(stand.url))
    assert stand.connections == 1
    assert not any("cookie" in request.headers for request in stand.requests)


def test_a_call_that_makes_no_request_is_refused() -> None:
    with Stand(lambda exchange: exchange.say()) as stand:
        answer = asked(stand.url, {"path": "/ns/{{ q }}"}, q="../x")
    assert answer.is_error
    assert answer.text.startswith("The call was not made: `../x` cannot stand in a path")
    assert stand.requests == []


@pytest.mark.parametrize(
    ("type_", "body", "text"),
    [
        ("text/plain; charset=iso-8859-1", b"\xfc", "\u00fc"),
        ("text/plain; charset=UTF-16", "\ufeff\u00fc".encode("utf-16-le"), "\u00fc"),
        ("text/plain", b"\xfc", "\ufffd"),
        ("application/json", b"\xef\xbb\xbf{}", "\ufeff{}"),
        ("text/plain; charset=punycode", b"\xc3\xbc-a", "\u00fc-a"),
        ("text/plain; charset=unicode_escape", b"\\q", "\\q"),
        ("text/plain; charset=zip", b"a", "a"),
        ("text/plain; charset=\"x\x7fy\"", b"a", "a"),
        ("image/svg+xml", b"<svg/>", "<svg/>"),
    ],
)  # fmt: skip
def test_text_in_its_charset(type_: str, body: bytes, text: str) -> None:
    assert said(200, body, content_type=type_) == ToolAnswer(text)


@pytest.mark.parametrize(("type_", "body"), [("image/png", b"\x89PNG"), ("application/zip", b"PK\0\0")])
def test_what_is_not_text_is_named(type_: str, body: bytes) -> None:
    answer = said(200, body, content_type=type_)
    assert answer.is_error
    assert f"4 bytes that are not text ({type_})" in answer.text
    assert "4 bytes that are not text" in said(500, body, content_type=type_).text


def test_nothing() -> None:
    assert said(200).no_data
    answer = said(404, b"404 page not found\n")
    assert answer.no_data
    assert not answer.is_error
    assert answer.text.startswith(
        'No data for these arguments: query_metrics({"n": 7}). The server metrics (localhost:'
    )
    assert answer.text.endswith("answered HTTP 404:\n404 page not found\n")
    assert said(204).no_data


def test_which_statuses_mean_nothing_is_the_tools_to_say() -> None:
    mapping = {"no_data": {"status": [400]}}
    assert said(400, b"no such stream", mapping).no_data
    assert said(404, b"", mapping).is_error


@pytest.mark.parametrize("status", [400, 401, 403, 422, 500, 502, 503, 429])
def test_other_statuses_are_errors_with_the_first_part_of_the_body(status: int) -> None:
    answer = said(status, b"bad_data: " + b"x" * 5000 + TOKEN.encode())
    assert answer.is_error
    assert f"answered HTTP {status}:\nbad_data: xxx" in answer.text
    assert answer.text.endswith("\n[the rest is left out]")
    assert len(answer.text) < 2200


def test_a_server_that_repeats_the_credentials_does_not_get_them_into_an_error() -> None:
    with Stand(lambda exchange: exchange.say(403, exchange.received.headers["authorization"].encode())) as stand:
        answer = asked(stand.url)
    assert answer.text.endswith("answered HTTP 403:\n[masked]")


def test_head_tells_status_and_headers() -> None:
    answer = said(200, b"12345", {"method": "HEAD"}, content_type="text/plain", set_cookie="a=b")
    assert answer.text.startswith("HTTP 200\ncontent-type: text/plain\ncontent-length: 5\ndate: ")
    assert "cookie" not in answer.text


def packed(body: bytes, bits: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, bits)
    return packer.compress(body) + packer.flush()


LONG = b"".join(b"%d," % number for number in range(200_000))


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(LONG)),
        ("GZIP", gzip.compress(LONG[:500_000]) + gzip.compress(LONG[500_000:])),
        ("gzip", gzip.compress(LONG) + b"\0" * 100),
        ("deflate", zlib.compress(LONG)),
        ("deflate", packed(LONG, -zlib.MAX_WBITS)),
        ("identity", LONG),
    ],
    ids=["gzip", "two members", "padded", "deflate", "raw deflate", "identity"],
)
def test_packed_bodies(encoding: str, body: bytes) -> None:
    assert said(200, body, content_encoding=encoding) == ToolAnswer(LONG.decode())


@pytest.mark.parametrize(
    ("encoding", "body", "wrong"),
    [
        ("gzip", b"plain text", "it is not packed by gzip, as it says"),
        ("gzip", gzip.compress(LONG)[:-20], "it ends in the middle of what is packed"),
        ("deflate", b"\xff\xff\xff", "it is not packed by deflate, as it says"),
        ("br", b"x", "it is packed in a way that was not asked for"),
        ("gzip, gzip", gzip.compress(gzip.compress(LONG)), "it is packed in a way that was not asked for"),
    ],
)
def test_bodies_that_cannot_be_unpacked(encoding: str, body: bytes, wrong: str) -> None:
    answer = said(200, body, content_encoding=encoding)
    assert answer.is_error
    assert answer.text.endswith(f"its answer cannot be read: {wrong}.")


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize(
    ("location", "named"),
    [
        ("https://evil.example:8443/steal?token=abc", "https://evil.example:8443"),
        ("//user:pw@evil.example/?a", "http://evil.example"),
        ("/login?next=secret", "another path of its own"),
        ("ftp://evil.example/", "ftp://evil.example"),
        ("file:///etc/passwd", "an address that is none"),
        ("", "an address that is none"),
        ("http://[", "an address that is none"),
    ],
)
def test_no_redirect_is_followed(status: int, location: str, named: str) -> None:
    with Stand(lambda exchange: exchange.say(status, b"", location=location)) as stand:
        answer = asked(stand.url)
    assert answer == ToolAnswer(
        f"The server metrics (localhost:{stand.port}) answered with a redirect (HTTP {status}) to {named}. "
        "Redirects are not followed.",
        is_error=True,
    )
    assert len(stand.requests) == 1


def test_a_redirect_to_another_server_does_not_reach_it() -> None:
    with Stand(lambda exchange: exchange.say(200, b"secret")) as other:

        def lead_away(exchange: Exchange) -> None:
            exchange.say(307, b"", location=f"{other.url}/x")

        with Stand(lead_away) as stand:
            assert asked(stand.url).is_error
        assert other.connections == 0


HOSTILE = [
    *("?x=1", "#f", "a&b=c", ";", "@evil.example", "u:p@evil.example", "http:evil.example", "$(id)", "`id`", "{{ 7 }}"),
    *("--server=x", "-o=go-template-file=x", "\u2215etc", "\uff0e\uff0e", "%", "a b", "\u202e", "\ue000", "..."),
    "[::1]",
]


def test_hostile_arguments_arrive_as_values() -> None:
    mapping = {"path": "/ns/{{ q }}/pods", "query": {"q": "{{ q }}", "r": "1"}}

    async def all_of_them(url: str) -> None:
        for hostile in HOSTILE:
            assert not (await ask(url, mapping, q=hostile)).is_error

    with Stand(lambda exchange: exchange.say(200, b"ok")) as stand:
        asyncio.run(all_of_them(stand.url))
    for hostile, target in zip(HOSTILE, stand.targets, strict=True):
        path, _, query = target.partition("?")
        assert [unquote(part) for part in path.split("/")] == ["", "ns", hostile, "pods"]
        assert parse_qsl(query, keep_blank_values=True) == [("q", hostile), ("r", "1")]
