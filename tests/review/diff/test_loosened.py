"""Whether a schema admits more: never "no" where a value says otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothetical_schemas import ANY, LEAF, VALUES

from sre_runner.documents.json_schema.fitting import fits
from sre_runner.documents.json_schema.vocabulary import schema_problems
from sre_runner.review.diff.loosened import loosened

TEXT = {"type": "string", "pattern": "^a", "maxLength": 5}


@pytest.mark.parametrize(
    ("old", "new", "how"),
    [
        (TEXT, TEXT, []),
        (TEXT, {**TEXT, "description": "A.", "default": "a", "examples": ["ab"]}, []),
        (TEXT, {"type": "string", "maxLength": 5}, ["pattern"]),
        (TEXT, {**TEXT, "pattern": "^ab"}, ["pattern"]),
        (TEXT, {**TEXT, "maxLength": 4}, []),
        (TEXT, {**TEXT, "maxLength": 6}, ["maxLength"]),
        (TEXT, {**TEXT, "minLength": 2, "enum": ["ab"]}, []),
        (TEXT, {**TEXT, "type": ["string", "null"]}, ["type"]),
        (TEXT, {**TEXT, "type": ["string"]}, []),
        ({"minimum": 3}, {"minimum": 4}, []),
        ({"minimum": 3}, {"minimum": 2}, ["minimum"]),
        ({"enum": ["a", "b"]}, {"enum": ["b"]}, []),
        ({"enum": ["a", 1]}, {"enum": [True]}, ["enum"]),
        ({"enum": ["a"]}, {"enum": ["a", "--all"]}, ["enum"]),
        ({"uniqueItems": True}, {"uniqueItems": False}, ["uniqueItems"]),
        ({"uniqueItems": False}, {"uniqueItems": True}, []),
        ({"items": TEXT}, {"items": {**TEXT, "maxLength": 9}}, ["items.maxLength"]),
        ({"items": TEXT}, {}, ["items"]),
        ({"items": TEXT}, {"items": TEXT, "prefixItems": [{}]}, ["prefixItems"]),
        ({"contains": TEXT}, {"contains": TEXT, "minContains": 0}, ["minContains"]),
        ({"unevaluatedProperties": False}, {"unevaluatedProperties": False, "allOf": [TEXT]}, ["allOf"]),
        (True, TEXT, []),
        (TEXT, False, []),
        (TEXT, True, ["the whole schema"]),
    ],
)
def test_what_admits_more(old: Any, new: Any, how: list[str]) -> None:
    assert loosened(old, new) == how


@given(ANY | LEAF, ANY | LEAF, st.lists(VALUES | st.sampled_from(["ab", [1, 1], {"a": 1}]), max_size=5))
def test_what_is_not_loosened_admits_no_value_that_was_not_admitted(old: Any, new: Any, values: list[Any]) -> None:
    wrong = [schema_problems({"type": "object", "properties": {"x": each}}) for each in (old, new)]
    if any(wrong) or "$ref" in f"{old}{new}" or loosened(old, new):
        return
    for value in values:
        assert not fits(new, value) or fits(old, value), value


@given(LEAF, st.data())
def test_a_keyword_less_is_looser_and_one_more_is_not(schema: dict[str, Any], data: st.DataObject) -> None:
    if not schema:
        return
    key = data.draw(st.sampled_from(sorted(schema)))
    less = {name: value for name, value in schema.items() if name != key}
    assert loosened(schema, less) == [key]
    assert loosened(less, schema) == []
