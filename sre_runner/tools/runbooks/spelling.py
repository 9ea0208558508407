"""Words that are spelt nearly like another: one letter more, less or another, or two neighbours in turn."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from itertools import islice

from sre_runner.tools.runbooks.words import parts_of, raw_identifiers

_LETTERS = string.ascii_lowercase + string.digits
_SHORTEST, _LONGEST, _MOST = 5, 64, 3
"""Letters of words that are corrected, and corrections of one word."""


class Spelling:
    """The words of runbooks as they are written, identifiers whole and in parts, in lower case."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.words: set[str] = set()
        """Every word."""
        for text in texts:
            for identifier in set(raw_identifiers(text)):
                parts = parts_of(identifier)
                self.words.update(parts)
                self.words.add("".join(parts))

    def near(self, word: str) -> list[str]:
        """At most three words of runbooks that are one edit from a word in lower case, likely ones first."""
        if not _SHORTEST <= len(word) <= _LONGEST or word in self.words:
            return []
        found = (edited for edited in _edits(word) if len(edited) >= _SHORTEST - 1 and edited in self.words)
        return list(islice(dict.fromkeys(found), _MOST))


def _edits(word: str) -> Iterator[str]:
    """All words one edit away, neighbours in turn first."""
    splits = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    yield from (f"{head}{tail[1]}{tail[0]}{tail[2:]}" for head, tail in splits if len(tail) > 1)
    yield from (head + tail[1:] for head, tail in splits if tail)
    yield from (f"{head}{letter}{tail}" for head, tail in splits for letter in _LETTERS)
    yield from (f"{head}{letter}{tail[1:]}" for head, tail in splits if tail for letter in _LETTERS)
