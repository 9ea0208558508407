"""What a batch came to: for people, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from sre_runner.casefile import Json
from sre_runner.render.columns import one_line
from sre_runner.runs.batch.opening import Outcome
from sre_runner.runs.batch.results import Came, Tally


def text(outcome: Outcome) -> str:
    """The summary in lines: counts, verdicts, cost, time, failures with why, and how to go on."""
    return "\n".join(_lines(outcome)) + "\n"


def progress(tally: Tally, running: int, *, rehearsal: bool) -> str:
    """One line while it runs."""
    parts = [f"{tally.ended:,} ended", f"{running:,} running"]
    if tally.not_whole:
        parts.append(f"{tally.not_whole:,} not complete")
    return ", ".join([*parts, _cost(tally, rehearsal=rehearsal)])


def to_json(outcome: Outcome) -> dict[str, Json]:
    """The object that docs/batch.md describes."""
    tally, rehearsal = outcome.tally, outcome.kind == "offline"
    return {
        "batch": outcome.folder.name,
        "rows": tally.ended,
        "statuses": {each.value: tally.statuses[each.value] for each in Came},
        "severities": _sorted(tally.severities),
        "verdicts": {vote: _sorted(values) for vote, values in sorted(tally.verdicts.items())},
        "model_calls": round(tally.spent.model_calls),
        "tokens": round(tally.spent.tokens),
        "usd": None if tally.unpriced else round(tally.spent.usd, 6),
        "would_be_usd": round(tally.would_be_usd, 6) if rehearsal else None,
        "seconds": round(outcome.seconds, 3),
        "investigation_seconds": round(tally.run_seconds, 3),
        "waited_seconds": round(outcome.waited, 3),
        "stopped": outcome.stopped or None,
        "rehearsal": rehearsal,
        "exit_code": int(outcome.exit_code),
        "not_complete": [each.to_json() for each in tally.failures],
    }


def _lines(outcome: Outcome) -> Iterator[str]:
    tally = outcome.tally
    statuses = ", ".join(f"{tally.statuses[each.value]:,} {each.value}" for each in Came if tally.statuses[each.value])
    yield f"{tally.ended:,} {'row' if tally.ended == 1 else 'rows'}: {statuses or 'the list is empty'}"
    if tally.severities:
        yield f"severity: {_counted(tally.severities)}"
    for vote, values in sorted(tally.verdicts.items()):
        yield f"vote {one_line(vote)}: {_counted(values)}"
    spent = f"{tally.spent.model_calls:,.0f} model calls, {tally.spent.tokens:,.0f} tokens"
    yield f"{spent}, {_cost(tally, rehearsal=outcome.kind == 'offline')}"
    yield f"{outcome.seconds:,.1f} s for {tally.run_seconds:,.1f} s of investigations" + (
        f"; model calls waited {outcome.waited:,.1f} s for the limits" if outcome.waited >= 1 else ""
    )
    for each in tally.failures:
        yield f"{one_line(each.place)}: {each.status}: {one_line(each.problem)}" + (
            f" ({each.run})" if each.run else ""
        )
    if tally.not_whole > len(tally.failures):
        yield f"… and {tally.not_whole - len(tally.failures):,} more that are not complete"
    if outcome.stopped:
        yield f"Not every row was begun: {outcome.stopped}."
    if outcome.stopped or any(tally.statuses[each.value] for each in Came if not each.done):
        yield f"To go on: sre-run batch --resume {outcome.folder}"


def _cost(tally: Tally, *, rehearsal: bool) -> str:
    if rehearsal:
        return f"rehearsal (would cost about ${tally.would_be_usd:,.4f})"
    unknown = f" and what {tally.unpriced:,} runs without a known price cost" if tally.unpriced else ""
    return f"${tally.spent.usd:,.4f}{unknown}"


def _counted(values: Counter[str]) -> str:
    return ", ".join(f"{one_line(value)} {count:,}" for value, count in _sorted(values).items())


def _sorted(values: Counter[str]) -> Mapping[str, int]:
    return dict(sorted(values.items(), key=lambda each: (-each[1], each[0])))
