"""What a run came to in figures, as a fold over its record, so that runs of one incident can be held side by side."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sre_runner.coordination.coordinator import coordinate
from sre_runner.coordination.report_schemas import SEVERITY_FIELD
from sre_runner.journal import facts
from sre_runner.journal.costs import dollars
from sre_runner.journal.record import Record, WorkRecord
from sre_runner.testing.expectations.check import Expectation


@dataclass(frozen=True)
class Figures:
    """One run.

    `verdicts` are by vote; `severity` is the conclusion's, voted on or not. `met` of the `expected`
    expectations hold; both are 0 where nobody checked. `tools` are those that answered with data, by name. Calls that
    the budget denied are not counted. `usd` is what was spent, or what as many tokens as a rehearsal's would cost; None
    where a model has no price.

    `critical_seconds` is the critical path: of every wave its longest assignment, added up. No run of these assignments
    could have been shorter, however many worked at once; `seconds`, the wall time, is longer where `max_parallel` made
    some wait. `calls_in_a_row` are the model calls that wait for each other, with as many at once as `max_parallel`
    allows: what a run's length comes to if every call takes as long as any other, which no clock has to measure.
    """

    run: str
    rehearsal: bool
    status: str
    verdicts: Mapping[str, str | None]
    met: int
    expected: int
    verified: int
    findings: int
    tools: tuple[str, ...]
    model_calls: int
    calls_in_a_row: int
    tool_calls: int
    tokens: int
    cached_tokens: int
    usd: float | None
    critical_seconds: float
    seconds: float


def figures(record: Record, checked: Sequence[Expectation] = ()) -> Figures:
    """The figures of a run; `checked` are the expectations of its playbook.

    Raises `RunnerError` where the record's configuration cannot be used any more.
    """
    usage, usd = record.usage(), dollars(record)
    verified, findings = record.verified()
    waves = list(waves_of(record))
    seats = record.configuration.playbook.coordinator.max_parallel
    calls = [[_made(record, "model", work.assignment.id) for work in wave] for wave in waves]
    return Figures(
        run=record.started.run,
        rehearsal=record.rehearsal,
        status=facts.status(record),
        verdicts=_verdicts(record),
        met=sum(each.holds for each in checked),
        expected=len(checked),
        verified=verified,
        findings=findings,
        tools=_tools(record),
        model_calls=_made(record, "model"),
        calls_in_a_row=sum(in_a_row(wave, seats) for wave in calls),
        tool_calls=_made(record, "tool"),
        tokens=usage.total,
        cached_tokens=usage.cache_read_tokens,
        usd=None if usd is None else round(usd, 9),  # a sum of floats depends on their order
        critical_seconds=sum(max((_seconds(record, work) for work in wave), default=0.0) for wave in waves),
        seconds=record.seconds,
    )


def waves_of(record: Record) -> Iterator[list[WorkRecord]]:
    """The waves of a run: the coordinator is sent the recorded reports again, and yields the same ones.

    The last is that which has no more reports, with what had begun of it.
    """
    case = record.started.case
    generator = coordinate(record.configuration, case)
    try:
        wave = next(generator)
        while True:
            begun = [work for assignment in wave if (work := record.work.get(assignment.id))]
            yield begun
            reports = [work.report for work in begun if work.report]
            if len(reports) < len(wave):
                return
            wave = generator.send(reports)
    except StopIteration:
        return


def in_a_row(lengths: Sequence[int], seats: int) -> int:
    """How long work of these lengths takes if it is begun in this order, so many at once."""
    free = [0] * seats
    for length in lengths:
        heapq.heapreplace(free, free[0] + length)
    return max(free)


def _seconds(record: Record, work: WorkRecord) -> float:
    return (record.seconds if work.finished is None else work.finished) - work.started


def _made(record: Record, kind: str, scope: str | None = None) -> int:
    counts = facts.counts(record, kind, scope)
    return counts.made - counts.denied


def _tools(record: Record) -> tuple[str, ...]:
    answers = [(call.request.name, call.outcome.tool_answer) for call in record.calls_of("tool") if call.outcome]
    informed = {name for name, said in answers if said and said.from_tool and not (said.no_data or said.is_error)}
    return tuple(sorted(informed))


def _verdicts(record: Record) -> dict[str, str | None]:
    conclusion = record.conclusion
    if conclusion is None:
        return {}
    verdicts = {verdict.vote: verdict.value for verdict in conclusion.verdicts if verdict.field != SEVERITY_FIELD}
    return {"severity": conclusion.fields.get("severity"), **verdicts}
