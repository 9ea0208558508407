"""Whether data fits a JSON Schema: a plain walk that says yes or no, quickly and without words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

# Almost everything fits almost always. `keywords.py`, which explains, costs ten times as much and a long import.

_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "object": lambda data: isinstance(data, dict),
    "array": lambda data: isinstance(data, list),
    "string": lambda data: isinstance(data, str),
    "boolean": lambda data: isinstance(data, bool),
    "null": lambda data: data is None,
    "number": lambda data: isinstance(data, (int, float)) and not isinstance(data, bool) and _finite(data),
    "integer": lambda data: (
        data.is_integer() if isinstance(data, float) else isinstance(data, int) and not isinstance(data, bool)
    ),
}


def _finite(data: int | float) -> bool:
    return isinstance(data, int) or math.isfinite(data)


def is_type(data: Any, name: str) -> bool:
    """Whether the data is of a type of JSON Schema. NaN and the infinities, which JSON does not have, are of none."""
    return _TYPES[name](data)


def same(one: Any, other: Any) -> bool:
    """Equality of JSON: true is not 1, but 1.0 is."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return not isinstance(one, (list, dict)) and not isinstance(other, (list, dict)) and bool(one == other)


LIMITS: Mapping[str, tuple[type | tuple[type, ...], Callable[[Any, Any], bool]]] = {
    "minimum": ((int, float), lambda number, limit: bool(number >= limit)),
    "maximum": ((int, float), lambda number, limit: bool(number <= limit)),
    "exclusiveMinimum": ((int, float), lambda number, limit: bool(number > limit)),
    "exclusiveMaximum": ((int, float), lambda number, limit: bool(number < limit)),
    "minLength": (str, lambda text, limit: len(text) >= limit),
    "maxLength": (str, lambda text, limit: len(text) <= limit),
    "minItems": (list, lambda items, limit: len(items) >= limit),
    "maxItems": (list, lambda items, limit: len(items) <= limit),
    "minProperties": (dict, lambda mapping, limit: len(mapping) >= limit),
}
"""By keyword: what it is a limit on, and whether that is within it."""


def within(keyword: str, limit: Any, data: Any) -> bool:
    """Whether the data is within a limit, or is nothing that this keyword limits."""
    limited, fit = LIMITS[keyword]
    return isinstance(data, bool) or not isinstance(data, limited) or fit(data, limit)


def fits(schema: Any, data: Any) -> bool:
    """Whether the data fits the schema; False as well where the schema has a keyword that is not known here."""
    try:
        return _fits(schema, data, schema)
    except _Unknown:
        return False


class _Unknown(Exception):  # noqa: N818 - no error: `keywords.py` knows more
    """A keyword that is not known here."""


def _fits(schema: Any, data: Any, whole: Any) -> bool:
    if isinstance(schema, bool):
        return schema
    for keyword, demand in schema.items():
        check = _CHECKS.get(keyword)
        if check is not None:
            if not check(demand, data, schema, whole):
                return False
        elif keyword not in _SILENT and not (keyword in _OF_A_WHOLE and schema is whole):
            raise _Unknown
    return True


_SILENT = frozenset({"title", "description", "default", "examples", "$defs", "then", "else"})
"""Keywords that by themselves demand nothing."""
_OF_A_WHOLE = frozenset({"$schema", "$id"})
"""The same, but inside of a schema they would change the meaning of references."""

_Check = Callable[[Any, Any, Mapping[str, Any], Any], bool]


def _type(names: Any, data: Any, _: Any, __: Any) -> bool:
    if isinstance(names, str):
        return is_type(data, names)
    return any(is_type(data, name) for name in names)


def _properties(rules: Any, data: Any, _: Any, whole: Any) -> bool:
    return not isinstance(data, dict) or all(_fits(rules[name], data[name], whole) for name in rules if name in data)


def _additional(rule: Any, data: Any, schema: Mapping[str, Any], whole: Any) -> bool:
    if not isinstance(data, dict) or rule is True:
        return True
    known = schema.get("properties", {})
    return all(_fits(rule, data[name], whole) for name in data if name not in known)


def _reference(target: Any, data: Any, _: Any, whole: Any) -> bool:
    name = target.removeprefix("#/$defs/")
    if name == target or not name.isidentifier() or name not in whole.get("$defs", {}):
        raise _Unknown
    return _fits(whole["$defs"][name], data, whole)


def _condition(test: Any, data: Any, schema: Mapping[str, Any], whole: Any) -> bool:
    return _fits(schema.get("then" if _fits(test, data, whole) else "else", True), data, whole)


def _limit(keyword: str) -> _Check:
    return lambda limit, data, _, __: within(keyword, limit, data)


_CHECKS: Mapping[str, _Check] = {
    "type": _type,
    "properties": _properties,
    "required": lambda names, data, _, __: not isinstance(data, dict) or all(name in data for name in names),
    "additionalProperties": _additional,
    "items": lambda rule, data, _, whole: not isinstance(data, list) or all(_fits(rule, item, whole) for item in data),
    "enum": lambda values, data, _, __: any(same(value, data) for value in values),
    "const": lambda value, data, _, __: same(value, data),
    "oneOf": lambda rules, data, _, whole: sum(_fits(rule, data, whole) for rule in rules) == 1,
    "anyOf": lambda rules, data, _, whole: any(_fits(rule, data, whole) for rule in rules),
    "if": _condition,
    "$ref": _reference,
    **{keyword: _limit(keyword) for keyword in LIMITS},
}
KNOWN = frozenset(_CHECKS) | _SILENT | _OF_A_WHOLE
"""The keywords that `fits` knows."""
