"""The coordinator's generator, driven by hand: no model, no engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from building import CASE, CONCLUSION, REPORT, agent, configuration, tool

from sre_runner.casefile import Assignment, Conclusion, Report, Status, Wave
from sre_runner.coordinator import coordinate
from sre_runner.reports import read_report
from sre_runner.shape import complaints
from sre_runner.specs import Configuration

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
    report, wrong = read_report(assignment, fields)
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
    return completed(assignment, REPORT)


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
    assert conclusion.notes == ("The planner failed (it broke), so every specialist was given the whole task.",)
    assert not conclusion.partial
    assert conclusion.notes[0] in blocks(waves[-1][0])["missing"]


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
        lambda each: completed(each, CONCLUSION if each.id == "conclude" else {**REPORT, "findings": []}),
    )
    cites = {**CONCLUSION, "evidence": [{"agent": "a", "finding": "a/f1"}]}
    assert complaints(waves[-1][0].schema, cites)
    assert conclusion.by_model


def test_a_failed_synthesizer_leaves_the_findings_side_by_side() -> None:
    def severe(each: Assignment) -> Report:
        if each.id == "conclude":
            return failed(each)
        return completed(each, {**REPORT, "severity_assessment": "P3" if each.agent == "a" else "P2"})

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
    waves, conclusion = drive(config, lambda each: completed(each, {**REPORT, **CONCLUSION}))
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
