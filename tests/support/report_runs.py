"""Runs for tests of pages: quotes that stand in their answers, and everything that a page can show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sample import PROPOSAL, VERDICT, Journal, team

from sre_runner.casefile import Case, ToolAnswer
from sre_runner.journal.events import CallFinished, CallStarted, Entry, RunStarted

DOUBTS = ("the cause cites k8s-expert/f9, which was never reported",)


SAID = {
    "describe_pod": 'state:\n  "reason": "OOMKilled"',
    "get_pod_logs": "OutOfMemoryError\n\tat BatchReconciliation.load:142",
}


def with_evidence(**changes: Any) -> Journal:
    """The team's run, in which each quote stands in the answer that it is of."""
    compared = replace(VERDICT, rule="weighted", over="first reports")
    journal = team(verdicts=(VERDICT,), compared=(compared,), **changes)
    names: dict[int, str] = {}
    for place, entry in enumerate(journal.entries):
        match entry.event:
            case CallStarted(call=number, name=name):
                names[number] = name
            case CallFinished(call=number, tool_answer=ToolAnswer(text="…") as answer):
                said = replace(answer, text=SAID.get(names[number], "…"))
                journal.entries[place] = replace(entry, event=replace(entry.event, tool_answer=said))
    return journal


def every_part() -> Journal:
    """A run with everything that a page can show."""
    journal = with_evidence(
        missing=("the network team's report",),
        notes=("a note of the conclusion",),
        doubts=DOUBTS,
        proposals=(PROPOSAL,),
        hints=("raise the budget",),
    )
    started = journal.entries[0].event
    assert isinstance(started, RunStarted)
    case = Case("Find the cause", {"service": "payment"}, "2026-11-22T14:43:00+00:00", "2026-11-22T14:23:00+00:00")
    tools = {"get_recent_deploys": {"effect": "write"}}
    changed = replace(started, case=case, configuration={**started.configuration, "tools": tools})
    journal.entries[0] = Entry(0.0, changed)
    return journal


def cut(journal: Journal, count: int) -> Journal:
    journal.entries = journal.entries[:count]
    return journal
