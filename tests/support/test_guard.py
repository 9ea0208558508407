"""The guard: no test, and no program that a test starts, leaves this machine or finds a credential."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from guard.network_guard import EXIT_CODE, REFUSED, NetworkRefused, is_here
from loopback import Loopback

from sre_runner.casefile import ModelRequest
from sre_runner.models.anthropic import AnthropicModel
from sre_runner.models.credentials import VARIABLES, signs_of_credentials
from sre_runner.models.patience import Patience

SOMEWHERE = "192.0.2.1"  # reserved for documentation: nobody answers there
QUESTION = ModelRequest("claude-sonnet-5-5", 10, "", [{"role": "user", "content": [{"type": "text", "text": "?"}]}], [])


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("0.0.0.0", True),
        ("localhost", True),
        (b"localhost", True),
        ("", True),
        (None, True),
        (SOMEWHERE, False),
        ("api.anthropic.com", False),
        (b"api.anthropic.com", False),
        ("2001:db8::1%eth0", False),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
    ],
)
def test_what_counts_as_this_machine(host: object, here: bool) -> None:
    assert is_here(host) is here


def test_connections_and_look_ups_are_refused() -> None:
    with socket.socket() as tcp, pytest.raises(NetworkRefused, match=SOMEWHERE):
        tcp.connect((SOMEWHERE, 443))
    with socket.socket(type=socket.SOCK_DGRAM) as udp, pytest.raises(NetworkRefused):
        udp.sendto(b"", (SOMEWHERE, 53))
    with pytest.raises(NetworkRefused, match="anthropic"):
        socket.getaddrinfo("api.anthropic.com", 443)
    with pytest.raises(NetworkRefused):
        socket.gethostbyname("api.anthropic.com")
    assert len(REFUSED) == 4, "each is noted, so that a test that swallows it fails all the same"
    REFUSED.clear()


@pytest.mark.parametrize("url", [None, f"http://{SOMEWHERE}"])
def test_the_real_model_cannot_reach_a_paid_api(url: str | None) -> None:
    async def ask() -> None:
        model = AnthropicModel(api_key="test", base_url=url, patience=Patience(0))
        try:
            await model.reply(QUESTION)
        finally:
            await model.close()

    with pytest.raises(NetworkRefused, match=SOMEWHERE if url else "api.anthropic.com"):
        asyncio.run(ask())
    assert REFUSED
    REFUSED.clear()


@pytest.mark.parametrize("host", [SOMEWHERE, "api.anthropic.com"])
def test_a_program_that_a_test_starts_ends_when_it_tries(host: str) -> None:
    code = f"import socket\ntry: socket.create_connection(({host!r}, 443), 1)\nexcept BaseException: print('alive')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (EXIT_CODE, "")
    assert host in done.stderr


def test_a_program_that_a_test_starts_reaches_the_loopback_server() -> None:
    with Loopback({}) as server:
        port = server.url.rpartition(":")[2]
        code = f"import socket\nsocket.create_connection(('localhost', {port})).close()\nprint('there')"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "there\n"


def test_no_credentials_are_left_to_tests() -> None:
    assert signs_of_credentials(os.environ, Path.home()) is None
    assert not set(VARIABLES) & set(os.environ)
    assert not any(name.lower().endswith("_proxy") for name in os.environ)
    assert not (Path.home() / ".config").exists()
