"""What there is to know of a kind of backend; each kind is one module that states it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sre_runner.casefile import Json
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


def _as_it_is(data: Mapping[str, Json], rows: Mapping[str, Json], text: Callable[[str], str]) -> Mapping[str, Json]:  # noqa: ARG001
    return data


async def _nothing(use: Use) -> list[Lack]:  # noqa: ARG001
    return []


async def _nowhere(use: Use) -> str:  # noqa: ARG001
    return ""


@dataclass(frozen=True)
class Backend:
    """A kind of backend. `key` is the key of `simulated` or `live` by which it is told.

    `schema` is the JSON Schema of the whole mapping. `problems` are those that no schema can tell; `tool` makes what
    answers; `reaches` says in a line what its calls can touch. `source` puts what the mapping names in other files
    into it, so that a journal has all of it: it is given the mapping, the file's data sets, and what reads a text.
    `lacks` is asked before the first paid call, `looks` by `sre-run doctor`, and `origin` says where its answers come
    from.
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
    origin: Callable[[Use], Awaitable[str]] = field(default=_nowhere)
    servers: Callable[[Mapping[str, Any], Mapping[str, Any]], tuple[str, ...]] = field(default=lambda data, schema: ())  # noqa: ARG005
    """The servers that its calls may go to, of its mapping and the tool's `input_schema`."""
    looks: Callable[[Use], Iterable[Look]] = field(default=lambda use: ())  # noqa: ARG005
