"""When who was at work, as bars in percent of the whole: a picture that can be any width, and so be zoomed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sre_runner.journal import facts
from sre_runner.journal.record import CallRecord, Record, WorkRecord
from sre_runner.render.html import links
from sre_runner.render.html.links import Links
from sre_runner.render.html.work_log import is_good
from sre_runner.render.run.call_list import outcome, size, what
from sre_runner.render.run.timeline import seconds

ROW, TURN_TOP, TURN_HEIGHT, TOOLS_TOP, TOOLS_HEIGHT = 28, 4, 8, 14, 11
"""Pixels of a row: turns of the model above the calls of tools."""
MOST_LANES = 4
THINNEST = 0.08
"""Percent; what is shorter could not be seen."""


@dataclass(frozen=True)
class Bar:
    """A turn or a call; `x` and `width` in percent, `y` and `height` in pixels. `kind` is `turn`, `tool` or `bad`."""

    x: str
    width: str
    y: float
    height: float
    kind: str
    target: str
    words: str


@dataclass(frozen=True)
class Row:
    """An assignment from its start to its end; `critical` where nothing else could have ended the run earlier."""

    y: int
    x: str
    width: str
    label: str
    target: str
    words: str
    critical: bool
    open: bool
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Wave:
    """A part of the run, such as `investigate`, and when it took place in percent; `broad` if its name has room."""

    name: str
    x: str
    width: str
    broad: bool


@dataclass(frozen=True)
class Tick:
    """A time on the scale; `fine` ones are for a picture that is zoomed in."""

    x: str
    words: str
    fine: bool


@dataclass(frozen=True)
class Timeline:
    """`path` are the assignments that each waited for the one before, back from the last: how long the run took."""

    height: int
    rows: tuple[Row, ...]
    waves: tuple[Wave, ...]
    ticks: tuple[Tick, ...]
    path: tuple[str, ...]
    words: str


def timeline(record: Record, to: Links) -> Timeline:
    """The whole run."""
    works = list(record.work.values())
    end = max([record.seconds, *(work.finished or work.started for work in works)]) or 1.0
    path = critical_path(works)
    names = {work.assignment.id for work in path}
    calls: dict[str, list[CallRecord]] = {}
    for call in record.calls.values():
        calls.setdefault(call.request.scope, []).append(call)
    rows = tuple(
        _row(number, work, calls.get(work.assignment.id, []), end, to, work.assignment.id in names)
        for number, work in enumerate(works)
    )
    steps = tuple(f"{work.assignment.id} {seconds((work.finished or end) - work.started, end)} s" for work in path)
    turns, tools = len(record.calls_of("model")), len(record.calls_of("tool"))
    words = f"{len(works)} assignments, {turns} turns and {tools} tool calls in {seconds(end, end)} s"
    return Timeline(ROW * len(rows), rows, tuple(_waves(works, end)), tuple(_ticks(end)), steps, words)


def critical_path(works: Sequence[WorkRecord]) -> list[WorkRecord]:
    """From the assignment that ended last back: each one's predecessor is what ended last before it began."""
    ended = sorted((work for work in works if work.finished is not None), key=lambda work: work.finished or 0.0)
    path: list[WorkRecord] = []
    while ended:
        path.append(ended.pop())
        began = path[-1].started
        ended = [work for work in ended if (work.finished or 0.0) <= began]
    return path[::-1]


def _row(number: int, work: WorkRecord, calls: Sequence[CallRecord], end: float, to: Links, critical: bool) -> Row:
    finished = end if work.finished is None else work.finished
    status = str(work.report.status) if work.report else "not finished"
    took = seconds(finished - work.started, end)
    words = f"{work.assignment.id}: {status} after {took} s, {work.turns} turns"
    x, width = _share(work.started, finished, end)
    bars = tuple(_bars(calls, end))
    target = to.log(work.assignment.id)
    return Row(ROW * number, x, width, work.assignment.id, target, words, critical, work.finished is None, bars)


def _bars(calls: Sequence[CallRecord], end: float) -> Iterator[Bar]:
    lanes: list[float] = []
    placed: list[tuple[CallRecord, int]] = []
    for call in calls:
        if call.request.kind == "tool":
            free = next((lane for lane, until in enumerate(lanes) if until <= call.started), len(lanes))
            lane = min(free, MOST_LANES - 1)
            lanes[lane : lane + 1] = [call.finished if call.finished is not None else end]
            placed.append((call, lane))
        else:
            yield _bar(call, end, TURN_TOP, TURN_HEIGHT)
    height = TOOLS_HEIGHT / max(len(lanes), 1)
    for call, lane in placed:
        yield _bar(call, end, TOOLS_TOP + lane * height, height)


def _bar(call: CallRecord, end: float, y: float, height: float) -> Bar:
    finished = end if call.finished is None else call.finished
    x, width = _share(call.started, finished, end)
    kind = "bad" if not is_good(call) else "turn" if call.request.kind == "model" else "tool"
    facts_of = (what(call), outcome(call), size(call), f"{seconds(finished - call.started, end)} s")
    words = facts.shortened(" · ".join(part for part in facts_of if part), 200)
    return Bar(x, width, round(y, 2), round(height - 0.5, 2), kind, links.call(call.request.call), words)


def _waves(works: Sequence[WorkRecord], end: float) -> Iterator[Wave]:
    parts: dict[str, list[WorkRecord]] = {}
    for work in works:
        parts.setdefault(facts.part(work.assignment), []).append(work)
    for name, members in parts.items():
        begin = min(work.started for work in members)
        until = max(end if work.finished is None else work.finished for work in members)
        x, width = _share(begin, until, end)
        yield Wave(name, x, width, broad=(until - begin) / end * 100 > len(name) * 1.2)


def _ticks(end: float) -> Iterator[Tick]:
    step = _round(end / 5)
    fine = step / 10
    for number in range(int(end / fine) + 1):
        time = number * fine
        digits = max(0, -math.floor(math.log10(fine)))
        is_fine = number % 10 != 0
        yield Tick(
            f"{min(time / end * 100, 100):.3f}%", f"{time:.{digits if is_fine else max(digits - 1, 0)}f}", is_fine
        )


def _round(step: float) -> float:
    """The next smaller 1, 2 or 5 of its power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return max(factor for factor in (1, 2, 5) if factor * power <= step * 1.0001) * power


def _share(begin: float, until: float, end: float) -> tuple[str, str]:
    width = max((until - begin) / end * 100, THINNEST)
    return f"{min(begin / end * 100, 100 - THINNEST):.3f}%", f"{width:.3f}%"
