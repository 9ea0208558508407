"""What a schema cannot say of a playbook: its inputs, its task, and whether its agents fit their places."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping

from sre_runner.check_agents import PROVIDED, role_of, task_problems, tools_of
from sre_runner.directory import Directory, File
from sre_runner.errors import Problem
from sre_runner.hints import choices
from sre_runner.naming import said
from sre_runner.shape import Path as Place
from sre_runner.sources import schema
from sre_runner.specs import Role

LEADS: Mapping[str, Role] = {"planner": Role.PLANNER, "synthesizer": Role.SYNTHESIZER}
"""The coordinator's agents, by the key that names them."""


def playbook_problems(file: File, directory: Directory, *, own_task: bool = True) -> Iterator[Problem]:
    """Everything that is wrong inside one playbook, beyond what `file.problems` has.

    Without `own_task` its task is replaced by another text, and not looked at.
    """
    yield from _inputs(file)
    if own_task and isinstance(file.at("inputs") or {}, dict):
        yield from task_problems(file, file.names("inputs"))
    specialists = [(number, name) for number, name in enumerate(_listed(file)) if isinstance(name, str) and name]
    for number, name in specialists:
        if name in _listed(file)[:number]:
            hint = "An agent takes part once; for a second one, copy its file under another name."
            yield file.problem(("specialists", number), f"{said(name)} is listed twice", hint)
        else:
            yield from _fits(file, directory, name, Role.SPECIALIST, ("specialists", number))
    for key, role in LEADS.items():
        name = file.sound("coordinator", key)
        if name is not None:
            yield from _fits(file, directory, name, role, ("coordinator", key))
    yield from _strategy(file, directory)


def agents_of(file: File) -> tuple[str, ...]:
    """The names of the agents that a playbook names, each once."""
    leads = (file.sound("coordinator", key) for key in LEADS)
    return tuple(dict.fromkeys(name for name in (*_listed(file), *leads) if isinstance(name, str) and name))


def _listed(file: File) -> list[object]:
    listed = file.at("specialists")
    return listed if isinstance(listed, list) else []


def _inputs(file: File) -> Iterator[Problem]:
    for name in file.names("inputs"):
        if name in PROVIDED:
            message = f"{said(name)} is provided to every prompt, and cannot be an input"
            yield file.problem(("inputs", name), message, "Choose another name.", key=True)
        elif not (name.isascii() and name.isidentifier()) or keyword.iskeyword(name):
            hint = "A name has letters, digits and underscores and begins with a letter, so that {{ name }} can use it."
            yield file.problem(("inputs", name), f"{said(name)} is no name for an input", hint, key=True)


def _fits(file: File, directory: Directory, name: str, wanted: Role, place: Place) -> Iterator[Problem]:
    agent = directory.agent(name)
    if agent is None:
        none = f"No agent has the role {wanted}."
        yield file.problem(place, f"there is no agent {said(name)}", choices(name, _with_role(directory, wanted), none))
    elif role_of(agent) not in (wanted, None):
        hint = choices(name, _with_role(directory, wanted), f"No agent has the role {wanted}.")
        yield file.problem(
            place, f"{said(name)} has the role {role_of(agent)}, and this is the place of a {wanted}", hint
        )


def _with_role(directory: Directory, role: Role) -> list[str]:
    agents = {name: directory.agent(name) for name in directory.agents}
    return [name for name, agent in agents.items() if agent and role_of(agent) is role]


def _strategy(file: File, directory: Directory) -> Iterator[Problem]:
    if file.at("coordinator") is not None and not isinstance(file.at("coordinator"), dict):
        return
    given = file.sound("coordinator", "strategy")
    if given is None and "strategy" in file.names("coordinator"):
        return
    if given == "single":
        yield from _single(file, directory)
        return
    if "synthesizer" not in file.names("coordinator") and file.readable:
        strategy = given or schema("playbook")["properties"]["coordinator"]["properties"]["strategy"]["default"]
        suitable = _with_role(directory, Role.SYNTHESIZER)
        add = f"Add `coordinator: {{synthesizer: {suitable[0]}}}`" if suitable else "Add an agent of role synthesizer"
        if given or "coordinator" in file.names():
            add = f"Add `synthesizer: {suitable[0]}`" if suitable else add
        hint = f"{add}, or let one specialist work alone with `strategy: single`."
        place: Place = ("coordinator", "strategy") if given else ("coordinator",) if file.names("coordinator") else ()
        message = f"the strategy {strategy} needs a synthesizer, which makes one conclusion of all reports"
        yield file.problem(place, message, hint)


def _single(file: File, directory: Directory) -> Iterator[Problem]:
    for key in LEADS:
        if key in file.names("coordinator"):
            message = f"the strategy single has no {key}"
            yield file.problem(("coordinator", key), message, "Leave it out: one specialist works alone.", key=True)
    listed = _listed(file)
    if len(listed) > 1:
        best = _most_able(file, directory)
        hint = f"Choose one: --set specialists=[{best}]" if best else "Choose one."
        message = f"the strategy single takes exactly one specialist, and here are {len(listed)}"
        yield file.problem(("specialists",), message, hint)


def _most_able(file: File, directory: Directory) -> str | None:
    """The specialist whose tools cover most of what the listed ones have together; of equal ones, one with fewer."""
    listed = [agent for name in agents_of(file) if (agent := directory.agent(name))]
    wanted = {tool for agent in listed for tool in tools_of(agent)}
    able = {
        name: tools_of(agent) for name in _with_role(directory, Role.SPECIALIST) if (agent := directory.agent(name))
    }
    return min(able, key=lambda name: (-len(wanted & able[name].keys()), len(able[name]), name), default=None)
