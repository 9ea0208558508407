"""What the tools of a run need, looked for before anything is paid."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from sre_runner.errors import ConfigError, Problem
from sre_runner.runs.shared import Shared
from sre_runner.specs import Configuration
from sre_runner.text.naming import listed
from sre_runner.tools.backends.answering import Missing, missing
from sre_runner.tools.backends.connections import Connections


def connections_of(configuration: Configuration) -> Connections:
    """What the tools of a run share."""
    return Connections(configuration.servers, os.environ, configuration.directory or Path.cwd())


async def check_prerequisites(configuration: Configuration, connections: Connections) -> None:
    """Raise `ConfigError` for everything that has to be there for the tools and is not, before anything is paid."""
    found = [
        _problem(configuration, each)
        for each in await missing([*configuration.tools.values()], configuration.playbook.backend, connections)
    ]
    if found:
        raise ConfigError(found)


def _problem(configuration: Configuration, found: Missing) -> Problem:
    server = found.lack.server
    place = configuration.places.get(("server", server) if server else ("tool", found.tools[0]))
    place = place or Problem(server or found.tools[0], 0, 0, "")
    names = listed(found.tools, 5)
    message = f"{found.lack.message} (for {names})"
    without = " ".join(f"--without {name}" for name in found.tools)
    return replace(place, message=message, hint=f"{found.lack.hint} Or go on without it: {without}".strip())


@contextlib.asynccontextmanager
async def connected(configuration: Configuration, shared: Shared | None) -> AsyncIterator[Connections]:
    """What the tools of a run share, everything there that they need; raise `ConfigError` where it is not."""
    if shared:
        yield shared.connections
        return
    async with connections_of(configuration) as connections:
        await check_prerequisites(configuration, connections)
        yield connections
