"""All tools, servers and models of a configuration directory, whether a playbook reaches them or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sre_runner.casefile import Json
from sre_runner.config.directory import Directory
from sre_runner.config.sources import schema, tool_of, tool_source
from sre_runner.specs import ToolSpec


@dataclass(frozen=True)
class Everything:
    """What is in the files of a directory; `models` are the names of those that playbooks and agents name."""

    directory: Path
    tools: tuple[ToolSpec, ...]
    servers: Mapping[str, Mapping[str, Json]]
    models: tuple[str, ...]


def everything(folder: Directory) -> Everything:
    """All of a directory that has no problems: `validate` says whether it has any."""
    tools = [
        tool_of(name, tool_source(family.at("tools", name), family.at("data") or {}, folder.text))
        for family in folder.tools
        for name in family.names("tools")
    ]
    return Everything(folder.root, tuple(tools), folder.servers, tuple(dict.fromkeys(_models(folder))))


def _models(folder: Directory) -> Iterator[str]:
    """The models of playbooks, of which each has one, and of agents that name their own."""
    usual = schema("playbook")["properties"]["model"]["default"]
    playbooks = (folder.playbook(paths[0]).at("model") or usual for paths in folder.playbooks.values())
    agents = (agent.at("model") for name in folder.agents if (agent := folder.agent(name)))
    for model in (*playbooks, *agents):
        if model:
            yield model if isinstance(model, str) else model["name"]
