"""What a schema cannot say of a playbook: its inputs, its task, its specialists, and what is expected of a run."""

from __future__ import annotations

import keyword
from collections.abc import Iterator

from sre_runner.config.checks.agents import PROVIDED, task_problems
from sre_runner.config.checks.budgets import budget_problems
from sre_runner.config.checks.expectations import case_problems, expectation_problems
from sre_runner.config.checks.inputs import alert_problems
from sre_runner.config.checks.strategies import agents_of, coordinator_problems, misplaced
from sre_runner.config.checks.votes import vote_problems
from sre_runner.config.directory import Directory, File
from sre_runner.errors import Problem
from sre_runner.specs import Role
from sre_runner.text.naming import said


def playbook_problems(
    file: File, directory: Directory, *, own_task: bool = True, own_team: bool = True
) -> Iterator[Problem]:
    """Everything that is wrong inside one playbook, beyond what `file.problems` has, but for limits that are too low.

    Without `own_task` its task is replaced by another text, and not looked at. Without `own_team` its specialists are
    replaced, for whom its expectations were not written.
    """
    yield from _inputs(file)
    yield from alert_problems(file)
    if own_task and isinstance(file.at("inputs") or {}, dict):
        yield from task_problems(file, file.names("inputs"))
    yield from _specialists(file, directory)
    yield from coordinator_problems(file, directory)
    yield from vote_problems(file, directory)
    yield from budget_problems(file, [agent for name in agents_of(file) if (agent := directory.agent(name))])
    yield from case_problems(file)
    if own_team:
        yield from expectation_problems(file, directory)


def _inputs(file: File) -> Iterator[Problem]:
    for name in file.names("inputs"):
        if name in PROVIDED:
            message = f"{said(name)} is provided to every prompt, and cannot be an input"
            yield file.problem(("inputs", name), message, "Choose another name.", key=True)
        elif not (name.isascii() and name.isidentifier()) or keyword.iskeyword(name):
            hint = "A name has letters, digits and underscores and begins with a letter, so that {{ name }} can use it."
            yield file.problem(("inputs", name), f"{said(name)} is no name for an input", hint, key=True)


def _specialists(file: File, directory: Directory) -> Iterator[Problem]:
    given = file.at("specialists")
    names = given if isinstance(given, list) else []
    for number, name in enumerate(names):
        if not isinstance(name, str) or not name:
            continue
        if name in names[:number]:
            hint = "An agent takes part once; for a second one, copy its file under another name."
            yield file.problem(("specialists", number), f"{said(name)} is listed twice", hint)
        else:
            yield from misplaced(file, directory, name, Role.SPECIALIST, ("specialists", number))
