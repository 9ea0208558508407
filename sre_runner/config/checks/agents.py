"""What a schema cannot say of a file of `agents.d`: its tools, its cap, its own report fields, and its prompt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sre_runner.config.directory import Directory, File
from sre_runner.config.sources import schema
from sre_runner.coordination.report_schemas import base_fields
from sre_runner.documents.json_schema.complaints import Path as Place
from sre_runner.documents.json_schema.subset import subset_problems
from sre_runner.documents.rendering import template_problems
from sre_runner.documents.templates import TemplateProblem
from sre_runner.errors import Problem
from sre_runner.specs import Role
from sre_runner.text.naming import listed, said

PROVIDED = ("agent", "max_iterations")
"""What a prompt may use besides the playbook's inputs."""

_WITHOUT_FIELDS = {
    Role.PLANNER: (
        "a planner's report has no fields of its own",
        "Leave `report` out: a plan has a part for each specialist, and nothing else.",
    ),
    Role.REVIEWER: (
        "a reviewer's report has no fields of its own",
        "Leave `report` out: a review has the follow-ups that it asks for, and nothing else.",
    ),
}


def agent_problems(file: File, directory: Directory) -> Iterator[Problem]:
    """Everything that is wrong inside one agent but for its prompt, beyond what `file.problems` has."""
    role = role_of(file)
    if role in (None, Role.SPECIALIST):
        yield from _tools(file, directory)
    elif file.at("tools"):
        yield file.problem(("tools",), f"a {role} has no tools", f"Leave `tools` out: a {role} only reads.", key=True)
    yield from _report(file, role)


def prompt_problems(file: File, uses: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    """What is wrong with an agent's prompt in the playbooks that use it: their names, each with its inputs."""
    prompt = file.sound("prompt")
    if prompt is None:
        return
    lacking: dict[tuple[int, str, str], tuple[TemplateProblem, list[str]]] = {}
    for playbook, inputs in uses.items():
        for found in template_problems(prompt, [*inputs, *PROVIDED]):
            lacking.setdefault((found.line, found.name, found.message), (found, []))[1].append(playbook)
    for found, playbooks in lacking.values():
        if _is_of_name(prompt, found, uses[playbooks[0]]):
            where = f"in the playbook{'s' * (len(playbooks) > 1)} {listed(playbooks)}"
            hint = f"{found.hint} Or add it to the `inputs` there."
            found = replace(found, message=f"{found.message} {where}", hint=hint)
        yield _in_text(file, ("prompt",), found)


def idle_prompt_problems(file: File, inputs: Sequence[str]) -> Iterator[Problem]:
    """What is wrong with the prompt of an agent that no playbook uses. `inputs` are those of all playbooks: of a name
    that is in none of them there is only a warning."""
    prompt = file.sound("prompt")
    for found in template_problems(prompt, [*inputs, *PROVIDED]) if prompt is not None else ():
        yield _in_text(file, ("prompt",), found, warning=_is_of_name(prompt, found, inputs))


def task_problems(file: File, inputs: Sequence[str], place: Place = ("task",)) -> Iterator[Problem]:
    """What is wrong with a playbook's task, or that of a case at its place, as a template over its inputs."""
    task = file.sound(*place)
    for found in template_problems(task, list(inputs)) if task is not None else ():
        yield _in_text(file, place, found)


def _is_of_name(text: str, found: TemplateProblem, inputs: Sequence[str]) -> bool:
    """Whether nothing would be wrong if there were an input of that name."""
    with_it = template_problems(text, [*inputs, *PROVIDED, found.name])
    return (found.line, found.name, found.message) not in {(one.line, one.name, one.message) for one in with_it}


def _in_text(file: File, place: Place, found: TemplateProblem, *, warning: bool = False) -> Problem:
    assert file.document is not None
    return file.document.problem(place, found.message, found.hint, warning=warning, line=found.line, find=found.name)


def role_of(file: File) -> Role | None:
    """The agent's role; None where that cannot be said."""
    role = file.sound("role")
    if role is None and (not file.readable or "role" in file.names()):
        return None
    return Role(role or schema("agent")["properties"]["role"]["default"])


def tools_of(file: File) -> dict[str, int]:
    """The tools that an agent names, each with its first place in the list."""
    listed = file.at("tools")
    named = listed if isinstance(listed, list) else []
    return {name: named.index(name) for name in named if isinstance(name, str) and name}


def _tools(file: File, directory: Directory) -> Iterator[Problem]:
    listed = file.at("tools") if isinstance(file.at("tools"), list) else []
    first = tools_of(file)
    for number, name in enumerate(listed):
        if isinstance(name, str) and first.get(name, number) != number:
            yield file.problem(("tools", number), f"the tool {said(name)} is listed twice", "Leave one out.")
    for name, number in first.items():
        if name not in directory.definitions and not directory.unread:
            yield file.problem(("tools", number), f"there is no tool {said(name)}", directory.tool_hint(name))
    if listed and file.sound("max_iterations") == 1:
        message = "a cap of 1 does not fit one tool call and a report"
        yield file.problem(("max_iterations",), message, "Allow at least 2 turns, or leave `tools` out.")


def _report(file: File, role: Role | None) -> Iterator[Problem]:
    fields = file.names("report")
    if role in _WITHOUT_FIELDS and fields:
        message, hint = _WITHOUT_FIELDS[role]
        yield file.problem(("report",), message, hint, key=True)
        return
    taken = base_fields(role) if role else frozenset()
    for name in fields:
        own = file.sound("report", name)
        if name in taken:
            message = f"the report of a {role} already has a field {said(name)}"
            yield file.problem(("report", name), message, "Choose another name.", key=True)
        elif own is not None:
            for place, message in subset_problems(own, ("report", name)):
                yield file.problem(place, message)
