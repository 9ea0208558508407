"""Refuses every connection that leaves this machine: for the tests, and for the Python programs that they start."""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import Any, NoReturn

EXIT_CODE = 97
"""What a program that a test started exits with when it tries to leave this machine."""

STANDS_BACK = False
"""Set where a program that a test run started is itself a test run, whose own guard fails the test instead."""

REFUSED: list[str] = []
"""What was tried in this process and refused. `conftest.py` fails the test that left something here."""


class NetworkRefused(BaseException):
    """A test tried to leave this machine. Not an `Exception`, so that nothing takes it for a failed connection."""


def install(*, in_tests: bool) -> None:
    """Watch this process from now on (an audit hook cannot be taken out again)."""

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if STANDS_BACK:
            return
        if event in ("socket.connect", "socket.sendto"):
            address = args[1]
            if isinstance(address, tuple):
                check(event, address[0])
        elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
            check(event, args[0])

    def check(event: str, host: object) -> None:
        if not is_here(host):
            refuse(f"{event}: {host!r}")

    def refuse(what: str) -> NoReturn:
        if in_tests:
            REFUSED.append(what)
            raise NetworkRefused(what)
        sys.stderr.write(f"tests must not leave this machine: {what}\n")
        sys.stderr.flush()
        os._exit(EXIT_CODE)

    sys.addaudithook(hook)


def is_here(host: object) -> bool:
    """Whether a host is this machine, without asking anyone. What is no name or address goes nowhere."""
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if not isinstance(host, str) or host in ("", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
