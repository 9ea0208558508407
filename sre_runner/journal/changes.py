"""What was changed in a journal after it was written, by the seals of its lines."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

from sre_runner.journal.seals import Seal, seal_of

What: TypeAlias = Literal["changed", "dropped", "doubled", "moved", "added", "signature", "configuration", "copy"]


MOST_SAID = 5
"""Changes that are named in one sentence."""


@dataclass(frozen=True, order=True)
class Change:
    """One change. `line` is where to look: a line of the file as it is now, counted from 1."""

    line: int
    what: What
    text: str


@dataclass(frozen=True)
class _Placed:
    """A line of the file: where it is, the number that it was written as, and its seal where that is whole."""

    at: int
    number: int
    seal: Seal | None


def changes_of(lines: Sequence[bytes], key: bytes = b"") -> tuple[Change, ...]:
    """The changes in the whole lines of a journal, by line; with a `key`, of its signatures, too.

    A journal of format 1 has no seals, and no change in it can be seen.
    """
    seals = [seal_of(line) for line in lines]
    if not any(seals):
        return ()
    kept, found = _without_copies(seals)
    placed = list(_placed(kept))
    of_number = {each.number: each for each in placed if each.number}
    found += _not_whole(placed)
    found += _dropped(of_number)
    found += _moved([each for each in placed if each.seal])
    found += _replaced(of_number, {each.line for each in found if each.what == "changed"})
    found += _signatures(seals, key)
    return tuple(sorted(found))


def _without_copies(seals: Sequence[Seal | None]) -> tuple[list[tuple[int, Seal | None]], list[Change]]:
    """The lines, each with its place, without those that are an earlier line again; and these, as changes."""
    first: dict[tuple[int, str], int] = {}
    kept, found = [], []
    for at, seal in enumerate(seals, start=1):
        earlier = first.setdefault((seal.line, seal.seal), at) if seal and seal.whole else at
        if earlier == at:
            kept.append((at, seal))
        else:
            found.append(Change(at, "doubled", f"line {at} is line {earlier} again"))
    return kept, found


def _placed(kept: Sequence[tuple[int, Seal | None]]) -> Iterator[_Placed]:
    """Each line with the number that it was written as; 0 for one that was not among them.

    A line that is whole says it itself. One that is not takes the place that is free where it stands.
    """
    whole = {seal.line for _, seal in kept if seal and seal.whole}
    before = 0
    for place, (at, seal) in enumerate(kept):
        if seal and seal.whole:
            before = seal.line
            yield _Placed(at, before, seal)
            continue
        following = (other.line for _, other in kept[place + 1 : place + 2] if other and other.whole)
        after = next(following, before + 2)
        said = seal.line if seal and before < seal.line < after and seal.line not in whole else before + 1
        number = 0 if said in whole else said
        before = number or before
        yield _Placed(at, number, None)


def _not_whole(placed: Sequence[_Placed]) -> Iterator[Change]:
    last = max((each.at for each in placed if each.seal), default=0)
    for each in placed:
        if each.seal is None:
            what: What = "changed" if each.number else "added"
            # Nothing that is whole follows it, so that it may have been put there.
            yield Change(each.at, what, f"line {each.at} was {what}{' or added' if each.at > last else ''}")


def _dropped(of_number: Mapping[int, _Placed]) -> Iterator[Change]:
    """What is missing between the lines that there are; what was cut off at the end leaves no gap."""
    for before, after in pairwise((0, *sorted(of_number))):
        if after - before > 1:
            at = of_number[after].at
            yield Change(at, "dropped", f"{lines_text(before + 1, after - 1)} dropped")


def _moved(placed: Sequence[_Placed]) -> Iterator[Change]:
    """The fewest lines that stand elsewhere than they were written: all but a longest rising sequence of numbers."""
    tails: list[int] = []
    ends: list[int] = []
    back: list[int] = []
    for place, each in enumerate(placed):
        length = bisect_left(tails, each.number)
        back.append(ends[length - 1] if length else -1)
        tails[length : length + 1] = [each.number]
        ends[length : length + 1] = [place]
    rising, place = set(), ends[-1] if ends else -1
    while place >= 0:
        rising.add(place)
        place = back[place]
    for place, each in enumerate(placed):
        if place not in rising:
            yield Change(each.at, "moved", f"line {each.at} was moved: it was written as line {each.number}")


def _replaced(of_number: Mapping[int, _Placed], changed: set[int]) -> Iterator[Change]:
    """Lines that are whole, and that the next one was not written after."""
    for number, each in of_number.items():
        before = of_number.get(number - 1)
        if each.seal is None or each.at in changed:
            continue
        if before is None:
            if number == 1 and each.seal.previous:
                yield Change(each.at, "changed", f"line {each.at} was not the first when it was written")
        elif before.seal and before.seal.seal != each.seal.previous:
            yield Change(
                before.at, "changed", f"line {before.at} was replaced: line {each.at} was written after another"
            )


def _signatures(seals: Sequence[Seal | None], key: bytes) -> Iterator[Change]:
    """Lines without a signature in a journal that is signed; with the key, also those with one of another key."""
    known = [(at, seal) for at, seal in enumerate(seals, start=1) if seal]
    if not any(seal.signature for _, seal in known):
        return
    for at, seal in known:
        if not seal.signature:
            yield Change(at, "signature", f"line {at} has no signature, and others have")
        elif key and not seal.signed_by(key):
            yield Change(at, "signature", f"the signature of line {at} is not of this key")


def changes_text(changes: Sequence[Change]) -> str:
    """The first of the changes in words, and how many more there are."""
    more = len(changes) - MOST_SAID
    return "; ".join([*(each.text for each in changes[:MOST_SAID]), *([f"and {more} more"] if more > 0 else [])])


def lines_text(first: int, last: int) -> str:
    """`line 7 was` or `lines 7 to 9 were`."""
    return f"line {first} was" if first == last else f"lines {first} to {last} were"
