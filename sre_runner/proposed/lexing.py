"""The text of a command as words with their places, read as a shell reads it. Nothing fails, and nothing is run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from sre_runner.proposed.statements import begins_sql, statement_end
from sre_runner.proposed.words import Command, Redirect, Word

MOST_NESTED = 6
"""Levels of `$(…)` that are read; what is nested deeper stays a part of its word."""
MOST_HEREDOCS = 8
"""Heredocs of a command that are read."""

_BLANK = re.compile(r"(?:[ \t\r\f\v]|\\\r?\n)+")
_PROMPT = re.compile(
    r"(?:[$%]|(?:ba|z)?sh-[\d.]{1,8}[#$]|\[\w{1,40}@[^\]\n]{1,80}\][#$]|\w{1,40}@[\w.:~/-]{1,80}[#$]"
    r"|\w{1,64}=[#>]|(?:mysql|redis|sqlite|cqlsh|[\d.]{1,15}:\d{1,5})>)[ \t]+"
)
_REDIRECT = re.compile(r"&>>?|\d*(?:<<<|<<-?|<>|<&|>>|>\||>&|<(?!\()|>(?!\())")
_OPERATOR = re.compile(r"&&|\|\||\|&|;;|[|;&()\n]")
_TEMPLATE = re.compile(r"\{\{[^{}\n]*\}\}|\$\{[^{}\n]*\}")
_SLOT = re.compile(r"<(?:[A-Za-z][\w.:/|-]*|[A-Za-z][\w.-]*(?: [\w.-]+){1,6})>")
_PLAIN = re.compile(r"[^\s'\"\\$`<>|&;(){]+")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_ESCAPED = re.compile(r'\\(?:\r?\n|[$`"\\])')
_BACKTICKS = re.compile(r"`((?:[^`\\]|\\.)*+)`", re.DOTALL)
_NESTING = re.compile(r"'[^']*'|\"(?:[^\"\\]|\\.)*+\"|\\.|[()]", re.DOTALL)
_SUBSTITUTED = re.compile(r"\$\(|`|\\.", re.DOTALL)
_SUBSTITUTES = ("$(", "<(", ">(")


def commands(source: Word, nested: int = 0) -> tuple[Command, ...]:
    """The simple commands of a text, those of its substitutions included, in the order in which they end."""
    return _Reader(source, nested).read()


class _Reader:
    """Reads one text from left to right; each character is looked at a bounded number of times."""

    def __init__(self, source: Word, nested: int) -> None:
        self.source, self.text, self.nested = source, source.text, nested
        self.at = 0
        self.done: list[Command] = []
        self.words: list[Word] = []
        self.redirects: list[Redirect] = []
        self.fed_by = -1
        self.operator = ""
        self.opened: list[tuple[int, Word]] = []
        self.heredocs: list[tuple[int, int, Word]] = []
        self.unclosed: set[str] = set()

    def read(self) -> tuple[Command, ...]:
        while self.at < len(self.text):
            if blank := _BLANK.match(self.text, self.at):
                self.at = blank.end()
            elif self.text[self.at] == "#":
                self.at = self._line_end()
            elif not self.words and (prompt := _PROMPT.match(self.text, self.at)):
                self.at = prompt.end()
            elif not self.words and not self.redirects and begins_sql(self.text, self.at):
                self._statement()
            elif slot := _SLOT.match(self.text, self.at):
                self._add(self._word(slot.start()))
            elif redirect := _REDIRECT.match(self.text, self.at):
                self.at, self.operator = redirect.end(), redirect[0]
            elif (operator := _OPERATOR.match(self.text, self.at)) and not self._substitutes():
                self.at = operator.end()
                self._end(operator[0])
            else:
                self._add(self._word(self.at))
        self._end("\n")
        return tuple(self.done)

    def _add(self, word: Word) -> None:
        """A word that was read belongs to the redirection before it, or to the command."""
        if not self.operator:
            self.words.append(word)
            return
        if self.operator.lstrip("0123456789") in ("<<", "<<-") and len(self.opened) < MOST_HEREDOCS:
            self.opened.append((len(self.redirects), word))
        self.redirects.append(Redirect(self.operator, word))
        self.operator = ""

    def _end(self, operator: str) -> None:
        """The command ends here; a pipe hands its words on, and a line that ends is followed by its heredocs."""
        words = tuple(self.words)
        if words or self.redirects:
            self.done.append(Command(words, tuple(self.redirects), self.fed_by))
            self.fed_by = len(self.done) - 1 if operator in ("|", "|&") else -1
            self.heredocs += [(len(self.done) - 1, redirect, word) for redirect, word in self.opened]
        elif operator not in ("\n", "(", ")"):
            self.fed_by = -1
        self.words, self.redirects, self.operator, self.opened = [], [], "", []
        if operator == "\n":
            waiting, self.heredocs = self.heredocs, []
            for command, redirect, delimiter in waiting:
                self._heredoc(command, redirect, delimiter)

    def _heredoc(self, command: int, redirect: int, delimiter: Word) -> None:
        ending = re.compile(rf"^[ \t]*{re.escape(delimiter.text)}[ \t\r]*$", re.MULTILINE)
        found = ending.search(self.text, self.at)
        start, end = self.at, found.start() if found else len(self.text)
        self.at = found.end() if found else end
        made = self.done[command]
        redirects = list(made.redirects)
        redirects[redirect] = replace(redirects[redirect], target=self.source.part(start, end))
        self.done[command] = replace(made, redirects=tuple(redirects))

    def _statement(self) -> None:
        end = statement_end(self.text, self.at)
        self.done.append(Command((self.source.part(self.at, end),), sql=True))
        self.at, self.fed_by = end, -1

    def _word(self, start: int) -> Word:
        """The word that begins at `start`; `at` is behind it."""
        self.at = start
        pieces: list[range] = []
        while self.at < len(self.text) and (piece := self._piece()) is not None:
            pieces += piece
        places = [self.source.places[at] for piece in pieces for at in piece]
        text = "".join(self.text[piece.start : piece.stop] for piece in pieces)
        plain = len(pieces) > 0 and pieces[0].start == start and len(places) == self.at - start
        kept: Sequence[int] = self.source.places[start : self.at] if plain else tuple(places)
        return Word(text, kept, self.source.places[start], self.source.places[self.at - 1] + 1)

    def _piece(self) -> list[range] | None:
        """The next characters of the word, as the pieces of the text that stay; None where the word has ended."""
        at, character = self.at, self.text[self.at]
        fixed = _PLAIN.match(self.text, at) or _TEMPLATE.match(self.text, at) or _SLOT.match(self.text, at)
        if fixed:
            self.at = fixed.end()
            return [range(at, self.at)]
        if character in "'\"":
            return self._quoted(character)
        if character == "\\":
            self.at = min(at + 2, len(self.text))
            escaped = self.text[at + 1 : self.at]
            return [] if escaped == "\n" else [range(at + 1 if escaped else at, self.at)]
        if self._substitutes():
            return self._substitution()
        if character == "`" and "`" not in self.unclosed:
            return self._backticks()
        if character in "<>|&;()" or character.isspace():
            return None
        self.at += 1
        return [range(at, self.at)]

    def _quoted(self, quote: str) -> list[range]:
        """What stands between quotes; a quote that is never closed ends with its line."""
        start = self.at + 1
        if quote == "'":
            end = -1 if quote in self.unclosed else self.text.find("'", start)
        else:
            found = None if quote in self.unclosed else _DOUBLE.match(self.text, self.at)
            end = found.end(1) if found else -1
        if end < 0:
            self.unclosed.add(quote)
            end = self.at = self._line_end()
        else:
            self.at = end + 1
        if quote == "'":
            return [range(start, end)]
        self._inside(start, end)
        return self._unescaped(start, end)

    def _unescaped(self, start: int, end: int) -> list[range]:
        pieces = []
        for escape in _ESCAPED.finditer(self.text, start, end):
            pieces.append(range(start, escape.start()))
            start = escape.end() if escape[0].endswith("\n") else escape.end() - 1
        return [*pieces, range(start, end)]

    def _inside(self, start: int, end: int) -> None:
        """The commands that are substituted inside of double quotes."""
        if self.nested < MOST_NESTED:
            inside = self.text[start:end]
            if "$(" in inside or "`" in inside:
                self._substituted(self.source.part(start, end))

    def _substitutes(self) -> bool:
        return self.nested < MOST_NESTED and self.text.startswith(_SUBSTITUTES, self.at)

    def _substitution(self) -> list[range]:
        start = self.at
        end, self.at = _closing(self.text, start + 2)
        self._nest(commands(self.source.part(start + 2, end), self.nested + 1))
        return [range(start, self.at)]

    def _backticks(self) -> list[range]:
        start = self.at
        found = _BACKTICKS.match(self.text, start)
        if not found:
            self.unclosed.add("`")
            self.at += 1
            return [range(start, self.at)]
        self.at = found.end()
        if self.nested < MOST_NESTED:
            self._nest(commands(self.source.part(start + 1, found.end(1)), self.nested + 1))
        return [range(start, self.at)]

    def _substituted(self, quoted: Word) -> None:
        """The commands of the substitutions of a quoted text, which has no commands of its own."""
        at = 0
        while opening := _SUBSTITUTED.search(quoted.text, at):
            at = opening.end()
            if opening[0] == "$(":
                end, at = _closing(quoted.text, at)
            elif opening[0] == "`" and (ticks := _BACKTICKS.match(quoted.text, opening.start())):
                end, at = ticks.end(1), ticks.end()
            elif opening[0] == "`":
                break
            else:
                continue
            self._nest(commands(quoted.part(opening.end(), end), self.nested + 1))

    def _nest(self, found: Sequence[Command]) -> None:
        """Takes in commands that were read on their own; their sources are then counted from the first of all."""
        first = len(self.done)
        self.done += [replace(each, source=each.source + first) if each.source >= 0 else each for each in found]

    def _line_end(self) -> int:
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end


def _closing(text: str, start: int) -> tuple[int, int]:
    """Where the parenthesis that was opened before `start` closes, and where the text goes on behind it."""
    depth = 1
    for token in _NESTING.finditer(text, start):
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if not depth:
            return token.start(), token.end()
    return len(text), len(text)
