"""Proxies and certificates, as the environment says."""

from __future__ import annotations

import base64
import ssl
from pathlib import Path

import pytest
from own_authority import certificate, free_port, tls
from stand import Exchange, Stand
from test_http import TOKEN, asked

from sre_runner.casefile import ToolAnswer
from sre_runner.errors import RunnerError
from sre_runner.tools.http.environment import certificates, proxy_of
from sre_runner.tools.servers import ServerSpec, resolve

__all__ = ["certificate", "tls"]


def fine(exchange: Exchange) -> None:
    exchange.say(200, b"fine")


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


@pytest.mark.parametrize("host", ["xn--bcher-kva.example", "my_service.ns.svc", "10.1.2.3", "[fd00::1]", "a.example."])
def test_hosts_are_asked_for_as_they_were_written(host: str) -> None:
    with Stand(fine) as proxy:
        assert asked(f"http://{host}:81", environ={"ALL_PROXY": proxy.url}) == ToolAnswer("fine")
    assert proxy.targets == [f"http://{host}:81/api?n=7"]


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
