"""What there is to know of a kind of backend; each kind is one module that states it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from jinja2 import TemplateError
from jinja2.nodes import Name

from sre_runner.casefile import Json
from sre_runner.documents.templates import environment
from sre_runner.specs import ToolSpec, World
from sre_runner.tools.backends.connections import Connections
from sre_runner.tools.backends.look import Look
from sre_runner.tools.tool import Tool

Place = tuple[str | int, ...]
"""A path in a file."""


class Complaint(NamedTuple):
    """What is wrong at a place of a file; with `key` at the key that names it."""

    place: Place
    message: str
    hint: str = ""
    key: bool = False


class Family(Protocol):
    """A file of `tools.d`, which may be wrong in places: `at` gives what stands there, `sound` only what fits."""

    def at(self, *place: str | int) -> Json:
        """What stands there; None where there is nothing."""

    def sound(self, *place: str | int) -> Json:
        """What stands there and fits the schema, or None."""

    def names(self, *place: str | int) -> tuple[str, ...]:
        """The keys of the mapping that stands there."""

    def line(self, *place: str | int) -> int:
        """The line of what stands there."""


@dataclass(frozen=True)
class Entry:
    """A tool of a file as its backend checks it.

    `schema` is its `input_schema`, None where that is missing or wrong, so that nothing can be said of its arguments.
    `servers` are those of all files, `text` reads a file beside `tools.d`, and `folder` finds a folder of the
    configuration; both raise `RunnerError`.
    """

    file: Family
    name: str
    schema: Mapping[str, Any] | None
    world: World
    servers: Mapping[str, Mapping[str, Json]]
    text: Callable[[str], str]
    folder: Callable[[str], Path]

    @property
    def place(self) -> Place:
        """Where its backend stands in the file."""
        return "tools", self.name, self.world

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The schemas of its arguments."""
        return self.schema.get("properties", {}) if self.schema is not None else {}


class Reach(NamedTuple):
    """Something that calls can touch, or are given: a command, a server, variables of the environment.

    `values` stand at the place `at` of the mapping of a backend or a server. Of a `whole`, any difference is another
    reach; otherwise each value is one by itself, and fewer are less. `arguments` are those of a call that are part of
    it, and `variables` those of the environment whose values go there.
    """

    what: str
    values: tuple[str, ...]
    at: Place
    whole: bool = True
    arguments: frozenset[str] = frozenset()
    variables: tuple[str, ...] = ()


def of_templates(what: str, at: Place, texts: tuple[str, ...], more: Iterable[str] = ()) -> Reach:
    """The reach of templates of a call's arguments; `more` are templates in them that are not shown by themselves."""
    return Reach(what, texts, at, arguments=frozenset().union(*map(_names, (*texts, *more))))


def _names(template: str) -> frozenset[str]:
    """The arguments in a template; none where it cannot be read, which is a problem of its own."""
    try:
        return frozenset(name.name for name in _SANDBOX.parse(template).find_all(Name))
    except (TemplateError, RecursionError, ValueError):
        return frozenset()


_SANDBOX = environment()


def settings(what: str, at: Place, given: Mapping[str, Json], sign: str) -> Reach:
    """The reach of named settings, each a text or `{env: VARIABLE}`."""
    values = tuple(f"{name}{sign}{setting(value)}" for name, value in given.items())
    return Reach(what, values, at, whole=False, variables=of_environment(given.values()))


def setting(value: Json) -> str:
    """A setting for people: its text, or the variable that has it."""
    return f"${value['env']}" if isinstance(value, Mapping) else str(value)


def of_environment(values: Iterable[Json]) -> tuple[str, ...]:
    """The variables among settings."""
    return tuple(value["env"] for value in values if isinstance(value, Mapping))


class Lack(NamedTuple):
    """What has to be there before a tool can answer, and is not. `server` is the one that lacks it, "" for the tool."""

    message: str
    hint: str = ""
    server: str = ""


@dataclass(frozen=True)
class Use:
    """A tool of a run: its spec, what its backend reads, and what the run's tools share."""

    spec: ToolSpec
    data: Mapping[str, Any]
    connections: Connections


def _as_it_is(data: Mapping[str, Json], rows: Mapping[str, Json], text: Callable[[str], str]) -> Mapping[str, Json]:
    return data


def _arguments(use: Use, arguments: Mapping[str, Json]) -> str:
    return f"{use.spec.name}({json.dumps(dict(arguments), ensure_ascii=False)})"


async def _nothing(use: Use) -> list[Lack]:
    return []


async def _nowhere(use: Use, arguments: Mapping[str, Json]) -> str:
    return ""


def _of_itself(data: Mapping[str, Any], schema: Mapping[str, Any]) -> tuple[Any, ...]:
    return ()


@dataclass(frozen=True)
class Backend:
    """A kind of backend. `key` is the key of `simulated` or `live` by which it is told.

    `schema` is the JSON Schema of the whole mapping. `problems` are those that no schema can tell; `tool` makes what
    answers; `reaches` says in a line what its calls can touch, and `reached` by parts, of its mapping and the tool's
    `input_schema`, so that two versions can be compared; all else in the mapping is how an answer is read. A tool that
    is `claimed` has its description and schema from a server, which may change what agents read. `source` puts what the
    mapping names in other files into it, so that a journal has all of it: it is given the mapping, the file's data
    sets, and what reads a text. `lacks` is asked before the first paid call, `looks` are what `sre-run doctor` sees,
    `origin` says where the answer to a call came from, and `preview` is a call as a person is shown it who is asked
    whether it may be made. `servers` are those that its calls may go to, and `folders` those of the configuration that
    they read.
    """

    key: str
    schema: Mapping[str, Any]
    problems: Callable[[Entry], Iterable[Complaint]]
    tool: Callable[[Use], Tool]
    reaches: Callable[[ToolSpec, Mapping[str, Any], Mapping[str, Mapping[str, Json]]], str]
    source: Callable[[Mapping[str, Json], Mapping[str, Json], Callable[[str], str]], Mapping[str, Json]] = field(
        default=_as_it_is
    )
    lacks: Callable[[Use], Awaitable[list[Lack]]] = field(default=_nothing)
    origin: Callable[[Use, Mapping[str, Json]], Awaitable[str]] = field(default=_nowhere)
    preview: Callable[[Use, Mapping[str, Json]], str] = field(default=_arguments)
    servers: Callable[[Mapping[str, Any], Mapping[str, Any]], tuple[str, ...]] = field(default=_of_itself)
    reached: Callable[[Mapping[str, Any], Mapping[str, Any]], tuple[Reach, ...]] = field(default=_of_itself)
    folders: Callable[[Mapping[str, Any]], tuple[str, ...]] = field(default=lambda data: ())
    looks: Callable[[Use], Iterable[Look]] = field(default=lambda use: ())
    claimed: bool = False
