"""The values of a statement that were not seen, marked where they stand: `48 (not seen)`."""

from __future__ import annotations

from collections.abc import Sequence

from sre_runner.casefile import Derived, Unseen
from sre_runner.coordination.claims.derived import derived_texts
from sre_runner.coordination.claims.seen import Seen
from sre_runner.coordination.claims.values import values

NOT_SEEN = " (not seen)"
"""What stands behind a value that was not seen."""


def unseen(statement: str, seen: Seen, derived: Sequence[Derived] = ()) -> tuple[Unseen, ...]:
    """The values of a statement that are in none of the texts, in their order.

    `derived` names values that were computed: they count where their inputs were seen and the arithmetic is right.
    Word numbers (`three pods`, `both`) are not checked.
    """
    found = [value for value in values(statement) if not seen.holds(value)]
    if not found:
        return ()
    made = derived_texts(derived, seen) if derived else set()
    return tuple(Unseen(each.start, each.end, each.text) for each in found if each.text not in made)


def marked(statement: str, marks: Sequence[Unseen]) -> str:
    """The statement with `(not seen)` behind each value that is marked, in whatever order the marks are given.

    A mark that does not fit the statement is left out: a journal may have been edited.
    """
    parts, place = [], 0
    for mark in sorted(marks, key=lambda each: each.end):
        if place <= mark.start < mark.end and statement[mark.start : mark.end] == mark.text:
            parts += [statement[place : mark.end], NOT_SEEN]
            place = mark.end
    return "".join([*parts, statement[place:]])
