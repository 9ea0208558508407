"""What a schema cannot say of a coordinator: whether its agents fit, and its strategy has a use for what is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sre_runner.casefile import SEVERITIES, Json
from sre_runner.config.checks.agents import role_of, tools_of
from sre_runner.config.directory import Directory, File
from sre_runner.config.playbook_source import strategy_name
from sre_runner.config.sources import schema
from sre_runner.coordination.report_schemas import SEVERITY_FIELD, single_schema, specialist_schema
from sre_runner.coordination.strategies.strategy import Strategy
from sre_runner.coordination.strategies.table import STRATEGIES
from sre_runner.documents.hints import choices
from sre_runner.documents.json_schema.complaints import Path as Place
from sre_runner.documents.json_schema.complaints import complaints
from sre_runner.documents.json_schema.subset import subset_problems
from sre_runner.errors import Problem
from sre_runner.specs import Role
from sre_runner.text.naming import said

STRATEGY = ("coordinator", "strategy")
LEADS: Mapping[Place, Role] = {
    ("coordinator", "planner"): Role.PLANNER,
    ("coordinator", "reviewer"): Role.REVIEWER,
    **{
        (*STRATEGY, strategy.name, key): role
        for strategy in STRATEGIES.values()
        for key, role in strategy.leads.items()
    },
    ("coordinator", "synthesizer"): Role.SYNTHESIZER,
}
"""The coordinator's agents, by the place that names them."""


def strategy_of(file: File) -> Strategy | None:
    """The playbook's strategy; None where it cannot be told."""
    if not file.readable or not isinstance(file.at("coordinator") or {}, dict):
        return None
    default: Json = schema("playbook")["properties"]["coordinator"]["properties"]["strategy"]["default"]
    given = file.at(*STRATEGY) if "strategy" in file.names("coordinator") else default
    strategy = STRATEGIES.get(strategy_name(given) or "")
    return strategy if strategy and strategy.takes(given) else None


def specialists_of(file: File) -> tuple[str, ...]:
    """The names of the specialists that a playbook lists, each once."""
    listed = file.at("specialists")
    named = listed if isinstance(listed, list) else []
    return tuple(dict.fromkeys(name for name in named if isinstance(name, str) and name))


def agents_of(file: File) -> tuple[str, ...]:
    """The names of the agents that a playbook names, each once."""
    leads = (file.sound(*place) for place in LEADS)
    return tuple(dict.fromkeys((*specialists_of(file), *(name for name in leads if name is not None))))


def with_role(directory: Directory, role: Role) -> list[str]:
    """The names of all agents that have this role."""
    agents = {name: directory.agent(name) for name in directory.agents}
    return [name for name, agent in agents.items() if agent and role_of(agent) is role]


def misplaced(file: File, directory: Directory, name: str, wanted: Role, place: Place) -> Iterator[Problem]:
    """A problem if there is no agent of that name, or if its role is not the one that is wanted in this place."""
    agent = directory.agent(name)
    none = f"No agent has the role {wanted}."
    if agent is None:
        yield file.problem(place, f"there is no agent {said(name)}", choices(name, with_role(directory, wanted), none))
    elif role_of(agent) not in (wanted, None):
        message = f"{said(name)} has the role {role_of(agent)}, and this is the place of a {wanted}"
        yield file.problem(place, message, choices(name, with_role(directory, wanted), none))


def coordinator_problems(file: File, directory: Directory) -> Iterator[Problem]:
    """Everything that is wrong with how the specialists of a playbook work together, but for their votes."""
    for place, role in LEADS.items():
        name = file.sound(*place)
        if name is not None:
            yield from misplaced(file, directory, name, role, place)
    strategy = strategy_of(file)
    has_no = strategy.has_no if strategy else {}
    for key, hint in has_no.items():
        if strategy and key in file.names("coordinator"):
            yield file.problem(("coordinator", key), f"the strategy {strategy.name} has no {key}", hint, key=True)
    if "feedback" in file.names("coordinator") and "feedback" not in has_no:
        yield from _reviewer(file, directory)
    if strategy and strategy.concludes:
        yield from _synthesizer(file, directory, strategy.name)
    if strategy:
        yield from strategy.problems(_Draft(file, directory, strategy.name))


def _reviewer(file: File, directory: Directory) -> Iterator[Problem]:
    if "reviewer" not in file.names("coordinator"):
        suitable = with_role(directory, Role.REVIEWER)
        add = f"Add `reviewer: {suitable[0]}` beside it" if suitable else "Add an agent of role reviewer, and name it"
        message = "feedback needs a reviewer, which asks for what no report covers"
        yield file.problem(("coordinator", "feedback"), message, f"{add}, or leave `feedback` out.", key=True)


