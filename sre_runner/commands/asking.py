"""`--ask`: the person at the terminal decides on a write before it is made."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from sre_runner.errors import ExitCode, RunnerError
from sre_runner.text.output import printable

if TYPE_CHECKING:
    from sre_runner.investigation.terms import Asker, Question

SECONDS = 120.0
"""In which a person has to answer; then the write is withheld, as without `--ask`."""

Pause = Callable[[], AbstractContextManager[Any]]
"""What keeps progress from being drawn while a person is asked."""


class NoTerminalError(RunnerError):
    """`--ask` without anybody to ask."""

    exit_code = ExitCode.USAGE


def asker(pause: Pause, seconds: float = SECONDS) -> Asker:
    """What asks at the terminal of this process; raise `NoTerminalError` where there is none."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        raise NoTerminalError(
            "--ask needs a terminal, and there is none", "Leave it out: writes are withheld and proposed."
        ) from None

    async def ask(question: Question) -> bool | None:
        with pause(), _terminal() as terminal:
            _say(terminal, text(question, seconds))
            answer = await _line(terminal, seconds)
            if answer is None:
                _say(terminal, "\nNo answer in time: withheld.\n")
            return None if answer is None else answer.strip().lower() in ("y", "yes")

    return ask


def text(question: Question, seconds: float) -> str:
    """The question as it stands on the terminal; nothing in it can steer that."""
    arguments = json.dumps(question.arguments, ensure_ascii=False)
    lines = [
        f"{question.agent} wants to write: {question.tool} {arguments}",
        f"  {question.preview}",
        f"Allow it? [y/N] (withheld after {seconds:g} s) ",
    ]
    return "\n".join(map(printable, lines))


@contextlib.contextmanager
def _terminal() -> Iterator[int]:
    file = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    try:
        yield file
    finally:
        os.close(file)


def _say(terminal: int, words: str) -> None:
    with contextlib.suppress(OSError):
        os.write(terminal, words.encode())


async def _line(terminal: int, seconds: float) -> str | None:
    """What the person types, to the end of the line; None where nothing comes in time. What was typed before the
    question is no answer to it."""
    with contextlib.suppress(OSError):
        import termios

        termios.tcflush(terminal, termios.TCIFLUSH)
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(terminal, ready.set)
    try:
        async with asyncio.timeout(seconds):
            await ready.wait()
        return os.read(terminal, 1000).decode(errors="replace")
    except (TimeoutError, OSError):
        return None
    finally:
        loop.remove_reader(terminal)
