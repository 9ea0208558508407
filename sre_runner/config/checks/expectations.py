"""What a schema cannot say of `expect` and `tests`: what can never be met, and what could never fail."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sre_runner.casefile import Json
from sre_runner.config.checks.agents import task_problems, tools_of
from sre_runner.config.checks.budgets import price_problems
from sre_runner.config.checks.strategies import agents_of, fields_of, specialists_of, strategy_of, value_problems
from sre_runner.config.checks.votes import verdict_values
from sre_runner.config.directory import Directory, File
from sre_runner.coordination.report_schemas import conclusion_schema, single_schema
from sre_runner.documents.hints import choices
from sre_runner.documents.json_schema.complaints import Path as Place
from sre_runner.errors import Problem
from sre_runner.text.naming import said

DEFAULT_CASE = "default"
"""The case that a playbook's own inputs, task and `expect` make."""
OPPOSED = (("mentions", "must_not_mention"), ("tools_called", "tools_not_called"))
"""Keys of which nothing can be in both."""

_OF_A_REPORT = ("report", "mentions", "must_not_mention", "min_findings", "min_findings_verified")
_SAYS_NOTHING: Mapping[str, Sequence[str]] = {
    "incomplete": _OF_A_REPORT,
    "failed": _OF_A_REPORT,
    "not_deployed": (*_OF_A_REPORT, "tools_called", "tools_not_called"),
}
"""The keys that have no meaning beside a status."""
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class _Team:
    """What the expectations of a playbook can speak of; None where it cannot be told.

    `values` are the verdicts' by vote, `tools` each specialist's, `known` all that `tools.d` defines, `fields` those of
    the conclusion.
    """

    file: File
    directory: Directory
    values: Mapping[str, Sequence[str] | None]
    tools: Mapping[str, Sequence[str]] | None
    known: Sequence[str] | None
    fields: Sequence[str] | None


def expectation_problems(file: File, directory: Directory) -> Iterator[Problem]:
    """Everything that is wrong with what a playbook expects of its runs, and with its cases but for their inputs and
    tasks."""
    team = _Team(
        file,
        directory,
        verdict_values(file, directory),
        _tools_of_specialists(file, directory),
        _known_tools(directory),
        _conclusion_fields(file, directory),
    )
    for place in (("expect",), *(("tests", name, "expect") for name in file.names("tests"))):
        yield from _verdicts(team, place)
        yield from _tools(team, place, team.tools)
        yield from _fields(team, place, team.fields, "the conclusion")
        yield from _opposed(file, place)
        if file.sound(*place, "max_cost") is not None:
            agents = [agent for name in agents_of(file) if (agent := directory.agent(name))]
            yield from price_problems(file, agents, (*place, "max_cost"), "expect `max_tokens`")
        for name in file.names(*place, "specialists"):
            yield from _specialist(team, name, (*place, "specialists", name))


def case_problems(file: File) -> Iterator[Problem]:
    """What is wrong with the names, inputs and tasks of a playbook's cases."""
    known = file.at("inputs") or {}
    for name in file.names("tests"):
        place: Place = ("tests", name)
        if name == DEFAULT_CASE:
            message = f"the case {said(name)} is the playbook itself, with its own `expect`"
            yield file.problem(place, message, "Choose another name.", key=True)
        elif not _NAME.fullmatch(name):
            hint = "A name has letters, digits, `_` and `-`, such as false-alarm."
            yield file.problem(place, f"{said(name)} is no name for a case", hint, key=True)
        if not isinstance(known, dict):
            continue
        for given in file.names(*place, "inputs"):
            if given not in known:
                hint = choices(given, list(known), "It has none: add it under `inputs`.")
                yield file.problem(
                    (*place, "inputs", given), f"the playbook has no input {said(given)}", hint, key=True
                )
        yield from task_problems(file, list(known), (*place, "task"))


def _verdicts(team: _Team, place: Place) -> Iterator[Problem]:
    for name in team.file.names(*place, "verdicts"):
        where, given = (*place, "verdicts", name), team.file.sound(*place, "verdicts", name)
        values = team.values.get(name)
        if name not in team.values:
            hint = choices(name, list(team.values))
            yield team.file.problem(where, f"there is no vote {said(name)}", hint, key=True)
        elif given is not None and values is not None:
            each = enumerate(given) if isinstance(given, list) else [(None, given)]
            for number, value in each:
                if value not in values:
                    at = where if number is None else (*where, number)
                    yield team.file.problem(at, f"the verdict of {name} is never {said(value)}", choices(value, values))


