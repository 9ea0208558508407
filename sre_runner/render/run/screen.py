"""The conclusion on one screen: what a person needs at three in the morning, and where the rest is."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from rich.cells import cell_len

from sre_runner.journal.facts import shortened
from sre_runner.journal.record import Record
from sre_runner.render.escape import code_span
from sre_runner.render.run.fitting import WIDTH, height
from sre_runner.render.run.opening import MISSING, Room, checks_of, notices, opening

LINES = 40
"""Most lines of a screen, as a terminal of 80 columns shows them."""

_AIM = LINES - 3
"""By our own count of lines; a terminal may break some of them earlier."""

_ROOMS = (
    Room(lines=2, impact=4, cause=6, action=3, items=4, actions=8, characters=140),
    Room(lines=2, impact=3, cause=4, action=2, items=3, actions=6, characters=110),
    Room(lines=1, impact=3, cause=3, action=2, items=2, actions=5, characters=90),
    Room(lines=1, impact=2, cause=3, action=2, items=2, actions=4, characters=60),
    Room(lines=1, impact=2, cause=2, action=1, items=1, actions=2, characters=40),
    Room(lines=1, impact=1, cause=1, action=1, items=1, actions=1, characters=40),
)
"""From much room to little; the first with which everything fits is taken."""

_GAPS = f"## {MISSING}"
_RUN_LIMIT = 120
_MARKUP = re.compile(r"\\([!-/:-@\[-`{-~])|\*\*|^(?:- |> )")
_INDENTED = re.compile(r"- |> |\d+\. ")
_NUMBERED = re.compile(r"\d+\. ")


def screen(record: Record) -> str:
    """The short form of the document, in Markdown: at most `LINES` lines of 80 columns where it is rendered.

    What is cut ends with "…"; the last line says where all of it is.
    """
    rest = f"All of it: {code_span(f'sre-run show {shortened(record.started.run, _RUN_LIMIT)} --full')}"
    checks = checks_of(record)
    for room in _ROOMS:
        blocks = [block for block in (*notices(record, room.lines), *opening(record, room, checks)) if block]
        blocks.append(rest)
        if rendered_height(blocks) <= _AIM:
            break
    while rendered_height(blocks) > _AIM and len(blocks) > 1:
        # What is missing stays longer than what stands above it.
        gaps = blocks.index(_GAPS) if _GAPS in blocks else len(blocks) - 1
        del blocks[gaps - 1 if gaps > 1 else -2]
    return "\n\n".join(blocks) + "\n"


def rendered_height(blocks: Sequence[str]) -> int:
    """Lines that these blocks take on a terminal: a heading and its text, an action and its command, and two actions
    without commands have no empty line between them."""
    pairs = zip(["", *blocks], blocks, strict=False)
    joined = sum(
        above.startswith("#") or bool(_NUMBERED.match(above) and (block.startswith("```") or _NUMBERED.match(block)))
        for above, block in pairs
    )
    return sum(map(_lines, blocks)) + len(blocks) - 1 - joined


def _lines(block: str) -> int:
    if block.startswith("```"):
        return sum(max(1, math.ceil(cell_len(line.expandtabs()) / WIDTH)) for line in block.split("\n")[1:-1])
    return sum(
        height(_MARKUP.sub(r"\1", line), WIDTH - (4 if _INDENTED.match(line) else 0)) for line in block.split("\n")
    )
