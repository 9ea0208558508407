"""The words of commands, each with its places in the text that it was read from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """A word: its `text` without quotes and escapes, the place of each of its characters in the whole text (`places`),
    and where it was written, quotes included (`start`, `end`)."""

    text: str
    places: Sequence[int]
    start: int
    end: int

    def part(self, start: int, end: int | None = None) -> Word:
        """The characters from `start` to `end` of the text as a word of their own."""
        places = self.places[start:end]
        first, last = (places[0], places[-1] + 1) if places else (self.start, self.start)
        return Word(self.text[start:end], places, first, last)


@dataclass(frozen=True)
class Redirect:
    """A redirection: its `operator` (`>`, `2>>`, `<<`) and its target, or the text of the heredoc."""

    operator: str
    target: Word


@dataclass(frozen=True)
class Command:
    """One simple command. `source` is the index, among the commands that were read with it, of the one whose output is
    piped into it, or -1; `sql` says that the only word is an SQL statement that was written without a client."""

    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...] = ()
    source: int = -1
    sql: bool = False


def whole(text: str) -> Word:
    """A text as one word that is its own source."""
    return Word(text, range(len(text)), 0, len(text))
