"""Which backends there are, in rehearsals and live: what is added to this table is known everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sre_runner.casefile import Json
from sre_runner.specs import World
from sre_runner.tools.backends.backend import Backend
from sre_runner.tools.backends.command import COMMAND
from sre_runner.tools.backends.http import HTTP
from sre_runner.tools.backends.mcp import MCP
from sre_runner.tools.backends.runbooks import RUNBOOKS
from sre_runner.tools.backends.simulated import ANSWERS, ROWS

Backends = Mapping[World, Sequence[Backend]]

BACKENDS: Backends = {"simulated": (ROWS, RUNBOOKS, ANSWERS), "live": (HTTP, MCP, RUNBOOKS, COMMAND)}
"""By world. A mapping with the key of none of them is taken for the last one's."""


def backend_of(world: World, data: Mapping[str, Json], backends: Backends = BACKENDS) -> Backend:
    """The backend that reads what stands under `simulated` or `live`."""
    return next((each for each in backends[world] if each.key in data), backends[world][-1])
