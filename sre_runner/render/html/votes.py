"""Verdicts and ballots for people: the severity and whose it is, and what everyone voted."""

from __future__ import annotations

from dataclasses import dataclass

from sre_runner.casefile import Ballot, Conclusion, Verdict
from sre_runner.coordination.report_schemas import SEVERITY_FIELD
from sre_runner.coordination.voting.rules import decided_by
from sre_runner.render.run.votes import COUNTED


@dataclass(frozen=True)
class Cast:
    """A ballot; `bar` is in percent of the largest number that the rule counts."""

    agent: str
    value: str
    abstains: bool
    wins: bool
    number: str
    bar: float


@dataclass(frozen=True)
class Vote:
    """A verdict with how it came about. `counted` is the title of the ballots' numbers, "" where all count the same."""

    name: str
    field: str
    value: str
    decided: str
    reason: str
    would_change: str
    over: str
    counted: str
    ballots: tuple[Cast, ...]


def votes(verdicts: tuple[Verdict, ...]) -> list[Vote]:
    """All of them, in their order."""
    return [_vote(verdict) for verdict in verdicts]


def decided(conclusion: Conclusion) -> str:
    """Whose the severity is, in words that stand below it."""
    verdict = next((each for each in conclusion.verdicts if each.field == SEVERITY_FIELD), None)
    if verdict is None:
        return "assessed by the model that concluded" if conclusion.by_model else "no vote was held"
    if verdict.value is None:
        return f"no verdict: {verdict.reason}"
    proposed = conclusion.fields.get("proposed_severity", verdict.value)
    differs = f"; the model proposed {proposed}" if proposed != verdict.value else ""
    return f"decided {decided_by(verdict)}{differs}"


def tally(conclusion: Conclusion) -> str:
    """How the ballots for the severity fell: `P1: 2, P2: 1`; "" where nobody voted."""
    verdict = next((each for each in conclusion.verdicts if each.field == SEVERITY_FIELD), None)
    values = [ballot.shown for ballot in verdict.ballots] if verdict else []
    return ", ".join(f"{value}: {values.count(value)}" for value in sorted(set(values)))


def _vote(verdict: Verdict) -> Vote:
    title, number = COUNTED.get(verdict.rule, ("", lambda _: 1.0))
    most = max((number(ballot) for ballot in verdict.ballots), default=0.0) or 1.0
    return Vote(
        name=verdict.vote,
        field=verdict.field,
        value=verdict.shown,
        decided=decided_by(verdict),
        reason=verdict.reason,
        would_change=verdict.would_change,
        over=verdict.over,
        counted=title,
        ballots=tuple(_cast(ballot, verdict, number(ballot), most) for ballot in verdict.ballots),
    )


def _cast(ballot: Ballot, verdict: Verdict, number: float, most: float) -> Cast:
    value = ballot.value if ballot.value is not None else f"abstained: {ballot.why}"
    bar = 0.0 if ballot.value is None else min(max(number / most * 100, 0), 100)
    wins = ballot.value is not None and ballot.value == verdict.value
    return Cast(ballot.agent, value, ballot.value is None, wins, f"{number:g}", bar)