def _tools(team: _Team, place: Place, having: Mapping[str, Sequence[str]] | None) -> Iterator[Problem]:
    """Tools that nobody of `having` could call, and guards against tools that are not there at all."""
    if having is None:
        return
    able = list(dict.fromkeys(tool for tools in having.values() for tool in tools))
    who = "no specialist of this playbook has" if "specialists" not in place else f"{place[-1]} does not have"
    none = "They have no tools." if "specialists" not in place else "It has no tools."
    for number, name in _sound(team.file, (*place, "tools_called")):
        if name not in able:
            where = (*place, "tools_called", number)
            yield team.file.problem(where, f"{who} the tool {said(name)}", choices(name, able, none))
    for number, name in _sound(team.file, (*place, "tools_not_called")):
        if team.known is not None and name not in team.known:
            hint = choices(name, team.known, "No tools are defined: tools.d is missing or empty.")
            yield team.file.problem((*place, "tools_not_called", number), f"there is no tool {said(name)}", hint)


def _fields(team: _Team, place: Place, fields: Sequence[str] | None, of: str) -> Iterator[Problem]:
    if fields is None:
        return
    for key in ("mentions", "must_not_mention"):
        for number, each in _sound(team.file, (*place, key)):
            name = each["in"] if isinstance(each, dict) else None
            if name is not None and name not in fields:
                where = (*place, key, number, "in")
                yield team.file.problem(where, f"{of} has no field {said(name)}", choices(name, fields))


def _opposed(file: File, place: Place) -> Iterator[Problem]:
    """What is wanted and unwanted at once."""
    for wanted, unwanted in OPPOSED:
        there = [_folded(each) for each in file.sound(*place, wanted) or ()]
        for number, each in enumerate(file.sound(*place, unwanted) or ()):
            text, field = _folded(each)
            if any(text == other and field in (None, where) for other, where in there):
                message = f"{said(each['text'] if isinstance(each, dict) else each)} stands in `{wanted}` as well"
                yield file.problem((*place, unwanted, number), message, "Both cannot hold: leave one out.")


def _specialist(team: _Team, name: str, place: Place) -> Iterator[Problem]:
    file, listed = team.file, specialists_of(team.file)
    if name not in listed:
        if listed:
            message = f"{said(name)} is no specialist of this playbook"
            yield file.problem(place, message, choices(name, listed), key=True)
        return
    status = file.sound(*place, "status") or "completed"
    for key in (key for key in _SAYS_NOTHING.get(status, ()) if key in file.names(*place)):
        message = f"`{key}` says nothing of a specialist whose status is {status}"
        yield file.problem((*place, key), message, "Leave one of the two out.", key=True)
    yield from _tools(team, place, {name: team.tools[name]} if team.tools is not None else None)
    agent = team.directory.agent(name)
    fields = fields_of(file, agent)
    yield from _fields(team, place, list(fields) if fields is not None else None, f"the report of {name}")
    yield from _opposed(file, place)
    yield from value_problems(file, agent, (*place, "report"))


def _sound(file: File, place: Place) -> Iterator[tuple[int, Json]]:
    """What of a list fits the schema, with its number."""
    listed = file.at(*place)
    for number, _ in enumerate(listed if isinstance(listed, list) else ()):
        each = file.sound(*place, number)
        if each is not None:
            yield number, each


def _folded(mention: Json) -> tuple[str, str | None]:
    """A text as it is compared, and the field that it is looked for in."""
    text, field = (mention["text"], mention["in"]) if isinstance(mention, dict) else (mention, None)
    return " ".join(text.split()).casefold(), field


def _tools_of_specialists(file: File, directory: Directory) -> dict[str, list[str]] | None:
    """The tools of each specialist; None where they cannot be told."""
    agents = {name: directory.agent(name) for name in specialists_of(file)}
    if not all(agent and isinstance(agent.at("tools") or [], list) and agent.readable for agent in agents.values()):
        return None
    return {name: list(tools_of(agent)) for name, agent in agents.items() if agent} or None


def _known_tools(directory: Directory) -> list[str] | None:
    return directory.own_tools if not directory.unread else None


def _conclusion_fields(file: File, directory: Directory) -> list[str] | None:
    """The fields of the conclusion, those that the concluding agent adds included; None where they cannot be told."""
    strategy = strategy_of(file)
    single = strategy is not None and not strategy.concludes
    lead = next(iter(specialists_of(file)), None) if single else file.sound("coordinator", "synthesizer")
    agent = directory.agent(lead) if lead is not None else None
    own = agent.at("report") or {} if agent and agent.readable else None
    if not isinstance(own, dict):
        return None
    return list((single_schema(own) if single else conclusion_schema([], [], own))["properties"])
