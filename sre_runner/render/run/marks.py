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
