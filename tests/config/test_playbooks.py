"""What a playbook says of its team, as it stands in a source, and the specs that come of it."""

from __future__ import annotations

from typing import Any

import pytest

from sre_runner.config.playbook_source import playbook_source, strategy_name
from sre_runner.config.sources import agent_source, configuration
from sre_runner.specs import (
    BudgetSpec,
    CaseSpec,
    Configuration,
    ExpectSpec,
    FeedbackSpec,
    Mention,
    VoteSpec,
)

AGENTS = {
    "pods": agent_source({"description": "Pods.", "prompt": "Look."}),
    "logs": agent_source(
        {"description": "Logs.", "prompt": "Look.", "report": {"cause": {"type": "string", "enum": ["b", "a"]}}}
    ),
}


def made(**data: Any) -> Configuration:
    playbook = {"task": "T", "specialists": ["pods", "logs"], **data}
    source = {"playbook": playbook_source("case", playbook, "T", {}, AGENTS), "agents": AGENTS, "tools": {}}
    return configuration(source)


def test_what_is_left_out_is_not_there() -> None:
    playbook = made().playbook
    assert (playbook.coordinator.strategy, playbook.coordinator.votes, playbook.coordinator.feedback) == (
        "parallel",
        (),
        None,
    )
    assert (playbook.coordinator.parameters, playbook.coordinator.judge) == ({}, None)
    assert (playbook.budget, playbook.expect) == (BudgetSpec(), ExpectSpec())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("pipeline", ("pipeline", {}, None)),
        (
            {"pipeline": {"stop_when": {"pods": {"severity_assessment": ["P3", "P4"]}}}},
            ("pipeline", {"stop_when": {"pods": {"severity_assessment": ["P3", "P4"]}}}, None),
        ),
        ({"debate": {"judge": "judge"}}, ("debate", {"rounds": 2}, "judge")),
        ({"debate": {"rounds": 3, "judge": "judge"}}, ("debate", {"rounds": 3}, "judge")),
    ],
)
def test_a_strategy_is_a_name_or_a_mapping_that_says_more(given: Any, expected: Any) -> None:
    coordinator = made(coordinator={"strategy": given}).playbook.coordinator
    assert (coordinator.strategy, coordinator.parameters, coordinator.judge) == expected


@pytest.mark.parametrize("given", [None, 3, {}, {"pipeline": {}, "debate": {}}, []])
def test_a_strategy_without_a_name(given: Any) -> None:
    assert strategy_name(given) is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"reviewer": "reviewer"}, FeedbackSpec(1, 2, "low")),
        ({"reviewer": "reviewer", "feedback": {"rounds": 4}}, FeedbackSpec(4, 2, "low")),
        (
            {"reviewer": "reviewer", "feedback": {"max_followups": 0, "min_priority": "high"}},
            FeedbackSpec(1, 0, "high"),
        ),
    ],
)
def test_a_reviewer_is_enough_for_feedback(given: Any, expected: FeedbackSpec) -> None:
    coordinator = made(coordinator=given).playbook.coordinator
    assert (coordinator.reviewer, coordinator.feedback) == ("reviewer", expected)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, VoteSpec("v", "severity_assessment", ("P1", "P2", "P3", "P4"), "majority", "most_severe")),
        ({"options": ["P1", "P2"]}, VoteSpec("v", "severity_assessment", ("P1", "P2"), "majority", "most_severe")),
        ({"field": "cause"}, VoteSpec("v", "cause", ("b", "a"), "majority", "most_severe")),
        (
            {"field": "cause", "options": ["a", "b"], "rule": "weighted", "weights": {"logs": 2}, "quorum": 1},
            VoteSpec("v", "cause", ("a", "b"), "weighted", "most_severe", {"logs": 2.0}, 1),
        ),
        (
            {"rule": "median", "otherwise": "P2"},
            VoteSpec("v", "severity_assessment", ("P1", "P2", "P3", "P4"), "median", "P2"),
        ),
    ],
)
def test_a_vote_has_the_values_of_its_field_where_it_does_not_state_options(given: Any, expected: VoteSpec) -> None:
    assert made(coordinator={"votes": {"v": given}}).playbook.coordinator.votes == (expected,)


