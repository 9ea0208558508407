"""JSON read with the place of every value in the raw text, so that it can be quoted as it stands there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal

_DEEPEST = 40
_LEFT_OUT = "[… "
_NEAR = 400
"""Characters between the last whole value and the engine's mark for what it left out."""
_TOKEN = re.compile(
    r'[ \t\r\n]*(?:("(?:[^"\\\n]|\\.)*")|([{}\[\],:])|(true|false|null|NaN|-?Infinity|-?\d[\d.eE+-]{0,400})(?![\w.]))'
)

_HALF = re.compile(r'\s*(?:"(?:[^"\\\n]|\\.)*\\?|[a-z]{1,4}|-)?\s*')


@dataclass
class Node:
    """A value: a scalar (`children` is None), or a list or object. `begin` is where its key starts."""

    key: str
    begin: int
    start: int
    end: int
    value: str = ""
    children: list[Node] | None = None
    is_list: bool = False


def read_json(text: str, start: int) -> Node | None:
    """The list or object that begins at `start`, or None where there is none, or one too deep. No recursion.

    A document of which the rest was left out, as the engine does with long outputs, is read as far as it goes.
    """
    reading = _Reading()
    place = start
    while True:
        token = _TOKEN.match(text, place)
        if token is None or (token.group().lstrip() == "[" and text.startswith(_LEFT_OUT, token.end() - 1)):
            return reading.closed(text, place) if _is_cut(text, place) else None
        place = token.end()
        if not reading.take(token):
            return None
        if reading.root is not None and not reading.open:
            return reading.root


def _is_cut(text: str, place: int) -> bool:
    """Whether the text, or what was left of it, ends here: with nothing, or with a value that is not whole."""
    rest = text[place : place + _NEAR]
    marked = rest.find(_LEFT_OUT)
    if marked < 0 and place + _NEAR < len(text):
        return False
    return _HALF.fullmatch(rest if marked < 0 else rest[:marked]) is not None


class _Reading:
    """A document while it is being read; `next` is what its grammar allows next, beside the end of what is open."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.open: list[Node] = []
        self.next: Literal["value", "key", "colon", "comma"] = "value"
        self._key: tuple[str, int] = ("", -1)

    def take(self, token: re.Match[str]) -> bool:
        """Go on with a token; False where it does not fit."""
        string, mark, bare = token.groups()
        if mark in ("}", "]"):
            return self._close(mark, token.end())
        if mark in (",", ":"):
            return self._separate(mark)
        begin = token.start(token.lastindex or 0)
        if string is not None and self.next == "key":
            self._key, self.next = (_unescaped(string), begin), "colon"
            return True
        if self.next != "value" or (self.root is None and not mark):
            return False
        self._add(mark, _unescaped(string) if string is not None else bare or "", begin, token.end())
        return len(self.open) <= _DEEPEST

    def closed(self, text: str, place: int) -> Node | None:
        """The document as far as it was read; half a value that follows belongs to it."""
        newline = text.find("\n", place)
        for node in self.open:
            node.end = len(text) if newline < 0 else newline
        return self.root

    def _add(self, mark: str | None, value: str, begin: int, end: int) -> None:
        key, key_begin = self._key
        node = Node(key, begin if key_begin < 0 else key_begin, begin, end, value)
        self._key = ("", -1)
        if self.open and self.open[-1].children is not None:
            self.open[-1].children.append(node)
        self.root = self.root or node
        self.next = "comma"
        if mark:
            node.children, node.is_list = [], mark == "["
            self.open.append(node)
            self.next = "value" if node.is_list else "key"

    def _close(self, mark: str, end: int) -> bool:
        if not self.open or self.open[-1].is_list != (mark == "]"):
            return False
        empty = not self.open[-1].children and self.next == ("value" if self.open[-1].is_list else "key")
        if self.next != "comma" and not empty:
            return False
        self.open.pop().end = end
        self.next = "comma"
        return True

    def _separate(self, mark: str) -> bool:
        if self.next != ("comma" if mark == "," else "colon"):
            return False
        self.next = "value" if mark == ":" or self.open[-1].is_list else "key"
        return True


def _unescaped(literal: str) -> str:
    try:
        return str(json.loads(literal, strict=False))
    except ValueError:
        return literal[1:-1]
