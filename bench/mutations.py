"""How many changed values are caught, and how many true ones are marked: see README.md beside this.

In each true statement, every value that can be checked is changed, one at a time: a digit of a number, a time, a date
or a version, the unit, a character of a name. It is caught if the changed value is marked as not seen.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from statements import Statement, of_cases, of_runs

from sre_runner.coordination.claims.marks import unseen
from sre_runner.coordination.claims.values import Value, values

ROOT = Path(__file__).parents[1]
LEAST_CAUGHT, MOST_MARKED = 95.0, 2.0
"""The aims, in percent: of the changed values, and of the unchanged ones."""

OTHER_UNITS = {
    "%": "ms", "ms": "s", "s": "ms", "min": "h", "h": "min", "d": "h", "w": "d", "k": "M", "M": "k", "m": "cores",
    "B": "kB", "kB": "MB", "MB": "GB", "GB": "MB", "KiB": "MiB", "MiB": "GiB", "GiB": "MiB",
}  # fmt: skip
SORTS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
OF_DIGITS = {"number": "number", "duration": "number", "time": "time", "date": "date", "version": "version"}
"""Kinds of values of which a digit is changed, and what the change is called. Others are names."""


@dataclass
class Counts:
    """By kind of change, how many were tried and caught; by kind of statement, how many were true and marked."""

    changed: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)
    true: Counter[str] = field(default_factory=Counter)
    marked: Counter[str] = field(default_factory=Counter)
    shown: list[str] = field(default_factory=list)


def changes(value: Value, chance: random.Random) -> Iterator[tuple[str, str]]:
    """What a liar makes of a value: the kind of the change, and the text in its place."""
    digits = [place for place, each in enumerate(value.text) if each in SORTS[0]]
    letters = [place for place, each in enumerate(value.text) if each.isalnum()]
    kind = OF_DIGITS.get(value.kind, "name")
    places = letters if kind == "name" else digits
    if places:
        yield kind, _changed(value.text, chance.choice(places), chance)
    if value.unit in OTHER_UNITS:
        yield "unit", f"{value.text[: max(digits) + 1]} {OTHER_UNITS[value.unit]}"


def _changed(text: str, place: int, chance: random.Random) -> str:
    """The text with another character of the same sort at a place: a name stays a name, a number gets no zero first."""
    sort = next((each for each in SORTS if text[place] in each), "x")
    others = sort.replace(text[place], "")
    others = others.replace("0", "") if place == 0 else others
    return text[:place] + chance.choice(others or "x") + text[place + 1 :]


def measure(statements: Iterable[Statement], chance: random.Random) -> Counts:
    """Try every change of every value of the statements."""
    counts = Counts()
    for statement in statements:
        marked = {mark.start for mark in unseen(statement.text, statement.seen)}
        for value in values(statement.text):
            counts.true[statement.of] += 1
            if value.start in marked:
                counts.marked[statement.of] += 1
                counts.shown.append(f"marked: {value.text!r} in {statement.text!r}")
            else:
                _try(statement, value, counts, chance)
    return counts


def _try(statement: Statement, value: Value, counts: Counts, chance: random.Random) -> None:
    for kind, text in changes(value, chance):
        lie = statement.text[: value.start] + text + statement.text[value.end :]
        end = value.start + len(text)
        counts.changed[kind] += 1
        if any(mark.start < end and mark.end > value.start for mark in unseen(lie, statement.seen)):
            counts.caught[kind] += 1
        else:
            counts.shown.append(f"missed: {value.text!r} as {text!r} in {lie!r}")


def table(title: str, tried: Counter[str], hits: Counter[str], heading: str) -> float:
    """Print the counts as rows of Markdown; the share of hits in percent."""
    print(f"\n| {title} | values | {heading} | % |\n|---|--:|--:|--:|")
    for kind in sorted(tried):
        print(f"| {kind} | {tried[kind]:,} | {hits[kind]:,} | {100 * hits[kind] / tried[kind]:.1f} |")
    share = 100 * hits.total() / max(tried.total(), 1)
    print(f"| **all** | **{tried.total():,}** | **{hits.total():,}** | **{share:.1f}** |")
    return share


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path, nargs="?", help="a folder of recorded cases, one JSON file each")
    parser.add_argument("--seed", type=int, default=1, help="of the changes (1)")
    parser.add_argument("--show", action="store_true", help="print what was missed, and what was marked in truth")
    given = parser.parse_args()
    sources = {"Findings of rehearsed runs": of_runs(sorted(ROOT.glob("playbooks/*.yaml")))}
    if given.cases:
        sources["Statements made from recorded cases"] = of_cases(given.cases)
    met = True
    for name, statements in sources.items():
        counts = measure(statements, random.Random(given.seed))
        print(f"\n{name}")
        caught = table("changed", counts.changed, counts.caught, "caught")
        marked = table("unchanged, of", counts.true, counts.marked, "marked")
        met &= caught >= LEAST_CAUGHT and marked <= MOST_MARKED
        print("\n".join(counts.shown) if given.show else "")
    print(f"aims (at least {LEAST_CAUGHT:g} % caught, at most {MOST_MARKED:g} % marked): {'met' if met else 'NOT met'}")
    sys.exit(not met)


if __name__ == "__main__":
    main()
