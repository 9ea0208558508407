"""The runs of a comparison: configurations checked first, then one run of each in turn, round after round."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sre_runner.errors import ConfigError, ExitCode, Problem, RunnerError
from sre_runner.journal.record import Record
from sre_runner.runs.interrupts import told_of_interrupts
from sre_runner.runs.open_run import InterruptedRunError
from sre_runner.runs.options import RunOptions, configured
from sre_runner.specs import Configuration
from sre_runner.testing.comparison.figures import Figures, figures
from sre_runner.testing.comparison.sides import Comparison, Side
from sre_runner.testing.expectations.check import check
from sre_runner.text.naming import said


@dataclass(frozen=True)
class Way:
    """One of the configurations to compare: its name, what is run, and which of its settings are of it alone."""

    name: str
    options: RunOptions
    varied: tuple[tuple[str, str], ...] = ()


def checked(ways: Sequence[Way]) -> list[Configuration]:
    """The configuration of each; raise `ConfigError` with the problems of all of them, `RunnerError` where they are
    not about the same incident."""
    loaded: list[Configuration] = []
    found: list[Problem] = []
    for way in ways:
        try:
            loaded.append(configured(way.options))
        except ConfigError as error:
            found += [_of_way(problem, way) for problem in error.problems]
    if found:
        raise ConfigError(found)
    _same_incident(ways, loaded)
    return loaded


def _of_way(problem: Problem, way: Way) -> Problem:
    """A complaint about what `--vary` set, under that name."""
    option, _, key = problem.file.partition(" ")
    if option != "--set" or key not in dict(way.varied):
        return problem
    source = problem.source.replace("--set ", "--vary ", 1)
    return replace(problem, file=f"--vary {key}", source=source, column=problem.column + (source != problem.source))


def _same_incident(ways: Sequence[Way], loaded: Sequence[Configuration]) -> None:
    """The inputs say which incident it is, and must be the same; the task, where there are none. Otherwise the task's
    words are part of how a playbook investigates."""
    first, *others = [configuration.playbook for configuration in loaded]
    for way, other in zip(ways[1:], others, strict=True):
        if other.inputs != first.inputs:
            message = (
                f"these are not about the same incident: {_inputs(ways[0], first.inputs)}, {_inputs(way, other.inputs)}"
            )
            raise RunnerError(message, "Give all of them the same: --input NAME=VALUE.")
        if not first.inputs and other.task != first.task:
            message = f"{ways[0].name} and {way.name} have no inputs, and not the same task"
            raise RunnerError(message, "Give all of them the same: --task TEXT.")


def _inputs(way: Way, inputs: Mapping[str, str]) -> str:
    named = ", ".join(f"{name}={said(value)}" for name, value in inputs.items())
    return f"{way.name} has {named or 'no inputs'}"


async def compared(
    ways: Sequence[Way],
    configurations: Sequence[Configuration],
    repeat: int,
    carry_out: Callable[[Way, int], Awaitable[Record]],
) -> tuple[Comparison, ExitCode]:
    """Carry out `repeat` runs of each, in turn, so that what changes with time meets all of them alike.

    `carry_out` is given the number of the run as well, from 1. Whatever stops it, the runs that came to their end are
    kept; where there is none, it raises what stopped it. The exit code is the first that applies to any run.
    """
    runs: list[list[Figures]] = [[] for _ in ways]
    codes = [ExitCode.OK]
    stopped = ""
    interrupts: list[None] = []
    try:
        with told_of_interrupts(lambda: interrupts.append(None)):
            for number in range(repeat * len(ways)):
                place = number % len(ways)
                record = await carry_out(ways[place], number + 1)
                if interrupts:  # it was cut short, and is no fair sample
                    raise InterruptedRunError(f"The comparison was interrupted; {record.started.run} is left out.")
                _check_unchanged(record, configurations[place], ways[place])
                runs[place].append(figures(record, check(configurations[place].playbook.expect, record)))
                codes.append(ExitCode(record.exit_code or 0))
                if record.exit_code == ExitCode.SERVICE and record.started.asked_for:
                    raise _StoppedError(
                        f"No model drew the conclusion of {record.started.run}; no other run was begun."
                    )
    except RunnerError as error:
        if not any(runs):
            raise
        stopped = error.message
        codes.append(error.exit_code)
    return _comparison(ways, configurations, repeat, runs, stopped), max(codes, key=_LAST_FIRST.index)


def _comparison(
    ways: Sequence[Way],
    configurations: Sequence[Configuration],
    repeat: int,
    runs: Sequence[Sequence[Figures]],
    stopped: str,
) -> Comparison:
    sides = tuple(
        Side(way.name, str(way.options.playbook), dict(way.options.settings), configuration.digest, tuple(made))
        for way, configuration, made in zip(ways, configurations, runs, strict=True)
    )
    playbooks = [configuration.playbook for configuration in configurations]
    tasks = tuple(dict.fromkeys(playbook.task for playbook in playbooks))
    return Comparison(playbooks[0].inputs, tasks, repeat, sides, stopped)


class _StoppedError(RunnerError):
    """No further run is begun; those that ended are kept."""

    exit_code = ExitCode.PARTIAL


_LAST_FIRST = (ExitCode.OK, ExitCode.CHECK, ExitCode.PARTIAL, ExitCode.SERVICE, ExitCode.USAGE, ExitCode.INTERRUPTED)
"""Of several that apply, the last one here."""


def _check_unchanged(record: Record, configuration: Configuration, way: Way) -> None:
    """Raise where the files were changed since they were checked: the figures would be of something else."""
    if record.started.digest != configuration.digest:
        message = f"The files of {way.name} were changed while it was compared; {record.started.run} is left out."
        raise _StoppedError(message)
