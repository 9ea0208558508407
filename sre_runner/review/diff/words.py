"""Two texts word by word: what is in both, what is gone, and what is new."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

from sre_runner.review.diff.changes import Piece

MOST_PAIRS = 250_000
"""Lines times lines, or words times words, of which the differences are looked for; of more, all is gone and new."""

MOST_OF_ALL = 500_000
"""The same, over all lines of a text that differ."""

_WORDS = re.compile(r"\S+|\n")

Token = TypeVar("Token", bound=Hashable)


def same_words(one: str, other: str) -> bool:
    """Whether two texts differ at most in white space."""
    return one.split() == other.split()


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces of both texts in order; neighbours are of different kinds, and white space is one space or newline.

    Lines are matched first, then the words of those that differ.
    """
    old, new = _lines(before), _lines(after)
    pieces: list[Piece] = []
    room = MOST_OF_ALL
    for same, (start, end), (first, last) in _blocks(old, new, MOST_PAIRS):
        if same:
            pieces.append(("=", _text([word for line in old[start:end] for word in line])))
        else:
            gone, come = ([word for line in lines for word in line] for lines in (old[start:end], new[first:last]))
            pieces += _of_words(gone, come, min(room, MOST_PAIRS))
            room -= len(gone) * len(come)
    return tuple(_joined(pieces))


def _of_words(old: Sequence[str], new: Sequence[str], most: int) -> Iterator[Piece]:
    for same, (start, end), (first, last) in _blocks(old, new, most):
        if same:
            yield "=", _text(old[start:end])
        else:
            yield from (("-", _text(old[start:end])), ("+", _text(new[first:last])))


def _blocks(
    old: Sequence[Token], new: Sequence[Token], most: int
) -> Iterator[tuple[bool, tuple[int, int], tuple[int, int]]]:
    """Ranges of both that are the same, or are not, in order."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    ends = len(old) - tail, len(new) - tail
    if head:
        yield True, (0, head), (0, head)
    middle = old[head : ends[0]], new[head : ends[1]]
    if len(middle[0]) * len(middle[1]) > most:
        yield False, (head, ends[0]), (head, ends[1])
    else:
        for tag, start, end, first, last in SequenceMatcher(None, *middle, autojunk=False).get_opcodes():
            yield tag == "equal", (head + start, head + end), (head + first, head + last)
    if tail:
        yield True, (ends[0], len(old)), (ends[1], len(new))


def _lines(text: str) -> list[tuple[str, ...]]:
    """The words of each line, with its newline."""
    return [tuple(_WORDS.findall(line)) for line in text.strip().splitlines(keepends=True)]


def _text(words: Sequence[str]) -> str:
    return " ".join(words).replace(" \n ", "\n").replace(" \n", "\n").replace("\n ", "\n")


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Without empty pieces, and neighbours of a kind as one."""
    waiting: list[Piece] = []
    for kind, text in pieces:
        if not text:
            continue
        if waiting and waiting[-1][0] == kind:
            before = waiting.pop()[1]
            waiting.append((kind, before + ("" if before.endswith("\n") or text.startswith("\n") else " ") + text))
        else:
            waiting.append((kind, text))
    yield from waiting
