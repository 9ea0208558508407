"""Text measured and cut for a screen: how many lines it takes when it is wrapped, and what of it fits into so many."""

from __future__ import annotations

import re

from rich.cells import cell_len

from sre_runner.text.output import printable

WIDTH = 80
"""Columns of a screen."""

_SENTENCES = re.compile(r"(?<=[.!?;]) ")


def height(text: str, width: int = WIDTH) -> int:
    """Lines of a paragraph that is wrapped between words, and within those that are longer than a line."""
    lines, used = 1, 0
    for word in text.split():
        cells = cell_len(word)
        if used and used + 1 + cells > width:
            lines, used = lines + 1, 0
        used += cells + bool(used)
        if used > width:  # a wide character may not fit into the last column
            lines, used = lines + (used - 1) // (width - 1), width
    return lines


def cut(text: str, lines: int, width: int = WIDTH) -> str:
    """The text on one line, if need be cut to so many wrapped lines: after a sentence, else a word, with "…"."""
    text = printable(" ".join(text.split()))
    if height(text, width) <= lines:
        return text
    start = text[: lines * width]
    for pieces, joint in ((_SENTENCES.split(start)[:-1], " "), (start.split(" ")[:-1], " "), (list(start), "")):
        kept = _longest(pieces, joint, lines, width)
        if kept:
            return kept
    return "…"


def _longest(pieces: list[str], joint: str, lines: int, width: int) -> str:
    """As many of the pieces as fit, with the ellipsis; "" where not even one does."""
    for count in range(len(pieces), 0, -1):
        kept = f"{joint.join(pieces[:count])}{joint}…"
        if height(kept, width) <= lines:
            return kept
    return ""
