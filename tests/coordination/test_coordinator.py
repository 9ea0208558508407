"""The coordinator's generator, driven by hand: no model, no engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from building import CASE, CONCLUSION, FOUND, agent, configuration, tool

from sre_runner.casefile import Assignment, Conclusion, Report, Status, Wave
from sre_runner.coordination.coordinator import coordinate
from sre_runner.coordination.reports import read_report
from sre_runner.documents.json_schema.complaints import complaints
from sre_runner.specs import AgentSpec, Configuration, FeedbackSpec, Role, VoteSpec

Answer = Callable[[Assignment], Report]


def drive(config: Configuration, reply: Answer) -> tuple[list[Wave], Conclusion]:
    generator = coordinate(config, CASE)
    waves: list[Wave] = []
    reports: Sequence[Report] = []
    try:
        wave = next(generator)
        while True:
            waves.append(wave)
            reports = [reply(assignment) for assignment in wave]
            wave = generator.send(reports)
    except StopIteration as end:
        return waves, end.value


def completed(assignment: Assignment, fields: dict[str, Any]) -> Report:
    report, wrong, _ = read_report(assignment, fields)
    assert report, wrong
    return report


def failed(assignment: Assignment, problem: str = "it broke") -> Report:
    return Report(assignment.id, assignment.agent, Status.FAILED, problem=problem)


def good(assignment: Assignment) -> Report:
    if assignment.id.startswith("plan"):
        return completed(assignment, {"assignments": [{"agent": "b", "task": "look at b"}]})
    if assignment.id == "conclude":
        cited = {"statement": "Memory.", "evidence": [{"finding": "b/f1"}]}
        return completed(assignment, {**CONCLUSION, "root_cause": cited})
    return completed(assignment, FOUND)


def blocks(assignment: Assignment) -> dict[str, Any]:
    return dict(assignment.blocks)


TEAM = configuration(agent("a"), agent("b", tools=["pods"]), tools=[tool("pods")])
PLANNED = configuration(agent("a"), agent("b", tools=["pods"]), tools=[tool("pods")], planner=True)


def ids(waves: list[Wave]) -> list[list[str]]:
    return [[assignment.id for assignment in wave] for wave in waves]


def test_without_a_planner_everyone_gets_the_whole_task() -> None:
    waves, conclusion = drive(TEAM, good)
    assert ids(waves) == [["investigate/a", "investigate/b"], ["conclude"]]
    assert all(blocks(each)["assignment"] == {"task": CASE.task} for each in waves[0])
    assert conclusion.by_model
    assert not conclusion.partial


def test_the_case_stands_in_every_assignment_with_its_start() -> None:
    waves, _ = drive(PLANNED, good)
    for assignment in (each for wave in waves for each in wave):
        assert blocks(assignment)["case"] == {
            "task": CASE.task,
            "inputs": CASE.inputs,
            "started_at": CASE.started_at,
        }


def test_a_planner_decides_who_is_deployed_and_with_which_task() -> None:
    waves, _ = drive(PLANNED, good)
    assert ids(waves) == [["plan"], ["investigate/b"], ["conclude"]]
    assert blocks(waves[1][0])["assignment"] == {"task": "look at b"}
    introduced = blocks(waves[0][0])["specialists"]
    assert introduced[1] == {
        "agent": "b",
        "description": "Knows b.",
        "tools": [{"name": "pods", "description": "Ask pods."}],
    }


def test_a_planner_cannot_name_a_stranger() -> None:
    waves, _ = drive(PLANNED, good)
    stranger = {"assignments": [{"agent": "mallory", "task": "x"}]}
    assert complaints(waves[0][0].schema, stranger)
    assert complaints(waves[0][0].schema, {"assignments": []})


def test_several_tasks_for_one_specialist_become_one_assignment_in_playbook_order() -> None:
    def twice(assignment: Assignment) -> Report:
        if assignment.id != "plan":
            return good(assignment)
        tasks = [{"agent": "b", "task": "one"}, {"agent": "a", "task": "two"}, {"agent": "b", "task": "three"}]
        return completed(assignment, {"assignments": tasks})

    waves, _ = drive(PLANNED, twice)
    assert ids(waves)[1] == ["investigate/a", "investigate/b"]
    assert blocks(waves[1][1])["assignment"] == {"task": "one\n\nthree"}


def test_a_planner_is_asked_twice() -> None:
    waves, conclusion = drive(PLANNED, lambda each: failed(each) if each.id == "plan" else good(each))
    assert ids(waves)[:3] == [["plan"], ["plan-2"], ["investigate/b"]]
    assert not conclusion.notes


def test_a_planner_that_fails_twice_is_replaced_by_the_whole_task_for_all() -> None:
    waves, conclusion = drive(PLANNED, lambda each: failed(each) if each.agent == "planner" else good(each))
    assert ids(waves) == [["plan"], ["plan-2"], ["investigate/a", "investigate/b"], ["conclude"]]
    lost = "planner (plan-2) failed: it broke. Every specialist was given the whole task instead."
    assert conclusion.missing == (lost,)
    assert conclusion.partial
    assert lost in blocks(waves[-1][0])["missing"]


def test_sequential_goes_one_by_one() -> None:
    config = configuration(agent("a"), agent("b"), strategy="sequential")
    waves, _ = drive(config, good)
    assert ids(waves) == [["investigate/a"], ["investigate/b"], ["conclude"]]


def test_a_failed_specialist_is_missing_and_the_rest_is_concluded() -> None:
    waves, conclusion = drive(TEAM, lambda each: failed(each) if each.agent == "a" else good(each))
    assert conclusion.missing == ("a (investigate/a) failed: it broke.",)
    assert conclusion.partial
    assert conclusion.by_model
    told = blocks(waves[-1][0])
    assert told["missing"] == list(conclusion.missing)
    assert told["reports"][0] == {"agent": "a", "status": "failed", "problem": "it broke"}
    assert told["reports"][1]["report"]["findings"][0]["id"] == "b/f1"


def test_the_synthesizer_can_only_cite_what_was_found() -> None:
    waves, _ = drive(TEAM, good)
    invented = {**CONCLUSION, "root_cause": {"statement": "x", "evidence": [{"finding": "b/f9"}]}}
    assert complaints(waves[-1][0].schema, invented)


def test_without_findings_nothing_can_be_cited() -> None:
    waves, conclusion = drive(
        TEAM,
        lambda each: completed(each, CONCLUSION if each.id == "conclude" else {**FOUND, "findings": []}),
    )
    cites = {**CONCLUSION, "evidence": [{"agent": "a", "finding": "a/f1"}]}
    assert complaints(waves[-1][0].schema, cites)
    assert conclusion.by_model


def test_a_failed_synthesizer_leaves_the_findings_side_by_side() -> None:
    def severe(each: Assignment) -> Report:
        if each.id == "conclude":
            return failed(each)
        return completed(each, {**FOUND, "severity_assessment": "P3" if each.agent == "a" else "P2"})

    waves, conclusion = drive(TEAM, severe)
    assert not conclusion.by_model
    assert conclusion.partial
    assert conclusion.fields["severity"] == "P2"
    assert [item["finding"] for item in conclusion.fields["evidence"]] == ["a/f1", "b/f1"]
    assert conclusion.missing == ("synthesizer (conclude) failed: it broke.",)
    assert not complaints(waves[-1][0].schema, dict(conclusion.fields))


def test_when_nobody_reports_the_synthesizer_is_not_asked() -> None:
    waves, conclusion = drive(TEAM, failed)
    assert ids(waves) == [["investigate/a", "investigate/b"]]
    assert not conclusion.by_model
    assert conclusion.fields["severity"] is None
    assert len(conclusion.missing) == 3


def test_single_reports_the_conclusion_itself() -> None:
    config = configuration(agent("a"), strategy="single", synthesizer=False)
    waves, conclusion = drive(config, lambda each: completed(each, {**FOUND, **CONCLUSION}))
    assert ids(waves) == [["investigate/a"]]
    assert conclusion.by_model
    assert conclusion.fields["root_cause"]["statement"] == "Memory."


def test_single_that_fails_is_concluded_without_a_model() -> None:
    config = configuration(agent("a"), strategy="single", synthesizer=False)
    _, conclusion = drive(config, failed)
    assert not conclusion.by_model
    assert conclusion.missing == ("a (investigate/a) failed: it broke.",)


def test_own_fields_are_part_of_the_report() -> None:
    own = {"healthy_pods": {"type": "integer"}}
    waves, _ = drive(configuration(agent("a", report=own)), lambda each: failed(each))
    assert waves[0][0].schema["properties"]["healthy_pods"] == {"type": "integer"}
    assert "healthy_pods" in waves[0][0].schema["required"]


def voting(rule: str = "majority", **changes: Any) -> VoteSpec:
    settings: dict[str, Any] = {"options": ("P1", "P2", "P3", "P4"), "otherwise": "most_severe", **changes}
    return VoteSpec("severity", "severity_assessment", rule=rule, **settings)


def with_coordinator(config: Configuration, *more: AgentSpec, **changes: Any) -> Configuration:
    coordinator = replace(config.playbook.coordinator, **changes)
    agents = {**config.agents, **{spec.name: spec for spec in more}}
    return replace(config, agents=agents, playbook=replace(config.playbook, coordinator=coordinator))


def assess(**severities: str) -> Answer:
    def reply(assignment: Assignment) -> Report:
        if assignment.agent in severities:
            return completed(assignment, {**FOUND, "severity_assessment": severities[assignment.agent]})
        return completed(assignment, CONCLUSION)

    return reply


def test_the_verdict_is_the_severity_and_the_models_proposal_is_kept() -> None:
    config = with_coordinator(configuration(agent("a"), agent("b"), agent("c")), votes=(voting(),))
    waves, conclusion = drive(config, assess(a="P3", b="P3", c="P2"))
    assert conclusion.fields["severity"] == "P3"
    assert conclusion.fields["proposed_severity"] == "P1"
    (verdict,) = conclusion.verdicts
    assert [(ballot.agent, ballot.value) for ballot in verdict.ballots] == [("a", "P3"), ("b", "P3"), ("c", "P2")]
    (told,) = blocks(waves[-1][0])["votes"]
    assert told["value"] == "P3"
    assert told["reason"] == "2 of 3 ballots are for P3"
    assert told["ballots"][2] == {"agent": "c", "value": "P2"}


def test_no_specialist_sees_a_ballot() -> None:
    config = with_coordinator(configuration(agent("a"), agent("b")), votes=(voting(),))
    waves, _ = drive(config, assess(a="P3", b="P3"))
    assert all(set(blocks(each)) == {"case", "assignment"} for each in waves[0])


def test_another_rule_decides_otherwise() -> None:
    config = with_coordinator(configuration(agent("a"), agent("b"), agent("c")), votes=(voting("most_severe"),))
    _, conclusion = drive(config, assess(a="P3", b="P3", c="P2"))
    assert conclusion.fields["severity"] == "P2"


def test_options_narrow_the_schema_of_every_voter() -> None:
    config = with_coordinator(configuration(agent("a")), votes=(voting(options=("P1", "P2")),))
    waves, _ = drive(config, assess(a="P2"))
    assert waves[0][0].schema["properties"]["severity_assessment"]["enum"] == ["P1", "P2"]
    assert complaints(waves[0][0].schema, {**FOUND, "severity_assessment": "P3"})


def test_who_failed_abstains() -> None:
    config = with_coordinator(configuration(agent("a"), agent("b")), votes=(voting(),))
    vote = assess(b="P2")
    _, conclusion = drive(config, lambda each: failed(each) if each.agent == "a" else vote(each))
    (abstained, _) = conclusion.verdicts[0].ballots
    assert (abstained.value, abstained.why) == (None, "failed: it broke")
    assert conclusion.fields["severity"] == "P2"


def test_a_vote_over_an_agents_own_field_is_only_its_own() -> None:
    own = {"rollback": {"type": "string", "enum": ["yes", "no"]}}
    config = with_coordinator(
        configuration(agent("a", report=own), agent("b")),
        votes=(VoteSpec("rollback", "rollback", ("yes", "no"), "majority", "no"),),
    )
    _, conclusion = drive(
        config,
        lambda each: completed(
            each,
            CONCLUSION if each.id == "conclude" else {**FOUND, **({"rollback": "yes"} if each.agent == "a" else {})},
        ),
    )
    (verdict,) = conclusion.verdicts
    assert (verdict.value, [ballot.agent for ballot in verdict.ballots]) == ("yes", ["a"])
    assert "proposed_severity" not in conclusion.fields


def test_feedback_comes_before_the_vote() -> None:
    config = with_coordinator(
        configuration(agent("a"), agent("b")),
        agent("reviewer", Role.REVIEWER),
        reviewer="reviewer",
        feedback=FeedbackSpec(),
        votes=(voting("most_severe"),),
    )

    def reply(each: Assignment) -> Report:
        if each.id == "review-1":
            return completed(each, {"followups": [{"agent": "a", "request": "look again", "priority": "high"}]})
        if each.id == "followup-1/a":
            return completed(each, {**FOUND, "severity_assessment": "P4"})
        return assess(a="P1", b="P3")(each)

    waves, conclusion = drive(config, reply)
    assert ids(waves) == [["investigate/a", "investigate/b"], ["review-1"], ["followup-1/a"], ["conclude"]]
    assert conclusion.fields["severity"] == "P3"


def debaters(**changes: Any) -> Configuration:
    team = configuration(agent("a"), agent("b"), strategy="debate")
    return with_coordinator(team, agent("judge", Role.JUDGE), **{"judge": "judge", **changes})


def judged(each: Assignment) -> Report:
    if each.id == "judge":
        fields = {"severity_assessment": "P2", "reasons": "What b saw.", "would_change_my_mind": "A healthy pod."}
        return completed(each, fields)
    return assess(a="P1" if not each.continues else "P3", b="P4")(each)


def test_the_judges_value_is_the_verdict_and_the_rule_is_applied_for_the_record() -> None:
    waves, conclusion = drive(debaters(votes=(voting("most_severe"),)), judged)
    assert ids(waves) == [["investigate/a", "investigate/b"], ["round-2/a", "round-2/b"], ["judge"], ["conclude"]]
    (verdict,) = conclusion.verdicts
    assert (verdict.rule, verdict.value, verdict.reason) == ("judge", "P2", "What b saw.")
    assert verdict.would_change == "A healthy pod."
    assert [ballot.value for ballot in verdict.ballots] == ["P3", "P4"]
    assert [(each.over, each.value) for each in conclusion.compared] == [
        ("first positions", "P1"),
        ("last positions", "P3"),
    ]
    assert conclusion.fields["severity"] == "P2"
    assert [position["agent"] for position in blocks(waves[2][0])["positions"]] == ["a", "b"]


def test_a_judge_without_a_vote_decides_as_well() -> None:
    _, conclusion = drive(debaters(), judged)
    assert conclusion.fields["severity"] == "P2"
    assert conclusion.compared == ()


def test_without_a_judgement_the_rule_decides() -> None:
    _, conclusion = drive(
        debaters(votes=(voting("most_severe"),)), lambda each: failed(each) if each.id == "judge" else judged(each)
    )
    assert conclusion.verdicts[0].rule == "most_severe"
    assert conclusion.fields["severity"] == "P3"
    assert conclusion.missing == ("judge (judge) failed: it broke. The voting rule decides.",)


def test_a_finding_in_doubt_is_told_as_such() -> None:
    def doubtful(each: Assignment) -> Report:
        report = good(each)
        return replace(report, findings=tuple(replace(f, doubt="no such call") for f in report.findings))

    waves, _ = drive(TEAM, doubtful)
    told = blocks(waves[-1][0])["reports"][0]["report"]["findings"][0]
    assert told["unverified"] == "no such call"


def test_the_synthesizer_is_told_what_not_to_rest_on_and_that_the_severity_is_decided() -> None:
    def doubtful(each: Assignment) -> Report:
        report = good(each)
        return replace(report, findings=tuple(replace(f, doubt="no such call") for f in report.findings))

    plain, _ = drive(TEAM, good)
    assert "unverified" not in blocks(plain[-1][0])["assignment"]["task"]
    waves, _ = drive(with_coordinator(TEAM, votes=(voting(),)), doubtful)
    task = blocks(waves[-1][0])["assignment"]["task"]
    assert "do not rest the root cause on them" in task
    assert "The severity was decided" in task
