"""What came of one row, as a line of plain data, and what all of them come to, as sums that need no more memory for
more rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from sre_runner.casefile import NO_VERDICT, Json
from sre_runner.errors import ExitCode
from sre_runner.journal.costs import total_cost
from sre_runner.journal.facts import counts, service_fault
from sre_runner.journal.record import Record
from sre_runner.models.estimates import Amount

FAILURES_SHOWN = 20
"""Of the rows that came to nothing, with why; the others are counted."""


class Came(StrEnum):
    """What a row came to. `REFUSED` could not be begun, `FAILED` has no conclusion of a model."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    FAILED = "failed"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"

    @property
    def done(self) -> bool:
        """Whether there is a conclusion, so that a batch that is gone on with leaves it as it is."""
        return self in (Came.COMPLETE, Came.PARTIAL)


@dataclass(frozen=True)
class Result:
    """One row, ended. `run` is its folder's name, empty where it never began; `usd` is None where a price is unknown.

    `problem` says why there is no whole conclusion.
    """

    row: int
    place: str
    status: Came
    inputs: Mapping[str, str] = field(default_factory=dict)
    run: str = ""
    exit_code: int = ExitCode.USAGE
    severity: str | None = None
    root_cause: str | None = None
    verdicts: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    hint: str = ""
    seconds: float = 0.0
    model_calls: int = 0
    tokens: int = 0
    usd: float | None = 0.0
    would_be_usd: float | None = None

    @property
    def spent(self) -> Amount:
        """What its run took in all."""
        return Amount(self.tokens, self.usd or 0.0, self.model_calls)

    def to_json(self) -> dict[str, Json]:
        """The line of JSON that docs/batch.md describes."""
        return asdict(self)


def read_result(data: Mapping[str, Json]) -> Result:
    """The result that a line of JSON is."""
    return Result(**{**data, "status": Came(data["status"])})


def result_of(row: int, place: str, record: Record) -> Result:
    """What a run came to that reached its end."""
    conclusion, code = record.conclusion, ExitCode(record.exit_code or 0)
    failed = conclusion is None or (code == ExitCode.SERVICE and record.started.asked_for)
    fault = service_fault(record) if failed else None
    missing = "; ".join(conclusion.missing) if conclusion else "no conclusion"
    cost = total_cost(record)
    fields = conclusion.fields if conclusion else {}
    cause = fields.get("root_cause")
    return Result(
        row,
        place,
        Came.FAILED if failed else Came.PARTIAL if conclusion and conclusion.partial else Came.COMPLETE,
        record.started.case.inputs,
        record.started.run,
        int(code),
        _text(fields.get("severity")),
        _text(cause.get("statement") if isinstance(cause, Mapping) else cause),
        {each.vote: each.value or NO_VERDICT for each in conclusion.verdicts} if conclusion else {},
        fault[0] if fault else missing,
        fault[1] if fault else "",
        round(record.seconds, 3),
        counts(record, "model").made,
        record.usage().total,
        cost.usd,
        cost.would_be,
    )


def _text(value: Json) -> str | None:
    return None if value is None else str(value)


@dataclass
class Tally:
    """What the rows of a batch come to: counts by status, severity and verdict, and sums."""

    statuses: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)
    verdicts: dict[str, Counter[str]] = field(default_factory=dict)
    failures: list[Result] = field(default_factory=list)
    spent: Amount = field(default_factory=Amount)
    would_be_usd: float = 0.0
    run_seconds: float = 0.0
    unpriced: int = 0

    def add(self, result: Result) -> None:
        """Count a row that ended."""
        self.statuses[result.status.value] += 1
        if result.status.done:
            self.severities[result.severity or "unknown"] += 1
            for vote, value in result.verdicts.items():
                self.verdicts.setdefault(vote, Counter())[value] += 1
        if result.status != Came.COMPLETE and len(self.failures) < FAILURES_SHOWN:
            self.failures.append(result)
        self.spend(result)

    def spend(self, result: Result, *, back: bool = False) -> None:
        """Count what a run took, or take that `back`, because it will be part of what it comes to later."""
        sign = -1 if back else 1
        self.spent = self.spent - result.spent if back else self.spent + result.spent
        self.would_be_usd += sign * (result.would_be_usd or 0.0)
        self.run_seconds += sign * result.seconds
        self.unpriced += sign * (result.usd is None)

    @property
    def ended(self) -> int:
        """How many rows ended."""
        return self.statuses.total()

    @property
    def not_whole(self) -> int:
        """How many of them are not complete."""
        return self.ended - self.statuses[Came.COMPLETE.value]
