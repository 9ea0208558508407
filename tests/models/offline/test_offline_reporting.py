"""Reports for any schema of the stated subset, with what fits the names of its fields."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sre_runner.documents.json_schema.complaints import complaints
from sre_runner.documents.json_schema.subset import subset_problems
from sre_runner.models.offline.reporting import Item, Material, fill, matching, smallest

ITEMS = (
    Item(frozenset(("unhealthy", "pod")), "web-1: OOMKilled", "web-1"),
    Item(frozenset(("healthy", "pod")), "web-2", "web-2"),
    Item(frozenset(("memory", "resource", "limit")), "web-1: limit 512Mi", "web-1"),
    Item(frozenset(("change", "deployment")), "v2 (today)"),
)
MATERIAL = Material(ITEMS, "P2", 0.8)
NAMES = st.sampled_from(["unhealthy_pods", "name", "reason", "count", "severity", "x", "resource_issues", "confidence"])
WORDS = st.sampled_from(
    ["", "Pods that are unhealthy, with the memory limit.", "The deployment changes, newest first."]
)


def bounds(draw: st.DrawFn, values: st.SearchStrategy[Any], low: str, high: str) -> dict[str, Any]:
    ends = sorted(draw(st.lists(values, min_size=2, max_size=2)))
    return {key: end for key, end in zip((low, high), ends, strict=True) if draw(st.booleans())}


@st.composite
def schemas(draw: st.DrawFn, depth: int = 2) -> dict[str, Any]:
    kinds = ["string", "number", "integer", "boolean", "enum", *(["array", "object"] * (depth > 0))]
    kind = draw(st.sampled_from(kinds))
    schema: dict[str, Any] = {"description": draw(WORDS)}
    if kind == "enum":
        values = st.sampled_from(["P1", "P2", "none", "memory", 3, True, None])
        return {**schema, "enum": draw(st.lists(values, min_size=1, max_size=4))}
    schema["type"] = kind
    if kind == "string":
        schema |= bounds(draw, st.integers(0, 60), "minLength", "maxLength")
    elif kind == "integer":
        schema |= bounds(draw, st.integers(-9, 9), "minimum", "maximum")
    elif kind == "number":
        low = draw(st.floats(-9, 9))
        schema |= draw(
            st.sampled_from(
                [
                    *({}, {"minimum": low}, {"exclusiveMinimum": low}, {"maximum": low}, {"exclusiveMaximum": low}),
                    *({"exclusiveMinimum": low, "exclusiveMaximum": low + 0.5}, {"minimum": low, "maximum": low}),
                ]
            )
        )
    elif kind == "array":
        schema |= {"items": draw(schemas(depth=depth - 1)), **bounds(draw, st.integers(0, 4), "minItems", "maxItems")}
    elif kind == "object":
        schema |= draw(objects(depth - 1))
    return schema


@st.composite
def objects(draw: st.DrawFn, depth: int = 2) -> dict[str, Any]:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    properties = {name: draw(schemas(depth=depth)) for name in names}
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": draw(st.booleans())}


@settings(max_examples=26, deadline=None)
@given(objects(), st.sampled_from([MATERIAL, Material()]))
def test_a_report_always_fits_its_schema(schema: dict[str, Any], material: Material) -> None:
    assert subset_problems(schema) == []
    assert complaints(schema, fill(schema, material)) == []


@settings(max_examples=26, deadline=None)
@given(schemas(), st.integers(0, 3))
def test_the_plainest_value_fits(schema: dict[str, Any], number: int) -> None:
    assert complaints(schema, smallest(schema, number)) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYWORDS = st.sampled_from(
    [
        *("type", "enum", "const", "items", "properties", "required", "minItems", "maxItems", "minLength"),
        *("maxLength", "minimum", "exclusiveMaximum", "default", "examples", "anyOf"),
    ]
)


@settings(max_examples=26, deadline=None)
@given(
    st.dictionaries(NAMES, st.dictionaries(KEYWORDS, JSON | st.sampled_from(["string", "array", "object"]), max_size=4))
)
def test_no_schema_makes_it_raise(properties: dict[str, Any]) -> None:
    assert fill({"properties": properties}, MATERIAL).keys() >= properties.keys()


def test_what_is_known_is_taken_over_where_it_fits() -> None:
    schema = {"properties": {"summary": {"type": "string"}, "confidence": {"type": "number", "maximum": 1}}}
    known = {"summary": "Known.", "confidence": 7}
    assert fill(schema, Material(ITEMS, "P2", 0.8, known=known)) == {"summary": "Known.", "confidence": 0.8}


@pytest.mark.parametrize(
    ("name", "schema", "expected"),
    [
        ("unhealthy_pods", {"type": "array", "items": {"type": "string"}}, ["web-1: OOMKilled"]),
        ("healthy_pods", {"type": "array", "items": {"type": "string"}}, ["web-2"]),
        ("affected_traces", {"type": "array", "items": {"type": "string"}}, []),
        ("resource_issues", {"type": "string"}, "web-1: limit 512Mi"),
        ("nothing_of_it", {"type": "string"}, "Nothing found."),
        ("unhealthy_count", {"type": "integer"}, 1),
        ("has_unhealthy_pods", {"type": "boolean"}, True),
        ("impact", {"enum": ["P3", "P2"]}, "P2"),
        ("subject", {"enum": ["network", "memory"]}, "memory"),
        ("other_field", {"enum": ["one", "unknown"]}, "unknown"),
        ("constant", {"const": [1]}, [1]),
        (
            "unhealthy_pods",
            {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "pod_name": {"type": "string"},
                        "why": {"type": "string"},
                        "count": {"type": "integer"},
                    },
                },
            },
            [{"pod_name": "web-1", "why": "web-1: OOMKilled", "count": 0}],
        ),
        ("unhealthy", {"type": "object", "properties": {"limit": {"type": "string"}}}, {"limit": "web-1: limit 512Mi"}),
        ("unhealthy_pods", {"type": "array", "items": {"enum": ["web-9", "OOMKilled"]}}, ["OOMKilled"]),
    ],
)
def test_fields_are_filled_by_their_names(name: str, schema: dict[str, Any], expected: Any) -> None:
    assert fill({"properties": {name: schema}}, MATERIAL)[name] == expected


def test_a_fields_description_is_asked_where_its_name_says_nothing() -> None:
    assert [item.name for item in matching("top", "Pods that are unhealthy now.", ITEMS)] == ["web-1"]


def test_bounds_that_are_no_numbers_are_passed_over() -> None:
    assert smallest({"type": "number", "minimum": math.inf, "maximum": True}) == 0
    assert smallest({"type": "string", "default": 3, "examples": ["a"]}) == "a"
