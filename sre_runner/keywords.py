"""The keywords of JSON Schema, checked with messages that name the fault and stay short whatever the data is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators
from referencing import Registry

from sre_runner.naming import listed, nearest, said

# jsonschema itself puts all of the data into its messages, and fails where the data is nested too deeply to be printed.

_Check = Callable[[Any, Any, Any, Mapping[str, Any]], Iterator[ValidationError]]
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
    yield from _VALIDATOR(schema, registry=Registry()).iter_errors(data)


def same(one: Any, other: Any) -> bool:
    """Equality of JSON: true is not 1, but 1.0 is."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return not isinstance(one, (list, dict)) and not isinstance(other, (list, dict)) and bool(one == other)


def is_type(data: Any, name: str) -> bool:
    """Whether the data is of a type of JSON Schema. NaN and the infinities, which JSON does not have, are of none."""
    if isinstance(data, float) and not math.isfinite(data):
        return False
    return bool(Draft202012Validator.TYPE_CHECKER.is_type(data, name))


def _kind(data: Any) -> str:
    return next((words for name, words in _NAMES.items() if is_type(data, name)), "a number that JSON does not have")


def _type(_: Any, names: Any, data: Any, __: Any) -> Iterator[ValidationError]:
    names = [names] if isinstance(names, str) else names
    if not any(is_type(data, name) for name in names):
        yield ValidationError(f"must be {' or '.join(_NAMES[name] for name in names)}, not {_kind(data)}")


def _required(_: Any, names: Any, data: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(data, dict):
        yield from (ValidationError(f"{said(name)} is missing") for name in names if name not in data)


def _additional(validator: Any, allowed: Any, data: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    if allowed is not False or "patternProperties" in schema:
        yield from Draft202012Validator.VALIDATORS["additionalProperties"](validator, allowed, data, schema)
        return
    known = schema.get("properties", {})
    more = [name for name in data if name not in known] if isinstance(data, dict) else []
    for name in more:
        near = nearest(name, known)
        hint = f"did you mean {said(near)}?" if near else f"there are {listed(known)}" if known else "it takes none"
        yield ValidationError(f"has no field {said(name)}; {hint}")


def _enum(_: Any, values: Any, data: Any, __: Any) -> Iterator[ValidationError]:
    if not any(same(value, data) for value in values):
        yield ValidationError(f"must be one of {listed(values)}, not {said(data)}")


def _const(_: Any, value: Any, data: Any, __: Any) -> Iterator[ValidationError]:
    if not same(value, data):
        yield ValidationError(f"must be {said(value)}, not {said(data)}")


def _bound(words: str, fits: Callable[[Any, Any], bool], measured: type | tuple[type, ...]) -> _Check:
    """A limit on a number, or on the length of a text or list."""

    def check(_: Any, limit: Any, data: Any, __: Any) -> Iterator[ValidationError]:
        if isinstance(data, measured) and not isinstance(data, bool):
            size: Any = data  # what it is measured by: a number by itself
            if not fits(size if isinstance(size, (int, float)) else len(size), limit):
                yield ValidationError(words.format(said(limit)))

    return check


def _least(size: Any, limit: Any) -> bool:
    return bool(size >= limit)


def _most(size: Any, limit: Any) -> bool:
    return bool(size <= limit)


_CHECKS: dict[str, _Check] = {
    "type": _type,
    "required": _required,
    "additionalProperties": _additional,
    "enum": _enum,
    "const": _const,
    "minimum": _bound("must be at least {}", _least, (int, float)),
    "maximum": _bound("must be at most {}", _most, (int, float)),
    "exclusiveMinimum": _bound("must be more than {}", lambda size, limit: bool(size > limit), (int, float)),
    "exclusiveMaximum": _bound("must be less than {}", lambda size, limit: bool(size < limit), (int, float)),
    "minLength": _bound("must have {} or more characters", _least, str),
    "maxLength": _bound("must have {} or fewer characters", _most, str),
    "minItems": _bound("must have {} or more items", _least, list),
    "maxItems": _bound("must have {} or fewer items", _most, list),
}
_extend: Any = validators.extend
_VALIDATOR: Any = _extend(Draft202012Validator, _CHECKS)
