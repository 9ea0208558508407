"""Many runs as one web page: a table with filters, each run linked to its own page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sre_runner.casefile import SEVERITIES
from sre_runner.render.html.environment import rendered
from sre_runner.render.html.page import severity_class
from sre_runner.render.run.run_list import local_time
from sre_runner.runs.listing import Listed, State
from sre_runner.text.output import printable

_TAGS = {State.COMPLETE: "ok", State.PARTIAL: "warn", State.RUNNING: ""}
"""The class of a status; all others are bad."""


@dataclass(frozen=True)
class Row:
    """A run of the table. `link` leads to its page, "" where it has none; `day` is YYYY-MM-DD, `usd` what was spent."""

    run: str
    link: str
    started: str
    day: str
    playbook: str
    status: str
    tag: str
    severity: str
    severity_class: str
    labels: tuple[str, ...]
    seconds: str
    tokens: str
    cost: str
    usd: float | None
    problem: str


def index(runs: Iterable[tuple[Listed, str]]) -> str:
    """The page, its rows in the order given; each run comes with a relative address of its page, or ""."""
    rows = [_row(run, link) for run, link in runs]
    return rendered(
        "index.html.j2",
        "report.css",
        "index.js",
        rows=rows,
        playbooks=_values(row.playbook for row in rows),
        severities=[each for each in SEVERITIES if any(row.severity == each for row in rows)],
        statuses=[str(each) for each in State if any(row.status == each for row in rows)],
        labels=_values(label for row in rows for label in row.labels),
    )


def _values(found: Iterable[str]) -> Sequence[str]:
    return sorted({each for each in found if each})


def _row(run: Listed, link: str) -> Row:
    started = local_time(run.started_at)
    return Row(
        run=run.run,
        link=link,
        started=started,
        day=started[:10],
        playbook=run.playbook or "",
        status=str(run.status),
        tag=_TAGS.get(run.status, "bad"),
        severity=run.severity or "",
        severity_class=severity_class(run.severity),
        labels=tuple(printable(f"{name}={value}") for name, value in run.labels.items()),
        seconds="" if run.seconds is None else f"{run.seconds:,.1f}",
        tokens="" if run.tokens is None else f"{run.tokens:,}",
        cost=_cost(run),
        usd=run.usd,
        problem=run.problem,
    )


def _cost(run: Listed) -> str:
    if run.rehearsal is None:
        return ""
    return "rehearsal" if run.rehearsal else "unknown" if run.usd is None else f"${run.usd:.4f}"
