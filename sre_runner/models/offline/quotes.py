"""Which part of an output is quoted: at most so much of a line, or of a member of a JSON document with its key."""

from __future__ import annotations

import re

LONGEST_QUOTE = 180
"""Characters. Short enough to check by eye."""
_LIST_BEFORE = re.compile(r'"[^"\n]{0,60}"\s{0,9}:\s{0,9}\[[^\[\]{}]{0,180}$')
_LIST_AFTER = re.compile(r"[^\[\]{}]{0,180}\]")


def quote_of(text: str, start: int, end: int, near: int) -> str:
    """The part of `text[start:end]`, at most `LONGEST_QUOTE` characters, that has the place `near` in it.

    An element of a JSON list is quoted with its list and key where that is short enough: a word alone proves little.
    """
    if text[start : start + 1] == '"' and text[end - 1 : end] == '"':
        start, end = _with_list(text, start, end)
    if end - start > LONGEST_QUOTE:
        if near - start > LONGEST_QUOTE // 2:
            start = max(start, min(near - LONGEST_QUOTE // 3, end - LONGEST_QUOTE))
        end = start + LONGEST_QUOTE
        while start < near and not text[start - 1 : start].isspace() and near - start > LONGEST_QUOTE // 6:
            start += 1
        if text[end - 1 : end] == "\\":
            end -= 1
    return text[start:end].strip()


def _with_list(text: str, start: int, end: int) -> tuple[int, int]:
    before = _LIST_BEFORE.search(text, max(0, start - LONGEST_QUOTE), start)
    after = _LIST_AFTER.match(text, end, end + LONGEST_QUOTE)
    if before and after and after.end() - before.start() <= LONGEST_QUOTE:
        return before.start(), after.end()
    return start, end
