"""The subset of JSON Schema that every server understands, which the fields of reports use."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sre_runner.documents.json_schema.complaints import Path, complaints
from sre_runner.documents.json_schema.fitting import is_type
from sre_runner.text.naming import listed, nearest, said

DEPTH = 10
"""Most levels of schemas inside schemas."""
VALUE_DEPTH = 50
"""Most levels of lists and mappings in a value that a schema names."""

NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""What the Messages API takes as a name in `properties`."""
_TYPES = ("object", "array", "string", "number", "integer", "boolean")
_NUMBERS = ("number", "integer")

SUBSET: Mapping[str, tuple[str, ...]] = {
    "type": _TYPES,
    "title": _TYPES,
    "description": _TYPES,
    "default": _TYPES,
    "examples": _TYPES,
    "enum": _TYPES,
    "const": _TYPES,
    "properties": ("object",),
    "required": ("object",),
    "additionalProperties": ("object",),
    "items": ("array",),
    "minItems": ("array",),
    "maxItems": ("array",),
    "minLength": ("string",),
    "maxLength": ("string",),
    "minimum": _NUMBERS,
    "maximum": _NUMBERS,
    "exclusiveMinimum": _NUMBERS,
    "exclusiveMaximum": _NUMBERS,
}
"""The subset of JSON Schema 2020-12 that every server understands: its keywords, and the types that each goes with.

`type` is one name (no list of them, no `null`: what may be absent is left out of `required`); a schema without it has
only keywords that go with every type. `properties` maps names of at most 64 letters, digits, `_`, `.` and `-` to
schemas, `items` is a schema, `additionalProperties` is true or false. There are no references, so nothing is recursive
and nothing is ever fetched.
"""


def subset_problems(schema: Any, path: Path = ()) -> list[tuple[Path, str]]:
    """Everything in a schema that is outside `SUBSET` or contradicts itself, as (path, message).

    Takes any JSON value and never raises. Paths begin with `path` and lead to the keyword, which may be a key that
    should not be there.
    """
    return _outside(schema, path, DEPTH)


def _outside(schema: Any, path: Path, levels: int) -> list[tuple[Path, str]]:
    if not isinstance(schema, dict):
        return [(path, "must be a schema: a mapping such as {type: string}")]
    if not levels:
        return [(path, f"has more than {DEPTH} levels of schemas")]
    wrong = list(_keywords(schema, path))
    properties = schema.get("properties")
    for name, inner in properties.items() if isinstance(properties, dict) else ():
        if not NAME.fullmatch(name):
            wrong.append(((*path, "properties", name), "a name is at most 64 letters, digits, `_`, `.` and `-`"))
        wrong += _outside(inner, (*path, "properties", name), levels - 1)
    if "items" in schema:
        wrong += _outside(schema["items"], (*path, "items"), levels - 1)
    return wrong or [*_unknown_names(schema, path), *contradictions(schema, path)]


def _keywords(schema: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    """Keywords outside the subset, with a value that they do not take, or beside another type than theirs."""
    for keyword, value in schema.items():
        if keyword not in SUBSET:
            near = nearest(keyword, SUBSET)
            more = f"did you mean `{near}`?" if near else "`sre-run docs reference` lists its keywords"
            yield (*path, keyword), f"{said(keyword)} is outside the subset of JSON Schema that can be used; {more}"
            continue
        fits, words = KEYWORD_VALUES[keyword]
        if not fits(value):
            yield (*path, keyword), f"`{keyword}` must be {words}"
        elif SUBSET[keyword] is not _TYPES and schema.get("type") not in SUBSET[keyword]:
            yield (*path, keyword), f"`{keyword}` needs `type: {SUBSET[keyword][0]}` beside it"


def _flat(value: Any) -> bool:
    """Whether it is nested no deeper than `VALUE_DEPTH`; measured level by level, as recursion could fail."""
    level = [value]
    for _ in range(VALUE_DEPTH + 1):
        inner = [one for one in level if isinstance(one, (dict, list))]
        if not inner:
            return True
        level = [part for one in inner for part in (one.values() if isinstance(one, dict) else one)]
    return False


def differ(names: Any) -> bool:
    """Whether it is a list of different texts."""
    return isinstance(names, list) and all(isinstance(name, str) for name in names) and len(names) == len(set(names))


_TEXT = (lambda value: isinstance(value, str), "text")
_SCHEMA = (lambda _: True, "a schema")  # whether it is one is asked on the next level
_SIZE = (
    lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
    "a whole number from 0 up",
)
_NUMBER = (lambda value: is_type(value, "number"), "a number")

KEYWORD_VALUES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "type": (lambda value: isinstance(value, str) and value in _TYPES, "one of " + ", ".join(_TYPES)),
    "title": _TEXT,
    "description": _TEXT,
    "default": (_flat, f"nested at most {VALUE_DEPTH} levels deep"),
    "const": (_flat, f"nested at most {VALUE_DEPTH} levels deep"),
    "examples": (lambda value: isinstance(value, list) and _flat(value), "a list of values, not nested too deeply"),
    "enum": (lambda value: isinstance(value, list) and bool(value) and _flat(value), "a list of at least one value"),
    "properties": (lambda value: isinstance(value, dict), "a mapping of names to schemas"),
    "required": (differ, "a list of different names"),
    "additionalProperties": (lambda value: isinstance(value, bool), "true or false"),
    "items": _SCHEMA,
    **dict.fromkeys(("minItems", "maxItems", "minLength", "maxLength"), _SIZE),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _NUMBER),
}
"""What the value of each keyword must be: a test, and the same in words."""

_ORDERED = (("minimum", "maximum"), ("minItems", "maxItems"), ("minLength", "maxLength"))


def _unknown_names(schema: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    unknown = [name for name in schema.get("required", ()) if name not in schema.get("properties", {})]
    if unknown:
        yield (*path, "required"), f"names what `properties` does not have: {listed(unknown)}"


def contradictions(schema: Mapping[str, Any], path: Path, whole: Any = None) -> Iterator[tuple[Path, str]]:
    """Where keywords that are right by themselves do not go together."""
    for low, high in _ORDERED:
        if low in schema and high in schema and schema[low] > schema[high]:
            yield (*path, low), f"`{low}` is greater than `{high}`"
    bare = {key: value for key, value in schema.items() if key not in ("enum", "const")}
    values: list[tuple[Path, Any, Mapping[str, Any]]] = []
    for keyword, within in (("enum", bare), ("examples", schema)):
        values += [((keyword, number), value, within) for number, value in enumerate(schema.get(keyword, ()))]
    for keyword, within in (("const", bare), ("default", schema)):
        values += [((keyword,), schema[keyword], within)] if keyword in schema else []
    for place, value, within in values:
        for where, message in complaints(within, value, whole=whole):
            yield (*path, *place, *where), f"does not fit its own schema: {message}"
