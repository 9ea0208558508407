"""The tools of a run, made by their backends, and what they lack."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sre_runner.casefile import Json, ToolAnswer
from sre_runner.errors import RunnerError
from sre_runner.specs import ToolSpec, World
from sre_runner.tools.backends.backend import Backend, Lack, Use
from sre_runner.tools.backends.connections import Connections
from sre_runner.tools.backends.reduction import Reduction, reduction_of
from sre_runner.tools.backends.servers import kind_of
from sre_runner.tools.backends.table import BACKENDS, Backends, backend_of
from sre_runner.tools.tool import Tool

OTHER_VERSION = "It may be from another version of sre-run."


@dataclass(frozen=True)
class Answering:
    """A tool of a run: what its backend answers, reduced as the file says, and where that came from."""

    use: Use
    backend: Backend
    tool: Tool
    reduction: Reduction

    async def answer(
        self, arguments: Mapping[str, Json], earlier: Sequence[Mapping[str, Json]], agent: str = ""
    ) -> ToolAnswer:
        """Answer one call."""
        answer = await self.tool.answer(arguments, earlier, agent)
        if not answer.from_tool:
            return answer
        return replace(self.reduction.of(answer), origin=await self.backend.origin(self.use, arguments))


def preview(tool: Tool, name: str, arguments: Mapping[str, Json]) -> str:
    """A call as it will be made, for a person who is asked: its command line, or its request."""
    if isinstance(tool, Answering):
        return tool.backend.preview(tool.use, arguments)
    return f"{name}({json.dumps(dict(arguments), ensure_ascii=False)})"


def tools_of(
    specs: Iterable[ToolSpec], world: World, connections: Connections, backends: Backends = BACKENDS
) -> dict[str, Tool]:
    """What answers as each tool in a world. Raises `RunnerError` where the environment lacks what a server needs."""
    made: dict[str, Tool] = {}
    for spec in (each for each in specs if not each.built_in):
        use = _use(spec, world, connections)
        backend = backend_of(world, use.data, backends)
        try:
            made[spec.name] = Answering(use, backend, backend.tool(use), reduction_of(use.data))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RunnerError(f"the recorded tool {spec.name} cannot be used: {error!r}", OTHER_VERSION) from error
    return made


@dataclass(frozen=True)
class Missing:
    """What tools of a run lack; `tools` are all that need the same server, program or variable."""

    tools: tuple[str, ...]
    lack: Lack


async def missing(
    specs: Sequence[ToolSpec], world: World, connections: Connections, backends: Backends = BACKENDS
) -> list[Missing]:
    """Everything that has to be there for these tools and is not, all asked for at once."""
    uses = {spec.name: _use(spec, world, connections) for spec in specs if not spec.built_in}
    kinds = {name: backend_of(world, use.data, backends) for name, use in uses.items()}
    users: dict[str, list[str]] = {}
    for name, use in uses.items():
        for server in kinds[name].servers(use.data, use.spec.input_schema):
            users.setdefault(server, []).append(name)
    of_servers = await asyncio.gather(*(_of_server(server, connections) for server in users))
    of_tools = await asyncio.gather(*(kinds[name].lacks(use) for name, use in uses.items()))
    found = [
        Missing(tuple(names), lack) for names, lacks in zip(users.values(), of_servers, strict=True) for lack in lacks
    ]
    lacking: dict[Lack, list[str]] = {}
    for name, lacks in zip(uses, of_tools, strict=True):
        for lack in lacks:
            lacking.setdefault(lack, []).append(name)
    return found + [Missing(tuple(names), lack) for lack, names in lacking.items()]


async def _of_server(name: str, connections: Connections) -> list[Lack]:
    return await kind_of(connections.servers[name]).lacks(name, connections)


def _use(spec: ToolSpec, world: World, connections: Connections) -> Use:
    data: Mapping[str, Any] | None = spec.backend(world)
    if data is None:
        raise RunnerError(f"the tool {spec.name} has no `{world}`")
    return Use(spec, data, connections)
