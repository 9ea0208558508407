"""Normal forms: what a file says as plain data in which different ways of writing the same are equal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict
from itertools import takewhile

from sre_runner.casefile import Json
from sre_runner.config.checks.inputs import inputs_of
from sre_runner.config.directory import Directory, File
from sre_runner.config.playbook_source import playbook_source
from sre_runner.config.sources import CACHE_READ, CACHE_WRITE, agent_source, schema, tool_source
from sre_runner.coordination.strategies.table import STRATEGIES
from sre_runner.documents.json_schema.complaints import Path as Place
from sre_runner.errors import RunnerError
from sre_runner.tools.backends.servers import kind_of
from sre_runner.tools.backends.table import backend_of
from sre_runner.tools.simulated.spec import matcher
from sre_runner.tools.tool import filled_in

_DEPTH: Mapping[str, int] = {"agent": 1, "tools": 2, "playbook": 2}
"""How deep the places of a kind of file lie that are left out as a whole where something in them does not fit."""
_STRATEGYS = tuple(dict.fromkeys(key for strategy in STRATEGIES.values() for key in strategy.keys))
"""What a strategy's own mapping says, which stands beside its name in a source."""


def unfit(file: File) -> frozenset[Place]:
    """The places of a file that do not fit its schema, so that nothing can be said of them, and what it lacks."""
    depth = _DEPTH[file.kind]
    found = set()
    for broken in file.broken:
        if len(broken) < depth and isinstance(file.at(*broken), dict):
            continue  # it has an unknown key, or lacks one
        found.add(tuple(takewhile(lambda part: isinstance(part, str), broken[:depth])))
    if file.broken:
        found |= {(key,) for key in schema(file.kind)["required"] if key not in file.names()}
    if file.kind == "playbook" and ("coordinator", "strategy") in found:
        found |= {("coordinator", key) for key in _STRATEGYS}
    if file.kind == "playbook" and ("specialists",) in found:
        found.add(("coordinator", "votes"))  # their options may be those of the specialists' fields
    return frozenset(found)


def without(data: Json, places: Collection[Place]) -> Json:
    """A copy of the data without what stands at these places."""
    if not places or not isinstance(data, dict):
        return data
    inner: dict[str | int, set[Place]] = defaultdict(set)
    for place in places:
        if place:
            inner[place[0]].add(place[1:])
    return {key: without(value, inner[key]) for key, value in data.items() if () not in inner[key]}


def plain_agent(data: Json) -> dict[str, Json]:
    """What an agent's file says, with defaults."""
    found = _priced(agent_source(data))
    if "report" in found:
        found["report"] = {name: plain_schema(field) for name, field in found["report"].items()}
    return found


def plain_tool(family: File, name: str, directory: Directory) -> dict[str, Json]:
    """What an entry of `tools` says, with defaults, and with the rows and texts that it names, where they are there."""
    rows: defaultdict[str, Json] = defaultdict(list)
    rows |= {each: family.sound("data", each) or [] for each in family.names("data")}

    def text(relative: str) -> str:
        try:
            return directory.text(relative)
        except RunnerError:
            return ""

    data = tool_source(family.at("tools", name), rows, text)
    simulated = {"simulated": _simulated(data["simulated"])} if "simulated" in data else {}
    live = {"live": filled_in(backend_of("live", data["live"]).schema, data["live"])} if "live" in data else {}
    return {**data, "input_schema": plain_schema(data["input_schema"]), **simulated, **live}


def plain_server(data: Mapping[str, Json]) -> dict[str, Json]:
    """What an entry of `servers` that fits its schema says, with defaults."""
    return filled_in(kind_of(data).schema, data)


def _simulated(data: Mapping[str, Json]) -> dict[str, Json]:
    if "rows" in data:
        where = {column: asdict(matcher(value, of_row=True)) for column, value in data.get("where", {}).items()}
        return {"delay": 0, **data, "where": where}
    return {**data, "answers": [_answer(answer) for answer in data["answers"]]} if "answers" in data else dict(data)


def _answer(data: Mapping[str, Json]) -> dict[str, Json]:
    when = {name: asdict(matcher(value)) for name, value in data.get("when", {}).items()}
    outputs = {"returns": [data["return"]]} if "return" in data else {}
    return {"delay": 0, **{key: value for key, value in data.items() if key != "return"}, **outputs, "when": when}


def plain_playbook(name: str, data: Json, file: File, agents: Callable[[str], Mapping[str, Json]]) -> dict[str, Json]:
    """What a playbook's file says, with defaults, its task unrendered; `agents` are the normal forms of agents.

    `data` is of the file, without what does not fit.
    """
    names = data.get("specialists", [])
    reports = {each: {"report": {}, **agents(each)} for each in names}
    cases = {
        each: {**case, "inputs": inputs_of(file, "tests", each)} for each, case in (data.get("tests") or {}).items()
    }
    whole = {"specialists": [], "task": "", **data, "tests": cases, **_voted(data, reports)}
    inputs = inputs_of(file) if "inputs" in data else {}
    found = _priced(playbook_source(name, whole, whole["task"], inputs, reports))
    found["budget"] = found.get("budget", {"mode": "enforce"})
    found["expect"] = found.get("expect", {})
    return {key: value for key, value in found.items() if key != "name"}


def _voted(data: Mapping[str, Json], reports: Mapping[str, Mapping[str, Json]]) -> dict[str, Json]:
    """The coordinator with options, if none, for votes over a field of which nobody knows the values."""
    coordinator = data.get("coordinator", {})
    fields = {"severity_assessment"}.union(*(report["report"] for report in reports.values()))
    known = {each for each in fields if all("enum" in r["report"].get(each, {"enum": 0}) for r in reports.values())}
    votes = {
        name: vote
        if "options" in vote or vote.get("field", "severity_assessment") in known
        else {**vote, "options": []}
        for name, vote in coordinator.get("votes", {}).items()
    }
    return {"coordinator": {**coordinator, "votes": votes}} if votes else {}


def plain_schema(data: Json) -> Json:
    """A JSON Schema in which the order of `required`, and defaults that are spelled out, make no difference."""
    if isinstance(data, list):
        return [plain_schema(each) for each in data]
    if not isinstance(data, dict):
        return data
    found = {key: value if key in ("enum", "default") else plain_schema(value) for key, value in data.items()}
    if isinstance(data.get("required"), list) and all(isinstance(each, str) for each in data["required"]):
        found["required"] = sorted(data["required"])
    defaults: tuple[tuple[str, Json], ...] = (("required", []), ("additionalProperties", True))
    return {key: value for key, value in found.items() if not any(key == k and value == v for k, v in defaults)}


def _priced(data: dict[str, Json]) -> dict[str, Json]:
    """With the prices of cached input, where a price is stated."""
    model = data.get("model")
    if not isinstance(model, Mapping) or "price" not in model:
        return data
    price = model["price"]
    cached = {"cache_write": CACHE_WRITE * price["input"], "cache_read": CACHE_READ * price["input"]}
    return {**data, "model": {**model, "price": {**cached, **price}}}
