import asyncio
import os
import socket

import pytest
from mcp_serving import raw_http, sdk_over_http, within, zipped

from sre_runner.tools.mcp.errors import McpError
from sre_runner.tools.mcp.spec import McpServerSpec
from sre_runner.tools.mcp.tools import Listings, call
from sre_runner.tools.servers import FromEnv


def answered(method, act, seconds=5.0, timeout=10.0):
    """The answer to a call of a server that misbehaves in this method."""
    with raw_http(method, act) as (url, _):
        spec = McpServerSpec("raw", url=url, timeout=timeout)
        return within(spec, lambda sessions: call(sessions, "raw", "do", {}, seconds))


@pytest.mark.parametrize("kind", ["http", "http-json"])
def test_the_sdks_server_over_streamable_http(kind):
    async def work(sessions):
        calls = (call(sessions, "sdk", "echo", {"text": str(number)}, 10) for number in range(5))
        texts = [answer.text for answer in await asyncio.gather(*calls)]
        large = await call(sessions, "sdk", "big", {"megabytes": 20}, 20)
        slow = await call(sessions, "sdk", "slow", {"seconds": 60}, 0.3)
        names = [tool.name for tool in await Listings(sessions).offered("sdk")]
        return texts, large, slow, names, str(await sessions.identity("sdk"))

    with sdk_over_http(kind) as url:
        texts, large, slow, names, identity = within(McpServerSpec("sdk", url=url), work)
    assert texts == list("01234")
    assert large.is_error
    assert len(large.text) < 1000
    assert "did not answer within 0.3 s" in slow.text
    assert {"echo", "with.dots"} <= set(names)
    assert identity.startswith("test-server 1.2.3 (127.0.0.1:")


