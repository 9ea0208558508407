"""The quick walk against jsonschema: they agree on what fits, whatever is done to a file that does."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothetical_schemas import VALUES, WHOLE

import sre_runner
from sre_runner.documents.json_schema.fitting import KNOWN, fits, is_type, same
from sre_runner.documents.json_schema.keywords import every_fault, faults

SCHEMAS = {
    path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(sre_runner.__file__).parent / "schemas").glob("*.schema.json"))
}
GOOD = Path(__file__).parents[2] / "configs" / "good"
FOLDERS = {"agents.d": "agent", "tools.d": "tools", "playbooks": "playbook"}
FILES = [
    (FOLDERS[path.parent.name], yaml.safe_load(path.read_text(encoding="utf-8")))
    for path in sorted(GOOD.rglob("*.yaml"))
    if path.parent.name in FOLDERS
]


def containers(data: Any) -> Iterator[Any]:
    """The mappings and lists in the data, itself among them."""
    if isinstance(data, (dict, list)):
        yield data
        for one in data.values() if isinstance(data, dict) else data:
            yield from containers(one)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, Any]:
    """The kind and the data of a good file, in which some values were replaced, removed or added."""
    kind, data = draw(st.sampled_from(FILES))
    data = copy.deepcopy(data)
    for _ in range(draw(st.integers(0, 3))):
        inside = draw(st.sampled_from(list(containers(data))))
        keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
        key = draw(st.sampled_from(keys)) if keys else None
        change = draw(st.sampled_from(["replace", "remove", "add"]))
        if change == "add" or key is None:
            if isinstance(inside, dict):
                inside[draw(st.sampled_from(["a", "rows", "answers", "equals", "model", "budget", "when"]))] = draw(
                    VALUES
                )
            else:
                inside.append(draw(VALUES))
        elif change == "remove":
            del inside[key]
        else:
            inside[key] = draw(VALUES)
    return kind, data


@pytest.mark.no_cover
@given(mutated())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_walk_and_jsonschema_agree_on_files(file: tuple[str, Any]) -> None:
    kind, data = file
    assert fits(SCHEMAS[kind], data) is not any(every_fault(SCHEMAS[kind], data))


@pytest.mark.parametrize(("kind", "data"), FILES)
def test_good_files_fit(kind: str, data: Any) -> None:
    assert fits(SCHEMAS[kind], data)


@pytest.mark.no_cover
@given(WHOLE, VALUES)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_walk_and_jsonschema_agree_on_schemas(schema: Any, data: Any) -> None:
    assert fits(schema, data) is not any(every_fault(schema, data))


def keywords(schema: Any) -> Iterator[str]:
    """The keywords of a schema and of the schemas in it."""
    if not isinstance(schema, dict):
        return
    yield from schema
    for name in ("properties", "$defs"):
        yield from (keyword for inner in schema.get(name, {}).values() for keyword in keywords(inner))
    for name in ("items", "additionalProperties", "if", "then", "else", "not"):
        yield from keywords(schema.get(name))
    for name in ("oneOf", "anyOf", "allOf"):
        yield from (keyword for inner in schema.get(name, []) for keyword in keywords(inner))


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_published_schemas_have_only_keywords_that_the_walk_knows(kind: str) -> None:
    assert set(keywords(SCHEMAS[kind])) <= KNOWN


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        ({"unevaluatedItems": False}, "a"),
        ({"items": {"$dynamicRef": "#a"}}, ["a"]),
        ({"properties": {"a": {"$id": "urn:other"}}}, {"a": 1}),
        ({"$ref": "#"}, 1),
        ({"$ref": "#/$defs/nowhere"}, 1),
        ({"$ref": "#/$defs/a~0b", "$defs": {"a~0b": {}}}, 1),
        ({"$ref": "#/$defs/a/1", "$defs": {"a": [True]}}, 1),
        ({"$ref": "#/title/a", "title": "a"}, 1),
        ({"$ref": "https://127.0.0.1:9/schema.json"}, 1),
    ],
)
def test_what_the_walk_does_not_know_is_left_to_jsonschema(schema: Any, data: Any) -> None:
    assert not fits(schema, data)


def test_references_lead_anywhere_inside() -> None:
    assert fits({"$ref": "#/$defs/a~1b%20c", "$defs": {"a/b c": {"const": 1}}}, 1)
    assert not fits({"$ref": "#/allOf/1", "allOf": [True, {"const": 1}]}, 2)


def test_a_keyword_that_is_not_known_is_obeyed() -> None:
    assert [*faults({"unevaluatedItems": False}, "a")] == []
    assert len([*faults({"unevaluatedItems": False}, [1])]) == 1


def test_nothing_is_fetched() -> None:
    with pytest.raises(Exception, match="Unresolvable"):
        list(faults({"$ref": "https://127.0.0.1:9/schema.json"}, 1))


@pytest.mark.parametrize(
    ("data", "names"),
    [
        *[({}, {"object"}), ([], {"array"}), ("", {"string"}), (None, {"null"}), (True, {"boolean"})],
        *[(one, {"integer", "number"}) for one in (1, -1, 1.0, 10**400)],
        *[(1.5, {"number"}), (float("nan"), set()), (float("inf"), set())],
    ],
)  # fmt: skip
def test_types(data: Any, names: set[str]) -> None:
    every = ("object", "array", "string", "null", "boolean", "integer", "number")
    assert {name for name in every if is_type(data, name)} == names


def test_equality_is_that_of_json() -> None:
    assert same(1, 1.0)
    assert same({"a": [1, True]}, {"a": [1.0, True]})
    assert not same(1, True)
    assert not same([1], [1, 2])
    assert not same({"a": 1}, {"b": 1})
    assert not same([], {})


def test_jsonschema_is_only_imported_for_files() -> None:
    code = """
import sys
from sre_runner.documents.json_schema.complaints import complaints
assert complaints({"type": "object"}, [])
assert "jsonschema" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
