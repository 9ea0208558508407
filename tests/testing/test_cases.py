"""Which cases playbooks state, and what their trials make of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from building import configuration
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.config.loading import load
from sre_runner.errors import ConfigError, ExitCode, RunnerError
from sre_runner.testing.cases import Judged, Outcome, PlannedCase, Trial, exit_code, planned
from sre_runner.testing.expectations.check import Expectation

CASE = PlannedCase(Path("checkout.yaml"), "default", configuration())
PASSED = Trial(Path("runs/1"), expectations=(Expectation("x", True, ""),))
FAILED = Trial(Path("runs/2"), expectations=(Expectation("x", True, ""), Expectation("y", False, "z")))
SERVICE = Trial(Path("runs/3"), problem="no key", code=ExitCode.SERVICE)
DISK = Trial(Path("runs/4"), problem="disk full", code=ExitCode.PARTIAL)
STOPPED = Trial(interrupted=True)
TRIALS = (PASSED, FAILED, SERVICE, DISK, STOPPED)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example configuration with teams, as the working directory."""
    root = tmp_path / "room"
    shutil.copytree(Path(__file__).parents[1] / "configs" / "good" / "teams", root)
    monkeypatch.chdir(root)
    return root


def titles(*paths: Path, names: tuple[str, ...] = ()) -> tuple[list[str], list[str]]:
    cases, skipped = planned(paths, names=names)
    return [case.title for case in cases], [file.stem for file in skipped]


@pytest.mark.parametrize(
    "paths",
    [
        lambda room: [],
        lambda room: [room],
        lambda room: [Path()],
        lambda room: [Path("playbooks")],
        lambda room: sorted((room / "playbooks").iterdir()),
        lambda room: [Path("playbooks"), room / "playbooks" / "cases.yaml"],
    ],
)
def test_every_playbook_of_a_file_or_folder_is_taken_once(room: Path, paths: Callable[[Path], list[Path]]) -> None:
    cases, skipped = titles(*paths(room))
    assert cases == [
        "cases/default",
        "cases/quiet",
        "cases/other-words",
        "debate/default",
        "parallel/default",
        "reviewed/default",
    ]
    assert skipped == ["alone", "line", "pipeline"]


def test_a_case_has_its_own_configuration(room: Path) -> None:
    (case,), _ = planned([Path("playbooks/cases.yaml")], names=["quiet"])
    assert case.configuration == load(room / "playbooks" / "cases.yaml", case="quiet")
    assert (case.key, case.file.name) == ("quiet", "cases.yaml")
    (own, *_), _ = planned([Path("playbooks/cases.yaml")])
    assert own.key is None


def test_cases_are_chosen_by_name(room: Path) -> None:
    assert titles(names=("quiet", "default")) == (
        ["cases/default", "cases/quiet", "debate/default", "parallel/default", "reviewed/default"],
        [],
    )
    with pytest.raises(RunnerError) as caught:
        planned([], names=["quite"])
    assert caught.value.message == "no playbook here has a case `quite`"
    assert caught.value.hint.startswith("Did you mean `quiet`?")


def test_where_there_is_nothing_to_test(room: Path) -> None:
    with pytest.raises(RunnerError, match="there is no file or folder nowhere"):
        planned([Path("nowhere")])
    (room / "empty").mkdir()
    with pytest.raises(RunnerError, match="there is no playbook in empty"):
        planned([Path("empty")])
    with pytest.raises(RunnerError, match=r"^nothing is expected of playbooks/alone\.yaml, playbooks/line\.yaml$"):
        planned([Path("playbooks/alone.yaml"), Path("playbooks/line.yaml")])


def test_the_problems_of_all_playbooks_are_told_at_once(room: Path) -> None:
    for name in ("alone", "cases"):
        path = room / "playbooks" / f"{name}.yaml"
        path.write_text(path.read_text(encoding="utf-8") + "coordinater: {}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        planned([])
    assert [Path(problem.file).name for problem in caught.value.problems] == ["alone.yaml", "cases.yaml"]


@pytest.mark.parametrize(
    ("trials", "require", "outcome"),
    [
        ([PASSED], 1, "passed"),
        ([FAILED], 1, "failed"),
        ([SERVICE], 1, "error"),
        ([STOPPED], 1, "interrupted"),
        ([Trial(problem="stopped", interrupted=True)], 1, "interrupted"),
        ([PASSED, FAILED, PASSED], 2, "passed"),
        ([PASSED, FAILED, FAILED], 2, "failed"),
        ([PASSED, DISK, FAILED], 2, "error"),
        ([FAILED, DISK, FAILED], 2, "failed"),
        ([PASSED, STOPPED, DISK], 2, "interrupted"),
        ([PASSED, PASSED, SERVICE], 2, "passed"),
    ],
)
def test_a_case_passes_where_enough_trials_do(trials: list[Trial], require: int, outcome: str) -> None:
    assert Judged(CASE, tuple(trials), require).outcome == outcome


@given(trials=st.lists(st.sampled_from(TRIALS), min_size=1, max_size=5), require=st.integers(1, 5))
def test_a_case_failed_only_if_nothing_that_could_not_be_judged_would_have_saved_it(
    trials: list[Trial], require: int
) -> None:
    require = min(require, len(trials))
    judged = Judged(CASE, tuple(trials), require)
    spared = [PASSED if trial.outcome in (Outcome.ERROR, Outcome.INTERRUPTED) else trial for trial in trials]
    assert (judged.outcome is Outcome.FAILED) == (Judged(CASE, tuple(spared), require).outcome is Outcome.FAILED)
    assert (judged.outcome is Outcome.PASSED) == (judged.passes >= require)


@pytest.mark.parametrize(
    ("trials", "code"),
    [
        ([], ExitCode.OK),
        ([PASSED], ExitCode.OK),
        ([PASSED, FAILED], ExitCode.CHECK),
        ([FAILED, DISK], ExitCode.PARTIAL),
        ([FAILED, DISK, SERVICE], ExitCode.SERVICE),
        ([Trial(problem="x", code=ExitCode.USAGE), SERVICE], ExitCode.USAGE),
        ([FAILED, SERVICE, STOPPED], ExitCode.INTERRUPTED),
    ],
)
def test_the_exit_code_is_the_first_that_applies_to_any_case(trials: list[Trial], code: ExitCode) -> None:
    assert exit_code([Judged(CASE, (trial,), 1) for trial in trials]) is code


def test_an_error_that_was_made_up_for_changes_no_exit_code() -> None:
    assert exit_code([Judged(CASE, (PASSED, SERVICE), 1)]) is ExitCode.OK


def test_the_cases_of_a_live_playbook_are_rehearsals() -> None:
    playbook = Path(__file__).parents[2] / "playbooks" / "live-triage.yaml"
    assert load(playbook).playbook.backend == "live"
    ((case,), _) = planned([playbook])
    assert case.configuration.playbook.backend == "simulated"
    assert case.settings == (("backend", "simulated"),)
