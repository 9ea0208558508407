"""The words of a proposed command, read as a shell reads them, with their places. Nothing fails, and nothing is run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

MOST_NESTED = 4
"""Levels of commands within quoted words (`"$(…)"`, `bash -c '…'`) that are read."""

_PIECE = re.compile(
    r"""(?P<blank>(?:[ \t\r\f\v]|\\\r?\n)+)
      | (?P<comment>(?<![^\s;&|(])\#[^\n]*)
      | (?P<slot><[A-Za-z][\w.:/|-]{0,60}>|<[A-Za-z][\w.-]{0,30}(?:[ ][\w.-]{1,30}){1,6}>
          |\{\{[^{}\n]{0,80}\}\}|\$\{[^{}\n]{0,80}\})
      | (?P<opens>\$\(|[<>]\(|\()
      | (?P<redirect>&>>?|\d*(?:<<<|<<-?|<>|<&|>>|>\||>&|<|>))
      | (?P<ends>&&|\|\||\|&|;;|[|;&)\n])
      | (?P<tick>`)
      | '(?P<single>[^']*)'
      | "(?P<double>(?:[^"\\]|\\.)*+)"
      | \\(?P<escaped>.)
      | (?P<plain>[^\s'"\\$`<>|&;(){]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r'\\(?:\r?\n|(?=[$`"\\]))')


@dataclass(frozen=True)
class Word:
    """A word without its quotes and escapes, and the place of each of its characters in the text of the command."""

    text: str
    places: Sequence[int]

    @property
    def start(self) -> int:
        """The place of its first character; 0 where it has none."""
        return self.places[0] if self.places else 0

    @property
    def end(self) -> int:
        """The place behind its last character."""
        return self.places[-1] + 1 if self.places else 0

    def part(self, start: int, end: int | None = None) -> Word:
        """The characters from `start` to `end` as a word of their own."""
        return Word(self.text[start:end], self.places[start:end])


@dataclass
class _Reading:
    """A command that is being read: its words so far, the pieces of the one that is being read, and what opened it."""

    opened_by: str = ""
    words: list[Word] = field(default_factory=list)
    pieces: list[Word] = field(default_factory=list)
    skips: bool = False

    def end_word(self) -> None:
        """Take in the word that ends here, unless it is the target of a redirection."""
        if self.pieces:
            places = [place for piece in self.pieces for place in piece.places]
            word = Word("".join(piece.text for piece in self.pieces), places)
            self.pieces = []
            if not self.skips:
                self.words.append(word)
            self.skips = False


def whole(text: str) -> Word:
    """A text as one word that is its own source."""
    return Word(text, range(len(text)))


def commands(source: Word, level: int = 0) -> list[tuple[Word, ...]]:
    """The words of each simple command of a text, those of its substitutions included, in the order of their ends.

    Each character is looked at a bounded number of times. What is left open ends with the text.
    """
    done: list[tuple[Word, ...]] = []
    stack = [_Reading()]
    for found in _PIECE.finditer(source.text):
        kind, reading = str(found.lastgroup), stack[-1]
        piece = source.part(*found.span(kind))
        if kind in ("blank", "comment"):
            reading.end_word()
        elif kind == "redirect":
            reading.end_word()
            reading.skips = True
        elif kind == "opens" or (kind == "tick" and reading.opened_by != "`"):
            _open(stack, piece, done)
        elif kind in ("ends", "tick"):
            _end(stack, piece, done)
        else:
            reading.pieces.append(_unescaped(piece) if kind == "double" else piece)
            if kind == "double" and level < MOST_NESTED and ("$(" in piece.text or "`" in piece.text):
                # Only what a substitution begins is a command there; the words before it are text.
                done += [each for each in commands(piece, MOST_NESTED) if each[0].start != piece.start]
    for reading in reversed(stack):
        _close(reading, done)
    return done


def _open(stack: list[_Reading], piece: Word, done: list[tuple[Word, ...]]) -> None:
    if piece.text == "(":
        _close(stack[-1], done)
    else:
        stack[-1].pieces.append(piece)  # what is substituted is not known: the word shows that, as `$(`
    stack.append(_Reading(piece.text))


def _end(stack: list[_Reading], piece: Word, done: list[tuple[Word, ...]]) -> None:
    """A command ends; where a bracket closes, what was read before it opened goes on."""
    _close(stack[-1], done)
    if piece.text in (")", "`") and len(stack) > 1:
        stack.pop()


def _close(reading: _Reading, done: list[tuple[Word, ...]]) -> None:
    reading.end_word()
    if reading.words:
        done.append(tuple(reading.words))
    reading.words, reading.skips = [], False


def _unescaped(quoted: Word) -> Word:
    """The text between double quotes without the backslashes that a shell takes away."""
    if "\\" not in quoted.text:
        return quoted
    gone = {at for found in _ESCAPE.finditer(quoted.text) for at in range(*found.span())}
    kept = [at for at in range(len(quoted.text)) if at not in gone]
    return Word("".join(quoted.text[at] for at in kept), [quoted.places[at] for at in kept])
