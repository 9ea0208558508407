"""What a process writes, read within bounds: lines up to a size, and the two ends of its stderr."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_MESSAGE = 16 * 1024 * 1024
"""Bytes of one JSON-RPC message; the text of a tool is shorter, as JSON escapes it."""

MAX_SKIPPED = 256 * 1024 * 1024
"""Bytes of one line that are read and thrown away before the process is given up."""

MAX_SAID = 1200
"""Bytes of stderr that are kept."""

_HEAD = re.compile(rb'\s*\{\s*"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*(\d{1,15})\s*,')
_TAIL = re.compile(rb',\s*"id"\s*:\s*(\d{1,15})\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}\s*\Z')
_PEEKED = 200


@dataclass(frozen=True)
class Oversized:
    """A line that was longer than the limit and is not kept. `id` is that of the JSON-RPC message, where it is clear
    from the line's beginning or end."""

    id: int | None


class Lines:
    """Cuts bytes into lines of at most `limit` bytes; of a longer one only its id is made out."""

    def __init__(self, limit: int = MAX_MESSAGE) -> None:
        self._limit = limit
        self._line = bytearray()
        self._tail = b""
        self._told = False
        self.skipped = 0
        """Bytes of the current line that were thrown away."""

    def feed(self, chunk: bytes) -> list[bytes | Oversized]:
        """The lines that end in this chunk, without their newline. A line whose id is clear is told as oversized as
        soon as it is."""
        found: list[bytes | Oversized] = []
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            self._add(part, found)
            self._end(found)
        self._add(rest, found)
        return found

    def _add(self, part: bytes, found: list[bytes | Oversized]) -> None:
        if not self.skipped and len(self._line) + len(part) <= self._limit:
            self._line += part
            return
        if not self.skipped:
            head = _HEAD.match(bytes(self._line[:_PEEKED]) + part[:_PEEKED])
            if head:
                found.append(Oversized(int(head[1])))
                self._told = True
            part = bytes(self._line[-_PEEKED:]) + part
            self.skipped = len(self._line)
            self._line = bytearray()
        self.skipped += len(part)
        self._tail = (self._tail + part)[-_PEEKED:]

    def _end(self, found: list[bytes | Oversized]) -> None:
        if not self.skipped:
            found.append(bytes(self._line))
        elif not self._told:
            tail = _TAIL.search(self._tail)
            found.append(Oversized(int(tail[1]) if tail else None))
        self._line, self._tail, self._told, self.skipped = bytearray(), b"", False, 0


class Said:
    """The first and the last bytes of what a process said: an error stands before its usage, a crash at the end."""

    def __init__(self, limit: int = MAX_SAID) -> None:
        self._limit = limit
        self._first = bytearray()
        self._last = bytearray()
        self._left_out = False

    def add(self, chunk: bytes) -> None:
        """Keeps its part of it."""
        room = self._limit // 2 - len(self._first)
        self._first += chunk[:room]
        self._last += chunk[room:]
        if len(self._last) > self._limit // 2:
            self._left_out = True
            del self._last[: -(self._limit // 2)]

    @property
    def text(self) -> str:
        """What is kept, as text, with a mark where something is left out."""
        mark = b"\n[...]\n" if self._left_out else b""
        return bytes(self._first + mark + self._last).decode(errors="replace").strip()
