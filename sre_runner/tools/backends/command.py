"""The backend `live: {command: …}`: a program for every call; with `server`, kubectl against one of the clusters."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePath
from typing import Any

from sre_runner.casefile import Json, ToolAnswer
from sre_runner.documents.hints import choices
from sre_runner.specs import ToolSpec
from sre_runner.text.naming import listed, said
from sre_runner.tools.backends.backend import Backend, Complaint, Entry, Lack, Reach, Use, of_templates, settings
from sre_runner.tools.backends.clusters import resolve
from sre_runner.tools.backends.kubectl import Kubectl
from sre_runner.tools.backends.look import Look, Seen
from sre_runner.tools.command.checks import problems
from sre_runner.tools.command.rendering import RefusedCallError, prepared
from sre_runner.tools.command.spec import SCHEMA, CommandSpec, parse, variables
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

    async def answer(
        self, arguments: Mapping[str, Json], earlier: Sequence[Mapping[str, Json]], agent: str = ""
    ) -> ToolAnswer:
        """Ask in the cluster that the call names."""
        name = str(filled_in(self.schema, arguments).get(self.argument))
        if name not in self.tools:
            return ToolAnswer(f"Say which cluster: {listed(self.tools)}.", is_error=True, from_tool=False)
        return await self.tools[name].answer(arguments, earlier, agent)


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


def _preview(use: Use, arguments: Mapping[str, Json]) -> str:
    specs = _specs(use)
    given = use.data.get("server")
    chosen = filled_in(use.spec.input_schema, arguments).get(given["arg"]) if isinstance(given, Mapping) else None
    spec = specs.get(str(chosen)) or next(iter(specs.values()))
    try:
        return shlex.join(prepared(spec, use.spec.input_schema).arguments(arguments))
    except RefusedCallError as error:
        return f"(it will be refused: {error})"


async def _lacks(use: Use) -> list[Lack]:
    from sre_runner.tools.command.tool import prerequisites

    spec = parse(use.data)
    missing = prerequisites(spec, use.connections.environ, use.connections.directory)
    if missing or PurePath(spec.command[0]).name != "kubectl":
        return [Lack(message, "Install it, or set it.") for message in missing]
    refused = [await _refused(use, each) for each in _specs(use).values()]
    return [Lack(f"kubectl reaches no cluster: {why}", "Look at it with `sre-run doctor`.") for why in refused if why]


async def _refused(use: Use, spec: CommandSpec) -> str:
    """Why a cluster does not answer, asked once for all tools that go there."""
    import asyncio

    kubectl = _kubectl(use, spec)
    known = use.connections.origins
    key = ("answers", kubectl.program, kubectl.context, *sorted(kubectl.env.items()))
    if key not in known:
        known[key] = asyncio.ensure_future(kubectl.refusal())
    return str(await known[key])


async def _origin(use: Use, arguments: Mapping[str, Json]) -> str:
    spec = parse(use.data)
    if PurePath(spec.command[0]).name != "kubectl":
        return f"program {spec.command[0]}"
    specs, given = _specs(use), use.data.get("server")
    name = filled_in(use.spec.input_schema, arguments).get(given["arg"]) if isinstance(given, Mapping) else None
    return await _cluster(use, specs.get(str(name)) or next(iter(specs.values())))


def _kubectl(use: Use, spec: CommandSpec) -> Kubectl:
    from sre_runner.tools.command.tool import environment

    context = tuple(each for each in spec.command if each.startswith("--context="))[:1]
    env = environment(spec, use.connections.environ)
    return Kubectl(spec.command[0], context, env, use.connections.directory)


async def _cluster(use: Use, spec: CommandSpec) -> str:
    """kubectl's context and cluster, found out once a run."""
    kubectl = _kubectl(use, spec)
    known = use.connections.origins
    key = (kubectl.program, kubectl.context, *sorted(kubectl.env.items()))
    if key not in known:
        try:
            known[key] = await kubectl.at() or "kubectl"
        except (OSError, ValueError):
            known[key] = "kubectl"
    return str(known[key])


def _looks(use: Use) -> Iterator[Look]:
    spec = parse(use.data)
    environ, directory = use.connections.environ, use.connections.directory
    name = PurePath(spec.command[0]).name
    yield Look(f"program {name}", partial(_program, spec, environ, directory), spec.command[0])
    for variable in variables(spec):
        yield Look(f"variable {variable}", partial(_variable, variable, environ))
    if name == "kubectl":
        for cluster, one in _specs(use).items():
            kubectl = _kubectl(use, one)
            key = (kubectl.program, kubectl.context, *sorted(kubectl.env.items()))
            yield Look(f"cluster {cluster}".rstrip(), partial(_rights, kubectl), key)


async def _program(spec: CommandSpec, environ: Mapping[str, str], directory: Path) -> list[Seen]:
    from sre_runner.tools.command.tool import environment
    from sre_runner.tools.command.versions import found, version

    program, env = spec.command[0], environment(spec, environ)
    path = found(program, env, directory)
    if path is None:
        place = f"in {directory}" if "/" in program else "on the PATH"
        return [Seen("fail", f"it is not {place}, or cannot be run", f"Install {PurePath(program).name}.")]
    told = await version(program, path, env, directory)
    return [Seen("ok", f"{told} ({path})" if told else path)]


async def _variable(name: str, environ: Mapping[str, str]) -> list[Seen]:
    return [Seen("ok", "set") if environ.get(name) else Seen("fail", "not set", f"Set {name}.")]


async def _rights(kubectl: Kubectl) -> list[Seen]:
    try:
        return await kubectl.seen()
    except FileNotFoundError:
        return []  # told of the program


def _reaches(spec: ToolSpec, data: Mapping[str, Any], servers: Mapping[str, Mapping[str, Json]]) -> str:
    where = _servers(data, spec.input_schema)
    return "runs " + " ".join(map(str, data["command"])) + (f" on {listed(where)}" if where else "")


def _reached(data: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[Reach, ...]:
    command = tuple(map(str, data["command"]))
    kubectl = PurePath(command[0]).name == "kubectl"
    clusters = _servers(data, schema) or (("the current context",) if kubectl else ())
    passed, optional = tuple(data.get("env", ())), tuple(data.get("optional_env", ()))
    return (
        of_templates("command", ("command",), command),
        Reach("clusters", clusters, ("server",), whole=False),
        Reach("variables", passed, ("env",), whole=False, variables=passed),
        Reach("variables", optional, ("optional_env",), whole=False, variables=optional),
        settings("variables", ("set_env",), data.get("set_env", {}), "="),
    )


COMMAND = Backend(
    key="command",
    schema={**SCHEMA, "properties": {**SCHEMA["properties"], "server": _SERVER}},
    problems=_problems,
    tool=_tool,
    reaches=_reaches,
    lacks=_lacks,
    origin=_origin,
    preview=_preview,
    servers=_servers,
    reached=_reached,
    looks=_looks,
)
