"""Writes runs' folders for tests, with the least that a journal has; `rehearse` makes a real one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sealing import sealed

from sre_runner.casefile import Assignment, Case, Conclusion, ModelAnswer, Report, Status, Usage
from sre_runner.config.sources import digest_of_source
from sre_runner.journal.events import (
    AssignmentFinished,
    AssignmentStarted,
    CallFinished,
    CallStarted,
    Concluded,
    Entry,
    Event,
    RunFinished,
    RunStarted,
    to_line,
)
from sre_runner.journal.file import JOURNAL

PLAYBOOK = Path(__file__).parents[1].parent / "playbooks" / "payment-gateway.yaml"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def events(
    name: str,
    started: datetime = NOON,
    *,
    playbook: str = "payments",
    model: str = "anthropic",
    labels: Mapping[str, str] | None = None,
    severity: str | None = "P2",
    missing: tuple[str, ...] = (),
    exit_code: int | None = 0,
    sequence: int = 0,
) -> list[Event]:
    """A run of one assignment; without a `severity` it has no conclusion, without an `exit_code` no end."""
    configuration = {"playbook": {"name": playbook, "model": {"name": "claude-haiku-4-5"}}, "agents": {}}
    case = Case("look", {}, started.isoformat())
    usage = Usage(1_000_000, 1000, 200, 30)
    found: list[Event] = [
        RunStarted(
            name, case, configuration, digest_of_source(configuration), model, {}, labels or {}, sequence=sequence
        ),
        AssignmentStarted(Assignment("investigate/a", "a", (), {})),
        CallStarted(1, "model", "investigate/a", "d1", 1, "claude-haiku-4-5", {"messages": []}),
        CallFinished(1, "answer", ModelAnswer(({"type": "text", "text": "hm"},), "end_turn", usage)),
        AssignmentFinished(Report("investigate/a", "a", Status.INCOMPLETE, problem="no report"), 1),
    ]
    if severity is not None:
        found.append(Concluded(Conclusion({"severity": severity}, by_model=True, missing=missing)))
    return found if exit_code is None else [*found, RunFinished(exit_code)]


def keep(runs: Path, name: str, started: datetime = NOON, **changes: Any) -> Path:
    """The folder of such a run."""
    return write(runs / name, events(name, started, **changes))


def write(folder: Path, happened: Iterable[Event]) -> Path:
    folder.mkdir(parents=True)
    lines = [to_line(Entry(number * 0.5, event)) for number, event in enumerate(happened)]
    (folder / JOURNAL).write_bytes(sealed(lines))
    (folder / "conclusion.md").write_text("# x\n", encoding="utf-8")
    (folder / "run.json").write_text("{}\n", encoding="utf-8")
    return folder


def cut_to(folder: Path, lines: Iterable[str | bytes]) -> None:
    """Leave what a run has that was killed after these lines of its journal: nothing was made from it yet."""
    whole = (line.encode() if isinstance(line, str) else line for line in lines)
    (folder / JOURNAL).write_bytes(b"".join(whole))
    for name in ("conclusion.md", "run.json"):
        (folder / name).unlink(missing_ok=True)


def days(number: float) -> timedelta:
    return timedelta(days=number)
