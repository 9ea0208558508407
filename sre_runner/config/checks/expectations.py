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
from sre_runner.coordination.expectations.key import ExpectKeys
from sre_runner.coordination.expectations.table import EXPECT
from sre_runner.coordination.report_schemas import conclusion_schema, single_schema
from sre_runner.documents.hints import choices
from sre_runner.documents.json_schema.complaints import Path as Place
from sre_runner.errors import Problem
from sre_runner.text.naming import said

DEFAULT_CASE = "default"
"""The case that a playbook's own inputs, task and `expect` make."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class _Team:
    """What the expectations of a playbook can speak of; None where it cannot be told.

    `verdicts` are the values by vote, `tools` each specialist's, `defined` all that `tools.d` has, `fields` those of
    the conclusion.
    """

    file: File
    directory: Directory
    verdicts: Mapping[str, Sequence[str] | None]
    tools: Mapping[str, Sequence[str]] | None
    defined: Sequence[str] | None
    fields: Sequence[str] | None


@dataclass(frozen=True)
class _ExpectDraft:
    """The expectations at a place of a playbook's file, as far as their checks look into it."""

    team: _Team
    place: Place
    specialist: str = ""

    @property
    def verdicts(self) -> Mapping[str, Sequence[str] | None]:
        return self.team.verdicts

    @property
    def can_call(self) -> Sequence[str] | None:
        tools = self.team.tools
        if tools is None:
            return None
        of = [tools[self.specialist]] if self.specialist else tools.values()
        return list(dict.fromkeys(name for names in of for name in names))

    @property
    def defined(self) -> Sequence[str] | None:
        return self.team.defined

    @property
    def fields(self) -> Sequence[str] | None:
        if not self.specialist:
            return self.team.fields
        fields = fields_of(self.team.file, self.team.directory.agent(self.specialist))
        return list(fields) if fields is not None else None

    def names(self, *place: str) -> tuple[str, ...]:
        return self.team.file.names(*self.place, *place)

    def sound(self, *place: str | int) -> Json:
        return self.team.file.sound(*self.place, *place)

    def items(self, key: str) -> Iterator[tuple[int, Json]]:
        listed = self.team.file.at(*self.place, key)
        for number, _ in enumerate(listed if isinstance(listed, list) else ()):
            each = self.sound(key, number)
            if each is not None:
                yield number, each

    def wrong(self, place: Place, message: str, hint: str) -> Problem:
        return self.team.file.problem((*self.place, *place), message, hint)

    def wrong_key(self, place: Place, message: str, hint: str) -> Problem:
        return self.team.file.problem((*self.place, *place), message, hint, key=True)

    def unpriced(self, key: str, instead: str) -> Iterator[Problem]:
        file = self.team.file
        agents = [agent for name in agents_of(file) if (agent := self.team.directory.agent(name))]
        return price_problems(file, agents, (*self.place, key), instead)

    def never_reported(self, key: str) -> Iterator[Problem]:
        agent = self.team.directory.agent(self.specialist)
        return value_problems(self.team.file, agent, (*self.place, key))


def expectation_problems(file: File, directory: Directory) -> Iterator[Problem]:
    """Everything that is wrong with what a playbook expects of its runs, and with its cases but for their inputs and
    tasks."""
    team = _Team(
        file,
        directory,
        verdict_values(file, directory),
        _tools_of_specialists(file, directory),
        _defined_tools(directory),
        _conclusion_fields(file, directory),
    )
    for place in (("expect",), *(("tests", name, "expect") for name in file.names("tests"))):
        yield from _problems(_ExpectDraft(team, place), EXPECT)


def _problems(draft: _ExpectDraft, keys: ExpectKeys) -> Iterator[Problem]:
    for name, key in keys.items():
        yield from key.problems(draft)
        if key.each is not None:
            for one in draft.names(name):
                yield from _specialist(_ExpectDraft(draft.team, (*draft.place, name, one), one), key.each)


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


def _specialist(draft: _ExpectDraft, keys: ExpectKeys) -> Iterator[Problem]:
    name, listed = draft.specialist, specialists_of(draft.team.file)
    if name in listed:
        yield from _says_nothing(draft, keys)
        yield from _problems(draft, keys)
    elif listed:
        yield draft.wrong_key((), f"{said(name)} is no specialist of this playbook", choices(name, listed))


def _says_nothing(draft: _ExpectDraft, keys: ExpectKeys) -> Iterator[Problem]:
    """Keys beside a status with which they have no meaning: without a report, or without any work."""
    status = draft.sound("status") or keys["status"].nothing
    for key in (keys[name] for name in draft.names() if name in keys and name != "status"):
        if status == "not_deployed" or (status != "completed" and key.of_report):
            message = f"`{key.key}` says nothing of a specialist whose status is {status}"
            yield draft.wrong_key((key.key,), message, "Leave one of the two out.")


def _tools_of_specialists(file: File, directory: Directory) -> dict[str, list[str]] | None:
    """The tools of each specialist; None where they cannot be told."""
    agents = {name: directory.agent(name) for name in specialists_of(file)}
    if not all(agent and isinstance(agent.at("tools") or [], list) and agent.readable for agent in agents.values()):
        return None
    return {name: list(tools_of(agent)) for name, agent in agents.items() if agent} or None


def _defined_tools(directory: Directory) -> list[str] | None:
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
