"""What `simulated: {answers: …}` and `simulated: {rows: …}` of a tool say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sre_runner.casefile import Json


@dataclass(frozen=True)
class Matcher:
    """How one argument (or one column of a row) is compared; see `matching.py` for each kind.

    `operand` is plain data for `equals` and `contains` and `glob`, a list of Matchers for `any_of`, a bool for
    `present`. With `arg` set the operand is the call's argument of that name instead.
    """

    kind: Literal["equals", "contains", "glob", "any_of", "present"]
    operand: Any = None
    arg: str | None = None
    ignore_case: bool = False


@dataclass(frozen=True)
class SimulatedAnswer:
    """One entry of `answers`: when it applies and what it gives.

    `outputs` has one output for `return`, `error` and `file`, several for `returns` (the last one repeats).
    Text is given verbatim, other data as JSON. `in_turn` are answers to repeated calls of which each may be of another
    kind. An `exact` one wants all arguments of a call named in `when`, defaults filled in; `asked_by` is the only agent
    that is given it.
    """

    when: Mapping[str, Matcher]
    outputs: tuple[Any, ...] = ()
    error: str | None = None
    delay: float = 0.0
    timeout: bool = False
    no_data: str | None = None
    in_turn: tuple[SimulatedAnswer, ...] = ()
    exact: bool = False
    asked_by: str | None = None


@dataclass(frozen=True)
class SimulatedQuery:
    """A query over rows of the file's `data`: filter, then either the rows and their count, or groups.

    `group_by` is a column's name, or a Matcher-free reference to an argument (`group_by_arg`).
    `result` maps the keys of the answer to `rows`, `count` or `groups`.
    """

    rows: tuple[Mapping[str, Any], ...]
    where: Mapping[str, Matcher]
    result: Mapping[str, str]
    group_by: str | None = None
    group_by_arg: str | None = None
    delay: float = 0.0


SimulatedSpec = tuple[SimulatedAnswer, ...] | SimulatedQuery


def parse(data: Mapping[str, Json]) -> SimulatedSpec:
    """The spec of a mapping that fits the schema, with the rows and texts in the place of their names."""
    return query_of(data) if "rows" in data else tuple(map(answer_of, data["answers"]))


def answer_of(data: Mapping[str, Json]) -> SimulatedAnswer:
    """One entry of `answers`."""
    outputs = tuple(data["returns"]) if "returns" in data else (data["return"],) if "return" in data else ()
    return SimulatedAnswer(
        when={name: matcher(value) for name, value in data.get("when", {}).items()},
        outputs=outputs,
        error=data.get("error"),
        delay=float(data.get("delay", 0)),
        timeout=data.get("timeout", False),
        no_data=data.get("no_data"),
        in_turn=tuple(map(answer_of, data.get("in_turn", ()))),
        exact=data.get("exact", False),
        asked_by=data.get("asked_by"),
    )


def query_of(data: Mapping[str, Json]) -> SimulatedQuery:
    """A query over rows."""
    group_by = data.get("group_by")
    named = isinstance(group_by, str)
    return SimulatedQuery(
        rows=tuple(data["rows"]),
        where={column: matcher(value, of_row=True) for column, value in data.get("where", {}).items()},
        result=data["return"],
        group_by=group_by if named else None,
        group_by_arg=None if named or group_by is None else group_by["arg"],
        delay=float(data.get("delay", 0)),
    )


def matcher(data: Json, *, of_row: bool = False) -> Matcher:
    """A value or a mapping of `when` (or, `of_row`, of `where`) as a Matcher.

    `ignore_case` beside `any_of` holds for all that stands in it.
    """
    if not isinstance(data, Mapping):
        return Matcher("equals", data)
    ignore_case = data.get("ignore_case", False)
    ((kind, operand),) = ((key, value) for key, value in data.items() if key != "ignore_case")
    if kind == "arg":
        return Matcher("equals", arg=operand, ignore_case=ignore_case)
    if kind == "any_of":
        inner = [{"ignore_case": True, **_as_mapping(item)} if ignore_case else item for item in operand]
        return Matcher("any_of", tuple(matcher(item) for item in inner), ignore_case=ignore_case)
    if of_row and kind != "present" and isinstance(operand, Mapping) and set(operand) == {"arg"}:
        return Matcher(kind, arg=operand["arg"], ignore_case=ignore_case)
    return Matcher(kind, operand, ignore_case=ignore_case)


def _as_mapping(item: Json) -> Mapping[str, Json]:
    return item if isinstance(item, Mapping) else {"equals": item}
