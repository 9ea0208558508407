"""The tool that answers by running its command."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sre_runner.casefile import Json, ToolAnswer
from sre_runner.text.naming import said
from sre_runner.tools.command.rendering import Prepared, RefusedCallError, prepared
from sre_runner.tools.command.spec import CommandSpec, NoData, variables
from sre_runner.tools.command.versions import found
from sre_runner.tools.processes import GRACE, MOST_BYTES, Finished, run
from sre_runner.tools.servers import FromEnv
from sre_runner.tools.tool import no_data

ALWAYS = frozenset({"PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR"})
"""Variables that every program gets, beside those that begin with `LC_`."""
MOST_SAID = 2_000
"""Characters of a program's standard error that an answer quotes."""


@dataclass(frozen=True)
class CommandTool:
    """A tool that runs a program for every call, in a directory and with what its spec names of an environment.

    `seconds` is the tool's timeout; the program is stopped a little earlier, so that there is time to say what it said.
    """

    name: str
    spec: CommandSpec
    input_schema: Mapping[str, Any]
    seconds: float
    directory: Path
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    @cached_property
    def _prepared(self) -> Prepared:
        return prepared(self.spec, self.input_schema)

    async def answer(
        self,
        arguments: Mapping[str, Json],
        earlier: Sequence[Mapping[str, Json]],
        agent: str = "",
    ) -> ToolAnswer:
        """Answer one call. Cancelled, it returns when the program and all that it started are gone."""
        try:
            command = self._prepared.arguments(arguments)
        except RefusedCallError as error:
            return ToolAnswer(str(error), is_error=True, from_tool=False)
        grace = min(GRACE, self.seconds / 10)
        try:
            finished = await run(
                command,
                env=environment(self.spec, self.environ),
                cwd=self.directory,
                seconds=self.seconds - 1.5 * grace,
                grace=grace,
            )
        except (OSError, ValueError) as error:
            words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            return ToolAnswer(f"{said(command[0])} could not be started: {words}.", is_error=True)
        if finished.timed_out:
            return _timed_out(command[0], self.seconds, finished)
        return answer_of(command[0], self.spec.no_data, finished, no_data(self.name, arguments))


def answer_of(program: str, means_no_data: NoData, finished: Finished, nothing: ToolAnswer) -> ToolAnswer:
    """What a program that came to its end said; `nothing` is the answer where there is no data."""
    said_wrong = finished.stderr.strip()
    if _is_no_data(means_no_data, finished):
        return ToolAnswer(f"{nothing.text}{_quoted(said_wrong)}", no_data=True)
    if finished.exit_code == 0:
        if not finished.stdout.strip():
            return ToolAnswer(f"No output: {said(program)} ended with exit code 0.{_quoted(said_wrong)}")
        return ToolAnswer(finished.stdout + _cut(finished))
    quoted = _quoted(said_wrong or finished.stdout.strip())
    return ToolAnswer(f"{said(program)} {_ended(finished.exit_code)}.{quoted}", is_error=True)


def environment(spec: CommandSpec, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of the program: what it always gets, what is passed on, and what is set. Unset ones are not."""
    passed = {*ALWAYS, *spec.env, *spec.optional_env}
    env = {name: value for name, value in environ.items() if name in passed or name.startswith("LC_")}
    for name, value in spec.set_env.items():
        found = environ.get(value.variable) if isinstance(value, FromEnv) else value
        if found is not None:
            env[name] = found
    return env


def prerequisites(spec: CommandSpec, environ: Mapping[str, str], directory: Path) -> list[str]:
    """What is missing for the command to be run at all: the program, or variables of the environment."""
    program, missing = spec.command[0], []
    if found(program, environment(spec, environ), directory) is None:
        place = f"in {directory}" if "/" in program else "on the PATH"
        missing.append(f"the program {said(program)} is not {place}, or cannot be run")
    return missing + [f"the variable {said(name)} is not set" for name in variables(spec) if not environ.get(name)]


def _is_no_data(means: NoData, finished: Finished) -> bool:
    if finished.exit_code == 0 and finished.stdout.strip():
        return False
    told = finished.stderr.casefold()
    return finished.exit_code in means.exit_codes or any(text.casefold() in told for text in means.stderr)


def _timed_out(program: str, seconds: float, finished: Finished) -> ToolAnswer:
    text = f"{said(program)} did not end within its {seconds:g} seconds and was stopped."
    if finished.stdout:
        text += f" Until then it said:\n{finished.stdout}{_cut(finished)}"
    elif not finished.stderr.strip():
        text += " It had said nothing."
    return ToolAnswer(text + _quoted(finished.stderr.strip()), is_error=True)


def _ended(code: int) -> str:
    if code >= 0:
        return f"failed with exit code {code}"
    try:
        return f"was ended by the signal {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by the signal {-code}"


def _quoted(text: str) -> str:
    """The first part of what a program said beside its answer."""
    if not text:
        return ""
    part = text if len(text) <= MOST_SAID else f"{text[:MOST_SAID]}\n[… {len(text) - MOST_SAID:,} more characters]"
    return f" It said: {part}"


def _cut(finished: Finished) -> str:
    return f"\n[… the output was longer than {MOST_BYTES:,} bytes; the rest was dropped]" if finished.cut else ""
