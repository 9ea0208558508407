"""Tokens and cost by agent, for a table with bars."""

from __future__ import annotations

from dataclasses import dataclass

from sre_runner.casefile import Usage
from sre_runner.journal import facts
from sre_runner.journal.costs import dollars
from sre_runner.journal.record import Record, WorkRecord


@dataclass(frozen=True)
class Figures:
    """What an agent's work took; `usd` is what it cost, or of a rehearsal would cost, None without a known price.

    `share` is the percentage of the run's tokens, `seconds` the time at work, which others' may have overlapped.
    """

    agent: str
    role: str
    models: str
    assignments: int
    turns: int
    tools: int
    usage: Usage
    usd: float | None
    seconds: float
    share: float


def figures(record: Record) -> list[Figures]:
    """One for each agent, in the order in which they were first at work."""
    of_agent: dict[str, list[WorkRecord]] = {}
    for work in record.work.values():
        of_agent.setdefault(work.assignment.agent, []).append(work)
    total = record.usage().total
    return [_of(record, agent, works, total) for agent, works in of_agent.items()]


def _of(record: Record, agent: str, works: list[WorkRecord], total: int) -> Figures:
    scopes = [work.assignment.id for work in works]
    usage = sum((record.usage(scope) for scope in scopes), Usage())
    costs = [dollars(record, scope) for scope in scopes]
    models = dict.fromkeys(name for scope in scopes for name in facts.total_cost(record, scope).models)
    return Figures(
        agent=agent,
        role=str(facts.role(record, agent)),
        models=", ".join(models),
        assignments=len(works),
        turns=sum(work.turns for work in works),
        tools=sum(facts.counts(record, "tool", scope).made for scope in scopes),
        usage=usage,
        usd=None if None in costs else sum(cost for cost in costs if cost is not None),
        seconds=sum((record.seconds if work.finished is None else work.finished) - work.started for work in works),
        share=usage.total / total * 100 if total else 0.0,
    )
