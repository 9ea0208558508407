"""How a run of a folder stands, in the facts that a list of runs shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from sre_runner.errors import ExitCode
from sre_runner.journal import facts
from sre_runner.journal.record import Record


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
