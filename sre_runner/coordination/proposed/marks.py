"""The marks of a proposed command: what it destroys, which of its names nothing has shown, what is to be filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from sre_runner.casefile import Write
from sre_runner.coordination.proposed import dangers, names
from sre_runner.coordination.proposed.calls import Call, calls
from sre_runner.coordination.proposed.name_table import EVERYWHERE
from sre_runner.coordination.proposed.seen import Seen
from sre_runner.coordination.proposed.sql import bare, is_sql, sql_dangers, sql_names
from sre_runner.coordination.proposed.words import Word, whole

Kind = Literal["danger", "not_seen", "placeholder", "not_read"]

NOT_SEEN = "not seen in this run"
FILL_IN = "to be filled in"

MOST_CHARACTERS = 20_000
"""Characters of a command that are read; what comes behind them is marked as not read."""

_PLACEHOLDER = re.compile(
    r"<[A-Za-z][\w.:/|-]{0,60}>|<[A-Za-z][\w.-]{0,30}(?: [\w.-]{1,30}){1,6}>|\{\{[^{}\n]{0,80}\}\}"
    r"|\$\{(?P<braced>[A-Za-z_]\w{0,60})[^{}\n]{0,60}\}|\$(?P<variable>[A-Za-z_]\w{0,60})|(?<![\w.])(?:\.\.\.|…)(?![\w.])"
    r"|(?<![\w/-])(?:YOUR|MY)[_-][A-Z_-]{2,40}(?![\w/-])"
    r"|(?<![\w/-])(?:POD|NODE|NAMESPACE|DEPLOYMENT|SERVICE|HOST|CONTAINER|IMAGE|VERSION)(?:_(?:NAME|ID))?(?![\w/=-])"
)
_EVERYWHERE = frozenset(EVERYWHERE.split())
_UNKNOWN = re.compile(r"[$`*?\[\]{}%<>…]|\.\.\.|(?<![A-Za-z0-9])[xX]{3,}")
_ASSIGNED = re.compile(
    r"(?:^|[\s;&|(])(?:for\s+|read\s+(?:-r\s+)?)?([A-Za-z_]\w{0,60})(?:\+?=|\s+in\s|\s*;|\s*$)", re.MULTILINE
)


@dataclass(frozen=True)
class Mark:
    """What is to be known of the characters from `start` to `end` of a command.

    `says` is what they do ("stops every replica") where `kind` is `danger`, and otherwise what is wrong with them.
    `name` is the kind of the name (`pod`, `namespace`, …) that is `not_seen`.
    """

    kind: Kind
    says: str
    start: int
    end: int
    name: str = ""


def checked(command: str, seen: Seen, writes: Sequence[Write] = ()) -> tuple[Mark, ...]:
    """The marks of a command's text in the order of their places; () where nothing has to be said.

    The text is read and never run, in time linear in its length. `writes` are the changes that this run has made.
    """
    text = command[:MOST_CHARACTERS]
    called = calls(text, _known())
    queries = [*(each for call in called for each in call.arguments if is_sql(each.text)), *bare(whole(text))]
    marks = [*_placeholders(text), *_not_seen(called, queries, seen), *_dangers(text, called, queries, writes)]
    if len(command) > MOST_CHARACTERS:
        marks.append(Mark("not_read", "not checked", MOST_CHARACTERS, len(command)))
    unique = {(each.start, each.end, each.kind, each.says): each for each in marks}
    return tuple(unique[key] for key in sorted(unique))


def _placeholders(command: str) -> Iterator[Mark]:
    """What stands for a name, but for variables that the command itself sets."""
    assigned = {name for each in _ASSIGNED.finditer(command) for name in each.groups() if name}
    for found in _PLACEHOLDER.finditer(command):
        if (found["variable"] or found["braced"]) not in assigned:
            yield Mark("placeholder", FILL_IN, found.start(), found.end())


def _not_seen(called: Sequence[Call], queries: Sequence[Word], seen: Seen) -> Iterator[Mark]:
    named = [
        *(each for call in called for each in names.names(call)),
        *(each for sql in queries for each in sql_names(sql)),
    ]
    for kind, word in named:
        open_ = not word.text or _UNKNOWN.search(word.text) or _PLACEHOLDER.search(word.text)
        if not open_ and word.text not in _EVERYWHERE and not seen.shows(kind, word.text):
            yield Mark("not_seen", NOT_SEEN, word.start, word.end, kind)


def _dangers(command: str, called: Sequence[Call], queries: Sequence[Word], writes: Sequence[Write]) -> Iterator[Mark]:
    found = [each for call in called for each in dangers.dangers(call, writes)]
    found += [each for sql in queries for each in sql_dangers(sql)]
    yield from (Mark("danger", does, start, end) for does, start, end in (*found, *dangers.emptied(command)))


@cache
def _known() -> frozenset[str]:
    return dangers.known() | names.known()
