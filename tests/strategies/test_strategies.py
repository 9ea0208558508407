"""The strategies, driven by hand."""

from __future__ import annotations

from sre_runner.casefile import Assignment, Report, Status
from sre_runner.strategies import STRATEGIES

ASSIGNMENTS = [Assignment(f"investigate/{name}", name, (), {}) for name in ("a", "b", "c")]


def reported(wave: tuple[Assignment, ...]) -> list[Report]:
    return [Report(each.id, each.agent, Status.COMPLETED) for each in wave]


def drive(strategy: str, assignments: list[Assignment]) -> tuple[list[list[str]], list[str]]:
    generator = STRATEGIES[strategy](assignments)
    waves = []
    try:
        wave = next(generator)
        while True:
            waves.append([each.agent for each in wave])
            wave = generator.send(reported(wave))
    except StopIteration as end:
        return waves, [report.agent for report in end.value]


def test_parallel_is_one_wave() -> None:
    assert drive("parallel", ASSIGNMENTS) == ([["a", "b", "c"]], ["a", "b", "c"])


def test_sequential_is_a_wave_for_each() -> None:
    assert drive("sequential", ASSIGNMENTS) == ([["a"], ["b"], ["c"]], ["a", "b", "c"])


def test_single_is_one_wave_of_one() -> None:
    assert drive("single", ASSIGNMENTS[:1]) == ([["a"]], ["a"])
