"""What can go wrong for a person: one error base, located problems, and the exit codes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What `sre-run` exits with; of several that apply, `INTERRUPTED`, `USAGE`, `SERVICE`, `PARTIAL`, `CHECK`."""

    OK = 0
    CHECK = 1
    USAGE = 2
    PARTIAL = 3
    SERVICE = 4
    INTERRUPTED = 130


class RunnerError(Exception):
    """A failure that is told to the person in one message; `cli.py` catches it and nothing else does it for them."""

    exit_code = ExitCode.USAGE

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, order=True)
class Problem:
    """A located complaint about a configuration file.

    `line` and `column` count from 1; 0 stands for the file as a whole. `source` is the text of that line.
    A `warning` never stops a run.
    """

    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    source: str = ""
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class ConfigError(RunnerError):
    """The configuration cannot be used; `problems` has every complaint, sorted by place."""

    def __init__(self, problems: list[Problem] | tuple[Problem, ...]) -> None:
        self.problems = tuple(sorted(set(problems)))
        count = len(self.problems)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} in the configuration")


class ServiceError(RunnerError):
    """The model service cannot be used: no credentials, or it refuses to answer."""

    exit_code = ExitCode.SERVICE
