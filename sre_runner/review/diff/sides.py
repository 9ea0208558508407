"""The two sides of a comparison: what each directory holds, by name; what is the same on both is read only once."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from sre_runner.casefile import Json
from sre_runner.config.checks.inputs import inputs_of
from sre_runner.config.checks.strategies import agents_of
from sre_runner.config.directory import BUILT_IN, FOLDERS, MAX_TEXT_FILE, SUFFIXES, Directory, File
from sre_runner.config.loading import load
from sre_runner.config.sources import Kind
from sre_runner.documents.json_schema.complaints import Path as Place
from sre_runner.documents.yaml.document import MOST_BYTES
from sre_runner.errors import ConfigError, Problem
from sre_runner.review.diff.plain import plain_agent, plain_playbook, plain_server, plain_tool, unfit, without
from sre_runner.specs import Configuration


@dataclass(frozen=True)
class Thing:
    """An agent, a tool or a playbook of one side: where it stands, and what it says in its normal form.

    `place` is the path to it in its file. `unknown` are places in it of which nothing can be said, as they do not fit
    the schema.
    """

    name: str
    file: File
    place: Place
    data: Mapping[str, Json]
    unknown: frozenset[Place] = frozenset()


class Side(Directory):
    """A configuration directory; a file that is `beside` it as well, byte for byte, is that of the other side."""

    def __init__(self, root: Path, beside: Side | None = None) -> None:
        super().__init__(root)
        self.beside = beside
        self._same = cache(self._compared)
        self._loaded: dict[str, Configuration | ConfigError] = {}

    @cached_property
    def agent_things(self) -> Mapping[str, Thing]:
        """The agents that can be read, by name."""
        files = {name: file for name in self.agents if (file := self.agent(name)) and file.readable}
        return {name: self._shared(file, name, "agent_things") or _agent(file) for name, file in files.items()}

    @cached_property
    def tool_things(self) -> Mapping[str, Thing]:
        """The tools that can be read, by name; of several of one name the first."""
        found: dict[str, Thing] = {}
        for name, (family, *_) in self.definitions.items():
            if family is not BUILT_IN and not unfit(family) & {("tools",), ("tools", name)}:
                shared = self._shared(family, name, "tool_things") if self.same_texts else None
                found[name] = shared or Thing(name, family, ("tools", name), plain_tool(family, name, self))
        return found

    @cached_property
    def server_things(self) -> Mapping[str, Thing]:
        """The servers that fit the schema, by name."""
        data = {name: plain_server(server) for name, server in self.servers.items()}
        return {name: Thing(name, self.serving[name], ("servers", name), each) for name, each in data.items()}

    @cached_property
    def pattern_things(self) -> Mapping[str, Thing]:
        """The patterns of secrets by name; of several of one name the first."""
        found: dict[str, Thing] = {}
        for family in self.tools:
            for name, pattern in (family.sound("secrets") or {}).items():
                found.setdefault(name, Thing(name, family, ("secrets", name), {"pattern": pattern}))
        return found

    @cached_property
    def same_texts(self) -> bool:
        """Whether the files that are no YAML, with which tools may answer, are the same on the other side."""
        listed = [_texts(side.root) for side in (self, self.beside) if side]
        return len(listed) == 2 and listed[0] == listed[1]

    @cached_property
    def playbook_files(self) -> dict[str, File]:
        """The files of the folder of playbooks, by name, whether they can be read or not."""
        return {name: self.playbook(path) for name, (path, *_) in self.playbooks.items()}

    def playbook_thing(self, name: str) -> Thing | None:
        """The playbook of that name, if there is one that can be read."""
        file = self.playbook_files.get(name)
        return self._playbook(name, file) if file and file.readable else None

    def inputs(self, playbook: str) -> dict[str, str]:
        """The inputs of a playbook; none where they cannot be told."""
        file = self.playbook_files.get(playbook)
        return inputs_of(file) if file and file.readable and file.sound("inputs") else {}

    @cached_property
    def teams(self) -> dict[str, tuple[str, ...]]:
        """The agents of each playbook."""
        return {name: agents_of(file) for name, file in self.playbook_files.items()}

    @cached_property
    def callers(self) -> dict[str, list[str]]:
        """The agents that have a tool on their whitelist, by tool."""
        found: dict[str, list[str]] = {}
        for name, thing in self.agent_things.items():
            for tool in thing.data.get("tools", ()):
                found.setdefault(tool, []).append(name)
        return found

    @cached_property
    def users(self) -> dict[str, list[str]]:
        """The playbooks in which an agent is, by agent."""
        found: dict[str, list[str]] = {}
        for name, team in self.teams.items():
            for agent in team:
                found.setdefault(agent, []).append(name)
        return found

    def silent(self, kind: Kind) -> set[str]:
        """The stems of files of which it cannot be told what is in them."""
        if kind == "tools":
            return {family.name for family in self.tools if not isinstance(family.sound("tools"), dict)}
        files = self.playbook_files if kind == "playbook" else {name: self.agent(name) for name in self.agents}
        return {name for name, file in files.items() if file and not file.readable}

    def problems(self, playbooks: Iterable[str]) -> Iterator[Problem]:
        """What is wrong with what these playbooks reach, those left out that are not there."""
        for name in playbooks:
            made = self.configuration(name) if name in self.playbooks else None
            yield from (each for each in (made.problems if isinstance(made, ConfigError) else ()) if not each.warning)

    def writes(self, agent: str) -> list[str]:
        """The tools of an agent that can write."""
        thing = self.agent_things.get(agent)
        return [name for name in (thing.data.get("tools", ()) if thing else ()) if self.effect(name) == "write"]

    def effect(self, tool: str) -> str | None:
        """`read` or `write`; None for a tool that is not there."""
        return self.tool_things[tool].data["effect"] if tool in self.tool_things else None

    def configuration(self, playbook: str) -> Configuration | ConfigError:
        """A playbook with all that it reaches, or what is wrong with it."""
        if playbook not in self._loaded:
            try:
                self._loaded[playbook] = load(self.playbooks[playbook][0], directory=self, only_shown=True)
            except ConfigError as error:
                self._loaded[playbook] = error
        return self._loaded[playbook]

    def listed(self) -> Iterator[tuple[Kind, tuple[Path, ...]]]:
        """The paths of all YAML files, those of one name together; none is read for that."""
        listings: Mapping[Kind, Mapping[str, tuple[Path, ...]]] = {
            "agent": self.agents,
            "tools": self.families,
            "playbook": self.playbooks,
        }
        for kind, listing in listings.items():
            yield from ((kind, paths) for paths in listing.values())

    def same(self, paths: tuple[Path, ...]) -> tuple[Path, ...]:
        """The files on the other side that are the same, byte for byte; () where there are none."""
        return self._same(paths)

    def read(self, kind: Kind, paths: tuple[Path, ...]) -> File:
        """The first of these files."""
        return self._of(kind, paths)

    def _of(self, kind: Kind, paths: tuple[Path, ...]) -> File:
        other = self._same(paths)
        return self.beside._of(kind, other) if self.beside and other else super()._of(kind, paths)

    def _compared(self, paths: tuple[Path, ...]) -> tuple[Path, ...]:
        """The same files on the other side; () where one of them is not the same, or not there."""
        if self.beside is None or not all(path.is_relative_to(self.root) for path in paths):
            return ()
        others = tuple(self.beside.root / path.relative_to(self.root) for path in paths)
        listed = self.beside._files(others[0].parent).get(others[0].stem)
        return others if listed == others and all(map(same_bytes, paths, others)) else ()

    def _shared(self, file: File, name: str, things: str) -> Thing | None:
        """The thing of that name on the other side, if it stands in the same file."""
        thing: Thing | None = getattr(self.beside, things).get(name) if self.beside else None
        return thing if thing and thing.file is file else None

    def _playbook(self, name: str, file: File) -> Thing:
        unknown = unfit(file)
        agents = self.agent_things
        data = plain_playbook(
            name, without(file.at(), unknown), file, lambda agent: agents[agent].data if agent in agents else {}
        )
        return Thing(name, file, (), without(data, unknown), unknown)


def _agent(file: File) -> Thing:
    unknown = unfit(file)
    return Thing(file.name, file, (), without(plain_agent(without(file.at(), unknown)), unknown), unknown)


def _texts(root: Path) -> dict[Path, str]:
    """A digest of each file of `tools.d` that is no YAML file, and is small enough for a tool to answer with."""
    folder = root / FOLDERS["tools"]
    files = (path for path in sorted(folder.rglob("*")) if path.parent != folder or path.suffix not in SUFFIXES)
    return {path.relative_to(root): digest for path in files if (digest := _digest(path))}


def _digest(path: Path) -> str:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_TEXT_FILE:
            return ""
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return str(error.errno)


def same_bytes(one: Path, other: Path) -> bool:
    """Whether both are ordinary files of the same bytes, and not larger than is read of one."""
    try:
        first, second = one.stat(), other.stat()
        ordinary = stat.S_ISREG(first.st_mode) and stat.S_ISREG(second.st_mode)
        if not ordinary or first.st_size != second.st_size or first.st_size > MOST_BYTES:
            return False
        return one.read_bytes() == other.read_bytes()
    except OSError:
        return False
