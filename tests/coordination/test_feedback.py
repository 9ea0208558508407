"""Feedback rounds, driven by hand: what is followed up, by whom, in whose conversation, and when it ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from building import CASE, FOUND, agent, configuration

from sre_runner.casefile import Assignment, Report, Status, Wave
from sre_runner.coordination.assignments import investigation
from sre_runner.coordination.feedback import Reviewed, choose, feedback
from sre_runner.coordination.reports import read_report
from sre_runner.specs import Configuration, FeedbackSpec, Role

Reply = Callable[[Assignment], Report]


def team(**limits: Any) -> Configuration:
    made = configuration(agent("a"), agent("b"), agent("c"))
    coordinator = replace(made.playbook.coordinator, reviewer="reviewer", feedback=FeedbackSpec(**limits))
    agents = {**made.agents, "reviewer": agent("reviewer", Role.REVIEWER)}
    return replace(made, agents=agents, playbook=replace(made.playbook, coordinator=coordinator))


def completed(assignment: Assignment, fields: dict[str, Any] = FOUND) -> Report:
    report, wrong, _ = read_report(assignment, fields)
    assert report, wrong
    return report


def failed(assignment: Assignment) -> Report:
    return Report(assignment.id, assignment.agent, Status.FAILED, problem="it broke")


def ask(name: str, request: str = "the heap's size", priority: str = "high") -> dict[str, str]:
    return {"agent": name, "request": request, "priority": priority}


def test_a_reviewer_is_not_asked_about_reports_that_all_failed() -> None:
    waves, reviewed = drive(team(rounds=2), completed, first=failed)
    assert waves == []
    assert reviewed.notes == ("There was no review, as every specialist failed.",)
    assert [report.status for report in reviewed.reports] == [Status.FAILED] * 2
    one = lambda assignment: (failed if assignment.agent == "a" else completed)(assignment)  # noqa: E731
    assert len(drive(team(), reviews(), first=one)[0]) == 1


def reviews(*rounds: Sequence[dict[str, str]], otherwise: Reply = completed) -> Reply:
    """The reviewer asks these, round after round, and nothing afterwards."""

    def reply(assignment: Assignment) -> Report:
        if assignment.agent != "reviewer":
            return otherwise(assignment)
        number = int(assignment.id.removeprefix("review-"))
        return completed(assignment, {"followups": list(rounds[number - 1]) if number <= len(rounds) else []})

    return reply


def drive(config: Configuration, reply: Reply, first: Reply = completed) -> tuple[list[Wave], Reviewed]:
    reports = [first(investigation(config, CASE, name, "look")) for name in ("a", "b")]
    generator = feedback(config, CASE, reports)
    waves = []
    try:
        wave = next(generator)
        while True:
            waves.append(wave)
            wave = generator.send([reply(each) for each in wave])
    except StopIteration as end:
        return waves, end.value


def ids(waves: list[Wave]) -> list[list[str]]:
    return [[each.id for each in wave] for wave in waves]


def test_nothing_missing_ends_it_at_once() -> None:
    waves, found = drive(team(rounds=3), reviews())
    assert ids(waves) == [["review-1"]]
    assert (found.notes, found.missing) == ((), ())


def test_the_reviewer_sees_case_specialists_reports_and_what_was_asked() -> None:
    waves, _ = drive(team(rounds=2), reviews([ask("a")]))
    first, second = dict(waves[0][0].blocks), dict(waves[2][0].blocks)
    assert first["case"]["task"] == CASE.task
    assert [each["agent"] for each in first["specialists"]] == ["a", "b", "c"]
    assert [each["agent"] for each in first["reports"]] == ["a", "b"]
    assert first["asked_before"] == []
    assert second["asked_before"] == [{"agent": "a", "request": "the heap's size"}]


def test_a_follow_up_continues_the_conversation_and_its_report_replaces_the_old_one() -> None:
    waves, found = drive(team(), reviews([ask("b")]))
    assert ids(waves) == [["review-1"], ["followup-1/b"]]
    follow_up = waves[1][0]
    assert follow_up.continues == "investigate/b"
    assert dict(follow_up.blocks)["follow_up"] == {"requests": ["the heap's size"]}
    assert "case" not in dict(follow_up.blocks), "it stands in the conversation already"
    assert "You have 4 turns" in dict(follow_up.blocks)["assignment"]["task"]
    assert [report.assignment for report in found.reports] == ["investigate/a", "followup-1/b"]


def test_a_second_round_continues_the_first_one() -> None:
    waves, _ = drive(team(rounds=2), reviews([ask("b")], [ask("b", "another thing")]))
    assert waves[3][0].continues == "followup-1/b"


def test_an_undeployed_specialist_starts_afresh_with_the_case() -> None:
    waves, found = drive(team(), reviews([ask("c")]))
    (follow_up,) = waves[1]
    assert follow_up.continues is None
    assert dict(follow_up.blocks)["case"]["task"] == CASE.task
    assert [report.agent for report in found.reports] == ["a", "b", "c"]


def test_a_failed_specialist_starts_afresh() -> None:
    waves, found = drive(
        team(), reviews([ask("a")]), first=lambda each: failed(each) if each.agent == "a" else completed(each)
    )
    assert waves[1][0].continues is None
    assert found.reports[0].status is Status.COMPLETED


def test_requests_to_one_specialist_become_one_assignment_and_high_priority_comes_first() -> None:
    asked = [ask("a", "one", "medium"), ask("b", "two", "high"), ask("a", "three", "low")]
    waves, _ = drive(team(max_followups=3), reviews(asked))
    assert ids(waves)[1] == ["followup-1/b", "followup-1/a"]
    assert dict(waves[1][1].blocks)["follow_up"] == {"requests": ["one", "three"]}


def test_a_follow_up_that_fails_leaves_the_report_and_is_missing() -> None:
    _, found = drive(team(), reviews([ask("a")], otherwise=failed))
    assert found.reports[0].assignment == "investigate/a"
    assert found.missing == ("a (followup-1/a) failed: it broke.",)


def test_a_failed_review_ends_the_feedback() -> None:
    waves, found = drive(team(rounds=3), failed)
    assert ids(waves) == [["review-1"]]
    assert found.missing == ("reviewer (review-1) failed: it broke. Nothing was followed up.",)


def test_rounds_are_limited() -> None:
    waves, _ = drive(team(rounds=2), reviews(*([ask("a", f"thing {number}")] for number in range(5))))
    assert ids(waves) == [["review-1"], ["followup-1/a"], ["review-2"], ["followup-2/a"]]


def test_a_round_in_which_all_is_dropped_is_the_last() -> None:
    waves, found = drive(team(rounds=3), reviews([ask("a")], [ask("a", "The  HEAP's size")]))
    assert ids(waves) == [["review-1"], ["followup-1/a"], ["review-2"]]
    assert found.notes == ("A follow-up of a was dropped, as it was asked before: The  HEAP's size",)


@pytest.mark.parametrize(
    ("limits", "kept", "why"),
    [
        ({"max_followups": 1}, ["two"], "no more than 1 a round are carried out"),
        ({"min_priority": "high", "max_followups": 9}, ["two"], "its priority is below high"),
        ({"min_priority": "medium", "max_followups": 9}, ["two", "one"], "its priority is below medium"),
        ({"max_followups": 0}, [], "no more than 0 a round are carried out"),
    ],
)
def test_what_is_over_the_limits_is_dropped_and_noted(limits: Any, kept: list[str], why: str) -> None:
    notes: list[str] = []
    asked = [ask("a", "one", "medium"), ask("b", "two", "high"), ask("a", "three", "low")]
    assert [item["request"] for item in choose(asked, [], FeedbackSpec(**limits), notes)] == kept
    assert len(notes) == 3 - len(kept)
    assert all(why in note for note in notes)
