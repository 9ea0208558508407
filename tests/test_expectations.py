"""Expectations on records made by hand."""

from __future__ import annotations

from typing import Any

import pytest
from building import CASE, CONCLUSION, FOUND

from sre_runner.casefile import Assignment, Conclusion, Evidence, Finding, Report, Status, ToolAnswer, Verdict
from sre_runner.expectations import check
from sre_runner.journal import (
    AssignmentFinished,
    AssignmentStarted,
    CallFinished,
    CallStarted,
    Concluded,
    Entry,
    Event,
    Record,
    RunStarted,
    fold,
)
from sre_runner.specs import ExpectSpec, Mention


def work(name: str, *doubts: str) -> list[Event]:
    findings = tuple(Finding(f"f{n}", "s", (Evidence("c1", "q"),), doubt) for n, doubt in enumerate(doubts, start=1))
    report = Report(name, name.split("/")[1], Status.COMPLETED, FOUND, findings)
    return [AssignmentStarted(Assignment(name, report.agent, (), {})), AssignmentFinished(report, 1)]


def called(number: int, name: str, outcome: Any = "answer") -> list[Event]:
    started = CallStarted(number, "tool", "investigate/a", "d", number, name, {})
    return [started, CallFinished(number, outcome, tool_answer=ToolAnswer("x"))]


def record(*verdicts: Verdict, concluded: bool = True) -> Record:
    events: list[Event] = [
        RunStarted("r", CASE, {}, "d", "offline", {}),
        *work("investigate/a", "", "not there"),
        *work("investigate/b", "not there"),
        *work("followup-1/b", "", ""),
        *called(1, "list_pods"),
        *called(2, "delete_pod", "refused"),
    ]
    if concluded:
        events.append(Concluded(Conclusion(CONCLUSION, by_model=True, verdicts=verdicts)))
    return fold(Entry(0, event) for event in events)


VOTED = Verdict("urgency", "severity_assessment", "majority", "P2", (), "")


@pytest.mark.parametrize(
    ("expect", "made", "holds", "found"),
    [
        (ExpectSpec(verdicts={"severity": "P1"}), record(), True, "it is P1"),
        (ExpectSpec(verdicts={"severity": "P2"}), record(), False, "it is P1"),
        (ExpectSpec(verdicts={"urgency": "P2"}), record(VOTED), True, "it is P2"),
        (ExpectSpec(verdicts={"severity": "P1"}), record(VOTED), True, "it is P1"),
        (ExpectSpec(verdicts={"rollback": "yes"}), record(VOTED), False, "it is not there"),
        (ExpectSpec(verdicts={"severity": "P1"}), record(concluded=False), False, "it is not there"),
        (ExpectSpec(mentions=(Mention("MEMORY"),)), record(), True, "it does"),
        (ExpectSpec(mentions=(Mention("disk"),)), record(), False, "it does not"),
        (ExpectSpec(mentions=(Mention("memory"),)), record(concluded=False), False, "the conclusion is not there"),
        (ExpectSpec(tools_called=("list_pods",)), record(), True, "called were: list_pods"),
        (ExpectSpec(tools_called=("delete_pod",)), record(), False, "called were: list_pods"),
        (ExpectSpec(min_findings_verified=0.75), record(), True, "3 of 4 are"),
        (ExpectSpec(min_findings_verified=0.8), record(), False, "3 of 4 are"),
    ],
)
def test_each_expectation_says_what_was_found(expect: ExpectSpec, made: Record, holds: bool, found: str) -> None:
    (only,) = check(expect, made)
    assert (only.holds, only.found) == (holds, found)
    assert only.expected


def test_without_findings_nothing_is_unverified() -> None:
    nothing = fold([Entry(0, RunStarted("r", CASE, {}, "d", "offline", {}))])
    (only,) = check(ExpectSpec(min_findings_verified=1.0), nothing)
    assert only.holds


def test_without_expectations_there_is_nothing_to_check() -> None:
    assert check(ExpectSpec(), record()) == []