def _synthesizer(file: File, directory: Directory, strategy: str) -> Iterator[Problem]:
    if "synthesizer" in file.names("coordinator"):
        return
    given = "strategy" in file.names("coordinator")
    suitable = with_role(directory, Role.SYNTHESIZER)
    add = f"Add `coordinator: {{synthesizer: {suitable[0]}}}`" if suitable else "Add an agent of role synthesizer"
    if given or "coordinator" in file.names():
        add = f"Add `synthesizer: {suitable[0]}`" if suitable else add
    hint = f"{add}, or let one specialist work alone with `strategy: single`."
    place: Place = STRATEGY if given else ("coordinator",) if file.names("coordinator") else ()
    message = f"the strategy {strategy} needs a synthesizer, which makes one conclusion of all reports"
    yield file.problem(place, message, hint)


@dataclass(frozen=True)
class _Draft:
    """A playbook's file, as far as the checks of its strategy look into it."""

    file: File
    directory: Directory
    strategy: str

    @property
    def specialists(self) -> tuple[str, ...]:
        return specialists_of(self.file)

    @property
    def listed(self) -> int:
        listed = self.file.at("specialists")
        return len(listed) if isinstance(listed, list) else 0

    def keys(self, *place: str) -> tuple[str, ...]:
        return self.file.names(*self._place(place))

    def wrong_team(self, message: str, hint: str) -> Problem:
        return self.file.problem(("specialists",), message, hint)

    def wrong_key(self, place: tuple[str, ...], message: str, hint: str) -> Problem:
        return self.file.problem(self._place(place), message, hint, key=True)

    def never_reported(self, specialist: str, place: tuple[str, ...]) -> Iterator[Problem]:
        return value_problems(self.file, self.directory.agent(specialist), self._place(place))

    def most_able(self) -> str | None:
        return _most_able(self.file, self.directory)

    def _place(self, place: tuple[str, ...]) -> tuple[str, ...]:
        return *STRATEGY, self.strategy, *place


def _most_able(file: File, directory: Directory) -> str | None:
    """The specialist whose tools cover most of what the listed ones have together; of equal ones, one with fewer."""
    listed = [agent for name in agents_of(file) if (agent := directory.agent(name))]
    wanted = {tool for agent in listed for tool in tools_of(agent)}
    able = {name: tools_of(agent) for name in with_role(directory, Role.SPECIALIST) if (agent := directory.agent(name))}
    return min(able, key=lambda name: (-len(wanted & able[name].keys()), len(able[name]), name), default=None)


def fields_of(file: File, agent: File | None) -> dict[str, Json] | None:
    """The fields of a specialist's report in this playbook with their schemas; None where they cannot be told."""
    own = agent.at("report") or {} if agent and agent.readable else None
    if not isinstance(own, dict):
        return None
    severity = {SEVERITY_FIELD: {"type": "string", "enum": _severities(file)}}
    strategy = strategy_of(file)
    whole = single_schema(own) if strategy and not strategy.concludes else specialist_schema(own)
    return {**whole["properties"], **severity}


def value_problems(file: File, agent: File | None, place: Place) -> Iterator[Problem]:
    """Fields and values at a place, each a value or a list of them, that a specialist's report never has."""
    fields = fields_of(file, agent)
    if agent is None or fields is None:
        return
    for field in file.names(*place):
        if field not in fields:
            message = f"the report of {agent.name} has no field {said(field)}"
            yield file.problem((*place, field), message, choices(field, list(fields)), key=True)
        elif not subset_problems(fields[field]):
            given: Json = file.sound(*place, field)
            several = isinstance(given, list)
            for number, value in enumerate(given if several else [given] if given is not None else []):
                where = (*place, field, number) if several else (*place, field)
                for _, message in complaints(fields[field], value)[:1]:
                    yield file.problem(where, f"{said(field)} of {agent.name} {message}")


def _severities(file: File) -> Json:
    """The severities that can be reported: those of the vote over them, if it states its options."""
    for name in file.names("coordinator", "votes"):
        vote = file.sound("coordinator", "votes", name) or {}
        if "options" in vote and vote.get("field", SEVERITY_FIELD) == SEVERITY_FIELD:
            return vote["options"]
    return list(SEVERITIES)
