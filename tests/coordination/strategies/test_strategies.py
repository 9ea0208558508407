"""The strategies, driven by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from building import FOUND

from sre_runner.casefile import Assignment, Investigation, Report, Status
from sre_runner.coordination.report_schemas import specialist_schema
from sre_runner.coordination.reports import read_report
from sre_runner.coordination.strategies.table import STRATEGIES
from sre_runner.specs import CoordinatorSpec

ASSIGNMENTS = [
    Assignment(f"investigate/{name}", name, (("case", {}),), specialist_schema({})) for name in ("a", "b", "c")
]
Reply = Callable[[Assignment], Report]


def reported(assignment: Assignment, **changes: Any) -> Report:
    report, wrong, _ = read_report(assignment, {**FOUND, **changes})
    assert report, wrong
    return report


def failed(assignment: Assignment) -> Report:
    return Report(assignment.id, assignment.agent, Status.FAILED, problem="it broke")


def drive(
    strategy: str, assignments: list[Assignment] = ASSIGNMENTS, reply: Reply = reported, **settings: Any
) -> tuple[list[list[Assignment]], Investigation]:
    generator = STRATEGIES[strategy].waves(assignments, CoordinatorSpec(strategy, None, None, parameters=settings))
    waves = []
    try:
        wave = next(generator)
        while True:
            waves.append(list(wave))
            wave = generator.send([reply(each) for each in wave])
    except StopIteration as end:
        return waves, end.value


def agents(waves: list[list[Assignment]]) -> list[list[str]]:
    return [[each.agent for each in wave] for wave in waves]


def test_parallel_is_one_wave() -> None:
    waves, found = drive("parallel")
    assert agents(waves) == [["a", "b", "c"]]
    assert [report.agent for report in found.reports] == ["a", "b", "c"]


def test_sequential_is_a_wave_for_each_and_none_sees_another() -> None:
    waves, found = drive("sequential")
    assert agents(waves) == [["a"], ["b"], ["c"]]
    assert [report.agent for report in found.reports] == ["a", "b", "c"]
    assert all(wave[0].blocks == (("case", {}),) for wave in waves)


def test_single_is_one_wave_of_one() -> None:
    waves, found = drive("single", ASSIGNMENTS[:1])
    assert agents(waves) == [["a"]]
    assert len(found.reports) == 1


def test_a_pipeline_passes_on_what_was_found() -> None:
    waves, found = drive("pipeline", reply=lambda each: failed(each) if each.agent == "b" else reported(each))
    assert agents(waves) == [["a"], ["b"], ["c"]]
    assert "reports" not in dict(waves[0][0].blocks)
    first, second = dict(waves[2][0].blocks)["reports"]
    assert first["report"]["findings"] == [{"id": "a/f1", "statement": "A pod was OOMKilled."}]
    assert first["report"]["summary"] == FOUND["summary"]
    assert second == {"agent": "b", "status": "failed", "problem": "it broke"}
    assert [report.status for report in found.reports] == ["completed", "failed", "completed"]
    assert found.notes == ()


@pytest.mark.parametrize(
    ("stop_when", "ran"),
    [
        ({"a": {"severity_assessment": ("P4", "P3")}}, ["a"]),
        ({"b": {"severity_assessment": ("P3",)}}, ["a", "b"]),
        ({"a": {"severity_assessment": ("P1",)}}, ["a", "b", "c"]),
        ({"a": {"severity_assessment": ("P3",), "confidence": (0.1,)}}, ["a", "b", "c"]),
        ({"c": {"severity_assessment": ("P3",)}}, ["a", "b", "c"]),
    ],
)
def test_a_pipeline_ends_early_where_a_report_says_so(stop_when: Any, ran: list[str]) -> None:
    waves, found = drive("pipeline", reply=lambda each: reported(each, severity_assessment="P3"), stop_when=stop_when)
    assert [each[0].agent for each in waves] == ran
    if len(ran) < 3:
        left = ", ".join(["a", "b", "c"][len(ran) :])
        assert found.notes == (f"The pipeline ended after {ran[-1]} (severity_assessment: P3), without {left}.",)
    else:
        assert found.notes == ()


def test_a_report_that_failed_ends_no_pipeline() -> None:
    waves, _ = drive("pipeline", reply=failed, stop_when={"a": {"severity_assessment": ("P3",)}})
    assert len(waves) == 3


def differ(each: Assignment) -> Report:
    return reported(each, severity_assessment={"a": "P1", "b": "P3", "c": "P3"}[each.agent])


def test_a_debate_goes_on_with_the_positions_of_the_others() -> None:
    waves, found = drive("debate", reply=differ, rounds=3)
    assert agents(waves) == [["a", "b", "c"]] * 3
    second, third = waves[1][0], waves[2][0]
    assert (second.id, second.continues) == ("round-2/a", "investigate/a")
    assert (third.id, third.continues) == ("round-3/a", "round-2/a")
    assert second.schema == ASSIGNMENTS[0].schema
    blocks = dict(second.blocks)
    assert [position["agent"] for position in blocks["positions"]] == ["b", "c"]
    assert blocks["positions"][0]["report"]["findings"][0]["evidence"] == [{"call": "c1", "quote": "status: OOMKilled"}]
    assert blocks["assignment"]["task"].startswith("Round 2 of 3.")
    assert found.notes == ()
    assert [report.assignment for report in found.first] == ["investigate/a", "investigate/b", "investigate/c"]
    assert [report.assignment for report in found.reports] == ["round-3/a", "round-3/b", "round-3/c"]


def test_a_debate_ends_on_agreement() -> None:
    def convinced(each: Assignment) -> Report:
        return reported(each, severity_assessment="P2") if each.continues else differ(each)

    waves, found = drive("debate", reply=convinced, rounds=4)
    assert len(waves) == 2
    assert found.notes == ("The debate ended after round 2: all positions are P2.",)
    assert [report.fields["severity_assessment"] for report in found.first] == ["P1", "P3", "P3"]
    assert [report.fields["severity_assessment"] for report in found.reports] == ["P2"] * 3


def test_who_fails_in_a_round_keeps_the_position_and_is_not_asked_again() -> None:
    def tired(each: Assignment) -> Report:
        return failed(each) if each.id == "round-2/a" else differ(each)

    waves, found = drive("debate", reply=tired, rounds=3)
    assert agents(waves) == [["a", "b", "c"], ["a", "b", "c"], ["b", "c"]]
    assert found.reports[0].assignment == "investigate/a"
    assert found.reports[0].status is Status.COMPLETED


def test_a_debate_needs_two() -> None:
    waves, found = drive("debate", reply=lambda each: differ(each) if each.agent == "a" else failed(each), rounds=3)
    assert len(waves) == 1
    assert found.notes == ("The debate ended after round 1: fewer than two debaters were left.",)
