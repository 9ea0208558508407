"""What a schema cannot say of a file of `tools.d`: names, arguments, data sets, files, and answers never given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sre_runner.casefile import Json
from sre_runner.config.checks.shadows import shadowing
from sre_runner.config.directory import Directory, File
from sre_runner.config.sources import matcher
from sre_runner.coordination.report_schemas import RESERVED_TOOL_NAMES
from sre_runner.documents.hints import choices
from sre_runner.documents.json_schema.complaints import Path as Place
from sre_runner.documents.json_schema.fitting import is_type
from sre_runner.documents.json_schema.vocabulary import argument_complaints, schema_problems
from sre_runner.errors import Problem, RunnerError
from sre_runner.specs import Matcher
from sre_runner.text.naming import said

TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""What the Messages API takes as the name of a tool."""


@dataclass(frozen=True)
class _Tool:
    """An entry of a family, and its `input_schema`: None where that is missing or wrong, so that nothing can be said
    of its arguments."""

    file: File
    name: str
    schema: Mapping[str, Any] | None

    @property
    def arguments(self) -> Mapping[str, Any]:
        return self.schema.get("properties", {}) if self.schema is not None else {}


def _rule(tool: _Tool, name: str) -> Mapping[str, Any]:
    """What stands in the schema of an argument; what it refers to is left aside."""
    rule = tool.arguments.get(name)
    return rule if isinstance(rule, dict) else {}


def tools_problems(file: File, directory: Directory) -> Iterator[Problem]:
    """Everything that is wrong inside one family, beyond what `file.problems` has."""
    for name in file.names("tools"):
        yield from _name(file, name)
        place = ("tools", name, "input_schema")
        schema = file.sound(*place)
        outside = schema_problems(schema, place) if schema is not None else ()
        for inner, message in outside:
            yield file.problem(inner, message)
        tool = _Tool(file, name, None if outside else schema)
        yield from _answers(tool, directory)
        yield from _query(tool)


def twice_defined(name: str, directory: Directory) -> Iterator[Problem]:
    """A problem for each definition of a tool after its first."""
    defining = directory.definitions.get(name, ())
    for other in defining[1:]:
        message = f"the tool {said(name)} is defined in {defining[0].shown}:{defining[0].line('tools', name)} as well"
        yield other.problem(("tools", name), message, "Tool names are unique over all families.", key=True)


def _name(file: File, name: str) -> Iterator[Problem]:
    place = ("tools", name)
    if name in RESERVED_TOOL_NAMES:
        yield file.problem(place, f"{said(name)} is the name of a report tool", "Choose another name.", key=True)
    elif not TOOL_NAME.fullmatch(name):
        hint = "The API takes at most 64 letters, digits, underscores and dashes."
        yield file.problem(place, f"{said(name)} is no name for a tool", hint, key=True)


def _unknown_argument(tool: _Tool, name: str, place: Place, *, key: bool = False) -> Iterator[Problem]:
    if tool.schema is not None and name not in tool.arguments:
        hint = choices(name, list(tool.arguments), "Its input_schema has no properties.")
        yield tool.file.problem(place, f"the tool {tool.name} has no argument {said(name)}", hint, key=key)


def _answers(tool: _Tool, directory: Directory) -> Iterator[Problem]:
    file, place = tool.file, ("tools", tool.name, "simulated", "answers")
    whens, limits = [], []
    for number in range(len(file.at(*place) or [])):
        answer = file.sound(*place, number)
        whens.append(None if answer is None else answer.get("when", {}))
        limits.append({} if answer is None else _limits(answer))
        if answer is not None:
            yield from _when(tool, (*place, number, "when"), answer.get("when", {}), exact=answer.get("exact", False))
            yield from _answer(file, (*place, number), answer, directory)
    if tool.schema is None:
        return
    matchers = [
        when if when is None else {**{name: matcher(value) for name, value in when.items()}, **limit}
        for when, limit in zip(whens, limits, strict=True)
    ]
    for later, earlier in shadowing(matchers, tool.schema).items():
        line = file.line(*place, earlier)
        message = f"this answer is never given: the one in line {line} matches every call that it matches"
        hint = "Answers are tried in order: move it before that one, or give it another `when`."
        if not whens[earlier]:
            hint = "Answers are tried in order, and that one has no `when`: put it last."
        elif whens[earlier] == whens[later]:
            hint = "Their `when` is the same. For answers to repeated calls, list them under `returns`."
        yield file.problem((*place, later), message, hint)


def _limits(answer: Mapping[str, Json]) -> dict[str, Matcher]:
    """What `exact` and `asked_by` ask of a call, as if these were arguments, under names that none has."""
    given = {"names of all arguments": sorted(answer.get("when", {}))} if answer.get("exact") else {}
    asked = {"agent that asks": answer["asked_by"]} if "asked_by" in answer else {}
    return {name: Matcher("equals", wanted) for name, wanted in {**given, **asked}.items()}


def _answer(file: File, place: Place, answer: Mapping[str, Json], directory: Directory) -> Iterator[Problem]:
    if "timeout" in answer and "delay" in answer:
        yield file.problem((*place, "delay"), "an answer that times out has no delay", "Leave it out.", key=True)
    if "file" in answer:
        try:
            directory.text(answer["file"])
        except RunnerError as error:
            yield file.problem((*place, "file"), error.message, error.hint)


