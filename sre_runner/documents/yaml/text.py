"""YAML text to plain data, with the position of every node and everything that is wrong, within stated limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import yaml

from sre_runner.casefile import Json
from sre_runner.documents.yaml.scalars import plain
from sre_runner.documents.yaml.syntax import Flaw, explained, quoted, template_flaw
from sre_runner.text.naming import nearest, said

MOST_CHARACTERS = 5_000_000
"""Of a text, and of its scalars with every alias expanded."""
MOST_NODES = 200_000
"""Values of a text, with every alias expanded."""
DEPTH = 50
"""Levels of lists and mappings."""
MOST_FLAWS = 100

# PyYAML's composer in C crashes on deep nesting, and both of them expand aliases without a limit; so only its events
# are used. Its resolver is that of YAML 1.1, where `no` is false and 1:30 is a number.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_HALF = re.compile("[\ud800-\udfff]")
_NONE: Mapping[str | int, Any] = {}


class Node(NamedTuple):
    """Where a value stands.

    `line` and `column` are of its first character (of an alias: the alias), `end_line` is the line on which it ends.
    `style` is `|`, `>`, `"`, `'` or "" for text, `*` for an alias. `written` has the characters of a scalar that is not
    quoted. `keys` has the places of a mapping's keys, `inner` the nodes of its values or of a list's items.
    """

    line: int
    column: int
    end_line: int
    style: str = ""
    written: str | None = None
    keys: Mapping[str | int, tuple[int, int]] = _NONE
    inner: Mapping[str | int, Node] = _NONE


@dataclass(frozen=True)
class Composed:
    """A text as data and nodes (both None for an empty text), which only mean something where there are no flaws."""

    data: Json
    node: Node | None
    flaws: tuple[Flaw, ...]


def compose(text: str, loader: Any = _LOADER) -> Composed:
    """Reads one YAML document, whose lines end with a newline. Never raises.

    Scalars are as in `yamlscalars.py`, and keys are text always. Flaws are: tags, directives, merge keys, keys that
    are no scalars, numbers that JSON or a float cannot hold, and whatever is beyond the limits above.
    """
    if len(text) > MOST_CHARACTERS:
        return Composed(None, None, (Flaw(0, 0, f"more than {MOST_CHARACTERS:,} characters", "Split it."),))
    lines = text.split("\n")
    if _CONTROL.search(text) or (not text.isascii() and _forbidden_characters().search(text)):
        return Composed(None, None, tuple(_forbidden(lines)))
    composer = _Composer(text, lines, loader)
    data, node = composer.document()
    return Composed(data, node, tuple(composer.flaws[:MOST_FLAWS]))


@cache
def _forbidden_characters() -> re.Pattern[str]:
    """What YAML cannot hold, and line ends that libyaml counts and editors do not.

    It is compiled for the first text that is not ASCII, as that takes as long as reading several files.
    """
    return re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029]")


def _forbidden(lines: list[str]) -> Iterator[Flaw]:
    found = 0
    for number, line in enumerate(lines, start=1):
        for match in _forbidden_characters().finditer(line):
            code = ord(match[0])
            written = f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
            hint = f'Write it as {written} in double quotes: "…{written}…".'
            if 0xD800 <= code < 0xE000:
                hint = "It is half of a character; remove it."
            yield Flaw(number, match.start() + 1, f"the character U+{code:04X} cannot stand in YAML", hint)
            found += 1
            if found == MOST_FLAWS:
                return


class _Stop(Exception):  # noqa: N818 - no error, but the end of reading
    """Reading on makes no sense; what is wrong was noted."""


@dataclass(frozen=True)
class _Anchored:
    data: Json
    node: Node
    nodes: int
    characters: int
    height: int


class _Composer:
    def __init__(self, text: str, lines: list[str], loader: Any) -> None:
        self.text, self.lines, self.loader = text, lines, loader
        self.flaws: list[Flaw] = []
        self.anchors: dict[str, _Anchored | None] = {}
        self.next: Any = None
        self.nodes = self.characters = 0

    def document(self) -> tuple[Json, Node | None]:
        try:
            self.next = self.loader(self.text).get_event
            self.next()
            start = self.next()
            if isinstance(start, yaml.StreamEndEvent):
                return None, None
            if start.version == (1, 1) or start.tags:
                self._flaw(start, "a directive has no effect here", "Remove the line that begins with %.")
            data, node, _ = self._value(self.next(), 0)
            self.next()
            another = self.next()
            if isinstance(another, yaml.DocumentStartEvent):
                self._flaw(another, "a second document begins here", "One file holds one: remove this line, or split.")
        except _Stop:
            return None, None
        except yaml.YAMLError as error:
            if not self.flaws:  # what was found before explains it, most often
                self.flaws.append(explained(error, self.lines))
            return None, None
        except (ValueError, OverflowError):  # from PyYAML's own scanner, for characters beyond Unicode
            self.flaws.append(Flaw(0, 0, "an escape names a character that Unicode does not have", "Correct it."))
            return None, None
        return data, node

    # --- Values -----------------------------------------------------------------------------------------------------

    def _value(self, event: Any, depth: int) -> tuple[Json, Node, int]:
        """The value that begins with this event, its node and its height in levels."""
        kind = type(event)
        if kind is yaml.AliasEvent:
            return self._alias(event, depth)
        before = self.nodes, self.characters
        self._count(event, 1, 0)
        if event.anchor:
            self.anchors[event.anchor] = None
        if event.tag is not None:
            self._flaw(event, "tags cannot be used: they name no types here", "Remove the word that begins with `!`.")
        if kind is yaml.ScalarEvent:
            self._count(event, 0, len(event.value))
            data, node, height = self._scalar(event), self._node(event, event), 0
        else:
            if depth == DEPTH:
                self._flaw(event, f"nested more than {DEPTH} levels deep", "Nest less.")
                raise _Stop
            read = self._list if kind is yaml.SequenceStartEvent else self._mapping
            data, node, height = read(event, depth)
        if event.anchor:
            size = self.nodes - before[0], self.characters - before[1]
            self.anchors[event.anchor] = _Anchored(data, node, *size, height)
        return data, node, height

    def _alias(self, event: Any, depth: int) -> tuple[Json, Node, int]:
        place = self._node(event, event)
        if event.anchor not in self.anchors:
            near = nearest(event.anchor, self.anchors)
            hint = f"Did you mean *{near}?" if near else "An anchor (&name) comes before its aliases (*name)."
            self._flaw(event, f"nothing has the anchor &{event.anchor[:60]}", hint)
            return None, place, 0
        anchored = self.anchors[event.anchor]
        if anchored is None:
            self._flaw(event, f"*{event.anchor[:60]} stands inside of what it repeats", "Write the value out.")
            return None, place, 0
        self._count(event, anchored.nodes, anchored.characters)
        if depth + anchored.height > DEPTH:
            self._flaw(event, f"nested more than {DEPTH} levels deep", "Nest less.")
            raise _Stop
        node = anchored.node._replace(line=place.line, column=place.column, end_line=place.end_line, style="*")
        return _copy(anchored.data), node, anchored.height

    def _list(self, event: Any, depth: int) -> tuple[Json, Node, int]:
        items: list[Json] = []
        inner: dict[str | int, Node] = {}
        height = 0
        while type(part := self.next()) is not yaml.SequenceEndEvent:
            data, inner[len(items)], under = self._value(part, depth + 1)
            items.append(data)
            height = max(height, under)
        return items, self._node(event, part, inner=inner), height + 1

    def _mapping(self, event: Any, depth: int) -> tuple[Json, Node, int]:
        values: dict[str, Json] = {}
        keys: dict[str | int, tuple[int, int]] = {}
        inner: dict[str | int, Node] = {}
        height = 0
        while type(part := self.next()) is not yaml.MappingEndEvent:
            key = self._key(part, depth, keys)
            data, node, under = self._value(self.next(), depth + 1)
            height = max(height, under)
            if key is not None:
                keys[key] = self._place(part)
                values[key], inner[key] = data, node
        return values, self._node(event, part, keys=keys, inner=inner), height + 1

    def _key(self, event: Any, depth: int, keys: Mapping[str | int, tuple[int, int]]) -> str | None:
        """The key that begins with this event; None where it cannot be one."""
        if not isinstance(event, yaml.ScalarEvent):
            self._complex_key(event)
            before = len(self.flaws)
            self._value(event, depth + 1)
            del self.flaws[before:]  # what is wrong inside of what cannot be
            return None
        key = str(event.value)
        plain = not event.style
        self._count(event, 0, len(key))
        if event.tag is not None or event.anchor:
            self._flaw(event, "a key has no tag and no anchor", "Write the key alone.")
        elif plain and key == "<<":
            self._flaw(event, "merge keys (<<) cannot be used", "Write the keys out.")
        elif plain and not key:
            self._flaw(event, "a key is missing before `:`", 'Write one, or quote the text: "…: …".')
        elif _half(key):
            self._flaw(event, "a character is only half of one", "Write the character itself.")
        elif key in keys:
            self._flaw(event, f"the key {said(key)} is already on line {keys[key][0]}", "Remove one of the two.")
        else:
            return key
        return None

    def _complex_key(self, event: Any) -> None:
        line, column = self._place(event)
        source = self.lines[line - 1] if line <= len(self.lines) else ""
        opening = source.find("{{", max(column - 2, 0), column + 1)
        if isinstance(event, yaml.MappingStartEvent) and opening >= 0:
            self.flaws.append(template_flaw(source, line, opening))
        elif isinstance(event, yaml.AliasEvent):
            self._flaw(event, "an alias cannot be a key", "Write the key out.")
        else:
            self._flaw(event, "a key must be text, not a list or a mapping", "If it is text, quote it.")

    def _scalar(self, event: Any) -> Json:
        text = str(event.value)
        if _half(text):
            self._flaw(event, "a character is only half of one", "Write the character itself, or as \\U0001F600.")
        if event.style:
            return text
        try:
            return plain(text)
        except ValueError as error:
            example = f": {quoted(text)}" if len(text) <= 60 else ""
            self._flaw(event, str(error), f"Quote it, if it is text{example}")
            return None

    # --- Places and flaws -------------------------------------------------------------------------------------------

    def _node(self, start: Any, end: Any, **inner: Any) -> Node:
        line, column = self._place(start)
        mark = end.end_mark
        last = mark.line + 1 if mark.column else mark.line  # a block ends where the next line begins
        scalar = isinstance(start, yaml.ScalarEvent)
        style = (start.style or "") if scalar else ""
        written = start.value if scalar and not style else None
        return Node(line, column, max(line, last), style, written, **inner)

    def _place(self, event: Any) -> tuple[int, int]:
        return event.start_mark.line + 1, event.start_mark.column + 1

    def _count(self, event: Any, nodes: int, characters: int) -> None:
        self.nodes += nodes
        self.characters += characters
        if self.nodes > MOST_NODES:
            self._flaw(event, f"more than {MOST_NODES:,} values, aliases expanded", "Split the file.")
        elif self.characters > MOST_CHARACTERS:
            self._flaw(event, f"more than {MOST_CHARACTERS:,} characters, aliases expanded", "Split the file.")
        else:
            return
        raise _Stop

    def _flaw(self, event: Any, message: str, hint: str) -> None:
        self.flaws.append(Flaw(*self._place(event), message, hint))
        if len(self.flaws) >= MOST_FLAWS:
            raise _Stop


def _half(text: str) -> bool:
    """Whether an escape has put half of a surrogate pair into the text (the parser in Python lets it)."""
    return not text.isascii() and _HALF.search(text) is not None


def _copy(data: Json) -> Json:
    """So that nothing in the data is the same object twice: changing one place never changes another."""
    if isinstance(data, dict):
        return {key: _copy(value) for key, value in data.items()}
    return [_copy(item) for item in data] if isinstance(data, list) else data
