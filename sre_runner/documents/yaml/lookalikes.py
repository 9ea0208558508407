"""Characters that look like YAML's own and are not: no-break spaces, full-width colons, curly quotes, dashes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from sre_runner.casefile import Json
from sre_runner.documents.yaml.syntax import Flaw

_SPACES = "\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\u2060\ufeff\u00ad"
_COLONS = "\uff1a\ufe55\ua789\u02d0\u0589\u2236\ufe13"
_QUOTES = "\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u00ab\u00bb\uff02\uff07"
_DASHES = "\u2010-\u2015\u2212\ufe58\ufe63\uff0d\u2022\u00b7"

_LEADING = re.compile(f"[{_SPACES}]")
_KEY = r"""(?:- +)*(?:[\w.$/-]+|"[^"\n]*"|'[^'\n]*')"""
_PLACES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"^[ \t]*([{_SPACES}])"), "Indent with ordinary spaces."),
    (re.compile(rf"^ *{_KEY} *:[ \t]*([{_SPACES}])"), "Type an ordinary space behind the `:`."),
    (re.compile(rf"^ *-[ \t]*([{_SPACES}])"), "Type an ordinary space behind the `-`."),
    (re.compile(rf"^ *{_KEY}[ {_SPACES}]*([{_COLONS}])"), "Type an ordinary `:` and a space behind the key."),
    (re.compile(rf"^ *{_KEY}([{_SPACES}])+ *:"), "Remove it: the `:` follows the key."),
    (re.compile(rf"^ *([{_DASHES}])[ {_SPACES}]"), "Type an ordinary `-` for an item of a list."),
    (re.compile(rf"^ *{_KEY} *: +([{_QUOTES}])"), "Type ordinary quotes, \" or '."),
    (re.compile(rf"^ *- +([{_QUOTES}])"), "Type ordinary quotes, \" or '."),
)
"""Where such a character stands in the place of one that YAML reads, and what to type instead."""


def look_alikes(text: str) -> Iterator[Flaw]:
    """A flaw for the first such character of each line that has one where YAML's own would stand."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.isascii():
            found = ((match.start(1), hint) for pattern, hint in _PLACES if (match := pattern.match(line)))
            for column, hint in sorted(found)[:1]:
                character = line[column]
                name = unicodedata.name(character, "a character without a name")
                yield Flaw(
                    number, column + 1, f"this is U+{ord(character):04X} ({name}), not a character of YAML", hint
                )


def in_a_key(data: Json) -> bool:
    """Whether a key begins with such a space: it was to indent, and YAML took it for a part of the key."""
    if isinstance(data, dict):
        return any(_LEADING.match(str(key)) or in_a_key(value) for key, value in data.items())
    return isinstance(data, list) and any(map(in_a_key, data))


def blamed(flaws: list[Flaw], text: str) -> list[Flaw]:
    """The flaws of a text, with look-alikes in the place of what comes of them on their line and below."""
    found = list(look_alikes(text))
    if not found:
        return flaws
    return [*(flaw for flaw in flaws if 0 < flaw.line < found[0].line), *found]