def _when(tool: _Tool, place: Place, when: Mapping[str, Json], *, exact: bool) -> Iterator[Problem]:
    for name, value in when.items():
        # A call may have arguments that the schema does not name, and an exact answer must name them all.
        if not exact or (tool.schema or {}).get("additionalProperties") is False:
            yield from _unknown_argument(tool, name, (*place, name), key=True)
        for inner, wanted in _wanted(value, (*place, name)):
            for _, message in argument_complaints(tool.schema or {}, name, wanted)[:1]:
                unquoted = _rule(tool, name).get("type") == "string" and isinstance(wanted, (int, float))
                hint = "Quote it: the argument is text." if unquoted else ""
                text = f"no call has this value, as the argument {said(name)} is checked first: {message}"
                yield tool.file.problem(inner, text, hint)


def _wanted(value: Json, place: Place) -> Iterator[tuple[Place, Json]]:
    """The values that a matcher takes by equality with regard to case."""
    if not isinstance(value, dict):
        yield place, value
    elif not value.get("ignore_case"):
        if "equals" in value:
            yield (*place, "equals"), value["equals"]
        for number, one in enumerate(value.get("any_of", [])):
            yield from _wanted(one, (*place, "any_of", number))


def _query(tool: _Tool) -> Iterator[Problem]:
    file, place = tool.file, ("tools", tool.name, "simulated")
    rows_name = file.sound(*place, "rows")
    if rows_name is None:
        return
    if rows_name not in file.names("data") and isinstance(file.at("data") or {}, dict):
        hint = choices(rows_name, file.names("data"), "Add it under `data` in this file.")
        yield file.problem((*place, "rows"), f"there is no data set {said(rows_name)} in this file", hint)
    rows = file.sound("data", rows_name)
    columns = None if rows is None else tuple(dict.fromkeys(column for row in rows for column in row))
    where = {name: file.sound(*place, "where", name) for name in file.names(*place, "where")}
    for column, value in where.items():
        yield from _column(file, column, columns, (*place, "where", column), key=True)
        for inner, argument in _taken(value, (*place, "where", column)):
            yield from _unknown_argument(tool, argument, inner)
            if inner[-2:] != ("contains", "arg") and inner[-2:] != ("glob", "arg"):
                yield from _never_equal(tool, argument, column, rows or (), inner)
    yield from _group_by(tool, columns)


def _never_equal(
    tool: _Tool, argument: str, column: str, rows: Sequence[Mapping[str, Json]], place: Place
) -> Iterator[Problem]:
    """A column of numbers that is compared with an argument that is text, or the other way round."""
    values = [row[column] for row in rows if row.get(column) is not None]
    kinds = {
        "text" if isinstance(value, str) else "number" if is_type(value, "number") else "other" for value in values
    }
    wanted = {"string": "text", "number": "number", "integer": "number"}.get(
        str(tool.arguments.get(argument, {}).get("type"))
    )
    if wanted and len(kinds) == 1 and kinds <= {"text", "number"} - {wanted}:
        hint = f"Quote the values of {said(column)} in `data`." if wanted == "text" else "Let the argument be text."
        message = f"no row is ever found: the argument {said(argument)} is {wanted}, and {said(column)} is not"
        yield tool.file.problem(place, message, hint)


def _taken(value: Json, place: Place) -> Iterator[tuple[Place, str]]:
    """The `{arg: name}` in a matcher of a row."""
    if not isinstance(value, dict):
        return
    if "arg" in value:
        yield (*place, "arg"), value["arg"]
    for kind in ("equals", "contains", "glob"):
        operand = value.get(kind)
        if isinstance(operand, dict) and set(operand) == {"arg"}:
            yield (*place, kind, "arg"), operand["arg"]


def _group_by(tool: _Tool, columns: Sequence[str] | None) -> Iterator[Problem]:
    file, place = tool.file, ("tools", tool.name, "simulated")
    given = file.sound(*place, "group_by")
    result = file.sound(*place, "return") or {}
    if "groups" in result.values() and "group_by" not in file.names(*place):
        (key, *_) = (key for key, part in result.items() if part == "groups")
        hint = "Add `group_by: COLUMN` or `group_by: {arg: NAME}`."
        yield file.problem((*place, "return", key), "groups need `group_by`", hint)
    if given is None:
        return
    if result and "groups" not in result.values():
        hint = "Add `groups: groups` to `return`, or leave `group_by` out."
        yield file.problem((*place, "group_by"), "`group_by` has no effect: `return` has no groups", hint, key=True)
        return
    if isinstance(given, str):
        yield from _column(file, given, columns, (*place, "group_by"))
        return
    yield from _unknown_argument(tool, given["arg"], (*place, "group_by", "arg"))
    argument: Place = ("tools", tool.name, "input_schema", "properties", given["arg"])
    rule = _rule(tool, given["arg"])
    values = [((*argument, "enum", number), one) for number, one in enumerate(rule.get("enum", []))]
    if "default" in rule and rule["default"] not in rule.get("enum", []):
        values.append(((*argument, "default"), rule["default"]))
    for inner, column in values:
        if isinstance(column, str):
            yield from _column(file, column, columns, inner)


def _column(
    file: File, name: str, columns: Sequence[str] | None, place: Place, *, key: bool = False
) -> Iterator[Problem]:
    if columns is not None and name not in columns:
        hint = choices(name, columns, "The data set has no rows.")
        yield file.problem(place, f"no row has a column {said(name)}", hint, key=key)
