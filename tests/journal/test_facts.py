from __future__ import annotations

import pytest
from sample import CONFIGURATION, Journal, followed_up, team

from sre_runner.casefile import Finding, Report, Status, Usage
from sre_runner.journal import facts
from sre_runner.journal.events import AssignmentFinished, CallFinished, CallStarted
from sre_runner.journal.facts import CallCounts, Cost
from sre_runner.models.prices import cost
from sre_runner.specs import Role

PRICED = {"name": "local", "price": {"input": 1, "output": 2, "cache_write": 1, "cache_read": 0}}


def with_model(model: object) -> dict[str, object]:
    return {**CONFIGURATION, "playbook": {**CONFIGURATION["playbook"], "model": model}}


def test_a_record_has_the_status_of_its_conclusion() -> None:
    assert facts.status(team().fold()) == "complete"
    assert facts.status(team(missing=("log-analyst failed.",)).fold()) == "partial"
    assert facts.status(team(by_model=False).fold()) == "partial"
    unfinished = Journal()
    unfinished.start()
    assert facts.status(unfinished.fold()) == "none"
    assert facts.cited_findings(unfinished.fold()) == []


def test_assignments_are_found_by_role_in_their_order() -> None:
    record = team().fold()
    assert [work.assignment.id for work in facts.of_role(record, Role.SPECIALIST)] == [
        "investigate/k8s-expert",
        "investigate/log-analyst",
    ]
    assert [work.assignment.id for work in facts.of_role(record, Role.SYNTHESIZER)] == ["conclude"]
    assert facts.role(record, "nobody") is Role.SPECIALIST


def test_a_cited_finding_is_found_by_agent_and_number() -> None:
    record = team().fold()
    work, finding = facts.find(record, "log-analyst/f1") or pytest.fail("not found")
    assert (work.assignment.agent, finding.id) == ("log-analyst", "f1")
    for cited in ("log-analyst/f2", "nobody/f1", "f1", ""):
        assert facts.find(record, cited) is None


def test_a_specialist_alone_may_cite_its_findings_by_number() -> None:
    journal = Journal()
    journal.start()
    assert facts.find(journal.fold(), "f1") is None
    journal.assign("investigate/k8s-expert", "k8s-expert")
    assert facts.find(journal.fold(), "f1") is None
    journal.report("investigate/k8s-expert", "k8s-expert", {}, findings=team_findings())
    found = facts.find(journal.fold(), "f1")
    assert found is not None
    assert found[1].id == "f1"


def team_findings() -> tuple[object, ...]:
    report = team().fold().work["investigate/k8s-expert"].report
    assert report is not None
    assert report.status is Status.COMPLETED
    return report.findings


def test_the_findings_that_a_conclusion_rests_on_are_named_once_the_cause_first() -> None:
    evidence = [{"agent": "k8s-expert", "finding": name} for name in ("k8s-expert/f2", "k8s-expert/f1")]
    record = team(conclusion={"evidence": evidence}).fold()
    assert facts.cited_findings(record) == ["k8s-expert/f1", "log-analyst/f1", "k8s-expert/f2"]


def test_a_cited_call_may_stand_in_an_assignment_that_this_one_continues() -> None:
    journal = Journal()
    journal.start()
    journal.assign("investigate/k8s-expert", "k8s-expert")
    journal.use("investigate/k8s-expert", "c1", "list_pods", {})
    journal.assign("followup-1/k8s-expert", "k8s-expert", continues="investigate/k8s-expert")
    journal.use("followup-1/k8s-expert", "c2", "describe_pod", {})
    journal.assign("lost", "k8s-expert", continues="nowhere")
    record = journal.fold()
    follow_up = record.work["followup-1/k8s-expert"]
    behind = {label: call.request.name for label, call in facts.calls_behind(record, follow_up).items()}
    assert behind == {"c1": "list_pods", "c2": "describe_pod"}
    assert list(facts.calls_behind(record, record.work["investigate/k8s-expert"])) == ["c1"]
    assert facts.calls_behind(record, record.work["lost"]) == {}


def test_a_citation_is_of_the_latest_completed_report() -> None:
    record = followed_up().fold()
    work, finding = facts.find(record, "k8s-expert/f1") or pytest.fail("not found")
    assert (work.assignment.id, finding.statement) == ("followup-1/k8s-expert", "Revised.")
    assert facts.find(record, "k8s-expert/f2")
    assert [each.assignment.id for each in facts.specialists(record).values()] == [
        "followup-1/k8s-expert",
        "investigate/log-analyst",
    ]


def test_a_follow_up_that_failed_does_not_hide_the_report_before_it() -> None:
    record = followed_up(status=Status.INCOMPLETE).fold()
    work, finding = facts.find(record, "k8s-expert/f1") or pytest.fail("not found")
    assert (work.assignment.id, finding.statement) == ("investigate/k8s-expert", "First of k8s-expert.")
    assert facts.find(record, "k8s-expert/f2") is None


def test_a_finding_that_a_revised_report_left_out_is_not_found() -> None:
    journal = followed_up()
    journal.assign("followup-2/k8s-expert", "k8s-expert", continues="followup-1/k8s-expert")
    journal.report("followup-2/k8s-expert", "k8s-expert", {}, (Finding("f1", "Only this.", ()),))
    record = journal.fold()
    assert facts.find(record, "k8s-expert/f2") is None


