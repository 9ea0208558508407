"""Rows taken from a list by an event loop, one when there is room for it, though the list may be a pipe that waits."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Generic, TypeVar

T = TypeVar("T")


class Reader(Generic[T]):
    """Asks a thread of its own for one item at a time. A thread that waits for a pipe never keeps the process."""

    def __init__(self, items: Iterator[T]) -> None:
        self._items = items
        self._wanted: SimpleQueue[asyncio.Future[list[T]] | None] = SimpleQueue()
        self._next: asyncio.Future[list[T]] | None = None
        self._stopped = False

    def stop(self) -> None:
        """No further item is given, also where one is being waited for."""
        self._stopped = True
        if self._next and not self._next.done():
            self._next.set_result([])

    async def items(self) -> AsyncGenerator[T, None]:
        """Each item, when the one before it was taken."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._work, args=(loop,), daemon=True).start()
        try:
            while not self._stopped:
                self._next = loop.create_future()
                self._wanted.put(self._next)
                found = await self._next
                if not found:
                    return
                yield found[0]
        finally:
            self._wanted.put(None)

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        while (future := self._wanted.get()) is not None:
            found: list[T] | BaseException
            try:
                found = [next(self._items)]
            except StopIteration:
                found = []
            except BaseException as error:  # noqa: BLE001 (raised where the item is waited for)
                found = error
            with contextlib.suppress(RuntimeError):  # the loop was closed while the pipe was waited for
                loop.call_soon_threadsafe(_give, future, found)


def _give(future: asyncio.Future[list[T]], found: list[T] | BaseException) -> None:
    if future.done():
        return
    if isinstance(found, BaseException):
        future.set_exception(found)
    else:
        future.set_result(found)


class Copied:
    """A stream whose lines are written to a file as they are read, so that what came of a pipe can be read again."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._before: list[str] = []
        self._copy: IO[str] | None = None

    def into(self, path: Path) -> None:
        """Write the lines to this new file, those that were read before among them."""
        self._copy = path.open("x", encoding="utf-8", errors="surrogateescape", newline="")
        path.chmod(0o600)
        self._write("".join(self._before))
        self._before.clear()

    def close(self) -> None:
        """Let go of the file."""
        if self._copy:
            self._copy.close()

    def readline(self, size: int = -1) -> str:
        """As that of the stream."""
        line = self._stream.readline(size)
        self._write(line)
        return line

    def _write(self, text: str) -> None:
        if self._copy is None:
            self._before.append(text)
        else:
            self._copy.write(text)
            self._copy.flush()
