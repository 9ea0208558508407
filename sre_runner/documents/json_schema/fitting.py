"""Whether data fits a JSON Schema: a plain walk that says yes or no, quickly and without words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any
from urllib.parse import unquote

from sre_runner.documents.json_schema.string_rules import has_format, matches

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


def is_multiple(number: int | float, step: int | float) -> bool:
    """Whether a number is a multiple of another as both are written: 0.3 is one of 0.1."""
    if isinstance(number, float) and not math.isfinite(number):
        return False
    return (_exact(number) / _exact(step)).denominator == 1


def _exact(number: int | float) -> Fraction:
    """The number as it is written."""
    return Fraction(number) if isinstance(number, int) else Fraction(str(number))


def all_differ(items: list[Any]) -> bool:
    """Whether no two items are equal as JSON."""
    return len({_hashable(item) for item in items}) == len(items)


def _hashable(value: Any) -> Any:
    """What is equal where the values are equal as JSON."""
    if isinstance(value, dict):
        return "object", frozenset((key, _hashable(one)) for key, one in value.items())
    if isinstance(value, list):
        return "array", tuple(map(_hashable, value))
    return isinstance(value, bool), value


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
    "maxProperties": (dict, lambda mapping, limit: len(mapping) <= limit),
    "multipleOf": ((int, float), lambda number, step: is_multiple(number, step)),
}
"""By keyword: what it is a limit on, and whether that is within it."""


def within(keyword: str, limit: Any, data: Any) -> bool:
    """Whether the data is within a limit, or is nothing that this keyword limits."""
    limited, fit = LIMITS[keyword]
    return isinstance(data, bool) or not isinstance(data, limited) or fit(data, limit)


MOST_STEPS = 300_000
"""Keywords that are looked at in one check of foreign data against a foreign schema: about half a second."""
MOST_LEVELS = 150
"""Schemas inside of one another in the same check, references followed."""


class Unbounded(Exception):  # noqa: N818 - what is told is that the check was given up
    """A check took more than `MOST_STEPS` or `MOST_LEVELS`."""


class _Unknown(Exception):  # noqa: N818 - no error: `keywords.py` knows more
    """A keyword that is not known here."""


class Walk:
    """One check of data against a schema: where references lead, and how much work is left."""

    def __init__(self, whole: Any, *, bounded: bool = False) -> None:
        self.whole = whole
        self._steps = MOST_STEPS if bounded else math.inf
        self._levels = MOST_LEVELS

    def fits(self, schema: Any, data: Any) -> bool:
        """Whether the data fits. Raises Unbounded, and _Unknown for a keyword that is not known here."""
        if isinstance(schema, bool):
            return schema
        self.take(len(schema))
        self._levels -= 1
        for keyword, demand in schema.items():
            check = _CHECKS.get(keyword)
            if check is not None:
                if not check(demand, data, schema, self):
                    self._levels += 1
                    return False
            elif not (keyword in _SILENT or keyword[:2] == "x-" or (keyword in _OF_A_WHOLE and schema is self.whole)):
                raise _Unknown
        self._levels += 1
        return True

    def take(self, steps: int) -> None:
        """Counts work. Raises Unbounded where none is left."""
        self._steps -= steps
        if self._steps < 0 or self._levels <= 0:
            raise Unbounded

    def target(self, reference: Any) -> Any:
        """The schema that a local reference leads to. Raises _Unknown for any other."""
        found = pointed_at(self.whole, reference)
        if found is None:
            raise _Unknown
        return found


def pointed_at(whole: Any, reference: Any) -> Any:
    """What a reference inside of a schema (`#`, `#/$defs/name`) leads to; None where it leads nowhere or outside."""
    if not isinstance(reference, str) or not reference.startswith("#") or reference[1:2] not in ("", "/"):
        return None
    found = whole
    for part in unquote(reference[1:]).split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(name)
        elif isinstance(found, list) and name.isascii() and name.isdecimal() and int(name) < len(found):
            found = found[int(name)]
        else:
            return None
    return found if isinstance(found, (dict, bool)) else None


def fits(schema: Any, data: Any, *, whole: Any = None, bounded: bool = False) -> bool:
    """Whether the data fits the schema; False as well where the schema has a keyword that is not known here.

    `whole` is the schema that references lead into, where `schema` is a part of it; `bounded` gives a check up that
    would take too long, which is False, too.
    """
    try:
        return Walk(schema if whole is None else whole, bounded=bounded).fits(schema, data)
    except (_Unknown, Unbounded):
        return False


_SILENT = frozenset(
    {"title", "description", "default", "examples", "$defs", "definitions", "$comment", "then", "else"}
    | {
        "deprecated",
        "readOnly",
        "writeOnly",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
        "minContains",
        "maxContains",
    }
)
"""Keywords that by themselves demand nothing."""
_OF_A_WHOLE = frozenset({"$schema", "$id"})
"""The same, but inside of a schema they would change the meaning of references."""

_Check = Callable[[Any, Any, Mapping[str, Any], Walk], bool]


def _type(names: Any, data: Any, _: Any, __: Any) -> bool:
    if isinstance(names, str):
        return is_type(data, names)
    return any(is_type(data, name) for name in names)


def _properties(rules: Any, data: Any, _: Any, walk: Walk) -> bool:
    return not isinstance(data, dict) or all(walk.fits(rules[name], data[name]) for name in rules if name in data)


def _patterned(rules: Any, data: Any, _: Any, walk: Walk) -> bool:
    return not isinstance(data, dict) or all(
        walk.fits(rule, data[name]) for pattern, rule in rules.items() for name in data if matches(pattern, name)
    )


def additional(schema: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[str]:
    """The keys of the data that `additionalProperties` of a schema speaks of."""
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    return (name for name in data if name not in known and not any(matches(one, name) for one in patterns))


def _additional(rule: Any, data: Any, schema: Mapping[str, Any], walk: Walk) -> bool:
    if not isinstance(data, dict) or rule is True:
        return True
    return all(walk.fits(rule, data[name]) for name in additional(schema, data))


def _items(rule: Any, data: Any, schema: Mapping[str, Any], walk: Walk) -> bool:
    first = len(schema.get("prefixItems", ()))
    return not isinstance(data, list) or all(walk.fits(rule, item) for item in data[first:])


def _prefix(rules: Any, data: Any, _: Any, walk: Walk) -> bool:
    return not isinstance(data, list) or all(map(walk.fits, rules, data))


def _contains(rule: Any, data: Any, schema: Mapping[str, Any], walk: Walk) -> bool:
    if not isinstance(data, list):
        return True
    count = sum(walk.fits(rule, item) for item in data)
    return bool(schema.get("minContains", 1) <= count <= schema.get("maxContains", len(data)))


def _condition(test: Any, data: Any, schema: Mapping[str, Any], walk: Walk) -> bool:
    return walk.fits(schema.get("then" if walk.fits(test, data) else "else", True), data)


def _dependent(rules: Any, data: Any, _: Any, walk: Walk) -> bool:
    return not isinstance(data, dict) or all(walk.fits(rule, data) for name, rule in rules.items() if name in data)


def needed(rules: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The keys that `dependentRequired` wants and that are missing, each as (key that wants it, key)."""
    return ((name, other) for name, others in rules.items() if name in data for other in others if other not in data)


