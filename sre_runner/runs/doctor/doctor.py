"""Everything that a playbook, or a whole configuration, needs of the world around it, looked at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from sre_runner.config.directory import Directory, shown
from sre_runner.config.everything import Everything, everything
from sre_runner.config.loading import find_directory, validate
from sre_runner.config.sources import WORLDS
from sre_runner.errors import ConfigError
from sre_runner.runs.doctor import service
from sre_runner.runs.doctor.looking import Line, look_at_all
from sre_runner.runs.options import RunOptions, configured
from sre_runner.specs import Configuration
from sre_runner.text.output import secrets_of
from sre_runner.tools.backends.backend import Use
from sre_runner.tools.backends.connections import Connections
from sre_runner.tools.backends.look import Look
from sre_runner.tools.backends.servers import kind_of
from sre_runner.tools.backends.table import backend_of


async def examined(
    playbook: Path | None, config: Path | None, environ: Mapping[str, str], home: Path, *, offline: bool = False
) -> list[Line]:
    """A line for everything that a playbook needs, or without one everything of its configuration directory.

    Nothing is changed, and no tokens are spent; `offline` leaves out the model service. A configuration with problems
    is a line that fails. Raises `RunnerError` where there is none.
    """
    first, whole = _read(playbook, config)
    looks: dict[Look, list[str]] = {}
    if not offline:
        looks |= {look: [] for look in service.looks(whole.models, environ, home)}
    async with Connections(whole.servers, environ, whole.directory) as connections:
        for look, tools in _of_tools(whole, connections):
            looks.setdefault(look, []).extend(tools)
        lines = await look_at_all(looks, secrets_of(environ) | connections.secrets)
    return [first, *lines]


def _read(playbook: Path | None, config: Path | None) -> tuple[Line, Everything]:
    """The line of the configuration itself, and what is in it: nothing, where it has problems."""
    root = find_directory(playbook or Path(), config)
    name = shown(playbook) if playbook else str(root)
    try:
        if playbook is None:
            problems = [problem for problem in validate((), root).problems if not problem.warning]
            if problems:
                raise ConfigError(problems)
            whole = everything(Directory(root))
        else:
            whole = _of_playbook(configured(RunOptions(playbook, config), only_shown=True), root)
    except ConfigError as error:
        hint = f"sre-run validate {name} shows them. Its tools and servers were not looked at."
        return Line("fail", "configuration", f"{name}: {error.message}", hint), Everything(root, (), {}, ())
    live = sum(tool.live is not None for tool in whole.tools)
    return Line("ok", "configuration", f"{name}: {live} of {len(whole.tools)} tools can be live"), whole


def _of_playbook(configuration: Configuration, root: Path) -> Everything:
    models = [configuration.playbook.model, *(agent.model for agent in configuration.agents.values() if agent.model)]
    tools = tuple(tool for tool in configuration.tools.values() if not tool.built_in)
    return Everything(root, tools, configuration.servers, tuple(dict.fromkeys(model.name for model in models)))


def _of_tools(whole: Everything, connections: Connections) -> list[tuple[Look, Sequence[str]]]:
    """What servers and tools bring, with the tools that need it."""
    uses = [
        (backend_of(world, data), Use(tool, data, connections))
        for tool in whole.tools
        for world in WORLDS
        if (data := tool.backend(world)) is not None
    ]
    users: dict[str, list[str]] = {name: [] for name in whole.servers}
    for backend, use in uses:
        for server in backend.servers(use.data, use.spec.input_schema):
            users[server].append(use.spec.name)
    servers = [
        (Look(f"server {name}", partial(kind_of(whole.servers[name]).see, name, connections)), tools)
        for name, tools in users.items()
    ]
    return [*servers, *((look, (use.spec.name,)) for backend, use in uses for look in backend.looks(use))]
