"""Data against schemas, in words."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothetical_schemas import SCHEMAS_OF_TOOLS, VALUES

from sre_runner.documents.json_schema.complaints import MOST_COMPLAINTS, complaints, dotted
from sre_runner.documents.json_schema.fitting import fits
from sre_runner.documents.json_schema.vocabulary import schema_problems
from sre_runner.text.naming import listed

PROPERTIES = {
    "name": {"type": "string", "minLength": 1, "maxLength": 5},
    "status": {"type": "string", "enum": ["Running", "Failed"]},
    "restarts": {"type": "integer", "minimum": 0, "maximum": 9},
    "load": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    "labels": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2},
    "ready": {"const": True},
}
POD = {"type": "object", "properties": PROPERTIES, "required": ["name"], "additionalProperties": False}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"name": "a", "status": "Failed", "restarts": 1.0, "load": 0.5, "labels": ["x"], "ready": True}, []),
        ([], [((), "must be an object, not an array")]),
        (None, [((), "must be an object, not null")]),
        ({}, [((), "`name` is missing")]),
        ({"name": ""}, [(("name",), "must have 1 or more characters")]),
        ({"name": "abcdef"}, [(("name",), "must have 5 or fewer characters")]),
        ({"name": "a", "status": "running"}, [(("status",), "must be one of `Running`, `Failed`, not `running`")]),
        ({"name": "a", "status": ["x"]}, [(("status",), "must be a string, not an array")]),
        ({"name": "a", "restarts": -1}, [(("restarts",), "must be at least 0")]),
        ({"name": "a", "restarts": 10}, [(("restarts",), "must be at most 9")]),
        ({"name": "a", "restarts": "3"}, [(("restarts",), "must be an integer, not a string")]),
        ({"name": "a", "restarts": True}, [(("restarts",), "must be an integer, not true or false")]),
        ({"name": "a", "load": 0}, [(("load",), "must be more than 0")]),
        ({"name": "a", "load": 1}, [(("load",), "must be less than 1")]),
        ({"name": "a", "load": float("nan")}, [(("load",), "must be a number, not a number that JSON does not have")]),
        ({"name": "a", "labels": []}, [(("labels",), "must have 1 or more items")]),
        ({"name": "a", "labels": ["1", 2]}, [(("labels", 1), "must be a string, not a number")]),
        ({"name": "a", "labels": ["1", "2", "3"]}, [(("labels",), "must have 2 or fewer items")]),
        ({"name": "a", "ready": 1}, [(("ready",), "must be `true`, not 1")]),
        ({"name": "a", "statu": "x"}, [((), "has no field `statu`; did you mean `status`?")]),
        ({"name": "a", "ready": [1]}, [(("ready",), "must be `true`, not this value")]),
        ({"name": "a", "zone": 1}, [((), f"has no field `zone`; there are {listed(PROPERTIES)}")]),
    ],
)  # fmt: skip
def test_complaints_name_the_fault(data: Any, expected: list[Any]) -> None:
    assert complaints(POD, data) == expected


def test_an_object_without_fields_takes_none() -> None:
    assert complaints({"type": "object", "additionalProperties": False}, {"a": 1}) == [
        ((), "has no field `a`; it takes none")
    ]


def test_complaints_stand_in_document_order() -> None:
    schema = {"type": "object", "properties": {"b": {"type": "string"}, "a": {"items": {"type": "string"}}}}
    data = {"a": [*["x"] * 10, 1, 2], "b": 3}
    assert [path for path, _ in complaints(schema, data)] == [("a", 10), ("a", 11), ("b",)]


def nested(levels: int) -> Any:
    data: Any = "x"
    for _ in range(levels):
        data = [data]
    return data


@pytest.mark.parametrize(
    "data",
    [
        nested(900),
        {"name": nested(900), "status": nested(900), "ready": nested(900), "labels": nested(900)},
        {"name": "x" * 1_000_000, "status": "y" * 1_000_000},
        {f"field{number}" + "z" * 1000: 1 for number in range(1000)},
        {"labels": [0] * 10_000},
        {"status": 10**5000, "restarts": 10**5000, "load": -(10**5000)},
        {"name": "a", "evil\ud800\u202e\x1b[2J": 1},
        {"name": "a", "load": float("inf"), "restarts": float("-inf")},
        {f"f{number}": 1 for number in range(31)},
    ],
)
def test_hostile_data_gets_few_short_complaints(data: Any) -> None:
    found = complaints(POD, data)
    assert 0 < len(found) <= MOST_COMPLAINTS + 1
    for path, message in found:
        assert len(dotted(path)) < 20
        assert len(message) <= 1001
        assert message.isprintable()
        message.encode()
    if len(found) > MOST_COMPLAINTS:
        assert found[-1] == ((), "there is more: correct these first")


def test_schemas_outside_the_subset_are_still_obeyed() -> None:
    schema = {
        "patternProperties": {"^x-": {}},
        "additionalProperties": {"type": "string"},
        "properties": {"a": {"$ref": "#/$defs/a"}},
        "$defs": {"a": {"not": {"const": 1}}},
    }
    assert [path for path, _ in complaints(schema, {"a": 1, "b": 2, "x-c": 3})] == [("a",), ("b",)]
    assert complaints({"type": ["string", "null"]}, 1) == [((), "must be a string or null, not a number")]
    assert complaints({"minProperties": 2}, {"a": "y" * 5000}) == [((), "must have 2 or more fields")]


@pytest.mark.parametrize(
    ("path", "text"), [((), ""), (("a", 0, "b"), "a[0].b"), ((0, "a"), "[0].a"), (("a", 1, 2), "a[1][2]")]
)
def test_dotted(path: tuple[str | int, ...], text: str) -> None:
    assert dotted(path) == text


POD_NAME = {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"}


@pytest.mark.parametrize(
    ("schema", "data", "expected"),
    [
        (POD_NAME, "--all", [((), "must match the pattern `^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`, and `--all` does not")]),
        ({"format": "date"}, "today", [((), "must be of the format `date`, and `today` is not")]),
        ({"uniqueItems": True}, [1, 1.0], [((), "must not have the same item twice")]),
        ({"multipleOf": 0.1}, 0.35, [((), "must be a multiple of 0.1")]),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1, [((), "must be a string or null, not a number")]),
        (
            {"anyOf": [{"type": "null"}, {"properties": {"a": {"type": "string"}}}]},
            {"a": 1},
            [(("a",), "must be a string, not a number (the nearest of 2 alternatives)")],
        ),
        ({"oneOf": [{"minimum": 1}, {"maximum": 9}]}, 5,
         [((), "fits alternatives 1, 2 of `oneOf`, and must fit one alone")]),
        ({"oneOf": [{"const": 1}, {"const": 2}]}, 3, [((), "must be 1, not 3 (the nearest of 2 alternatives)")]),
        ({"allOf": [{"minimum": 3}, {"maximum": 1}]}, 2, [((), "must be at least 3"), ((), "must be at most 1")]),
        ({"not": {"type": "null"}}, None, [((), "must not fit this value")]),
        ({"propertyNames": {"maxLength": 1}}, {"ab": 1},
         [(("ab",), "has a name that must have 1 or fewer characters")]),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, [((), "`b` is missing, which `a` needs")]),
        ({"dependentSchemas": {"a": {"minProperties": 2}}}, {"a": 1}, [((), "must have 2 or more fields")]),
        ({"prefixItems": [{"type": "string"}], "items": False}, [1, 2],
         [((0,), "must be a string, not a number"), ((1,), "must be left out")]),
        ({"contains": {"const": 1}}, [2], [((), "must have 1 or more items that fit this value, and has 0")]),
        ({"contains": {"const": 1}, "maxContains": 1}, [1, 1],
         [((), "must have 1 or fewer items that fit this value, and has 2")]),
        ({"if": {"required": ["a"]}, "then": {"required": ["b"]}}, {"a": 1}, [((), "`b` is missing")]),
        ({"additionalProperties": {"type": "integer"}}, {"a": "x"}, [(("a",), "must be an integer, not a string")]),
        ({"patternProperties": {"^a": {"type": "integer"}}}, {"ab": "x"},
         [(("ab",), "must be an integer, not a string")]),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"items": {"$ref": "#/$defs/a"}, "type": "array"}}}, [[1]],
         [((0, 0), "must be an array, not a number")]),
    ],
)  # fmt: skip
def test_every_keyword_says_what_is_wrong(schema: Any, data: Any, expected: list[Any]) -> None:
    assert complaints(schema, data) == expected


@pytest.mark.no_cover
@given(SCHEMAS_OF_TOOLS, VALUES)
@settings(max_examples=150, deadline=None)
def test_what_fits_has_no_complaints_and_what_does_not_has_some(schema: Any, data: Any) -> None:
    if not schema_problems(schema):
        assert bool(complaints(schema, data)) is not fits(schema, data)


DOUBLED = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
TREE = {"anyOf": [{"items": {"$ref": "#/$defs/t"}}, {"items": {"$ref": "#/$defs/t"}, "minItems": 9}, {"const": 0}]}


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        ({"$ref": "#/$defs/d0", "$defs": {**DOUBLED, "d40": {"type": "string"}}}, "a"),
        ({"$ref": "#/$defs/t", "$defs": {"t": {**TREE, "type": "array"}}}, nested(60)),
        ({"$ref": "#/$defs/t", "$defs": {"t": {"items": {"$ref": "#/$defs/t"}}}}, nested(900)),
        ({"pattern": "^(a+)+$"}, "a" * 1_000_000 + "b"),
        ({"patternProperties": {"^(a|a)*$": {"type": "null"}}}, {"a" * 10_000 + "b" * n: 1 for n in range(20)}),
        ({"uniqueItems": True}, [*range(50_000), 7]),
    ],
)
def test_a_hostile_schema_ends_soon(schema: Any, data: Any) -> None:
    begun = time.process_time()
    found = complaints(schema, data)
    assert time.process_time() - begun < 10  # without bounds: years
    assert len(found) < 3
