"""The marks of a proposed command, as they stand under it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sre_runner.coordination.proposed.marks import Mark
from sre_runner.journal.facts import shortened
from sre_runner.render.escape import code_span

MOST_SHOWN = 12
"""Places of a kind that are shown; the JSON has all of them."""

PLACE_LIMIT = 120
"""Characters of a place that are shown."""


def marks_below(command: str, marks: Sequence[Mark]) -> str:
    """A list of what the command destroys, which names were not seen, and what is to be filled in; "" without marks."""
    return "\n".join(f"- **{says[:1].upper()}{says[1:]}**: {what}" for says, what in _lines(command, marks))


def briefly(command: str, marks: Sequence[Mark]) -> str:
    """The same as sentences of plain text: the dangers first, and names with their places."""
    says = {mark.says: mark.kind for mark in marks}
    sentences = [
        says_ if says[says_] == "danger" else f"{says_}: {', '.join(_named(command, marks, says_))}"
        for says_ in sorted(says, key=lambda each: says[each] != "danger")
    ]
    return " ".join(f"{each[:1].upper()}{each[1:]}." for each in sentences)


def _named(command: str, marks: Sequence[Mark], says: str) -> list[str]:
    """Each marked place once, as plain text."""
    found = (mark for mark in marks if mark.says == says)
    return list(
        dict.fromkeys(
            f"{mark.name} {shortened(' '.join(command[mark.start : mark.end].split()), PLACE_LIMIT)}".strip()
            if mark.kind != "not_read"
            else f"what comes after the first {mark.start:,} characters"
            for mark in found
        )
    )


def _lines(command: str, marks: Sequence[Mark]) -> Iterator[tuple[str, str]]:
    dangers = [mark for mark in marks if mark.kind == "danger"]
    names = [mark for kind in ("not_seen", "placeholder") for mark in marks if mark.kind == kind]
    for says in dict.fromkeys(mark.says for mark in (*dangers, *names)):
        yield says, _places(command, [mark for mark in (*dangers, *names) if mark.says == says])
    for mark in marks:
        if mark.kind == "not_read":
            yield mark.says, f"what comes after the first {mark.start:,} characters"


def _places(command: str, marks: Sequence[Mark]) -> str:
    """The marked places, each once, with the kind of a name before it."""
    spans = ((mark.name, code_span(shortened(command[mark.start : mark.end], PLACE_LIMIT))) for mark in marks)
    places = list(dict.fromkeys(f"{name} {span}".strip() for name, span in spans))
    more = [f"{len(places) - MOST_SHOWN} more"] if len(places) > MOST_SHOWN else []
    return ", ".join([*places[:MOST_SHOWN], *more])
