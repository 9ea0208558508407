"""What a list of runs says of each: facts of its record in a line, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum

from rich.cells import cell_len

from sre_runner.casefile import Json
from sre_runner.errors import ExitCode
from sre_runner.record import Record
from sre_runner.render import facts
from sre_runner.render.columns import columns, one_line


class State(StrEnum):
    """How a run stands. `INTERRUPTED` and `UNFINISHED` have no conclusion; `BROKEN` is a journal that is not one."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    INTERRUPTED = "interrupted"
    UNFINISHED = "unfinished"
    RUNNING = "running"
    BROKEN = "broken"


@dataclass(frozen=True)
class Listed:
    """One run. `started_at` is ISO 8601 with offset; of a broken journal most is None, and `problem` says why.

    `usd` is None where a model has no known price; `would_be_usd` is what a rehearsal's tokens would have cost.
    """

    run: str
    folder: str
    started_at: str | None
    playbook: str | None
    labels: Mapping[str, str] = field(default_factory=dict)
    status: State = State.BROKEN
    problem: str = ""
    exit_code: int | None = None
    rehearsal: bool | None = None
    severity: str | None = None
    seconds: float | None = None
    model_calls: int | None = None
    tokens: int | None = None
    usd: float | None = None
    would_be_usd: float | None = None


def listed(record: Record, begun: Listed, *, running: bool) -> Listed:
    """What the record of a run adds to what is known from its header."""
    cost = facts.total_cost(record)
    severity = record.conclusion.fields.get("severity") if record.conclusion else None
    return Listed(
        **{
            **asdict(begun),
            "status": State.RUNNING if running else state(record),
            "exit_code": record.exit_code,
            "rehearsal": record.rehearsal,
            "severity": None if severity is None else str(severity),
            "seconds": float(record.seconds),
            "model_calls": facts.counts(record, "model").made,
            "tokens": record.usage().total,
            "usd": cost.usd,
            "would_be_usd": cost.would_be,
        }
    )


def state(record: Record) -> State:
    """How a run that nobody is carrying out stands."""
    if record.conclusion:
        return State.PARTIAL if record.conclusion.partial else State.COMPLETE
    return State.INTERRUPTED if record.exit_code == ExitCode.INTERRUPTED else State.UNFINISHED


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
