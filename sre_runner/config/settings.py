"""What the command line changes in a playbook with `--set`, with places of their own for their problems."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sre_runner.casefile import Json
from sre_runner.config.checks.strategies import STRATEGY
from sre_runner.config.directory import File, check
from sre_runner.config.playbook_source import strategy_name
from sre_runner.config.sources import schema
from sre_runner.coordination.strategies.table import STRATEGIES
from sre_runner.documents.json_schema.complaints import Path as Place
from sre_runner.documents.yaml.document import Document
from sre_runner.documents.yaml.text import compose
from sre_runner.errors import ConfigError, Problem
from sre_runner.text.naming import said


@dataclass(frozen=True)
class Setting:
    """One `--set key=text`: its place in the playbook, and its value as a document of its own."""

    key: str
    text: str
    place: Place
    value: Document

    def problem(self, place: Place, message: str, hint: str, *, key: bool, line: int | None, find: str) -> Problem:
        """A complaint about what stands at a place of the playbook that this setting gave, or about the way to it."""
        inner = place[len(self.place) :]
        if not inner and (key or len(place) < len(self.place)):
            return _told(self.key, self.text, message, hint)
        return _moved(self.key, self.text, self.value.problem(inner, message, hint, key=key, line=line, find=find))


def _told(key: str, text: str, message: str, hint: str = "") -> Problem:
    """A complaint about the key of a `--set`."""
    return Problem(f"--set {key}", 1, len("--set ") + 1, message, hint, _line(key, text))


def _line(key: str, text: str) -> str:
    return f"--set {key}={text}".split("\n")[0]


def _moved(key: str, text: str, problem: Problem) -> Problem:
    """A complaint about the value alone, as one about the whole of a `--set`."""
    if problem.line > 1:
        return replace(problem, file=f"--set {key}")
    column = len(f"--set {key}=") + max(problem.column, 1)
    return replace(problem, file=f"--set {key}", line=1, column=column, source=_line(key, text))


@dataclass(frozen=True)
class _Changed(Document):
    """A playbook with settings in it: the data of both, and every problem where its part was written."""

    settings: tuple[Setting, ...] = ()

    def problem(
        self,
        path: Place,
        message: str,
        hint: str = "",
        *,
        key: bool = False,
        warning: bool = False,
        line: int | None = None,
        find: str = "",
    ) -> Problem:
        """A complaint about what the newest setting gave, or else the file."""
        setting = self._source(path)
        if setting is not None:
            return setting.problem(path, message, hint, key=key, line=line, find=find)
        return super().problem(path, message, hint, key=key, warning=warning, line=line, find=find)

    def written(self, path: Place) -> str | None:
        """The scalar at this path as the newest setting, or else the file, has it."""
        setting = self._source(path)
        return setting.value.written(path[len(setting.place) :]) if setting is not None else super().written(path)

    def _source(self, path: Place) -> Setting | None:
        """The setting that gave what stands at a path: it is in its value, or was made on the way to it."""
        for setting in reversed(self.settings):
            if path[: len(setting.place)] == setting.place:
                return setting
            if setting.place[: len(path)] == path and self._node(path) is None:
                return setting
        return None


def changed(file: File, settings: Sequence[tuple[str, str]]) -> File:
    """The playbook with its settings in it, checked again; problems of the settings are among its own.

    Where they give other specialists, voters that are not among them go.
    Where they give a strategy, what the file says of the coordinator and that strategy has none of goes: with `single`
    the planner, the reviewer with its feedback, and the synthesizer.
    """
    if not settings or file.document is None:
        return file
    data = file.document.data
    found = [problem for problem in file.problems if not problem.line]
    taken: list[Setting] = []
    for key, text in settings:
        try:
            data, setting = _with(data, key, text)
            taken.append(setting)
            data = _of_use(data, taken)
        except ConfigError as error:
            found += error.problems
    document = _Changed(file.document.file, file.document.text, data, file.document.node, tuple(taken))
    return check("playbook", file.path, document, found)


def _of_use(data: Json, taken: Sequence[Setting]) -> Json:
    """The data without what the file says and the strategy has none of, where the newest setting is a strategy."""
    newest, *before = reversed(taken)
    if newest.place == ("specialists",):
        return _with_voters_of(data)
    if newest.place[:2] != STRATEGY:
        return data
    said_so = {setting.place[:2] for setting in before}
    strategy = STRATEGIES.get(strategy_name(data["coordinator"]["strategy"]) or "")
    has_no = strategy.has_no if strategy else ()
    gone = [key for key in has_no if not said_so & {("coordinator",), ("coordinator", key)}]
    kept = {key: value for key, value in data["coordinator"].items() if key not in gone}
    return {**data, "coordinator": kept}


def _with_voters_of(data: Json) -> Json:
    """The data with only those voters that are among the specialists; all that vote where none of them is."""
    coordinator = data.get("coordinator")
    votes = coordinator.get("votes") if isinstance(coordinator, dict) else None
    team = data["specialists"]
    if not isinstance(votes, dict) or not isinstance(team, list):
        return data
    kept = {}
    for name, vote in votes.items():
        kept[name] = vote
        if isinstance(vote, dict) and isinstance(vote.get("voters"), list):
            voters = [voter for voter in vote["voters"] if voter in team]
            others = {key: value for key, value in vote.items() if key != "voters"}
            kept[name] = {**others, "voters": voters} if voters else others
    return {**data, "coordinator": {**coordinator, "votes": kept}}


def _with(playbook: Json, key: str, text: str) -> tuple[Json, Setting]:
    """A copy of the playbook's data with a setting in it, and the mappings that lead there; raise `ConfigError` where
    it has no place."""
    value = _read(key, text)
    data = playbook = copy.deepcopy(playbook)
    place: Place = ()
    for number, part in enumerate(parts := key.split(".")):
        last = number == len(parts) - 1
        if isinstance(data, list) and part.isascii() and part.isdigit() and int(part) < len(data):
            step: str | int = int(part)
        elif isinstance(data, dict) and part:
            step = part
        else:
            hint = "Write it as KEY.KEY=VALUE, such as coordinator.max_parallel=4."
            what = f"{said('.'.join(parts[:number]))} has no {said(part)}" if number else "there is no key"
            raise ConfigError([_told(key, text, what, hint)])
        if last:
            data[step] = value.data
        elif isinstance(data, dict):
            data[part] = _opened(place, part, data)
        data, place = data[step], (*place, step)
    return playbook, Setting(key, text, place, value)


def _read(key: str, text: str) -> Document:
    composed = compose(text)
    document = Document(f"--set {key}", text, composed.data, composed.node)
    flaws = [document.at(flaw.line, flaw.column, flaw.message, flaw.hint) for flaw in composed.flaws]
    if flaws:
        raise ConfigError([_moved(key, text, problem) for problem in flaws])
    return document


def _opened(place: Place, part: str, data: Mapping[str, Json]) -> Json:
    """The value of a key into which a setting goes: what is there, or what stands for a key that is not there.

    `model: NAME` is short for a mapping, in which there is room for more; a strategy's name gives way to one.
    """
    rule = {} if place else schema("playbook")["properties"].get(part, {})
    value = data[part] if part in data else copy.deepcopy(rule.get("default", {}))
    short: Mapping[Place, Json] = {("model",): {"name": value}, STRATEGY: {}}
    return short.get((*place, part), value) if isinstance(value, str) else value
