"""Which backends there are in rehearsals and live, and what they make of a tool of a run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sre_runner.casefile import Json, ToolAnswer
from sre_runner.specs import ToolSpec, World
from sre_runner.tools.backends.backend import Backend, Lack, Use
from sre_runner.tools.backends.command import COMMAND
from sre_runner.tools.backends.connections import Connections
from sre_runner.tools.backends.http import HTTP
from sre_runner.tools.backends.mcp import MCP
from sre_runner.tools.backends.reduction import Reduction, reduction_of
from sre_runner.tools.backends.runbooks import RUNBOOKS
from sre_runner.tools.backends.servers import kind_of
from sre_runner.tools.backends.simulated import ANSWERS, ROWS
from sre_runner.tools.tool import Tool

Backends = Mapping[World, Sequence[Backend]]

BACKENDS: Backends = {"simulated": (ROWS, RUNBOOKS, ANSWERS), "live": (HTTP, MCP, RUNBOOKS, COMMAND)}
"""By world. A mapping with the key of none of them is taken for the last one's."""


def backend_of(world: World, data: Mapping[str, Json], backends: Backends = BACKENDS) -> Backend:
    """The backend that reads what stands under `simulated` or `live`."""
    return next((each for each in backends[world] if each.key in data), backends[world][-1])


@dataclass(frozen=True)
class Answering:
    """A tool of a run: what its backend answers, reduced as the file says, and where that came from."""

    use: Use
    backend: Backend
    tool: Tool
    reduction: Reduction

    async def answer(self, arguments: Mapping[str, Json], earlier: Sequence[Mapping[str, Json]]) -> ToolAnswer:
        """Answer one call."""
        answer = await self.tool.answer(arguments, earlier)
        if not answer.from_tool:
            return answer
        return replace(self.reduction.of(answer), origin=await self.backend.origin(self.use))


def tools_of(
    specs: Iterable[ToolSpec], world: World, connections: Connections, backends: Backends = BACKENDS
) -> dict[str, Tool]:
    """What answers as each tool in a world. Raises `RunnerError` where the environment lacks what a server needs."""
    made: dict[str, Tool] = {}
    for spec in specs:
        use = _use(spec, world, connections)
        backend = backend_of(world, use.data, backends)
        made[spec.name] = Answering(use, backend, backend.tool(use), reduction_of(use.data))
    return made


@dataclass(frozen=True)
class Missing:
    """What a tool of a run lacks; `tools` are all that need the same server."""

    tools: tuple[str, ...]
    lack: Lack


async def missing(
    specs: Sequence[ToolSpec], world: World, connections: Connections, backends: Backends = BACKENDS
) -> list[Missing]:
    """Everything that has to be there for these tools and is not, all asked for at once."""
    uses = {spec.name: _use(spec, world, connections) for spec in specs}
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
    return found + [Missing((name,), lack) for name, lacks in zip(uses, of_tools, strict=True) for lack in lacks]


async def _of_server(name: str, connections: Connections) -> list[Lack]:
    return await kind_of(connections.servers[name]).lacks(name, connections)


def _use(spec: ToolSpec, world: World, connections: Connections) -> Use:
    data: Mapping[str, Any] | None = spec.backend(world)
    assert data is not None, f"{spec.name} has no backend {world}"
    return Use(spec, data, connections)