def test_of_a_specialist_without_any_report_the_latest_work_counts() -> None:
    journal = Journal()
    journal.start()
    for scope in ("investigate/k8s-expert", "followup-1/k8s-expert"):
        journal.assign(scope, "k8s-expert")
        journal.add(AssignmentFinished(Report(scope, "k8s-expert", Status.FAILED, problem="x"), 1))
    assert facts.specialists(journal.fold())["k8s-expert"].assignment.id == "followup-1/k8s-expert"


def test_a_cited_call_may_stand_in_a_follow_up_that_failed_before() -> None:
    journal = followed_up(status=Status.INCOMPLETE)
    journal.assign("followup-2/k8s-expert", "k8s-expert", continues="investigate/k8s-expert")
    record = journal.fold()
    call = facts.calls_behind(record, record.work["followup-2/k8s-expert"])["c2"]
    assert (call.request.scope, call.request.name) == ("followup-1/k8s-expert", "list_nodes")
    of_other = facts.calls_behind(record, record.work["investigate/log-analyst"])["c1"]
    assert of_other.request.request == {"pod_name": "of-log-analyst"}


def test_conversations_that_go_round_in_a_circle_end() -> None:
    journal = Journal()
    journal.start()
    journal.assign("a", "k8s-expert", continues="b")
    journal.assign("b", "k8s-expert", continues="a")
    record = journal.fold()
    assert facts.calls_behind(record, record.work["a"]) == {}


def test_what_was_denied_and_what_was_withheld_are_no_failures() -> None:
    journal = Journal()
    journal.start()
    journal.assign("a", "k8s-expert")
    journal.use("a", "c1", "restart", {}, "denied")
    journal.deny("a")
    record = journal.fold()
    assert facts.counts(record, "tool") == CallCounts(1, 0, denied=0, withheld=1, failed=0, cancelled=0, no_data=0)
    assert facts.counts(record, "model") == CallCounts(1, 0, denied=1, withheld=0, failed=0, cancelled=0, no_data=0)
    assert facts.counts_text(facts.counts(record, "tool")) == "1 (1 withheld)"
    assert facts.counts_text(facts.counts(record, "model")) == "1 (1 denied by the budget)"
    assert facts.total_cost(record).usd == 0


def test_calls_are_counted_by_how_they_ended() -> None:
    record = team().fold()
    assert facts.counts(record, "tool") == CallCounts(
        made=7, refused=1, denied=0, withheld=0, failed=2, cancelled=0, no_data=1
    )
    assert facts.counts(record, "model") == CallCounts(
        made=5, refused=0, denied=0, withheld=0, failed=0, cancelled=0, no_data=0
    )
    assert facts.counts(record, "tool", "investigate/k8s-expert").made == 4
    assert facts.counts_text(facts.counts(record, "tool")) == "7 (1 refused, 2 failed, 1 without data)"
    assert facts.counts_text(facts.counts(record, "model")) == "5"


def test_each_call_is_priced_by_itself() -> None:
    record = team().fold()
    expected = sum(
        cost(usage, model) or 0.0
        for usage, model in [
            (Usage(100, 10), "claude-sonnet-5-5"),
            (Usage(1000, 100, 0, 500), "claude-sonnet-5-5"),
            (Usage(2000, 200), "claude-haiku-4-5"),
            (Usage(100, 300, 1500, 0), "claude-sonnet-5-5"),
            (Usage(3000, 900), "claude-sonnet-5-5"),
        ]
    )
    found = facts.total_cost(record)
    assert found.usd == pytest.approx(expected)
    assert found.models == ("claude-sonnet-5-5", "claude-haiku-4-5")
    assert facts.cost_text(found).startswith(f"${expected:.4f} for claude-sonnet-5-5, claude-haiku-4-5 (price table of")


def test_a_rehearsal_costs_nothing_and_says_what_it_would() -> None:
    found = facts.total_cost(team("offline").fold())
    assert found.usd == 0.0
    assert found.would_be is not None
    assert found.would_be > 0
    assert facts.cost_text(found).startswith(f"$0.00; about ${found.would_be:.4f} for as many tokens of ")


def test_a_model_without_a_price_makes_the_cost_unknown() -> None:
    journal = Journal()
    journal.start(configuration=with_model("llama"))
    journal.assign("investigate/k8s-expert", "k8s-expert")
    journal.ask("investigate/k8s-expert", Usage(10, 10), model="llama")
    found = facts.total_cost(journal.fold())
    assert found.usd is None
    assert "not every one of llama has a price" in facts.cost_text(found)


def test_a_price_of_the_configuration_goes_before_the_table() -> None:
    journal = Journal()
    journal.start(configuration=with_model(PRICED))
    journal.assign("investigate/k8s-expert", "k8s-expert")
    journal.ask("investigate/k8s-expert", Usage(1_000_000, 500_000), model="claude-opus-5-5")
    assert facts.total_cost(journal.fold()) == Cost(2.0, ("claude-opus-5-5",), "prices of the configuration")


def test_no_answered_call_costs_nothing() -> None:
    journal = Journal()
    journal.start()
    journal.assign("a", "k8s-expert")
    journal.add(CallStarted(1, "model", "a", "d", 1, "claude-sonnet-5-5", {}), CallFinished(1, "failed"))
    assert facts.cost_text(facts.total_cost(journal.fold())) == "$0.0000"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"namespace": "payments", "n": 2}, 'f(namespace="payments", n=2)'),
        ({}, "f()"),
        (["x"], 'f(["x"])'),
        ({"x": "y" * 300}, 'f(x="' + "y" * 116 + "…)"),
    ],
)
def test_a_call_is_written_as_people_write_it(arguments: object, expected: str) -> None:
    assert facts.call_text("f", arguments) == expected
