"""When each assignment was at work, drawn in text, so that one sees what ran at the same time."""

from __future__ import annotations

from sre_runner.journal import facts
from sre_runner.journal.record import Record, WorkRecord
from sre_runner.render.blocks import Blocks, section
from sre_runner.render.columns import columns
from sre_runner.render.escape import code_block

WIDTH = 98
"""Columns of a line, so that a terminal does not break it."""

_ID_LIMIT = 36
_LEAST_BAR = 16
_TITLES = ("assignment", "start", "end", "turns", "status")


def timeline(record: Record) -> Blocks:
    """A line for each assignment, in the order in which they began; times in seconds since the run began."""
    works = list(record.work.values())
    end = max([record.seconds, *(work.finished or work.started for work in works)])
    table = columns(_TITLES, [_cells(work, end) for work in works], numbers=_TITLES[1:4]).splitlines()
    used = max(map(len, table)) + 2
    width = max(_LEAST_BAR, WIDTH - used)
    bars = [_scale(end, width), *(_bar(work, end, width) for work in works)]
    lines = [f"{line:<{used}}{bar}".rstrip() for line, bar in zip(table, bars, strict=True)]
    yield from section("Timeline", code_block("\n".join(lines), "text") if works else "Nothing was assigned.")


def seconds(time: float, total: float) -> str:
    """A time of a run that took `total` seconds; a rehearsal takes but milliseconds."""
    return f"{time:.1f}" if total >= 10 else f"{time:.3f}"


def _cells(work: WorkRecord, end: float) -> list[str]:
    return [
        facts.shortened(work.assignment.id, _ID_LIMIT),
        seconds(work.started, end),
        seconds(work.finished, end) if work.finished is not None else "",
        str(work.turns) if work.report else "",
        work.report.status if work.report else "not finished",
    ]


def _scale(end: float, width: int) -> str:
    last = f"{seconds(end, end)} s"
    return f"0{last:>{width - 1}}"


def _bar(work: WorkRecord, end: float, width: int) -> str:
    """From its start to its end; what has no end goes on in dots."""
    finished = end if work.finished is None else work.finished
    first, last = (min(int(time / end * width), width - 1) if end > 0 else 0 for time in (work.started, finished))
    return " " * first + ("." if work.finished is None else "=") * max(1, last - first + (finished >= end))
