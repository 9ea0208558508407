"""Expectations on records made by hand."""

from __future__ import annotations

from typing import Any

import pytest
from building import CASE, CONCLUSION, FOUND
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.casefile import (
    Assignment,
    Ballot,
    Conclusion,
    Evidence,
    Finding,
    ModelAnswer,
    Report,
    Status,
    ToolAnswer,
    Usage,
    Verdict,
)
from sre_runner.coordination.expectations.table import EXPECT, EXPECT_OF_SPECIALIST
from sre_runner.journal.events import (
    AssignmentFinished,
    AssignmentStarted,
    CallFinished,
    CallStarted,
    Concluded,
    Entry,
    Event,
    RunStarted,
)
from sre_runner.journal.record import Record, fold
from sre_runner.specs import ExpectSpec, Mention
from sre_runner.testing.expectations.check import check
from sre_runner.testing.expectations.passages import having, passages, shortened
from sre_runner.testing.expectations.table import CHECKS, CHECKS_OF_SPECIALIST


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
        (ExpectSpec({"verdicts": {"severity": ("P1",)}}), record(), True, "it is P1"),
        (ExpectSpec({"verdicts": {"severity": ("P2",)}}), record(), False, "it is P1"),
        (ExpectSpec({"verdicts": {"severity": ("P2", "P1")}}), record(), True, "it is P1"),
        (ExpectSpec({"verdicts": {"urgency": ("P2",)}}), record(VOTED), True, "it is P2"),
        (ExpectSpec({"verdicts": {"severity": ("P1",)}}), record(VOTED), True, "it is P1"),
        (ExpectSpec({"verdicts": {"rollback": ("yes",)}}), record(VOTED), False, "it is not there"),
        (ExpectSpec({"verdicts": {"severity": ("P1",)}}), record(concluded=False), False, "it is not there"),
        (ExpectSpec({"mentions": (Mention("MEMORY"),)}), record(), True, "it does"),
        (ExpectSpec({"mentions": (Mention("disk"),)}), record(), False, "it does not"),
        (ExpectSpec({"mentions": (Mention("memory"),)}), record(concluded=False), False, "the conclusion is not there"),
        (ExpectSpec({"tools_called": ("list_pods",)}), record(), True, "called were: list_pods"),
        (ExpectSpec({"tools_called": ("delete_pod",)}), record(), False, "called were: list_pods"),
        (ExpectSpec({"min_findings_verified": 0.75}), record(), True, "3 of 4 are"),
        (ExpectSpec({"min_findings_verified": 0.8}), record(), False, "3 of 4 are"),
    ],
)
def test_each_expectation_says_what_was_found(expect: ExpectSpec, made: Record, holds: bool, found: str) -> None:
    (only,) = check(expect, made)
    assert (only.holds, only.found) == (holds, found)
    assert only.expected


def test_without_findings_nothing_is_unverified() -> None:
    nothing = fold([Entry(0, RunStarted("r", CASE, {}, "d", "offline", {}))])
    (only,) = check(ExpectSpec({"min_findings_verified": 1.0}), nothing)
    assert only.holds


def test_every_key_has_its_check() -> None:
    assert set(CHECKS) == {name for name, key in EXPECT.items() if key.each is None}
    assert set(CHECKS_OF_SPECIALIST) == set(EXPECT_OF_SPECIALIST)


def test_without_expectations_there_is_nothing_to_check() -> None:
    assert check(ExpectSpec(), record()) == []


# --- What must not be, parts, limits, specialists -------------------------------------------------------------------

HERRING = {"statement": "Redis misses its cache.", "evidence": [{"call": "c1", "quote": "Redis cache miss"}]}
FIELDS: dict[str, Any] = {
    **CONCLUSION,
    "root_cause": {"statement": "Redis\n  misses its cache, so that memory grows.", "evidence": [{"finding": "a/f1"}]},
}


