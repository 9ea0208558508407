"""Servers and networks that fail: slow, endless and huge answers, retries, proxies, certificates, cancellation."""

from __future__ import annotations

import asyncio
import base64
import gzip
import resource
import shutil
import socket
import ssl
import subprocess
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stand import Exchange, Stand
from test_http import TOKEN, ask, asked

from sre_runner.casefile import ToolAnswer
from sre_runner.errors import RunnerError
from sre_runner.tools.http import Reached, prerequisites
from sre_runner.tools.http.body import MOST
from sre_runner.tools.http.client import ATTEMPTS
from sre_runner.tools.http.environment import certificates, place_of_proxy, proxy_of
from sre_runner.tools.servers import FromEnv, ServerSpec, resolve

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
    bomb = b"".join([*(packer.compress(bytes(2**20).replace(b"\0", b" ")) for _ in range(500)), packer.flush()])
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
    assert len(stand.requests) == ATTEMPTS


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


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


# Proxies


def test_a_proxy_of_the_environment_is_used_with_its_password() -> None:
    with Stand(lambda exchange: exchange.say(200, b"by proxy")) as proxy:
        environ = {"HTTP_PROXY": f"http://user:p%40ss@localhost:{proxy.port}"}
        answer = asked("http://metrics.example:9090/base", environ=environ, q="a b")
    assert answer.text == "by proxy"
    (request,) = proxy.requests
    assert request.target == "http://metrics.example:9090/base/api?q=a%20b&n=7"
    assert request.headers["host"] == "metrics.example:9090"
    assert request.headers["proxy-authorization"] == f"Basic {base64.b64encode(b'user:p@ss').decode()}"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"


def test_a_proxy_that_is_not_there_is_named_without_its_password() -> None:
    answer = asked("http://metrics.example", environ={"ALL_PROXY": f"http://user:hunter22@localhost:{free_port()}"})
    assert answer.is_error
    assert "the proxy cannot be reached: connection refused" in answer.text
    assert "hunter22" not in answer.text


def test_a_proxy_that_is_not_spoken_to() -> None:
    answer = asked("http://metrics.example", environ={"http_proxy": "socks5://user:hunter22@localhost"})
    assert answer.is_error
    assert answer.text.endswith("cannot be asked: HTTP_PROXY is not a proxy that can be used.")


@pytest.mark.parametrize(
    ("url", "environ", "proxy"),
    [
        ("http://a.example", {}, None),
        ("http://a.example", {"HTTP_PROXY": "http://p:1"}, "http://p:1"),
        ("http://a.example", {"HTTP_PROXY": "p:1"}, "http://p:1"),
        ("http://a.example", {"HTTP_PROXY": "http://p:1", "http_proxy": "http://q:2"}, "http://q:2"),
        ("http://a.example", {"HTTPS_PROXY": "http://p:1"}, None),
        ("https://a.example", {"HTTPS_PROXY": "http://p:1", "ALL_PROXY": "http://q:2"}, "http://p:1"),
        ("https://a.example", {"HTTP_PROXY": "http://p:1", "ALL_PROXY": "http://q:2"}, "http://q:2"),
        ("http://a.example", {"HTTP_PROXY": "http://p:1", "NO_PROXY": "b.example, a.example"}, None),
        ("http://x.a.example", {"HTTP_PROXY": "http://p:1", "NO_PROXY": ".a.example"}, None),
        ("http://x.a.example", {"HTTP_PROXY": "http://p:1", "no_proxy": "A.example"}, None),
        ("http://xa.example", {"HTTP_PROXY": "http://p:1", "NO_PROXY": "a.example"}, "http://p:1"),
        ("http://a.example:9", {"HTTP_PROXY": "http://p:1", "NO_PROXY": "a.example:9"}, None),
        ("http://a.example:8", {"HTTP_PROXY": "http://p:1", "NO_PROXY": "a.example:9"}, "http://p:1"),
        ("http://[::1]:8", {"HTTP_PROXY": "http://p:1", "NO_PROXY": "::1"}, None),
        ("http://a.example", {"HTTP_PROXY": "http://p:1", "NO_PROXY": "*"}, None),
        ("http://a.example", {"HTTP_PROXY": "http://p:1", "NO_PROXY": ","}, "http://p:1"),
    ],
)
def test_which_proxy_is_used(url: str, environ: dict[str, str], proxy: str | None) -> None:
    assert proxy_of(resolve(ServerSpec("s", url), {}), environ) == proxy


@pytest.mark.parametrize("proxy", ["ftp://p", "http://", "http://p:99999", "http://p:0"])
def test_proxies_that_cannot_be_used(proxy: str) -> None:
    with pytest.raises(RunnerError, match="HTTPS_PROXY is not a proxy"):
        proxy_of(resolve(ServerSpec("s", "https://a.example"), {}), {"HTTPS_PROXY": proxy})


def test_a_proxy_is_named_without_its_password() -> None:
    assert place_of_proxy("http://user:pw@p.example:3128") == "p.example:3128"


