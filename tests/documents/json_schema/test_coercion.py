"""Data that nearly fits is put right where there is no doubt, and otherwise left as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.documents.json_schema.coercion import coerced
from sre_runner.documents.json_schema.fitting import fits

SCHEMA = {
    "type": "object",
    "properties": {
        "names": {"type": "array", "items": {"type": "string"}},
        "limit": {"type": "integer"},
        "share": {"type": "number"},
        "deep": {"type": "object", "properties": {"on": {"type": "boolean"}}, "additionalProperties": False},
        "level": {"type": "string", "enum": ["ERROR", "warn", "Warn"]},
        "text": {"type": "string"},
    },
    "required": ["names"],
    "additionalProperties": False,
}
GOOD = {"names": ["a"], "limit": 3, "share": 0.5, "deep": {"on": True}, "level": "ERROR", "text": "[1]"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"names": '["a"]'}, "names came as JSON text"),
        ({"limit": "3"}, "limit came as JSON text"),
        ({"share": " 0.5 "}, "share came as JSON text"),
        ({"deep": '{"on": "true"}'}, "deep came as JSON text, deep.on came as JSON text"),
        ({"deep": {"on": True, "why": 1}}, "deep.why is not a field and was left out"),
        ({"level": " error"}, "level came as ' error'"),
        ({"more": None}, "more is not a field and was left out"),
    ],
)
def test_what_was_meant(changes: dict[str, Any], words: str) -> None:
    data, notes = coerced(SCHEMA, {**GOOD, **changes})
    assert data == GOOD
    assert ", ".join(f"{'.'.join(map(str, path))} {said}" for path, said in notes) == words


@pytest.mark.parametrize(
    "changes",
    [{"names": "a"}, {"names": '{"a": 1}'}, {"names": None}, {"limit": "3.5"}, {"level": "WARN"}, {"text": 1}],
)
def test_what_leaves_doubt_stays_as_it_is(changes: dict[str, Any]) -> None:
    assert coerced(SCHEMA, {**GOOD, **changes}) == ({**GOOD, **changes}, [])


def test_null_for_an_optional_key_means_nothing() -> None:
    data, _ = coerced(SCHEMA, {"names": [], "limit": None, "deep": None})
    assert data == {"names": []}
    nullable = {"type": "object", "properties": {"a": {"type": ["string", "null"]}, "b": {"type": "integer"}}}
    assert coerced(nullable, {"a": None, "b": "1"})[0] == {"a": None, "b": 1}


def test_open_schemas_and_ones_that_say_nothing_are_left_alone() -> None:
    assert coerced({"type": "object", "required": ["a"]}, {"x": 1}) == ({"x": 1}, [])
    assert coerced({"properties": {"a": True}, "required": ["b"]}, {"a": "1"}) == ({"a": "1"}, [])
    assert coerced({"type": "integer"}, "[" * 100_000) == ("[" * 100_000, [])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*SCHEMA["properties"], "more"]), VALUES | VALUES.map(json.dumps)))
def test_what_fits_is_never_touched_and_once_is_enough(data: dict[str, Any]) -> None:
    made, notes = coerced(SCHEMA, data)
    if fits(SCHEMA, data):
        assert (made, notes) == (data, [])
    assert coerced(SCHEMA, made)[0] == made
