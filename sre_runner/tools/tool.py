"""The `Tool` protocol, and what every kind of tool does alike; each kind is one small folder beside this file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sre_runner.casefile import Json, ToolAnswer


class Tool(Protocol):
    """Anything that answers a tool call."""

    async def answer(
        self, arguments: Mapping[str, Json], earlier: Sequence[Mapping[str, Json]], agent: str = ""
    ) -> ToolAnswer:
        """Answer one call.

        `arguments` were checked against the tool's input_schema; `earlier` are the arguments of this conversation's
        earlier calls of the same tool, oldest first, so that an answer that changes over time needs no state; `agent`
        is who asks.
        """
        ...


def filled_in(schema: Mapping[str, Any], value: Mapping[str, Json]) -> dict[str, Json]:
    """The arguments with the defaults of the schema filled in, inside objects that are there as well."""
    filled = dict(value)
    for name, part in schema.get("properties", {}).items():
        if not isinstance(part, Mapping):
            continue
        if name not in filled and "default" in part:
            filled[name] = part["default"]
        elif isinstance(filled.get(name), Mapping):
            filled[name] = filled_in(part, filled[name])
    return filled


def no_data(tool: str, arguments: Mapping[str, Json], more: str = "") -> ToolAnswer:
    """The honest answer where the simulation holds nothing for these arguments."""
    return ToolAnswer(f"No data for these arguments: {tool}({as_text(dict(arguments))}).{more}", no_data=True)


def as_text(data: Json) -> str:
    """Text as it is, other data as JSON on one line."""
    return data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
