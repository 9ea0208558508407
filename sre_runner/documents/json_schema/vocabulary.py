"""What may stand in a tool's `input_schema`: JSON Schema 2020-12, with nothing remote and nothing endless in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sre_runner.documents.json_schema.complaints import Path, complaints
from sre_runner.documents.json_schema.fitting import is_type, pointed_at
from sre_runner.documents.json_schema.string_rules import pattern_problem
from sre_runner.documents.json_schema.subset import KEYWORD_VALUES, NAME, contradictions, differ
from sre_runner.text.naming import listed, nearest, said

LEVELS = 30
"""Most levels of schemas inside schemas."""
MOST_SCHEMAS = 2000
"""Schemas in one `input_schema`."""
_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")

ONE = ("items", "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else", "contentSchema")
"""Keywords that hold a schema."""
LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
"""Keywords that hold a list of schemas."""
MAPPINGS = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
"""Keywords that hold schemas by name."""
_IN_PLACE = ("$ref", "anyOf", "oneOf", "allOf", "not", "if", "then", "else", "dependentSchemas")
"""Keywords whose schemas are held against the same value."""
_AT_THE_TOP = ("anyOf", "oneOf", "allOf")
"""What the Messages API refuses at the top of an `input_schema`."""

_TEXT = KEYWORD_VALUES["title"]
_SIZE = KEYWORD_VALUES["minItems"]
_FLAG = (lambda value: isinstance(value, bool), "true or false")
_LIST = (lambda value: isinstance(value, list) and bool(value), "a list of at least one schema")
_MAPPING = (lambda value: isinstance(value, dict), "a mapping of names to schemas")
_SCHEMA = (
    lambda value: isinstance(value, (dict, bool)),
    "a schema: a mapping such as {type: string}, or true or false",
)

_VALUES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    **KEYWORD_VALUES,
    "type": (
        lambda value: (
            value in _TYPES if isinstance(value, str) else differ(value) and bool(value) and {*value} <= {*_TYPES}
        ),
        "one of " + ", ".join(_TYPES) + ", or a list of them",
    ),
    **dict.fromkeys(ONE, _SCHEMA),
    **dict.fromkeys(LISTS, _LIST),
    **dict.fromkeys(MAPPINGS, _MAPPING),
    **dict.fromkeys(("minContains", "maxContains", "minProperties", "maxProperties"), _SIZE),
    **dict.fromkeys(("uniqueItems", "deprecated", "readOnly", "writeOnly"), _FLAG),
    **dict.fromkeys(("$schema", "$id", "$comment", "format", "contentEncoding", "contentMediaType"), _TEXT),
    "multipleOf": (lambda value: is_type(value, "number") and value > 0, "a number above 0"),
    "pattern": (lambda value: isinstance(value, str), "a regular expression"),
    "$ref": (lambda value: isinstance(value, str), "a reference such as '#/$defs/name'"),
    "dependentRequired": (
        lambda value: isinstance(value, dict) and all(map(differ, value.values())),
        "a mapping of names to lists of different names",
    ),
}
"""What the value of each keyword must be: a test, and the same in words."""

NOT_TAKEN = {
    **dict.fromkeys(("unevaluatedProperties", "unevaluatedItems"), "use `additionalProperties` or `items`"),
    **dict.fromkeys(("$dynamicRef", "$dynamicAnchor", "$anchor", "$recursiveRef"), "use `$ref: '#/$defs/name'`"),
    "$vocabulary": "leave it out",
    "nullable": "use a list of types: `type: [string, 'null']`",
    "dependencies": "use `dependentRequired` or `dependentSchemas`",
    "additionalItems": "use `prefixItems` and `items`",
}
"""Keywords of JSON Schema and of its relatives that are refused, as what they demand would not be held."""

Problem = tuple[Path, str]


def schema_problems(schema: Any, path: Path = ()) -> list[Problem]:
    """Everything that is wrong with the `input_schema` of a tool, as (path, message).

    Takes any JSON value and never raises. Paths begin with `path` and lead to the keyword. A schema without problems
    can be handed to `complaints`: whatever the data is, the check ends.
    """
    return _Checked(schema, path).problems()


@dataclass
class _Checked:
    whole: Any
    path: Path
    schemas: dict[Path, Any] = field(default_factory=dict)
    """Every schema inside, by where it stands from the top."""

    def problems(self) -> list[Problem]:
        found = [
            ((*self.path, keyword), f"`{keyword}` cannot stand at the top, where the model's API refuses it")
            for keyword in (_AT_THE_TOP if isinstance(self.whole, dict) else ())
            if keyword in self.whole
        ]
        found += self._of(self.whole, (), LEVELS)
        found += self._references(sound=not found)
        return found or list(self._against_itself())

    def _of(self, schema: Any, place: Path, levels: int) -> Iterator[Problem]:
        here = (*self.path, *place)
        self.schemas[place] = schema
        if isinstance(schema, bool) and place:
            return
        if not isinstance(schema, dict):
            yield here, "must be a schema: a mapping such as {type: string}, or true or false"
        elif not levels:
            yield here, f"has more than {LEVELS} levels of schemas"
        elif len(self.schemas) > MOST_SCHEMAS:
            yield here, f"has more than {MOST_SCHEMAS} schemas in it"
        else:
            wrong = list(_keywords(schema, here, top=not place))
            yield from wrong
            broken = {where[-1] for where, _ in wrong}
            for inner, part in _inside(schema, broken):
                yield from self._of(part, (*place, *inner), levels - 1)

    def _references(self, *, sound: bool) -> Iterator[Problem]:
        for place, schema in self.schemas.items():
            if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
                here = (*self.path, *place, "$ref")
                target = pointed_at(self.whole, schema["$ref"])
                if not schema["$ref"].startswith("#"):
                    yield here, "leads out of this file, and nothing is ever fetched; use `$ref: '#/$defs/name'`"
                elif target is None or not any(target is one for one in self.schemas.values()):
                    yield here, f"leads to no schema: {said(schema['$ref'])}"
                elif sound and self._endless(schema):
                    yield here, "leads back to itself before anything of the value is looked at"

    def _endless(self, start: dict[str, Any]) -> bool:
        """Whether a schema is reached again from itself without going into the value."""
        seen: set[int] = set()
        ahead = [*self._in_place(start)]
        while ahead:
            schema = ahead.pop()
            if schema is start:
                return True
            if isinstance(schema, dict) and id(schema) not in seen:
                seen.add(id(schema))
                ahead += self._in_place(schema)
        return False

    def _in_place(self, schema: Mapping[str, Any]) -> Iterator[Any]:
        for keyword in _IN_PLACE:
            if keyword in schema:
                held = schema[keyword]
                if keyword == "$ref":
                    yield pointed_at(self.whole, held)
                elif keyword == "dependentSchemas":
                    yield from held.values()
                else:
                    yield from held if isinstance(held, list) else [held]

    def _against_itself(self) -> Iterator[Problem]:
        for place, schema in self.schemas.items():
            if isinstance(schema, dict):
                here = (*self.path, *place)
                if not place or "properties" in schema:
                    unknown = [name for name in schema.get("required", ()) if name not in schema.get("properties", {})]
                    if unknown and not _open(schema):
                        yield (*here, "required"), f"names what `properties` does not have: {listed(unknown)}"
                yield from contradictions(schema, here, self.whole)


def _open(schema: Mapping[str, Any]) -> bool:
    """Whether a schema says elsewhere what its values may have."""
    return any(keyword in schema for keyword in ("patternProperties", "$ref", "anyOf", "oneOf", "allOf")) or isinstance(
        schema.get("additionalProperties"), dict
    )


def _inside(schema: Mapping[str, Any], broken: set[Any]) -> Iterator[tuple[Path, Any]]:
    """The schemas right inside of a schema, each with where it stands."""
    for keyword, held in schema.items():
        if keyword in broken:
            continue
        if keyword in ONE:
            yield (keyword,), held
        elif keyword in LISTS:
            yield from (((keyword, number), part) for number, part in enumerate(held))
        elif keyword in MAPPINGS:
            yield from (((keyword, name), part) for name, part in held.items())


def _keywords(schema: Mapping[str, Any], path: Path, *, top: bool) -> Iterator[Problem]:
    """Keywords that are none, and keywords with a value that they do not take."""
    for keyword, value in schema.items():
        here = (*path, keyword)
        if keyword in NOT_TAKEN:
            yield here, f"{said(keyword)} is not taken: {NOT_TAKEN[keyword]}"
        elif keyword not in _VALUES:
            near = nearest(keyword, _VALUES)
            if not keyword.startswith("x-"):
                more = f"did you mean `{near}`?" if near else "a comment of your own begins with `x-`"
                yield here, f"{said(keyword)} is no keyword of JSON Schema; {more}"
        elif not _VALUES[keyword][0](value):
            hint = "; a list of schemas is `prefixItems`" if keyword == "items" and isinstance(value, list) else ""
            yield here, f"`{keyword}` must be {_VALUES[keyword][1]}{hint}"
        elif keyword == "$id" and not top:
            yield here, "`$id` can stand at the top alone"
        else:
            yield from _texts(keyword, value, here)


def _texts(keyword: str, value: Any, path: Path) -> Iterator[Problem]:
    """What is wrong with names and patterns."""
    if keyword == "pattern":
        problem = pattern_problem(value)
        if problem:
            yield path, f"the pattern {problem}"
    elif keyword == "patternProperties":
        for pattern in value:
            problem = pattern_problem(pattern)
            if problem:
                yield (*path, pattern), f"the pattern {problem}"
    elif keyword == "properties":
        for name in value:
            if not NAME.fullmatch(name):
                yield (*path, name), "a name is at most 64 letters, digits, `_`, `.` and `-`"


def argument_complaints(schema: Mapping[str, Any], name: str, value: Any) -> list[Problem]:
    """What an argument's schema does not allow in a value for it, where `schema` is that of all arguments."""
    return complaints(schema.get("properties", {}).get(name, {}), value, whole=schema)
