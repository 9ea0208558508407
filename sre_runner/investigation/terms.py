"""On which terms the calls of a run are made, and what lies beyond the door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from sre_runner.casefile import Json
from sre_runner.journal.recorded import Recorded
from sre_runner.models.model import Model
from sre_runner.specs import ToolSpec
from sre_runner.tools.tool import Tool


@dataclass(frozen=True)
class Beyond:
    """What lies beyond the door: who answers as the model, what answers as each tool, and what the tools are."""

    model: Model
    tools: Mapping[str, Tool]
    specs: Mapping[str, ToolSpec]


@dataclass(frozen=True)
class Before:
    """What came before a call in its conversation: the arguments of `earlier` calls of the same tool, oldest first, and
    where the answers that were cut are `kept`, by call id."""

    earlier: Sequence[Mapping[str, Json]] = ()
    kept: Mapping[str, str] = field(default_factory=dict)


NOTHING_BEFORE = Before()


@dataclass(frozen=True)
class Question:
    """What a person is asked before a write: who wants which call, and that as it will be made."""

    agent: str
    tool: str
    arguments: Json
    preview: str


Asker: TypeAlias = Callable[[Question], Awaitable[bool | None]]
"""A person's yes or no; None where there is none in time."""


@dataclass(frozen=True)
class Terms:
    """On which terms calls are made: `secrets` that nobody is shown, and `patterns` of more by name, write tools that
    may run, calls that are `recorded` and not made again, and those whose answers are `reused` from another run.

    With `ask`, a person decides on every write that is not allowed already."""

    secrets: Collection[str] = ()
    patterns: Mapping[str, str] = field(default_factory=dict)
    allowed_writes: Collection[str] = ()
    recorded: Recorded = field(default_factory=Recorded)
    reused: Recorded = field(default_factory=Recorded)
    ask: Asker | None = None
