from __future__ import annotations

from pathlib import Path

import pytest
from building import configuration

from sre_runner.errors import ExitCode
from sre_runner.render.testing.case_reports import github, markdown
from sre_runner.testing.cases import Judged, PlannedCase, Trial


@pytest.fixture
def judged() -> list[Judged]:
    case = PlannedCase(Path("playbooks/p.yaml"), "default", configuration(), 7)
    stopped = Trial(interrupted=True)
    broken = Trial(problem="the disk is full\n::error::x", code=ExitCode.PARTIAL)
    return [Judged(case, (trial,), 1) for trial in (Trial(), stopped, broken)]


def test_what_was_interrupted_is_a_warning_and_what_broke_an_error(judged: list[Judged]) -> None:
    lines = github(judged, [Path("playbooks/idle.yaml")], 1.0, rehearsal=False).splitlines()
    assert [line.partition(" ")[0] for line in lines[:-1]] == ["::warning", "::error", "::notice"]
    assert "file=playbooks/p.yaml,line=7," in lines[1]
    assert "the disk is full ::error::x" in lines[1]
    assert lines[-1].startswith("1 passed, 1 error, 1 interrupted, 1 skipped")


def test_without_a_rehearsal_nothing_speaks_of_one(judged: list[Judged]) -> None:
    text = markdown(judged, [], 1.0, rehearsal=False)
    assert text.startswith("# sre-run test: 1 passed")
    assert "Rehearsal" not in text
    assert text.count("\n## ") == 2
