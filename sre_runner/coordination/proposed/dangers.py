"""What a command would destroy, stop or force, by the tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from sre_runner.casefile import Write
from sre_runner.coordination.proposed.calls import Call
from sre_runner.coordination.proposed.danger_table import CLOUDS_AND_DATA, HARMLESS, HOSTS, KUBERNETES, rows
from sre_runner.coordination.proposed.options import Option
from sre_runner.coordination.proposed.words import Word

Found = tuple[str, int, int]
"""What a command does, and the place of what says so."""

BACK = "goes back to an earlier release"
AGAIN = "undoes a release that this run already changed"

_FURTHEST = 4
"""Words that may stand before what a program is told to do: the values of options that no table lists. A name that is
a verb is marked for nothing then, which is rarer, and costs less than a danger without a mark."""
_RELEASES = re.compile(r"roll(?:ed|ing)?[_-]?back|rollout|undo|revert|release|deploy|set[_-]?image", re.IGNORECASE)
_EMPTYING = re.compile(r"(?:^|[;&|\n(])[ \t]*(?::|true|cat /dev/null)?[ \t]*>[ \t]*(/(?!dev/|tmp/|proc/|sys/)[\w./-]+)")


@dataclass(frozen=True)
class _Row:
    words: tuple[frozenset[str], ...]
    anywhere: bool
    options: tuple[tuple[str, str], ...]
    search: re.Pattern[str] | None
    beside: bool
    does: str


def dangers(call: Call, writes: Sequence[Write]) -> Iterator[Found]:
    """Each danger of a call. `writes` are what this run changed: what undoes one of them undoes it once more."""
    if any(_names(each, name, value) for each in call.split[1] for name, value in _harmless(call.name)):
        return
    counted = False
    for row in _table().get(call.name, ()):
        if (row.beside or not counted) and (place := _place(row, call)):
            counted = counted or not row.beside
            yield (AGAIN if row.does == BACK and _changed(call, writes) else row.does), *place


def emptied(command: str) -> Iterator[Found]:
    """The files that a redirection of nothing empties: `> /var/log/app.log`."""
    for found in _EMPTYING.finditer(command):
        yield "empties the file", *found.span(1)


def _place(row: _Row, call: Call) -> tuple[int, int] | None:
    """The place of what a row matches in a call; None where it does not."""
    positionals, options = call.split
    texts = [_told(each, at, call) for at, each in enumerate(positionals)]
    count = len(row.words)
    last = len(texts) if row.anywhere else _FURTHEST
    starts = range(min(len(texts) - count, last) + 1)
    at = next((at for at in starts if all(map(_fits, row.words, texts[at : at + count]))), None)
    if at is None:
        return None
    matched = [] if row.beside else [call.program, *positionals[at : at + count]]
    if row.options:
        option = next((each for each in options if any(_names(each, *pair) for pair in row.options)), None)
        if option is None:
            return None
        matched += option.words
    if row.search:
        hit = next((each for each in call.arguments if row.search.search(each.text)), None)
        if hit is None:
            return None
        matched.append(hit)
    return min(each.start for each in matched), max(each.end for each in matched)


def _told(word: Word, at: int, call: Call) -> str:
    """A word as the table writes it: small, and for Kubernetes without the name behind the kind."""
    text = word.text[:80].lower()
    return re.split(r"[/.,]", text, maxsplit=1)[0] if at and call.name in ("kubectl", "oc") else text


def _fits(choices: frozenset[str], word: str) -> bool:
    return word in choices or any(each.endswith("*") and word.startswith(each[:-1]) for each in choices)


def _names(option: Option, name: str, value: str) -> bool:
    """Whether an option of a call is the one that a row names. Letters in a row (`-rf`) count each."""
    text = option.value.text if option.value else ""
    if name.endswith("*"):
        return option.name.startswith(name[:-1])
    if option.name == name:
        return text.lower() == value.lower() if value else text not in ("false", "none")
    written = option.words[0].text
    letters = len(name) == 2 and name[1].isalpha() and re.fullmatch(r"-[A-Za-z]{2,4}", written) and not option.value
    return bool(letters) and not value and name[1] in written


def _changed(call: Call, writes: Sequence[Write]) -> bool:
    """Whether a write of this run that was made, or may have been, changed the release that a call is about."""
    parts = {part for each in call.arguments for part in re.split(r"[/=]", each.text) if len(part) > 2}
    for write in writes:
        if write.outcome != "failed" and _RELEASES.search(write.tool):
            values = list(write.arguments.values()) if isinstance(write.arguments, dict) else []
            if not values or any(isinstance(value, str) and value.rpartition("/")[2] in parts for value in values):
                return True
    return False


@cache
def _table() -> dict[str, tuple[_Row, ...]]:
    found: dict[str, list[_Row]] = {}
    for programs, told, does in rows(KUBERNETES + HOSTS + CLOUDS_AND_DATA):
        for program in programs.split():
            found.setdefault(program, []).append(_row(told, does))
    return {program: tuple(each) for program, each in found.items()}


def _row(told: str, does: str) -> _Row:
    plain, _, search = told.partition("~")
    tokens = [each for each in plain.split() if each not in ("+", "**")]
    if tokens == ["*"]:
        tokens = []
    words = tuple(frozenset(each.split("|")) for each in tokens if not each.startswith("-"))
    options = tuple(_pair(one) for each in tokens if each.startswith("-") for one in each.split("|"))
    return _Row(words, "**" in plain.split(), options, re.compile(search) if search else None, told[0] == "+", does)


@cache
def _harmless(program: str) -> tuple[tuple[str, str], ...]:
    split = [row.partition(":") for row in HARMLESS.strip().splitlines()]
    fitting = [options for names, _, options in split if not names or program in names.split()]
    return tuple(_pair(each) for options in fitting for each in options.split())


def _pair(option: str) -> tuple[str, str]:
    name, _, value = option.partition("=")
    return name, value


def known() -> frozenset[str]:
    """The programs of the tables."""
    return frozenset(_table())
