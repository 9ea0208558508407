"""The cases that playbooks state, `default` by `expect` and others by `tests`, and what their runs came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sre_runner.config.checks.expectations import DEFAULT_CASE
from sre_runner.config.directory import FOLDERS, Directory, absolute, shown, yaml_files
from sre_runner.config.loading import find_directory, load
from sre_runner.documents.hints import choices
from sre_runner.errors import ConfigError, ExitCode, Problem, RunnerError
from sre_runner.specs import Configuration, ExpectSpec
from sre_runner.testing.expectations.check import Expectation
from sre_runner.text.naming import said

_SIMULATED = (("backend", "simulated"),)
"""What is expected is known of a rehearsal only: of a live playbook, too."""


@dataclass(frozen=True)
class PlannedCase:
    """A case to run: its playbook's file, its name, the configuration that it has now, and the line where it stands
    (0 if that is not known)."""

    file: Path
    name: str
    configuration: Configuration
    line: int = 0
    settings: Sequence[tuple[str, str]] = ()
    """What it sets in its playbook."""

    @property
    def key(self) -> str | None:
        """Its name among the playbook's `tests`; None where it is the playbook itself."""
        return None if self.name == DEFAULT_CASE else self.name

    @property
    def title(self) -> str:
        """What it is called: `payment-gateway/default`."""
        return f"{self.configuration.playbook.name}/{self.name}"


class Outcome(StrEnum):
    """What a trial or a case came to; `error` is that it could not be judged."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Trial:
    """One run of a case. `usd` is what it cost, `would_be` what as many tokens as a rehearsal's would; None is unknown.

    `folder` is None where it did not begin. `problem` says why it could not be judged, `code` is the exit code that
    goes with that. `seconds` is its wall time.
    """

    folder: Path | None = None
    seconds: float = 0.0
    tokens: int = 0
    usd: float | None = 0.0
    would_be: float | None = None
    expectations: tuple[Expectation, ...] = ()
    not_called: tuple[str, ...] = ()
    """Tools that the offline model could not call, an agent and a sentence each."""
    problem: str = ""
    code: ExitCode = ExitCode.OK
    interrupted: bool = False

    @property
    def outcome(self) -> Outcome:
        """An interruption goes before what was wrong, and that before what was found."""
        if self.interrupted:
            return Outcome.INTERRUPTED
        if self.problem:
            return Outcome.ERROR
        return Outcome.PASSED if all(each.holds for each in self.expectations) else Outcome.FAILED


@dataclass(frozen=True)
class Judged:
    """A case with its trials, of which at least `require` must pass."""

    case: PlannedCase
    trials: tuple[Trial, ...]
    require: int

    @property
    def passes(self) -> int:
        """How many trials passed."""
        return sum(trial.outcome is Outcome.PASSED for trial in self.trials)

    @property
    def outcome(self) -> Outcome:
        """It failed only if it would have, whatever the trials that could not be judged had come to."""
        if self.passes >= self.require:
            return Outcome.PASSED
        outcomes = [trial.outcome for trial in self.trials]
        if len(outcomes) - outcomes.count(Outcome.FAILED) < self.require:
            return Outcome.FAILED
        return Outcome.INTERRUPTED if Outcome.INTERRUPTED in outcomes else Outcome.ERROR

    @property
    def seconds(self) -> float:
        """The time of all its trials together."""
        return sum(trial.seconds for trial in self.trials)


def exit_code(judged: Sequence[Judged]) -> ExitCode:
    """The first in the order of `ExitCode` that applies to any case."""
    outcomes = {each.outcome for each in judged}
    if Outcome.INTERRUPTED in outcomes:
        return ExitCode.INTERRUPTED
    codes = {trial.code for each in judged if each.outcome is Outcome.ERROR for trial in each.trials}
    for code in (ExitCode.USAGE, ExitCode.SERVICE, ExitCode.PARTIAL):
        if code in codes:
            return code
    return ExitCode.CHECK if Outcome.FAILED in outcomes else ExitCode.OK


def planned(
    paths: Sequence[Path], directory: Path | None = None, names: Sequence[str] = ()
) -> tuple[list[PlannedCase], list[Path]]:
    """The cases of the playbooks, or those with one of the names, and the playbooks that expect nothing.

    A path is a playbook, a folder of playbooks, or a configuration directory; without any it is the one above the
    working directory. Raises `ConfigError` with the problems of all playbooks, and `RunnerError` where there is no
    playbook, no case of such a name, or no case at all.
    """
    found: list[Problem] = []
    cases: list[PlannedCase] = []
    idle: list[Path] = []
    for file in _playbooks(paths, directory):
        try:
            stated = _stated(file, directory)
        except ConfigError as error:
            found += error.problems
            continue
        cases += stated
        idle += [] if stated else [file]
    if found:
        raise ConfigError(found)
    known = list(dict.fromkeys(case.name for case in cases))
    for name in names:
        if name not in known:
            raise RunnerError(f"no playbook here has a case {said(name)}", choices(name, known))
    if not cases:
        listed = ", ".join(shown(file) for file in idle)
        raise RunnerError(
            f"nothing is expected of {listed}", "State what a run should come to, under `expect` or `tests`."
        )
    return [case for case in cases if not names or case.name in names], [] if names else idle


def _stated(path: Path, directory: Path | None) -> list[PlannedCase]:
    folder = Directory(find_directory(path, directory))
    made = load(path, directory=folder, only_shown=True)  # what is not run needs no alert
    file = folder.playbook(path)
    settings = _SIMULATED if made.playbook.backend == "live" else ()
    cases: list[PlannedCase] = []
    if made.playbook.expect != ExpectSpec():
        own = load(path, directory=folder, settings=settings)
        cases.append(PlannedCase(path, DEFAULT_CASE, own, file.line("expect"), settings))
    for case in made.playbook.tests:
        own = load(path, directory=folder, settings=settings, case=case.name)
        cases.append(PlannedCase(path, case.name, own, file.line("tests", case.name), settings))
    return cases


def _playbooks(paths: Sequence[Path], directory: Path | None) -> list[Path]:
    found: list[Path] = []
    for path in paths or [find_directory(Path(), directory)]:
        if not path.exists():
            raise RunnerError(f"there is no file or folder {path}")
        folder = path / FOLDERS["playbook"] if (path / FOLDERS["agent"]).is_dir() else path
        inside = yaml_files(folder) if path.is_dir() else [path]
        if not inside:
            raise RunnerError(f"there is no playbook in {shown(folder)}")
        found += inside
    return list(dict.fromkeys(absolute(path) for path in found))
