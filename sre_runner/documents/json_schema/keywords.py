"""The keywords of JSON Schema, checked with messages that name the fault and stay short whatever the data is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from sre_runner.documents.json_schema.fitting import additional, all_differ, fits, is_type, same, within
from sre_runner.documents.json_schema.string_rules import has_format, matches
from sre_runner.text.naming import listed, nearest, said

if TYPE_CHECKING:
    from jsonschema import ValidationError

# jsonschema itself puts all of the data into its messages, and fails where the data is nested too deeply to be printed.
# It is imported when there is something to explain: that takes longer than most configurations take to be checked.

_Check = Callable[[Any, Any, Mapping[str, Any]], Iterator[str]]
"""What is demanded, the data and the schema around it, to messages."""
_NAMES = {
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
    "integer": "an integer",
}


def faults(schema: Any, data: Any) -> Iterator[ValidationError]:
    """What in `data` does not fit the schema, one by one, as there may be very much.

    Nothing is ever fetched: only references inside the schema resolve.
    """
    if not fits(schema, data):
        yield from every_fault(schema, data)


def every_fault(schema: Any, data: Any) -> Iterator[ValidationError]:
    """The same, by jsonschema alone."""
    from referencing import Registry

    yield from _validator()(schema, registry=Registry()).iter_errors(data)


@cache
def _validator() -> Any:
    """The validator of jsonschema with our messages."""
    from jsonschema import Draft202012Validator, ValidationError, validators

    def told(check: _Check) -> Callable[[Any, Any, Any, Any], Iterator[ValidationError]]:
        return lambda _, demand, data, schema: map(ValidationError, check(demand, data, schema))

    def additional(validator: Any, rule: Any, data: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
        if rule is False and "patternProperties" not in schema:
            return map(ValidationError, more(data, schema))
        found: Iterator[ValidationError] = theirs(validator, rule, data, schema)
        return found

    theirs: Any = Draft202012Validator.VALIDATORS["additionalProperties"]
    extend: Any = validators.extend
    checks = {keyword: told(check) for keyword, check in WORDED.items()}
    return extend(Draft202012Validator, {**checks, "additionalProperties": additional})


def _kind(data: Any) -> str:
    return next((words for name, words in _NAMES.items() if is_type(data, name)), "a number that JSON does not have")


def _type(names: Any, data: Any, _: Any) -> Iterator[str]:
    names = [names] if isinstance(names, str) else names
    if not any(is_type(data, name) for name in names):
        yield f"must be {' or '.join(_NAMES[name] for name in names)}, not {_kind(data)}"


def _required(names: Any, data: Any, _: Any) -> Iterator[str]:
    if isinstance(data, dict):
        yield from (f"{said(name)} is missing" for name in names if name not in data)


def more(data: Any, schema: Mapping[str, Any]) -> Iterator[str]:
    """What is said of keys of the data for which the schema has no place."""
    known = schema.get("properties", {})
    for name in additional(schema, data) if isinstance(data, dict) else ():
        near = nearest(name, known)
        hint = f"did you mean {said(near)}?" if near else f"there are {listed(known)}" if known else "it takes none"
        yield f"has no field {said(name)}; {hint}"


def _enum(values: Any, data: Any, _: Any) -> Iterator[str]:
    if not any(same(value, data) for value in values):
        yield f"must be one of {listed(values)}, not {said(data)}"


def _const(value: Any, data: Any, _: Any) -> Iterator[str]:
    if not same(value, data):
        yield f"must be {said(value)}, not {said(data)}"


def _pattern(pattern: Any, data: Any, _: Any) -> Iterator[str]:
    if isinstance(data, str) and not matches(pattern, data):
        yield f"must match the pattern {said(pattern)}, and {said(data)} does not"


def _format(name: Any, data: Any, _: Any) -> Iterator[str]:
    if isinstance(data, str) and not has_format(name, data):
        yield f"must be of the format {said(name)}, and {said(data)} is not"


def _unique(wanted: Any, data: Any, _: Any) -> Iterator[str]:
    if wanted and isinstance(data, list) and not all_differ(data):
        yield "must not have the same item twice"


def _limit(keyword: str, words: str) -> _Check:
    def check(limit: Any, data: Any, _: Any) -> Iterator[str]:
        if not within(keyword, limit, data):
            yield words.format(said(limit))

    return check


_WORDS: Mapping[str, str] = {
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "exclusiveMinimum": "must be more than {}",
    "exclusiveMaximum": "must be less than {}",
    "minLength": "must have {} or more characters",
    "maxLength": "must have {} or fewer characters",
    "minItems": "must have {} or more items",
    "maxItems": "must have {} or fewer items",
    "minProperties": "must have {} or more fields",
    "maxProperties": "must have {} or fewer fields",
    "multipleOf": "must be a multiple of {}",
}
WORDED: Mapping[str, _Check] = {
    "type": _type,
    "required": _required,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "format": _format,
    "uniqueItems": _unique,
    **{keyword: _limit(keyword, words) for keyword, words in _WORDS.items()},
}
"""What is said of data that does not do what a keyword demands, for keywords that say it of the data as a whole."""