def run_of(*more: Event, fields: Any = None, source: Any = None, model: str = "offline") -> Record:
    """A finds and answers; b is at its cap; c is planned for, and not deployed."""
    finding = Finding("f1", "Redis misses its cache.", (Evidence("c1", "Redis cache miss"),))
    doubtful = Finding("f2", "The disk is full.", (Evidence("c2", "ENOSPC"), Evidence(finding="b/f1")), "not there")
    report = Report("investigate/a", "a", Status.COMPLETED, {**FOUND, "urgent": True}, (finding, doubtful))
    capped = Report("investigate/b", "b", Status.INCOMPLETE, problem="its cap of 4", last_said="I was about to ask.")
    agents = {"a": {"tools": ["list_pods"]}, "b": {}, "c": {"tools": ["list_nodes"]}}
    events: list[Event] = [
        RunStarted("r", CASE, source or {"agents": agents, "playbook": {"model": "claude-sonnet-5-5"}}, "d", model, {}),
        AssignmentStarted(Assignment("investigate/a", "a", (), {})),
        AssignmentStarted(Assignment("investigate/b", "b", (), {})),
        CallStarted(1, "tool", "investigate/a", "d", 1, "list_pods", {"pod": "x"}, "c1"),
        CallFinished(1, "answer", tool_answer=ToolAnswer("LEDGER_URL is not set; Redis cache miss")),
        CallStarted(2, "tool", "investigate/a", "d", 1, "delete_pod", {"pod": "x"}, "c2"),
        CallFinished(2, "denied", tool_answer=ToolAnswer("no", withheld=True), error="nobody allowed it"),
        CallStarted(3, "tool", "investigate/b", "d", 1, "get_logs", {}, "c1"),
        CallStarted(4, "model", "investigate/a", "d", 1, "claude-sonnet-5-5", {}),
        CallFinished(4, "answer", model_answer=ModelAnswer((), "tool_use", Usage(100_000, 10_000), "m")),
        AssignmentFinished(report, 3),
        AssignmentFinished(capped, 4),
        CallStarted(5, "model", "investigate/b", "d", 1, "claude-sonnet-5-5", {}),
        *more,
        Concluded(Conclusion(fields or FIELDS, by_model=True, missing=("b reports nothing",), notes=("c is idle",))),
    ]
    return fold(Entry(number, event) for number, event in enumerate(events))


def of(name: str, **expected: Any) -> ExpectSpec:
    return ExpectSpec({"specialists": {name: ExpectSpec(expected)}})


