"""What may stand in a tool's `input_schema`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothetical_schemas import SCHEMAS_OF_TOOLS
from jsonschema import Draft202012Validator

from sre_runner.documents.json_schema.vocabulary import LEVELS, MOST_SCHEMAS, argument_complaints, schema_problems

SERVED = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "namespace": {"type": "string", "pattern": "^[a-z0-9-]+$", "default": "default"},
        "since": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}], "default": None},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}, "propertyNames": {"minLength": 1}},
        "filter": {"$ref": "#/$defs/Filter"},
        "limit": {"type": ["integer", "null"], "minimum": 1, "multipleOf": 1},
        "sort": {"oneOf": [{"const": "asc"}, {"const": "desc"}], "x-order": 3},
    },
    "required": ["namespace"],
    "additionalProperties": False,
    "dependentRequired": {"since": ["limit"]},
    "$defs": {
        "Filter": {
            "type": "object",
            "properties": {"and": {"type": "array", "items": {"$ref": "#/$defs/Filter"}}, "key": {"type": "string"}},
        }
    },
}


def test_what_servers_send_is_taken() -> None:
    assert schema_problems(SERVED) == []
    assert argument_complaints(SERVED, "filter", {"and": [{"key": 1}]}) == [
        (("and", 0, "key"), "must be a string, not a number")
    ]


def with_part(part: Any) -> Any:
    return {"type": "object", "properties": {"a": part}}


def levels(count: int) -> Any:
    schema: Any = {"type": "string"}
    for _ in range(count - 1):
        schema = {"items": schema}
    return schema


@pytest.mark.parametrize(
    ("part", "path", "words"),
    [
        ({"$ref": "https://example.com/a.json"}, ["$ref"], "nothing is ever fetched"),
        ({"$ref": "other.json#/a"}, ["$ref"], "nothing is ever fetched"),
        ({"$ref": "#/$defs/nowhere"}, ["$ref"], "leads to no schema"),
        ({"$ref": "#/properties"}, ["$ref"], "leads to no schema"),
        ({"$ref": "#/properties/a"}, ["$ref"], "leads back to itself"),
        ({"anyOf": [{"type": "null"}, {"$ref": "#/properties/a"}]}, ["anyOf", 1, "$ref"], "leads back to itself"),
        ({"dependentSchemas": {"b": {"$ref": "#/properties/a"}}}, ["dependentSchemas", "b", "$ref"], "leads back"),
        ({"pattern": "(?=a)"}, ["pattern"], "linear time"),
        ({"patternProperties": {"(a": {}}}, ["patternProperties", "(a"], "linear time"),
        ({"nullable": True}, ["nullable"], "use a list of types"),
        ({"unevaluatedProperties": False}, ["unevaluatedProperties"], "use `additionalProperties`"),
        ({"type": "strng"}, ["type"], "must be one of object"),
        ({"type": ["string", "string"]}, ["type"], "or a list of them"),
        ({"items": [{}]}, ["items"], "a list of schemas is `prefixItems`"),
        ({"anyOf": []}, ["anyOf"], "a list of at least one schema"),
        ({"mininum": 1}, ["mininum"], "did you mean `minimum`?"),
        ({"colour": 1}, ["colour"], "begins with `x-`"),
        ({"$id": "urn:a"}, ["$id"], "at the top alone"),
        ({"exclusiveMinimum": True}, ["exclusiveMinimum"], "must be a number"),
        ({"multipleOf": 0}, ["multipleOf"], "a number above 0"),
        ({"properties": {"a b": {}}}, ["properties", "a b"], "at most 64 letters"),
        ({"properties": {"b": {}}, "required": ["c"]}, ["required"], "`properties` does not have: `c`"),
        ({"type": "string", "default": 1}, ["default"], "does not fit its own schema"),
        ({"$ref": "#/$defs/b", "default": 1}, ["$ref"], "leads to no schema"),
        ({"minItems": 3, "maxItems": 2}, ["minItems"], "greater than"),
        ("string", [], "must be a schema"),
        (levels(LEVELS), ["items"] * (LEVELS - 1), "levels of schemas"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(part: Any, path: list[Any], words: str) -> None:
    found = dict(schema_problems(with_part(part), ("x",)))
    assert [*found] == [("x", "properties", "a", *path)]
    assert words in next(iter(found.values()))


def test_the_top_is_an_object_without_alternatives() -> None:
    assert schema_problems({"type": "object", "anyOf": [{}]})[0][0] == ("anyOf",)
    assert schema_problems(True) == [((), "must be a schema: a mapping such as {type: string}, or true or false")]
    assert schema_problems({"type": "object", "required": ["a"]})[0][0] == ("required",)
    assert schema_problems({"type": "object", "required": ["a"], "patternProperties": {"a": True}}) == []


def test_a_schema_of_very_many_schemas_is_refused() -> None:
    many = {"type": "object", "properties": {f"a{n}": {} for n in range(MOST_SCHEMAS + 1)}}
    assert "schemas in it" in schema_problems(many)[0][1]


def test_a_default_may_follow_a_reference() -> None:
    schema = {**with_part({"$ref": "#/$defs/b", "default": "x"}), "$defs": {"b": {"type": "string"}}}
    assert schema_problems(schema) == []


@pytest.mark.no_cover
@given(SCHEMAS_OF_TOOLS)
@settings(max_examples=150, deadline=None)
def test_a_schema_without_problems_is_one(schema: Any) -> None:
    if not schema_problems(schema):
        Draft202012Validator.check_schema(schema)


@given(
    st.recursive(
        st.none() | st.text(max_size=5) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["type", "items", "$ref", "anyOf", "properties", "required", "enum", "pattern", "not"]),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_nothing_is_too_much(schema: Any) -> None:
    assert isinstance(schema_problems(schema), list)
