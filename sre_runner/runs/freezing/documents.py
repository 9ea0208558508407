"""The files of a frozen run: its playbook, its agents, and a file for each tool with what it answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from sre_runner.casefile import Json
from sre_runner.config.directory import BUILT_IN_TOOLS, FILE_NAME, FOLDERS
from sre_runner.config.loading import load
from sre_runner.config.sources import schema
from sre_runner.documents.yaml.writing import written
from sre_runner.errors import ConfigError, RunnerError
from sre_runner.journal.record import Record
from sre_runner.runs.freezing.answers import answers_of
from sre_runner.text.naming import said

_TOOL = ("description", "input_schema", "effect", "timeout", "max_output")
_PLAYBOOK = ("description", "inputs", "task", "specialists", "coordinator", "model", "budget")
_OF_STRATEGY = {"pipeline": ("stop_when",), "debate": ("rounds", "judge")}
_OPENING = re.compile(r"\{(?=[{%])")


def documents(record: Record, expect: Mapping[str, Json]) -> dict[str, str]:
    """The text of each file by its path in a configuration; `expect` is that of the playbook.

    Tools have no backend but `simulated`, whatever they had in the run. Raises `RunnerError` where a recorded name is
    no name for a file: a journal may come from anyone.
    """
    source = record.started.configuration
    playbook = source["playbook"]
    for name in (playbook["name"], *source["agents"]):
        if not FILE_NAME.fullmatch(name):
            raise _not_frozen(f"{said(name)} is no name for a file")
    files = {playbook_path(record): written({**_playbook(playbook), **({"expect": expect} if expect else {})})}
    for name, agent in source["agents"].items():
        files[f"{FOLDERS['agent']}/{name}.yaml"] = written(_stated(schema("agent")["properties"], agent))
    stems: dict[str, int] = {}
    own = {name: answers for name, answers in answers_of(record).items() if name not in BUILT_IN_TOOLS}
    for name, answers in own.items():
        stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50] or "tool"
        stems[stem] = number = stems.get(stem, 0) + 1
        path = f"{FOLDERS['tools']}/{stem if number == 1 else f'{stem}-{number}-of-this-name'}.yaml"
        files[path] = written({"tools": {name: _tool(source["tools"][name], answers)}})
    return files


def playbook_path(record: Record) -> str:
    """Where the playbook is, in the configuration."""
    return f"{FOLDERS['playbook']}/{record.started.configuration['playbook']['name']}.yaml"


def check(record: Record, root: Path) -> None:
    """Read what was written into a directory; raise `RunnerError` where that is another configuration than the run
    had, but for what tools answer and what is expected."""
    try:
        made = load(root / playbook_path(record), directory=root).source
    except ConfigError as error:
        raise _not_frozen("; ".join(problem.message for problem in error.problems[:3])) from None
    then, answers = record.started.configuration, answers_of(record)
    if _comparable(made["playbook"]) != _comparable(then["playbook"]):
        raise _not_frozen("the playbook reads back as another")
    for name, agent in then["agents"].items():
        if made["agents"].get(name) != agent:
            raise _not_frozen(f"the agent {name} reads back as another")
    for name, tool in made["tools"].items():
        if name in BUILT_IN_TOOLS:
            continue
        wanted = {**{key: then["tools"][name][key] for key in _TOOL}, "simulated": {"answers": answers[name]}}
        if tool != wanted:
            raise _not_frozen(f"the tool {name} reads back as another")


def _not_frozen(why: str) -> RunnerError:
    return RunnerError(f"this run cannot be frozen: {why}", "Nothing was written.")


def _comparable(playbook: Mapping[str, Json]) -> dict[str, Json]:
    return {key: playbook.get(key) for key in (*_PLAYBOOK, "name", "received")} | {"alert": playbook.get("alert") or {}}


def _playbook(data: Mapping[str, Json]) -> dict[str, Json]:
    """A playbook's source as a file says it."""
    properties = schema("playbook")["properties"]
    stated = {key: data[key] for key in _PLAYBOOK if key in data}
    coordinator = dict(_stated(properties["coordinator"]["properties"], data["coordinator"]))
    strategy = data["coordinator"]["strategy"]
    more = {key: coordinator.pop(key) for key in _OF_STRATEGY.get(strategy, ()) if key in coordinator}
    alert = dict(data.get("alert") or {})
    if data.get("received") is not None:
        alert["payload"] = data["received"]
    found = {
        **_stated(properties, stated),
        "task": _literal(data["task"]),
        "coordinator": {**coordinator, "strategy": {strategy: more} if more else strategy},
        **({"alert": alert} if alert else {}),
    }
    return {key: found[key] for key in properties if key in found}


def _tool(data: Mapping[str, Json], answers: list[dict[str, Json]]) -> dict[str, Json]:
    properties = schema("tools")["$defs"]["tool"]["properties"]
    return {**_stated(properties, {key: data[key] for key in _TOOL}), "simulated": {"answers": answers}}


def _stated(properties: Mapping[str, Json], data: Mapping[str, Json]) -> dict[str, Json]:
    """The data without what is the default anyway."""
    absent: Json = object()
    return {key: value for key, value in data.items() if value != properties.get(key, {}).get("default", absent)}


def _literal(text: str) -> str:
    """A template that gives this text. Jinja takes one newline from the end of every template."""
    return _OPENING.sub("{{ '{' }}", text) + ("\n" if text.endswith("\n") else "")