def test_headers_and_url_may_come_from_the_environment_and_are_sent_with_each_request():
    with raw_http("none", lambda handler, request: None) as (url, seen):
        headers = {"Authorization": FromEnv("MCP_AUTH"), "X-Scope-OrgID": "ops"}
        spec = McpServerSpec("raw", url=FromEnv("MCP_URL"), headers=headers)
        environ = {"MCP_URL": url, "MCP_AUTH": "Bearer abcdefgh12345"}
        answer = within(spec, lambda sessions: call(sessions, "raw", "do", {}, 5), environ)
    assert answer.text == "well"
    sent = [given for method, given in seen if method != "DELETE"]
    assert [given["authorization"] for given in sent] == ["Bearer abcdefgh12345"] * len(sent)
    assert [given["x-scope-orgid"] for given in sent] == ["ops"] * len(sent)
    assert [method for method, _ in seen] == ["initialize", "notifications/initialized", "tools/call", "DELETE"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("same", [True, False])
def test_redirects_are_not_followed(status, same):
    with raw_http("none", lambda handler, request: None) as (other, seen):

        def act(handler, request):
            where = f"http://127.0.0.1:{handler.server.server_port}/other" if same else f"{other}?token=1"
            handler.answer(status, b"", {"location": where})

        answer = answered("tools/call", act)
    assert f"HTTP {status}" in answer.text
    assert "which is not followed" in answer.text
    assert "token" not in answer.text
    assert answer.is_error
    assert not seen


def test_a_status_is_told_with_the_first_part_of_the_body():
    answer = answered("tools/call", lambda handler, request: handler.answer(503, b"<h1>try\x1b later</h1>" * 1000))
    assert answer.text.startswith("the MCP server `raw`: answered: HTTP 503 Service Unavailable: <h1>try\\x1b later")
    assert len(answer.text) < 700
    error = b'{"jsonrpc":"2.0","id":null,"error":{"code":-32602,"message":"no such tool"}}'
    json = {"content-type": "application/json"}
    answer = answered("tools/call", lambda handler, request: handler.answer(400, error, json))
    assert "HTTP 400 Bad Request: no such tool" in answer.text


def test_a_server_that_refuses_the_credentials_is_an_error_at_once_and_no_secret_is_shown():
    def act(handler, request):
        handler.answer(401, f"bad token {handler.headers['authorization']}".encode())

    with raw_http("initialize", act) as (url, _):
        spec = McpServerSpec("raw", url=url, headers={"Authorization": FromEnv("MCP_X")})
        with pytest.raises(McpError) as error:
            within(spec, lambda sessions: sessions.identity("raw"), {"MCP_X": "Bearer abcdefgh12345"})
    assert "answered: HTTP 401 Unauthorized: bad token" in error.value.message
    assert "abcdefgh" not in error.value.message
    assert "/mcp" in error.value.hint


def test_compressed_broken_and_foreign_answers_are_errors_of_one_call():
    assert "compressed" in answered("tools/call", zipped).text
    json = {"content-type": "application/json"}
    assert answered("tools/call", lambda handler, request: handler.answer(200, b"{", json)).is_error
    html = {"content-type": "text/html"}
    assert "text/html" in answered("tools/call", lambda handler, request: handler.answer(200, b"hi", html)).text
    assert answered("tools/call", lambda handler, request: handler.answer(202, b"")).is_error


def test_an_answer_that_is_too_large_is_thrown_away():
    json = {"content-type": "application/json"}
    large = answered("tools/call", lambda handler, request: handler.answer(200, b"x" * 20_000_000, json))
    assert "larger than 16 MiB" in large.text


def test_a_connection_that_breaks_costs_one_call():
    count = []

    def act(handler, request):
        count.append(1)
        if len(count) == 1:
            handler.connection.shutdown(socket.SHUT_RDWR)
            handler.close_connection = True
        else:
            handler.result(request, {"content": [{"type": "text", "text": "again"}]})

    async def work(sessions):
        return [await call(sessions, "raw", "do", {}, 5) for _ in range(2)]

    with raw_http("tools/call", act) as (url, seen):
        broken, well = within(McpServerSpec("raw", url=url), work)
    assert "broke" in broken.text
    assert (broken.is_error, broken.from_tool) == (True, False)
    assert well.text == "again"
    assert [method for method, _ in seen].count("initialize") == 1


def test_a_server_that_forgot_the_session_is_asked_in_a_new_one():
    count = []

    def act(handler, request):
        count.append(1)
        if len(count) == 1:
            handler.answer(404, b"")
        else:
            handler.result(request, {"content": [{"type": "text", "text": "again"}]})

    with raw_http("tools/call", act) as (url, seen):
        answer = within(McpServerSpec("raw", url=url), lambda sessions: call(sessions, "raw", "do", {}, 5))
    assert answer.text == "again"
    assert [method for method, _ in seen].count("initialize") == 2


def test_a_server_that_is_not_there_is_tried_again():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    spec = McpServerSpec("raw", url=f"http://127.0.0.1:{port}/mcp", timeout=5)

    async def work(sessions):
        return [(await call(sessions, "raw", "do", {}, 5)).text for _ in range(3)]

    for text in within(spec, work):
        assert "127.0.0.1 cannot be reached" in text


def test_a_silent_server_ends_at_the_timeout():
    hold = []

    def act(handler, request):
        hold.append(handler.rfile.read(1))

    assert "did not answer within 0.2 s" in answered("tools/call", act, seconds=0.2).text


def test_proxies_of_the_environment_are_used(monkeypatch):
    with raw_http("none", lambda handler, request: None) as (proxy, seen):
        monkeypatch.setenv("HTTP_PROXY", proxy.removesuffix("/mcp"))
        monkeypatch.setenv("NO_PROXY", "")
        spec = McpServerSpec("raw", url="http://mcp.invalid/mcp")
        answer = within(spec, lambda sessions: call(sessions, "raw", "do", {}, 5), dict(os.environ))
    assert answer.text == "well"
    assert seen[0][0] == "initialize"
