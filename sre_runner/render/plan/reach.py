"""What the calls of a run can touch, and which variables of the environment go where, before any call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sre_runner.casefile import Json
from sre_runner.specs import Configuration, ToolSpec
from sre_runner.tools.backends.backend import Reach
from sre_runner.tools.backends.servers import kind_of
from sre_runner.tools.backends.table import BACKENDS, Backends, backend_of


class Owned(NamedTuple):
    """A reach of a `tool` or of a `server`, by its name."""

    kind: str
    name: str
    reach: Reach


def reaches(configuration: Configuration, spec: ToolSpec, backends: Backends = BACKENDS) -> str:
    """What a call of the tool can touch, in a line: a command, a host, a folder."""
    if spec.built_in:
        return "the run itself"
    world = configuration.playbook.backend
    data = spec.backend(world) or {}
    return backend_of(world, data, backends).reaches(spec, data, configuration.servers)


def reached(configuration: Configuration, backends: Backends = BACKENDS) -> list[Owned]:
    """All that its tools, and the servers that these go to, can touch or are given."""
    world = configuration.playbook.backend
    found: list[Owned] = []
    gone_to: dict[str, None] = {}
    for spec in configuration.tools.values():
        if data := spec.backend(world):
            backend = backend_of(world, data, backends)
            found += (Owned("tool", spec.name, each) for each in backend.reached(data, spec.input_schema))
            gone_to |= dict.fromkeys(backend.servers(data, spec.input_schema))
    for name in (each for each in gone_to if each in configuration.servers):
        server = configuration.servers[name]
        found += (Owned("server", name, each) for each in kind_of(server).reached(server))
    return [each for each in found if each.reach.values]


def as_json(owned: Owned) -> dict[str, Json]:
    """One reach as plain data."""
    reach = owned.reach
    return {
        "kind": owned.kind,
        "name": owned.name,
        "what": reach.what,
        "values": list(reach.values),
        "variables": list(reach.variables),
    }


def lines(configuration: Configuration, backends: Backends = BACKENDS) -> Iterator[str]:
    """A line for each tool, each server and each variable of the environment; none where nothing is reached."""
    found = reached(configuration, backends)
    for name in dict.fromkeys(each.name for each in found if each.kind == "tool"):
        yield f"{name} {reaches(configuration, configuration.tools[name], backends)}"
    for name in dict.fromkeys(each.name for each in found if each.kind == "server"):
        yield f"server {name}: {_words(each.reach for each in found if each.kind == 'server' and each.name == name)}"
    goes: dict[str, dict[str, None]] = {}
    for each in found:
        for variable in each.reach.variables:
            owner = each.name if each.kind == "tool" else f"server {each.name}"
            goes.setdefault(variable, {})[f"{owner} ({each.reach.what})"] = None
    for variable, places in goes.items():
        yield f"${variable} goes to {', '.join(places)}"


def _words(found: Iterator[Reach]) -> str:
    return "; ".join(f"{each.what} {' '.join(each.values)}" for each in found)
