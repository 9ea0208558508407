"""Progress on a terminal, as rich draws it: a row for each assignment, and how far the run is."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TextIO

from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sre_runner.journal.events import Entry, RunStarted
from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.render.terminal.progress import Progress, Working
from sre_runner.render.terminal.terminal import console

_STYLES = {"completed": "green", "incomplete": "yellow", "failed": "red"}

_WIDE = 60
"""Columns of a terminal from which on there is room for the count of findings."""

_OTHER_LINES = 4
"""The table's titles, what is left out, the state of the run, and where the cursor stands."""


class Screen:
    """Progress on a terminal. A listener of the journal and a context manager, as `progress.Lines` is.

    Without `notice_last` the result follows on the same screen, and begins with the notice that this is a rehearsal.
    """

    def __init__(
        self, stream: TextIO, *, notice_last: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console = console(stream)
        self._progress = Progress(self._line)
        self._notice_last = notice_last
        self._clock = clock
        self._began = clock()
        self._live = Live(get_renderable=self._view, console=self._console, refresh_per_second=8, redirect_stdout=False)

    def __call__(self, entry: Entry) -> None:
        """Follow one event; the table is drawn anew by itself."""
        if isinstance(entry.event, RunStarted) and entry.event.model == "offline":
            self.print(REHEARSAL)
        self._progress.take(entry)
        self._began = self._clock() - entry.at

    def __enter__(self) -> Screen:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        # A terminal that is gone must not cost the conclusion.
        with contextlib.suppress(OSError):
            self._live.stop()
        if self._progress.rehearsal and self._notice_last:
            self.print(REHEARSAL)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing is drawn meanwhile."""
        self._live.stop()
        try:
            yield
        finally:
            self._live.start()

    def print(self, text: str) -> None:
        """A line above the table."""
        with contextlib.suppress(OSError):
            self._console.print(Text(text, style="bold"), soft_wrap=True)

    def _line(self, at: float, who: str, what: str) -> None:
        """Most is seen in the table; what concerns the run as a whole is not."""
        if who in ("run", "note"):
            self.print(f"{at:.1f}s {what}")
        elif who == "hint":
            self.print(f"{at:.1f}s {who}: {what}")

    def _view(self) -> Group:
        """The table, no higher than the terminal, and below it one line on the run as a whole."""
        works = list(self._progress.work.values())
        shown = rows(works, self._console.size.height - _OTHER_LINES)
        state = Text(self._progress.state(self._elapsed()), style="dim", no_wrap=True, overflow="ellipsis")
        seen = set(map(id, shown))
        left_out = summary([each for each in works if id(each) not in seen])
        further = [Text(left_out, style="dim", no_wrap=True, overflow="ellipsis")] if left_out else []
        return Group(self._table(shown), *further, state)

    def _elapsed(self) -> float:
        """Seconds since the run began; it stands still once the run has its conclusion."""
        ended = self._progress.ended
        return self._clock() - self._began if ended is None else ended

    def _table(self, works: Sequence[Working]) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        table.add_column("agent", no_wrap=True)
        table.add_column("turn", no_wrap=True)
        table.add_column("doing")  # the one that is shortened where there is little room
        wide = self._console.size.width >= _WIDE
        for name in (*(("findings",) if wide else ()), "tokens", "seconds"):
            table.add_column(name, justify="right", no_wrap=True)
        for working in works:
            cells = self._cells(working)
            table.add_row(*(cells if wide else [*cells[:3], *cells[4:]]))
        return table

    def _cells(self, working: Working) -> list[Text]:
        end = self._elapsed() if working.finished is None else working.finished
        return [
            Text(working.agent, style="bold"),
            Text(working.turn_text),
            Text(working.doing, style=_STYLES.get(working.result, ""), no_wrap=True, overflow="ellipsis"),
            Text("" if working.findings is None else str(working.findings)),
            Text(f"{working.tokens:,}"),
            Text(f"{end - working.started:.1f}"),
        ]


def rows(works: Sequence[Working], most: int) -> list[Working]:
    """So many in their order, at least one: those at work before those that ended badly, then the latest."""
    if len(works) <= most:
        return list(works)
    ranked = sorted(range(len(works)), key=lambda at: (bool(works[at].result), works[at].result == "completed", -at))
    return [works[at] for at in sorted(ranked[: max(1, most)])]


def summary(works: Sequence[Working]) -> str:
    """How many there are besides, by how far they are; "" of none."""
    counts = Counter(each.result or "at work" for each in works)
    told = ", ".join(f"{count} {what}" for what, count in counts.items())
    return f"and {len(works)} more: {told}" if works else ""
