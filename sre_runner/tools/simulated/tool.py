"""Simulated tools: recorded answers, or queries over rows, chosen by the arguments of the call."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sre_runner.casefile import Json, ToolAnswer
from sre_runner.documents.json_schema.fitting import fits
from sre_runner.tools.simulated.matching import ABSENT, matches
from sre_runner.tools.simulated.spec import SimulatedAnswer, SimulatedQuery, SimulatedSpec
from sre_runner.tools.tool import as_text, filled_in, no_data


@dataclass(frozen=True)
class SimulatedTool:
    """A tool that answers from what its spec holds, and keeps no state."""

    name: str
    input_schema: Mapping[str, Any]
    spec: SimulatedSpec

    async def answer(
        self, arguments: Mapping[str, Json], earlier: Sequence[Mapping[str, Json]], agent: str = ""
    ) -> ToolAnswer:
        """Answer one call. With `timeout: true` it never returns: the caller's own timeout cancels it."""
        simulated = self.spec
        given = filled_in(self.input_schema, arguments)
        if isinstance(simulated, SimulatedQuery):
            await asyncio.sleep(simulated.delay)
            return query(self.name, simulated, given)
        which = first_match(simulated, given, agent)
        if which is None:
            return no_data(self.name, given)
        chosen = simulated[which]
        times = self._times(simulated, which, earlier, agent) if chosen.in_turn or len(chosen.outputs) > 1 else 0
        return await _given(chosen, times)

    def _times(
        self, simulated: Sequence[SimulatedAnswer], which: int, earlier: Sequence[Mapping[str, Json]], agent: str
    ) -> int:
        """How often this answer was given to earlier calls."""
        # A call that was refused is among the earlier ones, too, and may have been no object at all.
        schema = {"type": "object", **self.input_schema}
        before = (filled_in(schema, call) for call in earlier if fits(schema, call))
        taken = (call for call in before if first_match(simulated[which : which + 1], call, agent) == 0)
        return sum(first_match(simulated[:which], call, agent) is None for call in taken)


async def _given(chosen: SimulatedAnswer, times: int) -> ToolAnswer:
    """What an answer gives where it was given so many times before; it never returns where it times out."""
    if chosen.in_turn:
        chosen = chosen.in_turn[min(times, len(chosen.in_turn) - 1)]
    if chosen.timeout:
        await asyncio.Event().wait()
    await asyncio.sleep(chosen.delay)
    if chosen.error is not None:
        return ToolAnswer(chosen.error, is_error=True)
    if chosen.no_data is not None:
        return ToolAnswer(chosen.no_data, no_data=True)
    return ToolAnswer(as_text(chosen.outputs[min(times, len(chosen.outputs) - 1)]))


def first_match(answers: Sequence[SimulatedAnswer], arguments: Mapping[str, Json], agent: str = "") -> int | None:
    """The place of the first answer for this agent whose `when` is a subset of the arguments, or, where it is `exact`,
    all of them."""
    for place, answer in enumerate(answers):
        if answer.asked_by not in (None, agent) or (answer.exact and answer.when.keys() != arguments.keys()):
            continue
        if all(matches(matcher, arguments.get(name, ABSENT), arguments) for name, matcher in answer.when.items()):
            return place
    return None


def query(tool: str, spec: SimulatedQuery, arguments: Mapping[str, Json]) -> ToolAnswer:
    """The rows that fit, their count, or their groups, under the names that `return` gives them.

    Groups are a list of `{<column>: value, count: n}`, the largest first, equal ones in the order of the rows.
    """
    rows = [
        dict(row)
        for row in spec.rows
        if all(matches(matcher, row.get(column, ABSENT), arguments) for column, matcher in spec.where.items())
    ]
    if not rows:
        return no_data(tool, arguments)
    column = spec.group_by if spec.group_by_arg is None else arguments.get(spec.group_by_arg)
    columns = list(dict.fromkeys(name for row in spec.rows for name in row))
    if column is not None and column not in columns:
        return no_data(tool, arguments, f" There is no column {as_text(column)} but only {', '.join(columns)}.")
    parts: Mapping[str, Callable[[], Json]] = {
        "rows": lambda: rows,
        "count": lambda: len(rows),
        "groups": lambda: groups(rows, column),
    }
    return ToolAnswer(as_text({name: parts[part]() for name, part in spec.result.items()}))


def groups(rows: Sequence[Mapping[str, Json]], column: str | None) -> list[dict[str, Json]]:
    """How many rows have each value of a column (null where they lack it); without a column, all as one group.

    The number is called `count`, or `rows` where the column itself is called `count`.
    """
    number = "rows" if column == "count" else "count"
    found: dict[str, dict[str, Json]] = {}
    for row in rows:
        value = None if column is None else row.get(column)
        group = found.setdefault(json.dumps(value, sort_keys=True), {} if column is None else {column: value})
        group[number] = group.get(number, 0) + 1
    return sorted(found.values(), key=lambda group: -group[number])