def test_budgets_and_expectations() -> None:
    playbook = made(
        budget={"usd": 1.5, "seconds": 60}, expect={"verdicts": {"severity": "P1"}, "mentions": ["x"]}
    ).playbook
    assert playbook.budget == BudgetSpec(usd=1.5, seconds=60)
    assert playbook.expect == ExpectSpec(
        {"status": "complete", "verdicts": {"severity": ("P1",)}, "mentions": (Mention("x"),)}
    )
    assert made(expect={"min_findings_verified": 0}).playbook.expect == ExpectSpec(
        {"status": "complete", "min_findings_verified": 0}
    )
    assert made(budget={"tokens": 9, "model_calls": 3, "mode": "audit"}).playbook.budget == BudgetSpec(
        tokens=9, model_calls=3, mode="audit"
    )


def test_everything_that_can_be_expected() -> None:
    specialist = {
        "status": "completed",
        "report": {"severity_assessment": "P1", "cause": ["a", "b"]},
        "mentions": ["x", {"text": "y", "in": "findings"}],
        "must_not_mention": [{"text": "z", "in": "summary"}],
        "tools_called": ["t"],
        "tools_not_called": ["u"],
        "min_findings": 2,
        "min_findings_verified": 0.5,
    }
    whole = {
        "status": "partial",
        "must_not_mention": ["m"],
        "red_herrings": ["r"],
        "tools_not_called": ["w"],
        "max_cost": 0.5,
        "max_tokens": 10,
        "max_seconds": 1.5,
        "specialists": {"logs": specialist, "pods": {"min_findings": 1}},
    }
    expected = ExpectSpec(
        {
            "report": {"severity_assessment": ("P1",), "cause": ("a", "b")},
            "mentions": (Mention("x"), Mention("y", "findings")),
            "must_not_mention": (Mention("z", "summary"),),
            "tools_called": ("t",),
            "tools_not_called": ("u",),
            "min_findings": 2,
            "min_findings_verified": 0.5,
        }
    )
    spec = ExpectSpec(
        {
            "status": "partial",
            "must_not_mention": (Mention("m"),),
            "red_herrings": ("r",),
            "tools_not_called": ("w",),
            "max_cost": 0.5,
            "max_tokens": 10,
            "max_seconds": 1.5,
            "specialists": {"logs": expected, "pods": ExpectSpec({"min_findings": 1})},
        }
    )
    playbook = made(expect=whole, tests={"other": {"inputs": {"a": "b"}, "task": "{{ a }}", "expect": whole}}).playbook
    assert playbook.expect == spec
    assert playbook.tests == (CaseSpec("other", spec, {"a": "b"}, "{{ a }}"),)
    assert made(tests={"other": {"expect": {"status": "partial"}}}).playbook.tests == (
        CaseSpec("other", ExpectSpec({"status": "partial"})),
    )


def test_what_a_default_says_of_the_team_is_the_same_as_saying_it() -> None:
    vote = {"field": "severity_assessment", "options": ["P1", "P2", "P3", "P4"], "rule": "majority"}
    short = made(
        coordinator={"reviewer": "r", "strategy": {"debate": {"judge": "j"}}, "votes": {"v": {}}}, budget={"usd": 1}
    )
    long = made(
        coordinator={
            "reviewer": "r",
            "feedback": {"min_priority": "low", "rounds": 1, "max_followups": 2},
            "strategy": {"debate": {"rounds": 2, "judge": "j"}},
            "votes": {"v": {**vote, "otherwise": "most_severe"}},
        },
        budget={"mode": "enforce", "usd": 1},
    )
    assert long == short
    assert long.digest == short.digest