CASES: list[tuple[ExpectSpec, bool, str, str]] = [
    (ExpectSpec({"status": "partial"}), True, "it is partial", ""),
    (ExpectSpec({"status": "complete"}), False, "it is partial", "b reports nothing"),
    (ExpectSpec({"mentions": (Mention("roll  BACK", "immediate_actions"),)}), True, "it does", ""),
    (
        ExpectSpec({"mentions": (Mention("roll back", "root_cause"),)}),
        False,
        "it does not",
        "root_cause.statement: Redis misses its cache, so that memory grows.\n"
        "it stands in immediate_actions[0].action: Roll back.\nno report has it, and no tool answered with it",
    ),
    (
        ExpectSpec({"mentions": (Mention("x", "evidence"),)}),
        False,
        "it does not",
        "evidence is empty\nno report has it, and no tool answered with it",
    ),
    (
        ExpectSpec({"mentions": (Mention("ENOSPC"),)}),
        False,
        "it does not",
        "it stands in the finding a/f2: The disk is full. (c2 delete_pod: “ENOSPC”; UNVERIFIED: not there)",
    ),
    (
        ExpectSpec({"mentions": (Mention("Pods are killed"),)}),
        False,
        "it does not",
        "it stands in summary of the report of a: Pods are killed.",
    ),
    (
        ExpectSpec({"mentions": (Mention("ledger_url"),)}),
        False,
        "it does not",
        "no report has it, but list_pods (c1 of a) answered: LEDGER_URL is not set; Redis cache miss",
    ),
    (ExpectSpec({"mentions": (Mention("incident_summary"),)}), False, "it does not", "no report has it, and no tool"),
    (
        ExpectSpec({"must_not_mention": (Mention("redis", "severity"),)}),
        True,
        "it does not",
        "",
    ),
    (
        ExpectSpec({"must_not_mention": (Mention("redis misses"),)}),
        False,
        "it does",
        "root_cause.statement: Redis misses its cache, so that memory grows.\n"
        "the finding a/f1: Redis misses its cache. (c1 list_pods: “Redis cache miss”)",
    ),
    (
        ExpectSpec({"must_not_mention": (Mention("kubectl", "immediate_actions"),)}),
        False,
        "it does",
        "immediate_actions[0].command: kubectl rollout undo deployment/checkout\nno finding has it",
    ),
    (ExpectSpec({"red_herrings": ("ENOSPC",)}), True, "it is not", ""),
    (
        ExpectSpec({"red_herrings": ("redis misses its cache",)}),
        False,
        "it is in its statement",
        "root_cause.statement: Redis misses its cache, so that memory grows.\nit cites: a/f1\n"
        "the finding a/f1: Redis misses its cache. (c1 list_pods: “Redis cache miss”)",
    ),
    (
        ExpectSpec({"tools_called": ("delete_pod",)}),
        False,
        "called were: list_pods",
        'a c2: delete_pod {"pod": "x"} (denied: nobody allowed it)',
    ),
    (ExpectSpec({"tools_called": ("get_logs",)}), False, "called were: list_pods", "b c1: get_logs {} (no outcome)"),
    (
        ExpectSpec({"tools_called": ("nowhere",)}),
        False,
        "called were: list_pods",
        "nobody asked for it; no agent could have",
    ),
    (
        ExpectSpec({"tools_called": ("list_nodes",)}),
        False,
        "called were: list_pods",
        "c could have, and was not put on the case",
    ),
    (ExpectSpec({"tools_not_called": ("list_nodes",)}), True, "it is not", ""),
    (
        ExpectSpec({"tools_not_called": ("delete_pod",)}),
        False,
        "it is",
        'a c2: delete_pod {"pod": "x"} (denied: nobody allowed it)',
    ),
    (
        ExpectSpec({"min_findings_verified": 0.6}),
        False,
        "1 of 2 are",
        "a/f2: The disk is full. (c2 delete_pod: “ENOSPC”; b/f1; UNVERIFIED: not there)",
    ),
    (ExpectSpec({"max_cost": 0.3}), True, "it would cost $0.3000", ""),
    (ExpectSpec({"max_cost": 0.29}), False, "it would cost $0.3000", "investigate/a: $0.3000 in 3 turns"),
    (ExpectSpec({"max_tokens": 110_000}), True, "it takes 110,000", ""),
    (ExpectSpec({"max_tokens": 109_999}), False, "it takes 110,000", "investigate/a: 110,000 tokens in 3 turns"),
    (ExpectSpec({"max_seconds": 13}), True, "it takes 13.0", ""),
    (ExpectSpec({"max_seconds": 11.9}), False, "it takes 13.0", "investigate/a: 9.0 s in 3 turns"),
    (of("a"), True, "it is completed", ""),
    (of("b"), False, "it is incomplete", "its cap of 4\nI was about to ask."),
    (of("b", status="incomplete"), True, "it is incomplete", ""),
    (of("c"), False, "it is not_deployed", "c is idle"),
    (of("c", status="not_deployed"), True, "it is not_deployed", ""),
    (of("a", report={"severity_assessment": ("P2", "P1")}), True, "it is P1", ""),
    (of("a", report={"severity_assessment": ("P2",)}), False, "it is P1", "summary: Pods are killed."),
    (of("a", report={"urgent": (True,)}), True, "it is true", ""),
    (of("a", report={"urgent": (1,)}), False, "it is true", "summary: Pods are killed."),
    (of("b", status="incomplete", report={"urgent": (True,)}), False, "it has no report", ""),
    (of("a", mentions=(Mention("OOMKilled", "findings"),)), True, "it does", ""),
    (
        of("a", mentions=(Mention("OOMKilled", "summary"),)),
        False,
        "it does not",
        "summary: Pods are killed.\nit stands in findings[0].statement: A pod was OOMKilled.",
    ),
    (
        of("b", status="incomplete", mentions=(Mention("Redis"),)),
        False,
        "the report of b is not there",
        "no report has it, and no tool answered with it",
    ),
    (of("a", must_not_mention=(Mention("P1", "severity_assessment"),)), False, "it does", "severity_assessment: P1"),
    (of("a", tools_called=("list_pods",)), True, "called were: list_pods", ""),
    (
        of("b", status="incomplete", tools_called=("list_pods",)),
        False,
        "called were: none",
        "nobody asked for it; a could",
    ),
    (of("b", status="incomplete", tools_not_called=("get_logs",)), False, "it is", "b c1: get_logs {} (no outcome)"),
    (of("a", min_findings=2), True, "there are 2", ""),
    (of("a", min_findings=3), False, "there are 2", "a/f1: Redis misses its cache. (c1 list_pods: “Redis cache miss”)"),
    (of("a", min_findings_verified=0.5), True, "1 of 2 are", ""),
    (of("a", min_findings_verified=1.0), False, "1 of 2 are", "a/f2: The disk is full."),
]


@pytest.mark.parametrize(("expect", "holds", "found", "evidence"), CASES, ids=[str(n) for n in range(len(CASES))])
def test_what_is_not_so_is_shown_with_its_evidence(expect: ExpectSpec, holds: bool, found: str, evidence: str) -> None:
    last = check(expect, run_of())[-1]
    assert (last.holds, last.found) == (holds, found), last
    told = "\n".join(last.evidence)
    assert told.startswith(evidence) if evidence else last.evidence == ()


