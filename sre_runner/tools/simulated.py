"""Simulated tools: recorded answers, or queries over rows, chosen by the arguments of the call."""

from __future__ import annotations

import asyncio
import fnmatch
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sre_runner.casefile import Json, ToolAnswer
from sre_runner.documents.json_schema.fitting import fits
from sre_runner.specs import Matcher, SimulatedAnswer, SimulatedQuery, ToolSpec

ABSENT: Any = object()
"""Stands for an argument or a column that is not there; null is a value."""


class SimulatedTool:
    """A tool that answers from what its spec holds, and keeps no state."""

    def __init__(self, spec: ToolSpec) -> None:
        self._spec = spec

    async def answer(
        self, arguments: Mapping[str, Json], earlier: Sequence[Mapping[str, Json]], agent: str = ""
    ) -> ToolAnswer:
        """Answer one call. With `timeout: true` it never returns: the caller's own timeout cancels it."""
        simulated = self._spec.simulated
        given = filled_in(self._spec.input_schema, arguments)
        if isinstance(simulated, SimulatedQuery):
            await asyncio.sleep(simulated.delay)
            return query(self._spec.name, simulated, given)
        which = first_match(simulated, given, agent)
        if which is None:
            return no_data(self._spec.name, given)
        chosen = simulated[which]
        times = self._times(simulated, which, earlier, agent) if chosen.in_turn or len(chosen.outputs) > 1 else 0
        return await _given(chosen, times)

    def _times(
        self, simulated: Sequence[SimulatedAnswer], which: int, earlier: Sequence[Mapping[str, Json]], agent: str
    ) -> int:
        """How often this answer was given to earlier calls."""
        # A call that was refused is among the earlier ones, too, and may have been no object at all.
        schema = {"type": "object", **self._spec.input_schema}
        before = (filled_in(schema, call) for call in earlier if fits(schema, call))
        taken = (call for call in before if first_match(simulated[which : which + 1], call, agent) == 0)
        return sum(first_match(simulated[:which], call, agent) is None for call in taken)


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


def no_data(tool: str, arguments: Mapping[str, Json], more: str = "") -> ToolAnswer:
    """The honest answer where the simulation holds nothing for these arguments."""
    return ToolAnswer(f"No data for these arguments: {tool}({as_text(dict(arguments))}).{more}", no_data=True)


def as_text(data: Json) -> str:
    """Text as it is, other data as JSON on one line."""
    return data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)


def matches(matcher: Matcher, value: Json, arguments: Mapping[str, Json], ignore_case: bool = False) -> bool:
    """Whether a value (or `ABSENT`) fits.

    `equals` is JSON equality; `contains` finds text in text or an element in a list; `glob` takes `*`, `?` and
    `[…]` and covers the whole text; `any_of` wants one of its matchers to fit; `present` asks whether the value is
    there. Where the operand is an argument that was not given, everything fits. `ignore_case` reaches into `any_of`.
    """
    operand = matcher.operand if matcher.arg is None else arguments.get(matcher.arg, ABSENT)
    ignore_case = ignore_case or matcher.ignore_case
    if operand is ABSENT:
        return True
    if matcher.kind == "present":
        return (value is not ABSENT) == bool(operand)
    if matcher.kind == "any_of":
        return any(matches(one, value, arguments, ignore_case) for one in operand)
    return value is not ABSENT and _COMPARISONS[matcher.kind](value, operand, ignore_case)


def json_equal(one: Json, other: Json, ignore_case: bool = False) -> bool:
    """JSON equality: 1 equals 1.0 but not true, the order of keys does not matter, that of elements does."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, str) and isinstance(other, str):
        return _folded(one, ignore_case) == _folded(other, ignore_case)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(json_equal(one[key], other[key], ignore_case) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(json_equal, one, other, [ignore_case] * len(one)))
    return bool(one == other)


def _contains(value: Json, operand: Json, ignore_case: bool) -> bool:
    if isinstance(value, str):
        return isinstance(operand, str) and _folded(operand, ignore_case) in _folded(value, ignore_case)
    return isinstance(value, list | tuple) and any(json_equal(element, operand, ignore_case) for element in value)


def _glob(value: Json, operand: Json, ignore_case: bool) -> bool:
    if not isinstance(value, str) or not isinstance(operand, str):
        return False
    # fnmatch writes each star as an atomic group, so that no text makes it backtrack over more than one of them.
    return re.match(fnmatch.translate(_folded(operand, ignore_case)), _folded(value, ignore_case)) is not None


def _folded(text: str, ignore_case: bool) -> str:
    return text.casefold() if ignore_case else text


_COMPARISONS: Mapping[str, Callable[[Json, Json, bool], bool]] = {
    "equals": json_equal,
    "contains": _contains,
    "glob": _glob,
}
