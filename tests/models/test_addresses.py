"""Addresses and proxies that may be used, and where a redirect leads."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.errors import ExitCode, ServiceError
from sre_runner.models.addresses import check_base_url, check_proxy, redirect_of


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:11434",
        "https://api.anthropic.com/",
        "http://[::1]:8080",
        "https://gateway.example/anthropic",
        "http://bücher.example",
        "https://me:password@gateway.example",
    ],
)
def test_addresses_that_can_be_called(url: str) -> None:
    check_base_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:11434",
        "//localhost",
        "file:///etc/passwd",
        "http://",
        "http://a b",
        "http://a\n",
        " http://x",
        "http://x:0",
        "http://x:99999",
        "http://x:port",
        "http://[x",
        f"http://{'x' * 80}.example",
    ],
)
def test_addresses_that_cannot(url: str) -> None:
    with pytest.raises(ServiceError, match="the model service's address is not usable") as caught:
        check_base_url(url)
    assert caught.value.message.isprintable()
    assert "ANTHROPIC_BASE_URL" in caught.value.hint
    assert caught.value.exit_code is ExitCode.SERVICE


def test_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(ServiceError) as caught:
        check_base_url("ftp://me:secret-password@gateway.example/")
    assert "secret-password" not in caught.value.message
    assert "gateway.example" in caught.value.message


@pytest.mark.parametrize("end", ["?", "#", "?api-version=2", "/v1?key=secret-key-1", "#top", "/?#", "/a?b#c"])
def test_an_address_with_a_query_or_a_fragment(end: str) -> None:
    """The SDK would append its path to it."""
    with pytest.raises(ServiceError, match="has a query or a fragment") as caught:
        check_base_url(f"https://gateway.example{end}")
    assert "secret-key-1" not in caught.value.message
    assert "ANTHROPIC_BASE_URL" in caught.value.hint


SOCKS = "socks5://me:secret-password@127.0.0.1:1080"


@pytest.mark.parametrize(
    ("url", "proxies", "variable"),
    [
        ("https://api.example", {"all": SOCKS}, "ALL_PROXY"),
        ("https://api.example", {"https": SOCKS, "all": "http://proxy:3128"}, "HTTPS_PROXY"),
        ("http://127.0.0.1:11434", {"http": SOCKS}, "HTTP_PROXY"),
        ("http://api.example", {"http": "ftp://proxy"}, "HTTP_PROXY"),
        ("https://api.example", {"all": "SOCKS4A://proxy"}, "ALL_PROXY"),
        ("https://api.example", {"all": "socks5h://proxy", "no": "other.example, 127.0.0.1"}, "ALL_PROXY"),
        ("https://notexample.com", {"all": "socks5h://proxy", "no": "example.com"}, "ALL_PROXY"),
    ],
)
def test_a_proxy_that_the_transport_does_not_speak_to(url: str, proxies: Mapping[str, str], variable: str) -> None:
    with pytest.raises(ServiceError, match="the proxy for the model service is not usable") as caught:
        check_proxy(url, proxies)
    assert variable in caught.value.hint
    assert "secret-password" not in caught.value.message
    assert caught.value.exit_code is ExitCode.SERVICE


@pytest.mark.parametrize(
    ("url", "proxies"),
    [
        ("https://api.example", {}),
        ("https://api.example", {"https": "http://proxy:3128", "all": SOCKS}),
        ("https://api.example", {"https": "proxy:3128"}),
        ("https://api.example", {"http": SOCKS}),
        ("http://localhost:11434", {"all": SOCKS, "no": "localhost,127.0.0.1"}),
        ("https://api.example", {"all": SOCKS, "no": "a.example, .example"}),
        ("https://api.example", {"all": SOCKS, "no": "*.example"}),
        ("https://api.example", {"all": SOCKS, "no": "*"}),
        ("https://API.Example", {"all": SOCKS, "no": "Api.example"}),
    ],
)
def test_proxies_that_do_no_harm(url: str, proxies: Mapping[str, str]) -> None:
    check_proxy(url, proxies)


HERE = "http://me:secret-password@gateway.example:8080/v1/messages"


@pytest.mark.parametrize(
    ("location", "origin", "why"),
    [
        ("https://evil.example/v1/messages?q=1", "https://evil.example", "It is another server"),
        ("//evil.example:99/x", "http://evil.example:99", "It is another server"),
        ("http://user:pass@evil.example/", "http://evil.example", "It is another server"),
        ("http://gateway.example:8081/v1/messages", "http://gateway.example:8081", "It is another server"),
        ("https://gateway.example/v1/messages", "https://gateway.example", "It wants https"),
        ("/login", "http://gateway.example:8080", "It wants another path"),
        ("messages/", "http://gateway.example:8080", "It wants another path"),
        ("http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080", "It is another server"),
        ("", "", "It does not say where to"),
        ("http://[broken", "", "It does not say where to"),
        ("http://x:port/", "", "It does not say where to"),
        ("mailto:me", "", "It does not say where to"),
    ],
)
def test_where_a_redirect_leads(location: str, origin: str, why: str) -> None:
    assert redirect_of(HERE, location) == (origin, why)


@given(st.text())
def test_any_location_has_an_origin_or_none(location: str) -> None:
    origin, why = redirect_of(HERE, location)
    assert "secret-password" not in origin
    assert why.startswith("It ")
