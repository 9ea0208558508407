"""Schemas against the stated subset."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from test_complaints import POD, nested

from sre_runner.documents.json_schema.complaints import complaints
from sre_runner.documents.json_schema.subset import DEPTH, SUBSET, subset_problems
from sre_runner.text.naming import listed, nearest, said


def test_nearest() -> None:
    assert nearest("paralel", ["single", "parallel"]) == "parallel"
    assert nearest("K8S-Expert", ["k8s-expert"]) == "k8s-expert"
    assert nearest("zebra", ["single", "parallel"]) is None
    assert nearest("a", []) is None
    assert nearest("a" * 100_000, ["a" * 100_000]) is None


def test_said_is_safe_to_show() -> None:
    assert said("a b") == "`a b`"
    assert said("") == '""'
    assert said("x" * 61) == "`" + "x" * 60 + "…`"
    assert said("\x1b[2J") == r'"\u001b[2J"'
    assert said([1]) == "this value"
    assert said(10**5000) == "this number"
    assert said(None) == "`null`"
    assert listed(["a", "b", "c"], most=2) == "`a`, `b`, …"


# --- The subset ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "string"},
        POD,
        {"description": "anything", "title": "t", "default": None, "examples": [1, "a"]},
        {"enum": [1, "a", None]},
        {"type": "array", "items": {"type": "integer", "default": 3, "examples": [1, 2]}, "default": [1]},
        {"type": "object", "properties": {"a.b-c_D1": {"type": "boolean"}}, "additionalProperties": True},
        {"type": "number", "minimum": 0, "maximum": 0.5, "enum": [0, 0.5]},
    ],
)
def test_inside_the_subset(schema: Any) -> None:
    assert subset_problems(schema) == []


def levels(count: int) -> Any:
    schema: Any = {"type": "string"}
    for _ in range(count - 1):
        schema = {"type": "array", "items": schema}
    return schema


@pytest.mark.parametrize(
    ("schema", "path", "words"),
    [
        (True, (), "must be a schema"),
        (None, (), "must be a schema"),
        ({"type": "array", "items": True}, ("items",), "must be a schema"),
        ({"type": "array", "items": [{}]}, ("items",), "must be a schema"),
        ({"type": "strin"}, ("type",), "must be one of object, array, string"),
        ({"type": ["string", "null"]}, ("type",), "must be one of"),
        ({"type": "null"}, ("type",), "must be one of"),
        ({"$ref": "https://example.org/x"}, ("$ref",), "`$ref` is outside the subset"),
        ({"type": "object", "requird": []}, ("requird",), "did you mean `required`?"),
        ({"type": "string", "pattern": "a"}, ("pattern",), "outside the subset"),
        ({"type": "string", "format": "date"}, ("format",), "outside the subset"),
        ({"anyOf": []}, ("anyOf",), "outside the subset"),
        ({"if": {}}, ("if",), "outside the subset"),
        ({"title": 1}, ("title",), "`title` must be text"),
        ({"description": []}, ("description",), "must be text"),
        ({"type": "object", "properties": []}, ("properties",), "a mapping of names"),
        ({"type": "object", "properties": {"a": 1}}, ("properties", "a"), "must be a schema"),
        ({"type": "object", "properties": {"a b": {}}}, ("properties", "a b"), "at most 64 letters"),
        ({"type": "object", "properties": {"a" * 65: {}}}, ("properties", "a" * 65), "at most 64 letters"),
        ({"type": "object", "required": "a"}, ("required",), "a list of different names"),
        ({"type": "object", "required": [1]}, ("required",), "a list of different names"),
        ({"type": "object", "properties": {"a": {}}, "required": ["a", "a"]}, ("required",), "different names"),
        ({"type": "object", "required": ["a"]}, ("required",), "names what `properties` does not have: `a`"),
        ({"type": "object", "additionalProperties": {}}, ("additionalProperties",), "true or false"),
        ({"properties": {}}, ("properties",), "`properties` needs `type: object` beside it"),
        ({"type": "integer", "minLength": 1}, ("minLength",), "needs `type: string`"),
        ({"type": "string", "minLength": -1}, ("minLength",), "a whole number from 0 up"),
        ({"type": "string", "minLength": True}, ("minLength",), "a whole number from 0 up"),
        ({"type": "string", "minLength": 1.0}, ("minLength",), "a whole number from 0 up"),
        ({"type": "string", "minLength": 3, "maxLength": 2}, ("minLength",), "greater than `maxLength`"),
        ({"type": "number", "minimum": "0"}, ("minimum",), "a number"),
        ({"type": "number", "minimum": True}, ("minimum",), "a number"),
        ({"type": "number", "minimum": float("nan")}, ("minimum",), "a number"),
        ({"enum": []}, ("enum",), "at least one value"),
        ({"enum": "a"}, ("enum",), "at least one value"),
        ({"type": "string", "enum": ["a", 1]}, ("enum", 1), "must be a string, not a number"),
        ({"type": "integer", "const": "a"}, ("const",), "must be an integer"),
        ({"type": "integer", "default": "a"}, ("default",), "must be an integer"),
        ({"enum": ["a"], "default": "b"}, ("default",), "must be one of `a`"),
        ({"type": "integer", "examples": 1}, ("examples",), "a list of values"),
        ({"type": "integer", "examples": [1, "a"]}, ("examples", 1), "must be an integer"),
        ({"type": "array", "items": {"type": "string"}, "default": [1]}, ("default", 0), "must be a string"),
        ({"default": nested(51)}, ("default",), "nested at most 50"),
        ({"enum": [nested(900)], "default": nested(900)}, ("enum",), "at least one value"),
        (levels(DEPTH + 1), ("items",) * DEPTH, "more than 10 levels"),
        (levels(400), ("items",) * DEPTH, "more than 10 levels"),
    ],
)  # fmt: skip
def test_outside_the_subset(schema: Any, path: tuple[str | int, ...], words: str) -> None:
    found = dict(subset_problems(schema, ("x",)))
    assert words in found["x", *path]


def test_the_deepest_schema_that_fits_does() -> None:
    assert subset_problems(levels(DEPTH)) == []


def test_everything_is_said_at_once() -> None:
    schema = {
        "type": "object",
        "pattern": "x",
        "properties": {"a": {"type": "strng"}, "b": {"type": "array", "items": {"$ref": "#"}}},
    }
    assert [path for path, _ in subset_problems(schema)] == [
        ("pattern",),
        ("properties", "a", "type"),
        ("properties", "b", "items", "$ref"),
    ]


# Values that a float cannot tell apart, or that JSON does not have, are where this and jsonschema differ on purpose.
SCALARS = (
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from([0.5, 1.0]) | st.sampled_from(["", "a", "bb"])
)
NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)
WORDS = st.sampled_from([*SUBSET, "$ref", "pattern", "anyOf", "if"])
ANY_SCHEMA = st.recursive(
    VALUES,
    lambda inner: (
        st.dictionaries(WORDS, inner | st.sampled_from(["object", "array", "string", "integer"]), max_size=5)
        | st.fixed_dictionaries({"type": st.just("object"), "properties": st.dictionaries(NAMES, inner, max_size=3)})
    ),
    max_leaves=8,
)


def object_schema(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(NAMES, inner, max_size=3).flatmap(
        lambda properties: st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.just(properties)},
            optional={
                "required": st.lists(st.sampled_from(sorted(properties)), unique=True) if properties else st.just([]),
                "additionalProperties": st.booleans(),
            },
        )
    )


SMALL = st.integers(0, 2)
GOOD_SCHEMA = st.recursive(
    st.fixed_dictionaries({}, optional={"enum": st.lists(VALUES, min_size=1, max_size=3)})
    | st.fixed_dictionaries({}, optional={"const": VALUES})
    | st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number"])},
        optional=dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), SMALL),
    )
    | st.fixed_dictionaries({"type": st.just("string")}, optional={"minLength": SMALL, "maxLength": SMALL})
    | st.fixed_dictionaries({"type": st.sampled_from(["boolean", "object"])}),
    lambda inner: (
        st.fixed_dictionaries(
            {"type": st.just("array"), "items": inner}, optional={"minItems": SMALL, "maxItems": SMALL}
        )
        | object_schema(inner)
    ),
    max_leaves=5,
)


@given(GOOD_SCHEMA, VALUES)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_complaints_agree_with_jsonschema(schema: Any, data: Any) -> None:
    found = complaints(schema, data)
    expected = {tuple(error.absolute_path) for error in Draft202012Validator(schema).iter_errors(data)}
    assert {path for path, _ in found} == expected
    assert all(message and "\n" not in message for _, message in found)


@given(ANY_SCHEMA, VALUES)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_the_subset_passes_can_be_used(schema: Any, data: Any) -> None:
    found = subset_problems(schema, ("s",))
    assert all(path[0] == "s" and message for path, message in found)
    if not found:
        Draft202012Validator.check_schema(schema)
        complaints(schema, data)
        json.dumps(schema)