# Certificates


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that is its own authority, with its key beside it as key.pem."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-days", "30", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost"),
        ],
        check=True,
        capture_output=True,
    )
    return folder / "cert.pem"


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    return context


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_environments_certificates_are_trusted(variable: str, certificate: Path, tls: ssl.SSLContext) -> None:
    with Stand(fine, tls) as stand:
        assert asked(stand.url, environ={variable: str(certificate)}) == ToolAnswer("fine")


def test_a_certificate_that_is_not_trusted_is_told_as_such(tls: ssl.SSLContext) -> None:
    with Stand(fine, tls) as stand:
        answer = asked(stand.url)
    assert answer.is_error
    assert f"the certificate of localhost:{stand.port} is not trusted: self-signed certificate" in answer.text
    assert stand.requests == []


def test_a_certificate_for_another_name_is_told_as_such(certificate: Path, tls: ssl.SSLContext) -> None:
    with Stand(fine, tls) as stand:
        answer = asked(f"https://127.0.0.1:{stand.port}", environ={"SSL_CERT_FILE": str(certificate)})
    assert "is not trusted: IP address mismatch, certificate is not valid for '127.0.0.1'" in answer.text
    assert stand.requests == []


def test_a_server_that_speaks_no_tls() -> None:
    with Stand(fine) as stand:
        answer = asked(stand.url.replace("http:", "https:"))
    assert f"there is no TLS connection to localhost:{stand.port}" in answer.text


def test_tls_goes_through_a_proxys_tunnel(certificate: Path, tls: ssl.SSLContext) -> None:
    with Stand(fine, tls) as stand, Stand(lambda exchange: exchange.tunnel(stand.port)) as proxy:
        environ = {"https_proxy": proxy.url, "SSL_CERT_FILE": str(certificate)}
        assert asked(stand.url, environ=environ).text == "fine"
        refusing = {**environ, "https_proxy": stand.url}
    assert (proxy.requests[0].method, proxy.targets) == ("CONNECT", [f"localhost:{stand.port}"])
    assert TOKEN not in str(proxy.requests)
    assert asked(stand.url, environ=refusing).is_error


def test_a_proxy_that_refuses_the_tunnel() -> None:
    with Stand(lambda exchange: exchange.say(407)) as proxy:
        answer = asked("https://metrics.example", environ={"HTTPS_PROXY": proxy.url})
    assert answer.text.endswith("the proxy does not let it through (HTTP 407).")


def test_certificates_that_cannot_be_read(tmp_path: Path) -> None:
    for value in (tmp_path / "none.pem", tmp_path / "empty.pem"):
        (tmp_path / "empty.pem").write_text("no certificate")
        with pytest.raises(RunnerError, match="REQUESTS_CA_BUNDLE cannot be used"):
            certificates({"REQUESTS_CA_BUNDLE": str(value)})
    assert certificates({"REQUESTS_CA_BUNDLE": str(tmp_path)})
    assert certificates({"SSL_CERT_DIR": str(tmp_path)})


# Before the first paid call


def reach(url: str, **environ: str) -> Reached:
    return asyncio.run(prerequisites(ServerSpec("metrics", url, {"Authorization": FromEnv("AUTH")}), environ))


@pytest.mark.parametrize("status", [200, 302, 401, 404, 500])
def test_a_server_that_answers_can_be_used(status: int) -> None:
    with Stand(lambda exchange: exchange.say(status, gzip.compress(b"x"), content_encoding="gzip")) as stand:
        assert reach(f"{stand.url}/base", AUTH=TOKEN) == Reached("metrics", f"localhost:{stand.port}", status)
    assert stand.targets == ["/base/"]
    assert stand.requests[0].headers["authorization"] == TOKEN


def test_what_keeps_a_server_from_being_used() -> None:
    ((place, message, hint),) = reach("http://localhost:1").problems
    assert (place, message) == (
        ("headers", "Authorization"),
        "the variable AUTH of the server `metrics` is not set",
    )
    port = free_port()
    ((place, message, hint),) = reach(f"http://localhost:{port}", AUTH=TOKEN).problems
    assert (place, message) == (
        ("url",),
        f"the server metrics (localhost:{port}): localhost:{port} cannot be reached: connection refused",
    )
    assert hint == "Check the server's URL, and whether it runs."
    ((place, message, hint),) = reach("http://metrics.example", AUTH=TOKEN, HTTP_PROXY="socks5://x").problems
    assert message == "the server metrics (metrics.example): HTTP_PROXY is not a proxy that can be used"
    assert "NO_PROXY" in hint


def test_a_certificate_that_is_not_trusted_is_a_problem_of_its_own(tls: ssl.SSLContext) -> None:
    with Stand(fine, tls) as stand:
        ((place, message, hint),) = reach(stand.url, AUTH=TOKEN).problems
    assert "is not trusted" in message
    assert "SSL_CERT_FILE" in hint
