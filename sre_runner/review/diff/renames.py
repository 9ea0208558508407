"""Which of what is gone is there under another name: the same, or nearly so."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping

from sre_runner.casefile import Json

LEAST_ALIKE = 0.7
"""The share of words that two things of different names must have in common to be taken for one."""
MOST_PAIRS = 2_500
"""Pairs of what is gone and what is new that are held against each other; of more, only those that are equal."""

_WORDS = re.compile(r"\w+")


def renames(gone: Mapping[str, Json], new: Mapping[str, Json]) -> dict[str, str]:
    """The new names of what is gone, by the old ones; equal ones first, then the most alike.

    `gone` and `new` have what each name stands for as plain data.
    """
    found: dict[str, str] = {}
    by_text: dict[str, list[str]] = {}
    for name, data in new.items():
        by_text.setdefault(_canonical(data), []).append(name)
    for name, data in gone.items():
        same = by_text.get(_canonical(data))
        if same:
            found[name] = same.pop(0)
    left, free = [name for name in gone if name not in found], [name for name in new if name not in found.values()]
    if len(left) * len(free) > MOST_PAIRS:
        return found
    old_words, new_words = {name: _words(gone[name]) for name in left}, {name: _words(new[name]) for name in free}
    pairs = [(alike(old_words[one], new_words[other]), one, other) for one in left for other in free]
    for share, one, other in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if share >= LEAST_ALIKE and one not in found and other not in found.values():
            found[one] = other
    return found


def alike(one: Counter[str], other: Counter[str]) -> float:
    """The share of words that two things have in common, 0 to 1 (Dice's coefficient)."""
    return 2 * (one & other).total() / ((one.total() + other.total()) or 1)


def _words(data: Json) -> Counter[str]:
    return Counter(_WORDS.findall(_canonical(data)))


def _canonical(data: Json) -> str:
    return json.dumps(data, sort_keys=True, ensure_ascii=False, default=str)
