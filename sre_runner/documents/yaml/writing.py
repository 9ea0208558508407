"""Plain data as YAML that people read and our reader reads back: short values on one line, long texts as blocks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from sre_runner.casefile import Json
from sre_runner.documents.yaml.scalars import plain

WIDTH = 120
"""Characters of a line; only a text that cannot be a block is longer."""

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def written(data: Mapping[str, Json]) -> str:
    """A mapping as a YAML document.

    Texts of several lines are literal blocks, or in double quotes where a character needs an escape. Whether a reader
    takes it (limits of size and depth, halves of characters) is for the caller to find out.
    """
    return "".join(f"{line}\n" for line in _mapping(data, 0))


def scalar(text: str) -> str:
    """A text as YAML takes it anywhere, also inside of brackets; in quotes where it would be something else."""
    if _PLAIN.fullmatch(text) and _is_text(text):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in quoted)


def _is_text(text: str) -> bool:
    try:
        return plain(text) == text
    except ValueError:  # a number that is too large
        return False


def _mapping(data: Mapping[str, Json], indent: int) -> Iterator[str]:
    for key, value in data.items():
        yield from _valued(f"{' ' * indent}{scalar(key)}:", value, indent)


def _list(data: list[Json], indent: int) -> Iterator[str]:
    dash = f"{' ' * indent}-"
    for item in data:
        if isinstance(item, Mapping) and item and _flow(item, WIDTH - len(dash) - 1) is None:
            first, *others = _mapping(item, indent + 2)
            yield f"{dash} {first.lstrip(' ')}"
            yield from others
        else:
            yield from _valued(dash, item, indent)


def _valued(head: str, value: Json, indent: int) -> Iterator[str]:
    """What follows a key or a dash: on its line, or indented below it."""
    if isinstance(value, str) and (block := _block(value)):
        yield f"{head} {block}"
        yield from (f"{' ' * (indent + 2)}{line}" if line else "" for line in value.removesuffix("\n").split("\n"))
        return
    line = _flow(value, WIDTH - len(head) - 1)
    if line is None and isinstance(value, Mapping):
        yield head
        yield from _mapping(value, indent + 2)
    elif line is None and isinstance(value, list):
        yield head
        yield from _list(value, indent + 2)
    else:
        yield f"{head} {line or scalar(value)}"


def _block(text: str) -> str:
    """The indicator of a literal block that holds the text; "" where it stands in quotes."""
    lines = text.removesuffix("\n").split("\n")
    readable = all(line.replace("\t", "").isprintable() for line in lines)
    if "\n" not in text or not lines[-1].strip() or not readable:
        return ""
    return f"|{'2' if lines[0][:1] in (' ', chr(9), '') else ''}{'' if text.endswith(chr(10)) else '-'}"


def _flow(value: Json, room: int) -> str | None:
    """A value on one line, also inside of brackets; None where it has no room, or holds a text for a block."""
    if isinstance(value, Mapping):
        return _joined("{}", ((f"{scalar(key)}: ", one) for key, one in value.items()), room)
    if isinstance(value, list):
        return _joined("[]", (("", one) for one in value), room)
    if isinstance(value, str) and (len(value) > room or _block(value)):
        return None
    line = scalar(value) if isinstance(value, str) else json.dumps(value)
    return line if len(line) <= room else None


def _joined(brackets: str, parts: Iterator[tuple[str, Json]], room: int) -> str | None:
    pieces: list[str] = []
    room -= len(brackets)
    for head, value in parts:
        room -= len(head) + 2 * bool(pieces)
        line = _flow(value, room) if room > 0 else None
        if line is None:
            return None
        room -= len(line)
        pieces.append(head + line)
    return f"{brackets[0]}{', '.join(pieces)}{brackets[1]}"
