"""The JSON that stands in a text, in the forms in which a quote of it may be written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

MOST_FAILURES = 1000
"""Openings of a text that turn out not to be JSON; after so many nothing more is looked for."""
MOST_NESTED = 3
"""Levels of JSON written into a string of JSON."""

_DECODER = json.JSONDecoder(strict=False)
_OPENING = re.compile(r"[\[{]")
_LINE_END = re.compile(r"[ \t\r]*(?:\n|\Z)")
_SPACE = re.compile(r"\s+")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+("?)', re.DOTALL)
_TOKENS = re.compile(r'(?:\s|[\[\]{},:]|"(?:[^"\\]|\\.)*+"|-?\d[\d.eE+-]*|true|false|null)*+')
_PARTIAL = re.compile(r'(?:"(?:[^"\\]|\\.)*+\\?|[tfn][a-z]{0,4}|-)?\Z', re.DOTALL)
_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|(?:u[0-9a-fA-F]{4})(?:\\u[dD][c-fC-F][0-9a-fA-F]{2})?)')


@dataclass(frozen=True)
class Json:
    """A piece of JSON. `compact` has no white space outside of strings, `inside` says of each of its characters whether
    it is in a string; `unescaped` is the source with its strings unescaped once, white space collapsed."""

    compact: str
    inside: bytearray
    unescaped: str

    def holds(self, quote: str) -> bool:
        """Whether a quote is a part of it, laid out in any way; its white space inside of strings counts."""
        if collapsed(quote) in self.unescaped:
            return True
        for begins_inside in (False, True):
            wanted, _ = _compact(quote, begins_inside)
            at = self.compact.find(wanted) if wanted else -1
            while at >= 0:
                if bool(self.inside[at]) == begins_inside:
                    return True
                at = self.compact.find(wanted, at + 1)
        return False


def collapsed(text: str) -> str:
    """The text with each run of white space as one blank."""
    return _SPACE.sub(" ", text).strip()


def pieces(text: str, *, cut: bool = False) -> Iterator[Json]:
    """The JSON of a text: all of it, lines of it, what stands behind a prefix, and JSON written into its strings.

    A text of which something was `cut` away may begin or end in the middle of JSON.
    """
    for source in _sources(text.lstrip("\ufeff"), cut, MOST_NESTED):
        compact, inside = _compact(source, False)
        yield Json(compact, inside, collapsed(_unescaped(source)))


def _sources(text: str, cut: bool, levels: int) -> Iterator[str]:
    found = list(_whole(text)) or (_fragment(text) if cut else [])
    for source in found:
        yield source
        if levels:
            for string in _STRING.finditer(source):
                if "{" in string[0] or "[" in string[0]:
                    yield from _sources(_unescaped(string[0][1:-1]), False, levels - 1)


def _whole(text: str) -> Iterator[str]:
    """Objects and lists that end with their line, wherever they begin."""
    failures, place = 0, 0
    while failures < MOST_FAILURES and (opening := _OPENING.search(text, place)):
        try:
            _, end = _DECODER.raw_decode(text, opening.start())
        except (ValueError, RecursionError):
            failures, place = failures + 1, opening.end()
            continue
        if _LINE_END.match(text, end):
            yield text[opening.start() : end]
            place = end
        else:
            failures, place = failures + 1, opening.end()


def _fragment(text: str) -> list[str]:
    """A text that can be cut out of JSON: nothing but tokens, of which the first and the last need not be whole.

    Where it begins inside a string, a quotation mark is put before it.
    """
    for source in (text, f'"{text}'):
        tokens = _TOKENS.match(source)
        if tokens and tokens.end() and '"' in source[1:] and _PARTIAL.match(source, tokens.end()):
            return [source]
    return []


def _compact(text: str, inside: bool) -> tuple[str, bytearray]:
    """The text without white space outside of strings, and which of its characters are in one.

    `inside` says that it begins in a string.
    """
    kept: list[str] = []
    states = bytearray()

    def keep(part: str, state: int) -> None:
        kept.append(part)
        states.extend(bytes([state]) * len(part))

    place = 0
    if inside:
        match = _STRING.match(f'"{text}')
        assert match
        place = match.end() - 1
        keep(text[:place], 1)
    for string in _STRING.finditer(text, place):
        keep(_SPACE.sub("", text[place : string.start()]), 0)
        keep('"', 0)
        keep(string[0][1:], 1)
        place = string.end()
    keep(_SPACE.sub("", text[place:]), 0)
    return "".join(kept), states


def _unescaped(text: str) -> str:
    """The text with JSON's escapes undone, each once; halves of surrogate pairs stay as they are written."""
    return _ESCAPE.sub(_character, text)


def _character(escape: re.Match[str]) -> str:
    character = str(json.loads(f'"{escape[0]}"'))
    return escape[0] if any("\ud800" <= each <= "\udfff" for each in character) else character
