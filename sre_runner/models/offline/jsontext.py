"""JSON read with the place of every value in the raw text, so that it can be quoted as it stands there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_DEEPEST = 40
_LEFT_OUT = "[… "
_NEAR = 400
"""Characters between the last whole value and the engine's mark for what it left out."""
_TOKEN = re.compile(r'[ \t\r\n]*(?:("(?:[^"\\\n]|\\.)*")|([{}\[\],:])|([^\s"{}\[\],:]{1,400}))')


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
    """The document that begins at `start`, or None where it is no JSON or too deep. One pass, no recursion.

    A document of which the rest was left out, as the engine does with long outputs, is read as far as it goes.
    """
    root: Node | None = None
    stack: list[Node] = []
    key: tuple[str, int] | None = None
    place = start
    while True:
        token = _TOKEN.match(text, place)
        if token is None or (token.group().lstrip() == "[" and text.startswith(_LEFT_OUT, token.end() - 1)):
            cut = place + _NEAR >= len(text) or _LEFT_OUT in text[place : place + _NEAR]
            return _closed(text, root, stack, place) if cut else None
        place = token.end()
        string, mark, bare = token.groups()
        if mark in ("}", "]"):
            if not stack or stack[-1].is_list != (mark == "]") or key is not None:
                return None
            closed = stack.pop()
            closed.end = place
            if not stack:
                return root
        elif mark == ",":
            if not stack or key is not None:
                return None
        elif mark == ":":
            if key is None:
                return None
        elif string is not None and stack and not stack[-1].is_list and key is None:
            key = (_unescaped(string), token.start(1))
        else:
            begin = token.start(token.lastindex or 0)
            if stack and not stack[-1].is_list and key is None:
                return None
            node = Node(key[0] if key else "", key[1] if key else begin, begin, place)
            key = None
            if mark:
                node.children, node.is_list = [], mark == "["
            else:
                node.value = _unescaped(string) if string is not None else bare
            if stack:
                assert stack[-1].children is not None
                stack[-1].children.append(node)
            elif root is not None or not mark:
                return None
            else:
                root = node
            if mark:
                stack.append(node)
                if len(stack) > _DEEPEST:
                    return None


def _closed(text: str, root: Node | None, stack: list[Node], place: int) -> Node | None:
    """The document as far as it was read; half a value that follows belongs to it."""
    newline = text.find("\n", place)
    for node in stack:
        node.end = len(text) if newline < 0 else newline
    return root


def _unescaped(literal: str) -> str:
    try:
        return str(json.loads(literal, strict=False))
    except ValueError:
        return literal[1:-1]
