"""Real programs that tests start, each on a free port of 127.0.0.1: which are missing, until they answer, their end."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

SECONDS = 30
"""How long a program may take to answer."""


def found(*names: str) -> str | None:
    """The path of the first of these programs that is installed; distributions name some their own way."""
    return next((path for path in map(shutil.which, names) if path), None)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has at the moment."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def running(command: Callable[[int], Sequence[str]], ready: str, log: Path) -> Iterator[str]:
    """A program's address while it runs.

    `command` is made for a port; the program is ready when its path `ready` answers by status 200, and what it writes
    is in `log`. Where it ends at once, as when another program was faster at the port, it is started once more.
    """
    for _ in range(2):
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        with log.open("wb") as out:
            process = subprocess.Popen(command(port), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        try:
            until(partial(_settled, process, url + ready))
            if process.poll() is None and answers(url + ready):
                yield url
                return
        finally:
            end(process)
    raise AssertionError(f"{command(0)[0]} did not come up:\n{log.read_text(errors='replace')[-2000:]}")


def _settled(process: subprocess.Popen[bytes], url: str) -> bool:
    return process.poll() is not None or answers(url)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a program to end, and after 5 seconds end it."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def answers(url: str) -> bool:
    """Whether an address answers by status 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def until(holds: Callable[[], object], seconds: float = SECONDS) -> bool:
    """Whether this came to hold within some seconds; asked every 50 ms."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
