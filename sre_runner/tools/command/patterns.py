"""Whether a regular expression keeps a text from beginning with a dash; where that is not plain to see, it does not."""

from __future__ import annotations

import re

_ESCAPED_KINDS = frozenset("dws")
"""`\\d`, `\\w` and `\\s` have no dash; their opposites do."""
_CONTROLS = frozenset("aftnrv")
_GROUP = re.compile(r"\((?:\?:|\?P?<[A-Za-z_][A-Za-z0-9_]*>|(?!\?))", re.ASCII)
_REPEAT = re.compile(r"([*+?]|\{(\d+)(?:,\d*)?\})[?]?")
_SPECIAL = frozenset("-.*+?{}()[]|^$\\")


def admits_no_dash(pattern: str) -> bool:
    """Whether no text that the pattern is found in (by the rules of RE2) begins with `-`.

    Each alternative must be anchored at the beginning (`^`), and what it begins with must be plain: characters,
    classes and groups of them. Flags, look-around and much else are never plain.
    """
    reader = _Reader(pattern)
    try:
        while True:
            if not reader.anchor("^", r"\A"):
                return False
            if reader.branch():  # it may be empty, and whatever follows is free
                return False
            if not reader.take("|"):
                return reader.at == len(pattern)
    except _UnclearError:
        return False


class _UnclearError(Exception):
    """It may begin with a dash, or nobody knows."""


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self._depth = 0

    def take(self, text: str) -> bool:
        """Go behind a text, if it is the next."""
        found = self.pattern.startswith(text, self.at)
        self.at += len(text) if found else 0
        return found

    def anchor(self, *anchors: str) -> bool:
        """Go behind one of these anchors, if one is the next. RE2 takes `^*`, which is no anchor any more."""
        found = any(map(self.take, anchors))
        if found and self._repeats():
            raise _UnclearError
        return found

    def _repeats(self) -> bool:
        return self.pattern[self.at : self.at + 1] in ("*", "+", "?", "{")

    def branch(self) -> bool:
        """Go to the end of an alternative; whether it can match nothing and is open at its end.

        Raises `_UnclearError` where the first character that it takes may be a dash.
        """
        while True:
            if self.at == len(self.pattern) or self.pattern[self.at] in "|)":
                return True
            if self.anchor("^", r"\A"):
                continue
            if self.anchor("$", r"\z") or not self._atom():
                self._skip()
                return False

    def _atom(self) -> bool:
        """Read what takes the first character, with its repetition; whether it can match nothing."""
        group = _GROUP.match(self.pattern, self.at)
        if group:
            empty = self._group(group.end())
        elif self.take("["):
            empty = self._set()
        elif self.take("\\"):
            empty = self._escaped()
        elif self.pattern[self.at] in _SPECIAL:
            raise _UnclearError
        else:
            self.at += 1
            empty = False
        repeat = _REPEAT.match(self.pattern, self.at)
        if repeat:
            self.at = repeat.end()
            empty = empty or repeat[1] in "*?" or (repeat[2] is not None and int(repeat[2]) == 0)
        if self._repeats():
            raise _UnclearError
        return empty

    def _group(self, inside: int) -> bool:
        self.at = inside
        self._depth += 1
        if self._depth > 20:
            raise _UnclearError
        empty = self.branch()
        while self.take("|"):
            empty = self.branch() or empty
        if not self.take(")"):
            raise _UnclearError
        self._depth -= 1
        return empty

    def _escaped(self) -> bool:
        character = self._next()
        known = character in _ESCAPED_KINDS or character in _CONTROLS
        if not known and (character.isalnum() or character == "-" or not character.isascii()):
            raise _UnclearError
        return False

    def _set(self) -> bool:
        """Read a class of characters, behind its bracket; it must not have the dash."""
        negated, dash, first = self.take("^"), False, True
        while first or not self.take("]"):
            low = self._member()
            high = low
            if self.pattern.startswith("-", self.at) and not self.pattern.startswith("-]", self.at):
                self.at += 1
                high = self._member()
                if not low or not high:
                    raise _UnclearError
            dash = dash or (low <= "-" <= high if low else False)
            first = False
        if dash != negated:
            raise _UnclearError
        return False

    def _member(self) -> str:
        """A character of a class; "" for a kind of characters, none of them a dash."""
        if self.pattern.startswith(("[:", "[.", "[="), self.at):
            raise _UnclearError
        character = self._next()
        if character != "\\":
            return character
        character = self._next()
        if character in _ESCAPED_KINDS or character in _CONTROLS:
            return ""
        if character.isalnum() or not character.isascii():
            raise _UnclearError
        return character

    def _next(self) -> str:
        if self.at >= len(self.pattern):
            raise _UnclearError
        self.at += 1
        return self.pattern[self.at - 1]

    def _skip(self) -> None:
        """Go to the end of this alternative, whose beginning is known."""
        depth = 0
        while self.at < len(self.pattern):
            character = self.pattern[self.at]
            if depth == 0 and character in "|)":
                return
            self.at += 1
            if character == "\\":
                if self._next() == "Q":
                    raise _UnclearError
            elif character == "[":
                self._skip_set()
            elif character == "(":
                if self.pattern.startswith("?", self.at) and not _GROUP.match(self.pattern, self.at - 1):
                    raise _UnclearError  # flags hold for the alternatives behind them as well
                depth += 1
            elif character == ")":
                depth -= 1

    def _skip_set(self) -> None:
        self.take("^")
        self.take("]")
        while not self.take("]"):
            if self.pattern.startswith("[:", self.at):
                raise _UnclearError
            if self._next() == "\\":
                self._next()
