r"""A text as it reads once its escapes are undone, which still knows where each of its characters was written.

Undone are percent codes, HTML entities, `\xNN` and `\uNNNN` at any depth of backslashes; colour codes and characters
that nobody sees are dropped.
Everything takes time in proportion to the text.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import cache, cached_property, lru_cache
from itertools import accumulate
from typing import NamedTuple

from sre_runner.text.visible import DEFAULT_IGNORABLE

_ROUNDS = 4
"""How often escapes may be written over escapes (`%2541`)."""

# Every alternative begins with a literal, which makes the search quick, and a run of backslashes is tried only once.
_ESCAPES = re.compile(
    r"""(?x)
    \\(?<!\\\\)\\*+(?:
        (?:[xX]1[bB]|u001[bB]|033|e)\[[0-9;?]{0,20}[A-Za-z]()                              # 1: a colour code
      | x[0-9A-Fa-f]{2}(?:\\\\*+x[0-9A-Fa-f]{2})*+()                                       # 2: bytes
      | u[0-9A-Fa-f]{4}(?:\\\\*+u[0-9A-Fa-f]{4})*+()                                       # 3: halves of UTF-16
      | (?:U[0-9A-Fa-f]{8}|u\{[0-9A-Fa-f]{1,6}\})()                                        # 4: one character
    )
    | %[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*+()                                               # 5: bytes
    | &(?:\#[0-9]{1,7}|\#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});()                # 6: an entity
    | \x1b\[[0-9;?]{0,20}[A-Za-z]()                                                        # 7: a colour code
    | \ufe0f()                                                                             # 8: chooses an emoji's look
    """
)
_UNIT = re.compile(r"\\+[xu][0-9A-Fa-f]{2,4}|%..")


class View:
    """A text, and where its parts stand in the text that it was made from (here: in itself)."""

    text: str

    def __init__(self, text: str) -> None:
        self.text = text

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters from `start` to `end` (at least one) were written, in the first text of all."""
        return start, end


def unescaped(view: View) -> View:
    """The text with its escapes undone, several times where they were written over each other; the view itself
    where there are none."""
    for _ in range(_ROUNDS):
        if _ESCAPES.search(view.text) is None:
            break
        view = _Decoded(view)
    return view


class Without(View):
    """A text without what a pattern finds; `text` where that is known already."""

    def __init__(self, below: View, pattern: re.Pattern[str], text: str | None = None) -> None:
        super().__init__(pattern.sub("", below.text) if text is None else text)
        self._below, self._pattern = below, pattern

    def source(self, start: int, end: int) -> tuple[int, int]:
        """See `View`."""
        return self._below.source(self._place(start), self._place(end - 1) + 1)

    def _place(self, at: int) -> int:
        starts, places = self._kept
        piece = bisect_right(starts, at) - 1
        return places[piece] + at - starts[piece]

    @cached_property
    def _kept(self) -> tuple[list[int], list[int]]:
        """Where each kept piece begins, here and below."""
        starts, places, last, length = [], [], 0, 0
        for match in self._pattern.finditer(self._below.text):
            if match.start() > last:
                starts.append(length)
                places.append(last)
                length += match.start() - last
            last = match.end()
        return [*starts, length], [*places, last]


class _Run(NamedTuple):
    """Escapes of one kind (a group of `_ESCAPES`) in a row, as they are written and from where."""

    written: str
    kind: int
    start: int

    def places(self) -> list[tuple[int, int]]:
        """Where each character of what they stand for is written."""
        size = _SIZES.get(self.kind)
        if size is None:
            return [(self.start, self.start + len(self.written))] * len(_read(self.written, self.kind))
        characters = _characters(self.written, self.kind)
        units = [(self.start + unit.start(), self.start + unit.end()) for unit in _UNIT.finditer(self.written)]
        ends = accumulate(size(one) for one in characters)
        return [
            (units[end - size(one)][0], units[end - 1][1])
            for one, end in zip(characters, ends, strict=True)
            if _seen(one)
        ]


def _read(written: str, kind: int) -> str:
    """What escapes of one kind in a row stand for."""
    if len(written) <= _SHORT:
        return _read_short(written, kind)
    return _seen(_characters(written, kind))


_SHORT = 16


@lru_cache(maxsize=4096)
def _read_short(written: str, kind: int) -> str:
    return _seen(_characters(written, kind))


def _characters(written: str, kind: int) -> str:
    """Before those are dropped that nobody sees; bytes that are no UTF-8 are halves of surrogate pairs."""
    if kind in (2, 3, 5):
        raw = bytes.fromhex(_SIGNS.sub("", written))
        return raw.decode("utf-16-be", "surrogatepass") if kind == 3 else raw.decode("utf-8", "surrogateescape")
    if kind == 4:
        code = int(written.strip("\\uU{}"), 16)
        return chr(code) if code < 0x110000 else written
    return html.unescape(written)


def _size_in_bytes(one: str) -> int:
    return len(one.encode("utf-8", "surrogateescape"))


_NOTHING = (1, 7, 8)
"""Kinds that stand for nothing that is seen."""
_SIGNS = re.compile(r"[\\xu%]+")
_SIZES: Mapping[int, Callable[[str], int]] = {
    2: _size_in_bytes,
    3: lambda one: len(one.encode("utf-16-be", "surrogatepass")) // 2,
    5: _size_in_bytes,
}
"""How many escapes write one character, by kind."""


class _Decoded(View):
    """A text with its escapes undone once."""

    def __init__(self, below: View) -> None:
        self._below = below
        self._starts: list[int] = []
        self._pieces: list[_Run | int] = []
        self._known: dict[int, list[tuple[int, int]]] = {}
        pieces, last, length, text = [], 0, 0, below.text
        for match in _ESCAPES.finditer(text):
            start, end = match.span()
            if start > last:
                pieces.append(text[last:start])
                self._starts.append(length)
                self._pieces.append(last)
                length += start - last
            last = end
            if match.lastindex in _NOTHING:
                continue
            run = _Run(match[0], match.lastindex or 0, start)
            if said := _read(run.written, run.kind):
                pieces.append(said)
                self._starts.append(length)
                self._pieces.append(run)
                length += len(said)
        super().__init__("".join((*pieces, text[last:])))
        self._starts.append(length)
        self._pieces.append(last)

    def source(self, start: int, end: int) -> tuple[int, int]:
        """See `View`."""
        return self._below.source(self._place(start)[0], self._place(end - 1)[1])

    def _place(self, at: int) -> tuple[int, int]:
        index = bisect_right(self._starts, at) - 1
        piece, inside = self._pieces[index], at - self._starts[index]
        if isinstance(piece, int):
            return piece + inside, piece + inside + 1
        if index not in self._known:
            self._known[index] = piece.places()
        return self._known[index][inside]


def _seen(text: str) -> str:
    return text if text.isascii() else text.translate(_unseen())


@cache
def _unseen() -> Mapping[int, int | None]:
    """Characters that nobody sees are dropped; bytes that are no UTF-8 are read as Latin-1, as `repr` writes it."""
    dropped = {code: None for first, last in DEFAULT_IGNORABLE for code in range(first, last + 1)}
    return {**dropped, **{0xDC00 + code: None if code in dropped else code for code in range(0x80, 0x100)}}
