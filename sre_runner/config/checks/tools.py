"""What a schema cannot say of a file of `tools.d`: names, schemas of arguments, servers, and what backends check."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sre_runner.config.directory import BUILT_IN_TOOLS, Directory, File
from sre_runner.config.sources import WORLDS
from sre_runner.coordination.report_schemas import RESERVED_TOOL_NAMES
from sre_runner.documents.json_schema.string_rules import pattern_problem
from sre_runner.documents.json_schema.vocabulary import schema_problems
from sre_runner.errors import Problem
from sre_runner.specs import World
from sre_runner.text.naming import said
from sre_runner.tools.backends.backend import Entry
from sre_runner.tools.backends.reduction import reduction_problems
from sre_runner.tools.backends.servers import kind_of
from sre_runner.tools.backends.table import backend_of

TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""What the Messages API takes as the name of a tool."""


def tools_problems(file: File, directory: Directory) -> Iterator[Problem]:
    """Everything that is wrong inside one family, beyond what `file.problems` has."""
    for name in file.names("tools"):
        yield from _name(file, name)
        place = ("tools", name, "input_schema")
        schema = file.sound(*place)
        outside = schema_problems(schema, place) if schema is not None else ()
        for inner, message in outside:
            yield file.problem(inner, message)
        yield from _backends(file, name, None if outside else schema, directory)
    yield from _servers(file)
    yield from servers_twice(file, directory)
    for name, pattern in (file.sound("secrets") or {}).items():
        if wrong := pattern_problem(pattern):
            yield file.problem(("secrets", name), f"the pattern of {said(name)} {wrong}", "Write it for RE2.")


def _backends(file: File, name: str, schema: Mapping[str, Any] | None, directory: Directory) -> Iterator[Problem]:
    """What is wrong with what answers as a tool, in rehearsals and live."""
    for world in WORLDS:
        entry = Entry(file, name, schema, world, directory.servers, directory.text, directory.folder)
        data = file.at(*entry.place)
        if isinstance(data, dict):
            for complaint in backend_of(world, data).problems(entry):
                yield file.problem(*complaint[:3], key=complaint.key)
            for key, message, hint in reduction_problems(file.sound(*entry.place) or {}):
                yield file.problem((*entry.place, key), message, hint)
    if isinstance(file.at("tools", name), dict) and not set(WORLDS) & set(file.names("tools", name)):
        message = f"nothing answers as the tool {said(name)}: `simulated` and `live` are missing"
        yield file.problem(("tools", name), message, "Add one of them, or both.", key=True)


def _servers(file: File) -> Iterator[Problem]:
    for name in file.names("servers"):
        data = file.sound("servers", name)
        if data is not None:
            for place, message, hint in kind_of(data).problems(name, data):
                yield file.problem(("servers", name, *place), message, hint)


def unanswered(name: str, world: World, file: File, playbook: str) -> Iterator[Problem]:
    """A problem where nothing answers as a tool in the world that a playbook asks for."""
    if isinstance(file.at("tools", name), dict) and world not in file.names("tools", name):
        message = f"the tool {said(name)} has no `{world}`, which the playbook {said(playbook)} asks for"
        other = "--simulated looks at no real system" if world == "live" else "--live looks at real systems"
        yield file.problem(("tools", name), message, f"Add `{world}:`; or {other}; or --without {name}.", key=True)


def twice_defined(name: str, directory: Directory) -> Iterator[Problem]:
    """A problem for each definition of a tool after its first."""
    defining = directory.definitions.get(name, ())
    for other in defining[1:]:
        message = f"the tool {said(name)} is defined in {defining[0].shown}:{defining[0].line('tools', name)} as well"
        yield other.problem(("tools", name), message, "Tool names are unique over all families.", key=True)


def servers_twice(file: File, directory: Directory) -> Iterator[Problem]:
    """A problem for each server of a file that another one before it has defined."""
    for name in file.names("servers"):
        first = directory.serving[name]
        if first.path != file.path:
            message = f"the server {said(name)} is defined in {first.shown}:{first.line('servers', name)} as well"
            yield file.problem(("servers", name), message, "Names of servers are unique over all files.", key=True)


def _name(file: File, name: str) -> Iterator[Problem]:
    place = ("tools", name)
    if name in RESERVED_TOOL_NAMES:
        yield file.problem(place, f"{said(name)} is the name of a report tool", "Choose another name.", key=True)
    elif name in BUILT_IN_TOOLS:
        yield file.problem(place, f"{said(name)} is the name of a built-in tool", "Choose another name.", key=True)
    elif not TOOL_NAME.fullmatch(name):
        hint = "The API takes at most 64 letters, digits, underscores and dashes."
        yield file.problem(place, f"{said(name)} is no name for a tool", hint, key=True)
