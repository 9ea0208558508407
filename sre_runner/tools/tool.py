"""The `Tool` protocol; each kind is one small file beside this one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

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
