"""Answers cut to what a report has room for: the quotes with what is around them open, the rest folded or left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import escape

from sre_runner.coordination.evidence.places import Span

AROUND, OPENING = 1_500, 1_500
"""Characters that stand open on each side of a quote, and of an answer that nobody quotes."""

SMALLEST_FOLD = 200
"""Characters; fewer are rather shown than folded."""


@dataclass(frozen=True)
class Mark:
    """A quoted span of an answer, with the id of each item of evidence that quotes it."""

    span: Span
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Piece:
    """A part of an answer: `open` text, a `mark`, text in a `fold`, or where `count` characters were `cut`."""

    kind: Literal["open", "mark", "fold", "cut"]
    text: str = ""
    ids: tuple[str, ...] = ()
    count: int = 0


def merged(marks: Iterable[Mark]) -> list[Mark]:
    """The marks in the order of the text; those that overlap as one, as marks cannot stand across each other."""
    found: list[Mark] = []
    for mark in sorted(marks, key=lambda each: each.span):
        if found and mark.span[0] < found[-1].span[1]:
            last = found.pop()
            mark = Mark((last.span[0], max(last.span[1], mark.span[1])), last.ids + mark.ids)
        found.append(mark)
    return found


def excerpt(text: str, marks: Sequence[Mark], limit: int) -> list[Piece]:
    """An answer in pieces, at most about `limit` characters of it; every mark is among them, cut where it must be.

    `marks` are `merged`.
    """
    shown = _shown(len(text), marks, limit)
    opened = sum(end - begin for begin, end in shown)
    share = min(1.0, max(limit - opened, 0) / max(len(text) - opened, 1))
    pieces: list[Piece] = []
    place = 0
    for begin, end in shown:
        pieces += _gap(text[place:begin], share)
        pieces += _open(text, begin, end, [mark for mark in marks if begin <= mark.span[0] < end])
        place = end
    return [*pieces, *_gap(text[place:], share)]


def level(sizes: Sequence[int], room: int) -> int:
    """The most that each may take for all of them to find room; what is smaller takes only its own size."""
    left, count = room, len(sizes)
    for size in sorted(sizes):
        if size * count > left:
            return left // count
        left, count = left - size, count - 1
    return max(sizes, default=0)


def limits(texts: Mapping[int, str], cited: Iterable[int], room: int) -> dict[int, int]:
    """How many characters of each answer a report takes, so that all of them take at most `room` bytes once escaped.

    What is `cited` may take two thirds of it before the others.
    """
    sizes = {number: len(escape(text).encode("utf-8", "surrogatepass")) for number, text in texts.items()}
    first = [number for number in cited if number in sizes]
    most = level([sizes[number] for number in first], room * 2 // 3)
    rest = [number for number in sizes if number not in set(first)]
    taken = sum(min(sizes[number], most) for number in first)
    other = level([sizes[number] for number in rest], room - taken)
    allowed = {**dict.fromkeys(first, most), **dict.fromkeys(rest, other)}
    return {
        number: len(texts[number]) * min(size, allowed[number]) // size if size else 0 for number, size in sizes.items()
    }


def _shown(size: int, marks: Sequence[Mark], limit: int) -> list[Span]:
    """What stands open: the marks with some text on each side, or how the answer begins."""
    if not marks:
        return [(0, min(size, OPENING, limit))]
    quoted = sum(mark.span[1] - mark.span[0] for mark in marks)
    around = min(AROUND, max(limit - quoted, 0) // (2 * len(marks)))
    spans: list[Span] = []
    for mark in marks:
        begin, end = max(mark.span[0] - around, 0), min(mark.span[1] + around, size)
        if spans and begin - spans[-1][1] < SMALLEST_FOLD:
            begin = spans.pop()[0]
        spans.append((begin, end))
    first, last = spans[0], spans[-1]
    spans[0] = (0 if first[0] < SMALLEST_FOLD else first[0], first[1])
    return [*spans[:-1], (spans[-1][0], size if size - last[1] < SMALLEST_FOLD else last[1])]


def _gap(text: str, share: float) -> Iterator[Piece]:
    """What is not open: folded as far as there is room for it, of which each gap has the same share."""
    kept = int(len(text) * share)
    kept = 0 if kept < SMALLEST_FOLD <= len(text) else kept
    if kept:
        yield Piece("fold", text[:kept], count=kept)
    if kept < len(text):
        yield Piece("cut", count=len(text) - kept)


def _open(text: str, begin: int, end: int, marks: Sequence[Mark]) -> Iterator[Piece]:
    place = begin
    for mark in marks:
        if place < mark.span[0]:
            yield Piece("open", text[place : mark.span[0]])
        yield Piece("mark", text[mark.span[0] : mark.span[1]], mark.ids)
        place = mark.span[1]
    if place < end:
        yield Piece("open", text[place:end])