def _limit(keyword: str) -> _Check:
    return lambda limit, data, _, __: within(keyword, limit, data)


_CHECKS: Mapping[str, _Check] = {
    "type": _type,
    "properties": _properties,
    "patternProperties": _patterned,
    "required": lambda names, data, _, __: not isinstance(data, dict) or all(name in data for name in names),
    "additionalProperties": _additional,
    "propertyNames": lambda rule, data, _, walk: (
        not isinstance(data, dict) or all(walk.fits(rule, name) for name in data)
    ),
    "dependentRequired": lambda rules, data, _, __: not isinstance(data, dict) or not any(needed(rules, data)),
    "dependentSchemas": _dependent,
    "items": _items,
    "prefixItems": _prefix,
    "contains": _contains,
    "uniqueItems": lambda wanted, data, _, __: not wanted or not isinstance(data, list) or all_differ(data),
    "pattern": lambda pattern, data, _, __: not isinstance(data, str) or matches(pattern, data),
    "format": lambda name, data, _, __: not isinstance(data, str) or has_format(name, data),
    "enum": lambda values, data, _, __: any(same(value, data) for value in values),
    "const": lambda value, data, _, __: same(value, data),
    "oneOf": lambda rules, data, _, walk: sum(walk.fits(rule, data) for rule in rules) == 1,
    "anyOf": lambda rules, data, _, walk: any(walk.fits(rule, data) for rule in rules),
    "allOf": lambda rules, data, _, walk: all(walk.fits(rule, data) for rule in rules),
    "not": lambda rule, data, _, walk: not walk.fits(rule, data),
    "if": _condition,
    "$ref": lambda reference, data, _, walk: walk.fits(walk.target(reference), data),
    **{keyword: _limit(keyword) for keyword in LIMITS},
}
KNOWN = frozenset(_CHECKS) | _SILENT | _OF_A_WHOLE
"""The keywords that `fits` knows."""
