"""The team of a new playbook: who takes part, of the agents that a configuration has."""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sre_runner.config.checks.agents import PROVIDED, tools_of
from sre_runner.config.checks.inputs import stated_inputs
from sre_runner.config.checks.strategies import agents_of, with_role
from sre_runner.config.directory import Directory, File
from sre_runner.coordination.strategies.table import STRATEGIES
from sre_runner.documents.hints import choices
from sre_runner.documents.rendering import template_problems
from sre_runner.errors import RunnerError
from sre_runner.specs import Role
from sre_runner.text.naming import said

SIZE = 2
"""Specialists that a new playbook has where nobody names them."""


@dataclass(frozen=True)
class Team:
    """`leads` are the coordinator's agents by role, `others` the specialists that could take part as well, `needed` the
    inputs that prompts use, `inputs` those of the playbook whose specialists are most like these, with values."""

    strategy: str
    specialists: tuple[str, ...]
    leads: Mapping[Role, str]
    others: tuple[str, ...]
    needed: tuple[str, ...]
    inputs: Mapping[str, str]


def team(folder: Directory, strategy: str | None, specialists: Sequence[str]) -> Team:
    """A team for this strategy; left out, it is `parallel`, or `single` where nobody could conclude. Without
    `specialists`, those are taken that most playbooks name.

    Raises `RunnerError` where an agent is missing.
    """
    known = with_role(folder, Role.SPECIALIST)
    for name in specialists:
        if name not in known:
            raise RunnerError(_why_not(folder, name), choices(name, known, _make(Role.SPECIALIST)))
    given = tuple(dict.fromkeys(specialists))
    strategy = strategy or ("parallel" if len(given) > 1 or with_role(folder, Role.SYNTHESIZER) else "single")
    chosen = given or _picked(folder, strategy, known)
    _check_size(strategy, chosen)
    leads = _leads(folder, strategy)
    return Team(
        strategy=strategy,
        specialists=chosen,
        leads=leads,
        others=tuple(name for name in known if name not in chosen),
        needed=_needed(folder, (*chosen, *leads.values())),
        inputs=likely_inputs(folder, chosen),
    )


def likely_inputs(folder: Directory, specialists: Sequence[str] = ()) -> Mapping[str, str]:
    """The inputs of the playbook that has most of these specialists; none where no playbook is without problems."""
    usable = [file for file in _playbooks(folder) if file.readable and not file.problems]
    likest = max(usable, key=lambda file: len(set(specialists) & set(agents_of(file))), default=None)
    given = stated_inputs(likest) if likest else {}
    return {name: value for name, value in given.items() if _is_input(name)}


def _playbooks(folder: Directory) -> list[File]:
    return [folder.playbook(path) for path, *_ in folder.playbooks.values()]


def _why_not(folder: Directory, name: str) -> str:
    if name in folder.agents:
        return f"{said(name)} is no agent of role {Role.SPECIALIST}"
    return f"there is no agent {said(name)}"


def _make(role: Role) -> str:
    """How to come by an agent of this role."""
    return "Write one: sre-run new agent " + ("NAME" if role is Role.SPECIALIST else f"{role} --role {role}")


def _picked(folder: Directory, strategy: str, known: Sequence[str]) -> tuple[str, ...]:
    """Alone the one with most tools, else those that most playbooks name."""
    used = _by_use(folder, known)
    if not STRATEGIES[strategy].wrong_size(SIZE):
        return tuple(used[:SIZE])
    tools = {name: len(tools_of(agent)) for name in known if (agent := folder.agent(name))}
    return tuple(sorted(used, key=lambda name: -tools[name])[:1])


def _by_use(folder: Directory, names: Sequence[str]) -> list[str]:
    """Those that most playbooks name first; of equal ones, the first by name."""
    uses = Counter(name for file in _playbooks(folder) for name in agents_of(file))
    return sorted(names, key=lambda name: (-uses[name], name))


def _check_size(strategy: str, chosen: Sequence[str]) -> None:
    if not chosen:
        raise RunnerError("a playbook needs a specialist, and there is no agent of that role", _make(Role.SPECIALIST))
    message = STRATEGIES[strategy].wrong_size(len(chosen))
    if message and len(chosen) > 1:
        raise RunnerError(message, "Name one, or choose another --strategy.")
    if message:
        raise RunnerError(f"{message}: {said(chosen[0])}", f"Name another one. {_make(Role.SPECIALIST)}")


def _leads(folder: Directory, strategy: str) -> Mapping[Role, str]:
    """The coordinator's agents that the strategy has a use for, those that it needs among them."""
    needed, has_no = STRATEGIES[strategy].needs, STRATEGIES[strategy].has_no
    useful = [role for role in (Role.PLANNER, Role.REVIEWER) if str(role) not in has_no]
    found = {role: _by_use(folder, with_role(folder, role)) for role in (*needed, *useful)}
    for role in needed:
        if not found[role]:
            raise RunnerError(f"the strategy {strategy} needs an agent of role {role}, and there is none", _make(role))
    return {role: names[0] for role, names in found.items() if names}


def _needed(folder: Directory, names: Sequence[str]) -> tuple[str, ...]:
    """The names that the agents' prompts use and that are not provided to every prompt."""
    prompts = [agent.sound("prompt") for name in names if (agent := folder.agent(name))]
    found = (problem.name for prompt in prompts if prompt for problem in template_problems(prompt, PROVIDED))
    return tuple(dict.fromkeys(name for name in found if _is_input(name)))


def _is_input(name: str) -> bool:
    return name.isascii() and name.isidentifier() and not keyword.iskeyword(name) and name not in PROVIDED
