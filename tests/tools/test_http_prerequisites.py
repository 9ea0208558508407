"""Whether a server can be used, asked before the first paid call."""

from __future__ import annotations

import asyncio
import gzip
import ssl

import pytest
from own_authority import certificate, free_port, tls
from stand import Stand

from sre_runner.tools.http import Reached, prerequisites
from sre_runner.tools.servers import FromEnv, ServerSpec

__all__ = ["certificate", "tls"]
TOKEN = "t0ps3cr3t-t0ken"


def reach(url: str, **environ: str) -> Reached:
    return asyncio.run(prerequisites(ServerSpec("metrics", url, {"Authorization": FromEnv("AUTH")}), environ))


@pytest.mark.parametrize("status", [200, 302, 401, 404, 500])
def test_a_server_that_answers_can_be_used(status: int) -> None:
    with Stand(lambda exchange: exchange.say(status, gzip.compress(b"x"), content_encoding="gzip")) as stand:
        assert reach(f"{stand.url}/base", AUTH=TOKEN) == Reached("metrics", f"localhost:{stand.port}", status)
    assert stand.targets == ["/base/"]
    assert stand.requests[0].headers["authorization"] == TOKEN


def test_what_keeps_a_server_from_being_used() -> None:
    ((place, message, _),) = reach("http://localhost:1").problems
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
    with Stand(lambda exchange: exchange.say(), tls) as stand:
        ((_, message, hint),) = reach(stand.url, AUTH=TOKEN).problems
    assert "is not trusted" in message
    assert "SSL_CERT_FILE" in hint
