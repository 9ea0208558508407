"""What a list of runs says of each: facts of its record in a line, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from rich.cells import cell_len

from sre_runner.casefile import Json
from sre_runner.render.columns import columns, one_line
from sre_runner.runs.listing import Listed

TITLES = ("run", "started", "playbook", "status", "severity", "seconds", "calls", "tokens", "cost")


SPARED = ("playbook", "calls", "seconds", "tokens", "started", "cost", "severity")
"""What is left out first where there is no room: the name of a run begins with its playbook."""


def text(runs: Sequence[Listed], width: int | None = None) -> str:
    """A line for each run under the titles; below them, what is wrong with those that are broken.

    With a `width`, columns are left out until the lines are no longer, or until there is only the run and its status.
    """
    rows = [dict(zip(TITLES, _cells(run), strict=True)) for run in runs]
    for spared in range(len(SPARED) + 1):
        titles = [title for title in TITLES if title not in SPARED[:spared]]
        table = columns(titles, [[row[title] for title in titles] for row in rows], numbers=TITLES[5:])
        if width is None or max(map(cell_len, table.splitlines())) <= width:
            break
    broken = [f"{one_line(run.run)}: {one_line(run.problem)}\n" for run in runs if run.problem]
    return "\n".join([table, "".join(broken)]) if broken else table


def to_json(runs: Sequence[Listed]) -> Json:
    """An object for each run, as docs/past-runs.md describes it."""
    return [asdict(run) for run in runs]


def local_time(started_at: str | None) -> str:
    """A moment on this machine's clock, to the minute."""
    return f"{datetime.fromisoformat(started_at).astimezone():%Y-%m-%d %H:%M}" if started_at else ""


def _cells(run: Listed) -> list[str]:
    numbers = (run.seconds, run.model_calls, run.tokens)
    seconds, calls, tokens = ("" if number is None else f"{number:,.{i == 0:d}f}" for i, number in enumerate(numbers))
    return [
        run.run,
        local_time(run.started_at),
        run.playbook or "",
        run.status,
        run.severity or "",
        seconds,
        calls,
        tokens,
        _cost(run),
    ]


def _cost(run: Listed) -> str:
    if run.rehearsal is None:
        return ""
    return "rehearsal" if run.rehearsal else "unknown" if run.usd is None else f"${run.usd:.4f}"
