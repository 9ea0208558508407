"""Servers and networks that fail: slow, endless and huge answers, retries, cancellation."""

from __future__ import annotations

import asyncio
import resource
import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from own_authority import free_port
from stand import Exchange, Stand
from test_http import ask, asked

from sre_runner.casefile import ToolAnswer
from sre_runner.tools.http.body import MOST
from sre_runner.tools.http.client import ATTEMPTS, HttpClient
from sre_runner.tools.http.request import Request
from sre_runner.tools.servers import ServerSpec, resolve

POST = {"method": "POST", "body": {"json": {"q": "{{ q }}"}}}


def growth(work: Callable[[], Any]) -> int:
    """Bytes by which the peak of this process's memory rises."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    work()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024


def test_a_huge_answer_is_cut_and_memory_stays_bounded() -> None:
    def huge(exchange: Exchange) -> None:
        exchange.begin(200, content_length=str(50 * 2**20))
        for _ in range(50):
            exchange.write(b"x" * 2**20)

    answers: list[ToolAnswer] = []
    with Stand(huge) as stand:
        assert growth(lambda: answers.append(asked(stand.url))) < 64 * 2**20
    (answer,) = answers
    assert not answer.is_error
    assert answer.text.endswith(f"\n[Only the first {MOST:,} bytes of this answer were read. Ask for less at once.]")
    assert answer.text.startswith("x" * 1000)
    assert len(answer.text) < MOST + 200


def test_an_answer_of_exactly_the_bound_is_whole() -> None:
    with Stand(lambda exchange: exchange.say(200, b"x" * MOST)) as stand:
        assert asked(stand.url).text == "x" * MOST


@pytest.mark.parametrize("bits", [zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS], ids=["gzip", "deflate", "raw"])
def test_a_small_body_that_unpacks_to_a_huge_one_is_cut(bits: int) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, bits)
    bomb = b"".join([*(packer.compress(bytes(2**20).replace(b"\0", b" ")) for _ in range(120)), packer.flush()])
    assert len(bomb) < 2**20
    encoding = "gzip" if bits > zlib.MAX_WBITS else "deflate"
    with Stand(lambda exchange: exchange.say(200, bomb, content_encoding=encoding)) as stand:
        assert growth(lambda: asked(stand.url)) < 64 * 2**20


def endless(exchange: Exchange) -> None:
    exchange.begin(200, transfer_encoding="chunked")
    while not exchange.closing.wait(0.01):
        exchange.write(b"5\r\nline\n\r\n")


def test_an_answer_that_never_ends_is_told_with_what_came_of_it() -> None:
    with Stand(endless) as stand:
        began = time.monotonic()
        answer = asked(stand.url, timeout=0.5)
        assert time.monotonic() - began < 3
    assert answer.is_error
    assert "it did not answer in time (0.5 s). Of its answer " in answer.text
    assert "bytes came, which begin:\nline\nline\n" in answer.text


def test_headers_that_never_end_are_no_answer() -> None:
    def flood(exchange: Exchange) -> None:
        exchange.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(100_000):
            exchange.write(b"x-%d: y\r\n" % number)

    with Stand(flood) as stand:
        answer = asked(stand.url, timeout=5.0)
    assert answer.is_error
    assert "its answer is not HTTP" in answer.text


def test_a_server_that_says_nothing() -> None:
    def silent(exchange: Exchange) -> None:
        exchange.closing.wait(5)

    with Stand(silent) as stand:
        answer = asked(stand.url, timeout=0.3)
        assert answer.text == f"The server metrics (localhost:{stand.port}): it did not answer in time (0.3 s)."
        late = asked(stand.url, POST, timeout=0.3)
    assert late.text.endswith("(0.3 s). Whether the server did what was asked is not known.")


def test_what_is_not_http() -> None:
    with Stand(lambda exchange: exchange.write(b"SSH-2.0-OpenSSH_9.6\r\n")) as stand:
        answer = asked(stand.url)
    assert answer.is_error
    assert answer.text.endswith("its answer is not HTTP.")
    assert len(stand.requests) == 1


def steps(*answers: Callable[[Exchange], None]) -> Callable[[Exchange], None]:
    """The n-th request gets the n-th answer."""
    return lambda exchange: answers[exchange.number - 1](exchange)


def fine(exchange: Exchange) -> None:
    exchange.say(200, b"fine")


def reset(exchange: Exchange) -> None:
    exchange.hang_up(reset=True)


def cut(exchange: Exchange) -> None:
    exchange.begin(200, content_length="1000")
    exchange.write(b"half")
    exchange.hang_up()


def busy(status: int, **headers: str) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.say(status, b"busy", **headers)


@pytest.mark.parametrize("mapping", [{}, {"method": "HEAD"}, {**POST, "safe": True}], ids=["GET", "HEAD", "safe POST"])
@pytest.mark.parametrize(
    "first",
    [reset, Exchange.hang_up, cut, busy(429, retry_after="0"), busy(503, retry_after="0")],
    ids=["reset", "hung up", "cut", "429", "503"],
)
def test_what_only_reads_is_tried_again(first: Callable[[Exchange], None], mapping: dict[str, Any]) -> None:
    if first is cut and mapping.get("method") == "HEAD":
        first = reset
    with Stand(steps(first, fine)) as stand:
        answer = asked(stand.url, mapping)
    assert not answer.is_error
    assert len(stand.requests) == 2


@pytest.mark.parametrize("first", [reset, cut], ids=["reset", "cut"])
def test_what_may_have_changed_something_is_sent_once(first: Callable[[Exchange], None]) -> None:
    with Stand(first) as stand:
        answer = asked(stand.url, POST)
    assert answer.is_error
    assert answer.text.endswith("Whether the server did what was asked is not known.")
    assert len(stand.requests) == 1


def test_a_busy_server_is_not_sent_a_write_again() -> None:
    with Stand(busy(503, retry_after="0")) as stand:
        assert asked(stand.url, POST).is_error
    assert len(stand.requests) == 1


def test_a_stated_wait_is_waited_for() -> None:
    with Stand(steps(busy(429, retry_after="1"), fine)) as stand:
        began = time.monotonic()
        assert asked(stand.url).text == "fine"
        assert time.monotonic() - began >= 1.0


@pytest.mark.parametrize("headers", [{}, {"retry_after": "3600"}, {"retry_after": "soon"}])
def test_no_wait_is_none_or_too_long_a_one(headers: dict[str, str]) -> None:
    with Stand(busy(503, **headers)) as stand:
        began = time.monotonic()
        answer = asked(stand.url)
        assert time.monotonic() - began < 2
    assert answer.is_error
    assert answer.text.endswith("answered HTTP 503:\nbusy")
    assert len(stand.requests) == 1


def test_retries_end() -> None:
    with Stand(reset) as stand:
        answer = asked(stand.url)
    assert answer.text.endswith("it closed the connection before the answer was there.")
    assert ATTEMPTS <= len(stand.requests) <= 2 * ATTEMPTS


def test_a_server_that_is_not_there() -> None:
    port = free_port()
    answer = asked(f"http://localhost:{port}")
    assert answer.is_error
    assert answer.text == (
        f"The server metrics (localhost:{port}): localhost:{port} cannot be reached: connection refused."
    )


def test_a_cancelled_call_leaves_no_connection_and_the_next_goes_on() -> None:
    async def cancelled(url: str) -> None:
        for wait in (0.0, 0.05, 0.2):
            task = asyncio.create_task(ask(url, timeout=30.0))
            await asyncio.sleep(wait)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert len(asyncio.all_tasks()) == 1

    with Stand(endless) as stand:
        asyncio.run(cancelled(stand.url))


def test_many_calls_at_once() -> None:
    async def all_of_them(url: str) -> list[ToolAnswer]:
        return await asyncio.gather(*(ask(url, q=str(number)) for number in range(40)))

    with Stand(lambda exchange: exchange.say(200, exchange.received.target.encode())) as stand:
        answers = asyncio.run(all_of_them(stand.url))
    assert [answer.text for answer in answers] == [f"/api?q={number}&n=7" for number in range(40)]


def test_headers_of_the_moment_are_sent_and_a_requests_own_go_before_them() -> None:
    moments = iter([{"traceparent": "first", "accept": "all"}, {"traceparent": "second"}])

    async def twice(url: str) -> None:
        server = resolve(ServerSpec("metrics", url), {})
        async with HttpClient({}, context=lambda: next(moments)) as client:
            for _ in range(2):
                await client.send(server, Request("GET", f"{server.origin}/", {"accept": "text/plain"}), 5)

    with Stand(lambda exchange: exchange.say(200)) as stand:
        asyncio.run(twice(stand.url))
    assert [request.headers["traceparent"] for request in stand.requests] == ["first", "second"]
    assert {request.headers["accept"] for request in stand.requests} == {"text/plain"}