def test_a_specialist_s_checks_begin_with_its_name() -> None:
    expected = {"report": {"urgent": (True,)}, "tools_called": ("x",), "min_findings": 1, "min_findings_verified": 1.0}
    told = [each.expected for each in check(of("a", mentions=(Mention("x"),), **expected), run_of())]
    assert told == [
        "a: its status is completed",
        "a: urgent is true",
        "the report of a mentions 'x'",
        "a: x is called",
        "a: at least 1 finding",
        "a: at least 100% of the findings are verified",
    ]


def test_what_a_run_on_a_model_costs_is_what_it_paid() -> None:
    (paid,) = check(ExpectSpec({"max_cost": 1}), run_of(model="anthropic"))
    assert (paid.expected, paid.found) == ("the run costs at most $1", "it costs $0.3000")
    source = {
        "playbook": {"model": {"name": "m", "price": {"input": 1, "output": 1, "cache_write": 1, "cache_read": 1}}}
    }
    (own,) = check(ExpectSpec({"max_cost": 1}), run_of(source=source))
    assert own.found == "it would cost $0.1100"


def test_a_cost_that_nobody_knows_is_not_below_any_limit() -> None:
    (only,) = check(ExpectSpec({"max_cost": 1000}), run_of(source={"playbook": {"model": "qwen3"}}))
    assert (only.holds, only.found) == (False, "what it costs is unknown")


def test_the_verdict_of_a_vote_shows_its_ballots() -> None:
    verdict = Verdict("urgency", "f", "majority", "P2", (Ballot("a", "P2"), Ballot("b", None)), "1 of 1")
    (only,) = check(ExpectSpec({"verdicts": {"urgency": ("P1",)}}), record(verdict))
    assert only.evidence == ("by the rule majority: 1 of 1", "ballots: a P2; b abstains")


def test_without_a_conclusion_nothing_that_it_should_say_holds_and_nothing_that_it_must_not_say_does_not() -> None:
    nothing = record(concluded=False)
    expect = ExpectSpec(
        {"status": "complete", "red_herrings": ("x",), "mentions": (Mention("x"),), "must_not_mention": (Mention("x"),)}
    )
    assert [each.holds for each in check(expect, nothing)] == [False, False, True, True]


def test_a_call_of_nobody_known_is_told_by_its_assignment() -> None:
    (only,) = check(ExpectSpec({"tools_not_called": ("delete_pod",)}), record_of_strange_call())
    assert only.found == "it is asked for 2 times"
    assert only.evidence[0].startswith("nobody/x : delete_pod {}")


def record_of_strange_call() -> Record:
    calls = [CallStarted(n, "tool", "nobody/x", "d", n, "delete_pod", {}) for n in (1, 2)]
    return fold(Entry(0, event) for event in [RunStarted("r", CASE, {}, "d", "offline", {}), *calls])


@given(text=st.text(max_size=600), around=st.text(max_size=20))
def test_what_is_shown_is_short_and_on_one_line(text: str, around: str) -> None:
    shown = shortened(text, around)
    assert len(shown) <= 242
    assert len(shown.splitlines()) <= 1
    assert shown.strip("…") in " ".join(text.split())


@pytest.mark.parametrize(("before", "after"), [(300, 300), (0, 300), (300, 0), (10, 200)])
def test_a_long_text_is_cut_to_what_is_around_what_was_looked_for(before: int, after: int) -> None:
    shown = shortened(f"{'x' * before} Heap space {'y' * after}", "heap SPACE")
    assert "Heap space" in shown
    assert len(shown.strip("…")) <= 240
    assert (shown.startswith("…"), shown.endswith("…")) == (before == 300, after == 300)


@given(before=st.text(alphabet="ab \n", max_size=400), after=st.text(alphabet="ab \n", max_size=400))
def test_what_is_looked_for_is_in_what_is_shown(before: str, after: str) -> None:
    text = f"{before} Heap  space {after}"
    (passage,) = having("heap SPACE", passages({"x": [text, 3]}))
    assert passage.where == "x[0]"
    assert "Heap space" in shortened(passage.text, "heap SPACE")


def test_names_of_fields_are_not_what_a_report_says() -> None:
    assert [(each.where, each.text) for each in passages({"a": {"b": [1, True, None, "x"]}})] == [
        ("a.b[0]", "1"),
        ("a.b[1]", "true"),
        ("a.b[3]", "x"),
    ]
