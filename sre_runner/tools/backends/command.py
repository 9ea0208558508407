"""The backend `live: {command: …}`: a program for every call; with `server`, kubectl against one of the clusters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from sre_runner.casefile import Json, ToolAnswer
from sre_runner.documents.hints import choices
from sre_runner.specs import ToolSpec
from sre_runner.text.naming import listed, said
from sre_runner.tools.backends.backend import Backend, Complaint, Entry, Lack, Use
from sre_runner.tools.backends.clusters import resolve
from sre_runner.tools.command.checks import problems
from sre_runner.tools.command.spec import SCHEMA, CommandSpec, parse
from sre_runner.tools.tool import Tool, filled_in

_SERVER: Mapping[str, Any] = {
    "description": "A cluster under `servers`, for a command of kubectl; or {arg: NAME}, an argument whose `enum` are "
    "names of clusters, so that one tool looks at several.",
    "type": ["string", "object"],
    "if": {"type": "object"},
    "then": {"$ref": "#/$defs/argument"},
    "else": {"minLength": 1},
    "examples": ["production", {"arg": "cluster"}],
}
_SECONDS = 10.0
"""In which kubectl has to say which context it uses; it reads a file for that."""


def _problems(entry: Entry) -> Iterator[Complaint]:
    data = entry.file.sound(*entry.place)
    if data is None or entry.schema is None:
        return
    for place, message, hint in problems(parse(data), entry.schema):
        yield Complaint((*entry.place, *place), message, hint)
    if "server" not in data:
        return
    place = (*entry.place, "server")
    if PurePath(str(data["command"][0])).name != "kubectl":
        yield Complaint(place, "only a command of kubectl has a cluster", "Leave `server` out.", key=True)
    given = data["server"]
    if isinstance(given, Mapping):
        names = entry.arguments.get(given["arg"], {}).get("enum") if given["arg"] in entry.arguments else None
        if not names:
            hint = "Name an argument whose `enum` has the names of the clusters."
            yield Complaint((*place, "arg"), f"the argument {said(given['arg'])} has no `enum`", hint)
    clusters = [name for name, server in entry.servers.items() if "kubectl" in server]
    for name in _servers(data, entry.schema):
        if name not in clusters:
            hint = choices(name, clusters, "Add it under `servers`: NAME: {kubectl: {context: CONTEXT}}.")
            yield Complaint(place, f"there is no cluster {said(name)} under `servers`", hint)


def _servers(data: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[str, ...]:
    given = data.get("server")
    if isinstance(given, Mapping):
        argument = schema.get("properties", {}).get(given["arg"], {})
        return tuple(str(name) for name in argument.get("enum", ()))
    return (given,) if isinstance(given, str) else ()


def _specs(use: Use) -> dict[str, CommandSpec]:
    """The command by cluster; by "" where it has none."""
    spec = parse(use.data)
    names = _servers(use.data, use.spec.input_schema)
    return {name: _for_cluster(spec, name, use) for name in names} if names else {"": spec}


def _for_cluster(spec: CommandSpec, name: str, use: Use) -> CommandSpec:
    cluster = resolve(use.connections.servers[name]["kubectl"], use.connections.environ)
    context = (f"--context={cluster.context}",) if cluster.context else ()
    config = {"KUBECONFIG": cluster.kubeconfig} if cluster.kubeconfig else {}
    return replace(spec, command=(spec.command[0], *context, *spec.command[1:]), set_env={**spec.set_env, **config})


@dataclass(frozen=True)
class _Clusters:
    """A command for each of several clusters, of which an argument names one."""

    argument: str
    tools: Mapping[str, Tool]
    schema: Mapping[str, Any]

    async def answer(self, arguments: Mapping[str, Json], earlier: Sequence[Mapping[str, Json]]) -> ToolAnswer:
        """Ask in the cluster that the call names."""
        name = str(filled_in(self.schema, arguments).get(self.argument))
        if name not in self.tools:
            return ToolAnswer(f"Say which cluster: {listed(self.tools)}.", is_error=True, from_tool=False)
        return await self.tools[name].answer(arguments, earlier)


def _tool(use: Use) -> Tool:
    from sre_runner.tools.command.tool import CommandTool

    tools = {
        name: CommandTool(
            use.spec.name,
            spec,
            use.spec.input_schema,
            use.spec.timeout,
            use.connections.directory,
            use.connections.environ,
        )
        for name, spec in _specs(use).items()
    }
    given = use.data.get("server")
    if isinstance(given, Mapping):
        return _Clusters(given["arg"], tools, use.spec.input_schema)
    return next(iter(tools.values()))


async def _lacks(use: Use) -> list[Lack]:
    from sre_runner.tools.command.tool import prerequisites

    missing = prerequisites(parse(use.data), use.connections.environ, use.connections.directory)
    return [Lack(message, "Install it, or set it.") for message in missing]


async def _origin(use: Use) -> str:
    spec = parse(use.data)
    if PurePath(spec.command[0]).name != "kubectl":
        return f"program {spec.command[0]}"
    return "; ".join([await _cluster(use, one) for one in _specs(use).values()])


async def _cluster(use: Use, spec: CommandSpec) -> str:
    """kubectl's context and cluster, as kubectl itself reads its configuration."""
    from sre_runner.tools.command.tool import environment
    from sre_runner.tools.processes import run

    context = [each for each in spec.command if each.startswith("--context=")][:1]
    env = environment(spec, use.connections.environ)
    command = (spec.command[0], "config", "view", "--minify", "--output=json", *context)
    known = use.connections.origins
    key = (command, tuple(sorted(env.items())))
    if key not in known:
        try:
            finished = await run(command, env=env, cwd=use.connections.directory, seconds=_SECONDS)
            known[key] = _said(finished.stdout)
        except (OSError, ValueError):
            known[key] = "kubectl"
    return str(known[key])


def _said(view: str) -> str:
    try:
        data = json.loads(view)
        server = data["clusters"][0]["cluster"]["server"]
        return f"kubectl, context {data['current-context'] or 'none'}, cluster {server}"
    except (ValueError, KeyError, IndexError, TypeError):
        return "kubectl"


def _reaches(spec: ToolSpec, data: Mapping[str, Any], servers: Mapping[str, Mapping[str, Json]]) -> str:  # noqa: ARG001
    where = _servers(data, spec.input_schema)
    return "runs " + " ".join(map(str, data["command"])) + (f" on {listed(where)}" if where else "")


COMMAND = Backend(
    key="command",
    schema={**SCHEMA, "properties": {**SCHEMA["properties"], "server": _SERVER}},
    problems=_problems,
    tool=_tool,
    reaches=_reaches,
    lacks=_lacks,
    origin=_origin,
    servers=_servers,
)
