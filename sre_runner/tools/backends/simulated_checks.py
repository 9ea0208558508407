"""What a schema cannot say of simulated answers: arguments, data sets, files, and answers that are never given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sre_runner.casefile import Json
from sre_runner.documents.hints import choices
from sre_runner.documents.json_schema.fitting import is_type
from sre_runner.documents.json_schema.vocabulary import argument_complaints
from sre_runner.errors import RunnerError
from sre_runner.text.naming import said
from sre_runner.tools.backends.backend import Complaint, Entry, Place
from sre_runner.tools.simulated.shadows import shadowing
from sre_runner.tools.simulated.spec import Matcher, matcher


def _rule(entry: Entry, name: str) -> Mapping[str, Any]:
    """What stands in the schema of an argument; what it refers to is left aside."""
    rule = entry.arguments.get(name)
    return rule if isinstance(rule, dict) else {}


def _unknown_argument(entry: Entry, name: str, place: Place, *, key: bool = False) -> Iterator[Complaint]:
    if entry.schema is not None and name not in entry.arguments:
        hint = choices(name, list(entry.arguments), "Its input_schema has no properties.")
        yield Complaint(place, f"the tool {entry.name} has no argument {said(name)}", hint, key=key)


def answer_problems(entry: Entry) -> Iterator[Complaint]:
    """What is wrong with a list of answers."""
    file, place = entry.file, (*entry.place, "answers")
    whens, limits = [], []
    for number in range(len(file.at(*place) or [])):
        answer = file.sound(*place, number)
        whens.append(None if answer is None else answer.get("when", {}))
        limits.append({} if answer is None else _limits(answer))
        if answer is not None:
            yield from _when(entry, (*place, number, "when"), answer.get("when", {}), exact=answer.get("exact", False))
            yield from _answer((*place, number), answer, entry.text)
    if entry.schema is None:
        return
    matchers = [
        when if when is None else {**{name: matcher(value) for name, value in when.items()}, **limit}
        for when, limit in zip(whens, limits, strict=True)
    ]
    for later, earlier in shadowing(matchers, entry.schema).items():
        line = file.line(*place, earlier)
        message = f"this answer is never given: the one in line {line} matches every call that it matches"
        hint = "Answers are tried in order: move it before that one, or give it another `when`."
        if not whens[earlier]:
            hint = "Answers are tried in order, and that one has no `when`: put it last."
        elif whens[earlier] == whens[later]:
            hint = "Their `when` is the same. For answers to repeated calls, list them under `returns`."
        yield Complaint((*place, later), message, hint)


def _limits(answer: Mapping[str, Json]) -> dict[str, Matcher]:
    """What `exact` and `asked_by` ask of a call, as if these were arguments, under names that none has."""
    given = {"names of all arguments": sorted(answer.get("when", {}))} if answer.get("exact") else {}
    asked = {"agent that asks": answer["asked_by"]} if "asked_by" in answer else {}
    return {name: Matcher("equals", wanted) for name, wanted in {**given, **asked}.items()}


def _answer(place: Place, answer: Mapping[str, Json], text: Callable[[str], str]) -> Iterator[Complaint]:
    if "timeout" in answer and "delay" in answer:
        yield Complaint((*place, "delay"), "an answer that times out has no delay", "Leave it out.", key=True)
    if "file" in answer:
        try:
            text(answer["file"])
        except RunnerError as error:
            yield Complaint((*place, "file"), error.message, error.hint)


def _when(entry: Entry, place: Place, when: Mapping[str, Json], *, exact: bool) -> Iterator[Complaint]:
    for name, value in when.items():
        # A call may have arguments that the schema does not name, and an exact answer must name them all.
        if not exact or (entry.schema or {}).get("additionalProperties") is False:
            yield from _unknown_argument(entry, name, (*place, name), key=True)
        for inner, wanted in _wanted(value, (*place, name)):
            for _, message in argument_complaints(entry.schema or {}, name, wanted)[:1]:
                unquoted = _rule(entry, name).get("type") == "string" and isinstance(wanted, (int, float))
                hint = "Quote it: the argument is text." if unquoted else ""
                text = f"no call has this value, as the argument {said(name)} is checked first: {message}"
                yield Complaint(inner, text, hint)


def _wanted(value: Json, place: Place) -> Iterator[tuple[Place, Json]]:
    """The values that a matcher takes by equality with regard to case."""
    if not isinstance(value, dict):
        yield place, value
    elif not value.get("ignore_case"):
        if "equals" in value:
            yield (*place, "equals"), value["equals"]
        for number, one in enumerate(value.get("any_of", [])):
            yield from _wanted(one, (*place, "any_of", number))


def query_problems(entry: Entry) -> Iterator[Complaint]:
    """What is wrong with a query over rows."""
    file, place = entry.file, entry.place
    rows_name = file.sound(*place, "rows")
    if rows_name is None:
        return
    if rows_name not in file.names("data") and isinstance(file.at("data") or {}, dict):
        hint = choices(rows_name, file.names("data"), "Add it under `data` in this file.")
        yield Complaint((*place, "rows"), f"there is no data set {said(rows_name)} in this file", hint)
    rows = file.sound("data", rows_name)
    columns = None if rows is None else tuple(dict.fromkeys(column for row in rows for column in row))
    where = {name: file.sound(*place, "where", name) for name in file.names(*place, "where")}
    for column, value in where.items():
        yield from _column(column, columns, (*place, "where", column), key=True)
        for inner, argument in _taken(value, (*place, "where", column)):
            yield from _unknown_argument(entry, argument, inner)
            if inner[-2:] != ("contains", "arg") and inner[-2:] != ("glob", "arg"):
                yield from _never_equal(entry, argument, column, rows or (), inner)
    yield from _group_by(entry, columns)


def _never_equal(
    entry: Entry, argument: str, column: str, rows: Sequence[Mapping[str, Json]], place: Place
) -> Iterator[Complaint]:
    """A column of numbers that is compared with an argument that is text, or the other way round."""
    values = [row[column] for row in rows if row.get(column) is not None]
    kinds = {
        "text" if isinstance(value, str) else "number" if is_type(value, "number") else "other" for value in values
    }
    wanted = {"string": "text", "number": "number", "integer": "number"}.get(
        str(entry.arguments.get(argument, {}).get("type"))
    )
    if wanted and len(kinds) == 1 and kinds <= {"text", "number"} - {wanted}:
        hint = f"Quote the values of {said(column)} in `data`." if wanted == "text" else "Let the argument be text."
        message = f"no row is ever found: the argument {said(argument)} is {wanted}, and {said(column)} is not"
        yield Complaint(place, message, hint)


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


def _group_by(entry: Entry, columns: Sequence[str] | None) -> Iterator[Complaint]:
    file, place = entry.file, entry.place
    given = file.sound(*place, "group_by")
    result = file.sound(*place, "return") or {}
    if "groups" in result.values() and "group_by" not in file.names(*place):
        (key, *_) = (key for key, part in result.items() if part == "groups")
        hint = "Add `group_by: COLUMN` or `group_by: {arg: NAME}`."
        yield Complaint((*place, "return", key), "groups need `group_by`", hint)
    if given is None:
        return
    if result and "groups" not in result.values():
        hint = "Add `groups: groups` to `return`, or leave `group_by` out."
        yield Complaint((*place, "group_by"), "`group_by` has no effect: `return` has no groups", hint, key=True)
        return
    if isinstance(given, str):
        yield from _column(given, columns, (*place, "group_by"))
        return
    yield from _unknown_argument(entry, given["arg"], (*place, "group_by", "arg"))
    argument: Place = ("tools", entry.name, "input_schema", "properties", given["arg"])
    rule = _rule(entry, given["arg"])
    values = [((*argument, "enum", number), one) for number, one in enumerate(rule.get("enum", []))]
    if "default" in rule and rule["default"] not in rule.get("enum", []):
        values.append(((*argument, "default"), rule["default"]))
    for inner, column in values:
        if isinstance(column, str):
            yield from _column(column, columns, inner)


def _column(name: str, columns: Sequence[str] | None, place: Place, *, key: bool = False) -> Iterator[Complaint]:
    if columns is not None and name not in columns:
        hint = choices(name, columns, "The data set has no rows.")
        yield Complaint(place, f"no row has a column {said(name)}", hint, key=key)
