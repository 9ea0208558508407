"""How long a server's certificate is valid, of a real server with a certificate of 30 days."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
from own_authority import certificate, tls
from stand import Stand

from sre_runner.tools.backends.server_looks import FEW_DAYS, answered, validity
from sre_runner.tools.http.certificate import days_left
from sre_runner.tools.servers import Server

__all__ = ["certificate", "tls"]


def test_the_days_of_a_certificate(tls: ssl.SSLContext, certificate: Path) -> None:
    with Stand(lambda exchange: exchange.say(), tls) as stand:
        server = Server("s", "https", "localhost", stand.port, "")
        days = asyncio.run(days_left(server, {"SSL_CERT_FILE": str(certificate)}))
        assert days is not None
        assert 29 < days <= 30
        assert stand.targets == []
        with pytest.raises(ssl.SSLCertVerificationError):
            asyncio.run(days_left(server, {}))


def test_there_is_none_without_tls_or_behind_a_proxy() -> None:
    assert asyncio.run(days_left(Server("s", "http", "localhost", 1, ""), {})) is None
    assert asyncio.run(days_left(Server("s", "https", "localhost", 1, ""), {"HTTPS_PROXY": "http://proxy"})) is None


def test_what_is_said_of_it() -> None:
    assert validity(FEW_DAYS + 0.5).level == "ok"
    assert validity(FEW_DAYS)[:2] == ("warn", "its certificate is valid for 21 more days")
    assert validity(1.9).text == "its certificate is valid for 1 more day"


@pytest.mark.parametrize(
    ("status", "level"), [(200, "ok"), (302, "ok"), (404, "ok"), (401, "warn"), (403, "warn"), (500, "warn")]
)
def test_what_a_status_at_the_base_path_means(status: int, level: str) -> None:
    seen = answered("host", status)
    assert seen[:2] == (level, f"host answers ({status})")
    assert bool(seen.hint) == (level == "warn")
