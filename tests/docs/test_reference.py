"""The published schemas: each says everything about its kind of file, and docs/reference.md says what they say."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from jsonschema import Draft202012Validator

from sre_runner.config.checks.budgets import LIMITS
from sre_runner.config.sources import Kind, schema
from sre_runner.coordination.report_schemas import PRIORITIES, SEVERITY_FIELD
from sre_runner.coordination.strategies.table import STRATEGIES
from sre_runner.specs import BudgetSpec, CaseSpec, FeedbackSpec, Role
from sre_runner.tools.simulated.spec import Matcher

DOCS = Path(__file__).parents[1].parent / "docs"
SCHEMAS = DOCS.parent / "sre_runner" / "schemas"
KINDS: tuple[Kind, ...] = get_args(Kind)
PLAYBOOK = schema("playbook")


def test_the_reference_is_current() -> None:
    made = runpy.run_path(str(DOCS / "generate_reference.py"))["reference"]()
    current = (DOCS / "reference.md").read_text(encoding="utf-8")
    assert current == made, "run: python docs/generate_reference.py"


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_stands_in_the_reference(kind: Kind) -> None:
    page = (DOCS / "reference.md").read_text(encoding="utf-8")
    for place, properties in property_tables(schema(kind)):
        for name in properties:
            assert f"| `{name}` |" in page, (place, name)


def property_tables(part: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every `properties` of a schema that describes keys, but not the schemas that stand in examples."""
    if isinstance(part, dict):
        for key, inner in part.items():
            if key == "properties":
                yield place, inner
            if key not in ("examples", "default"):
                yield from property_tables(inner, f"{place}/{key}")
    elif isinstance(part, list):
        for number, inner in enumerate(part):
            yield from property_tables(inner, f"{place}/{number}")


@pytest.mark.parametrize("kind", KINDS)
def test_schemas_are_schemas_and_describe_everything(kind: Kind) -> None:
    whole = schema(kind)
    Draft202012Validator.check_schema(whole)
    assert whole["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert whole["description"]
    for place, properties in property_tables(whole):
        for name, rule in properties.items():
            target = whole["$defs"][rule["$ref"].rpartition("/")[2]] if "$ref" in rule else {}
            assert {**target, **rule}.get("description"), f"{place}/{name}"
    for name, definition in whole.get("$defs", {}).items():
        assert definition["description"], name


@pytest.mark.parametrize("kind", KINDS)
def test_no_mapping_takes_unknown_keys(kind: Kind) -> None:
    """But for those whose keys are names that people choose, and JSON Schemas."""
    free = {"report", "input_schema", "simulated", "live", "servers"}
    for place, _ in property_tables(schema(kind)):
        owner: Any = schema(kind)
        for part in place.split("/")[1:]:
            owner = owner[int(part)] if isinstance(owner, list) else owner[part]
        assert owner.get("additionalProperties") is False or place.rpartition("/")[2] in free, place


@pytest.mark.parametrize("kind", KINDS)
def test_examples_and_defaults_are_valid(kind: Kind) -> None:
    whole = schema(kind)
    for example in whole["examples"]:
        Draft202012Validator(whole).validate(example)
    for _, properties in property_tables(whole):
        for rule in properties.values():
            check = Draft202012Validator({**rule, "$defs": whole.get("$defs", {})})
            for value in [*rule.get("examples", []), *([rule["default"]] if "default" in rule else [])]:
                check.validate(value)


def test_agents_and_playbooks_mean_the_same_by_a_model() -> None:
    for name in ("model", "price"):
        assert schema("agent")["$defs"][name] == schema("playbook")["$defs"][name]


def test_names_in_the_schemas_are_those_that_the_code_knows() -> None:
    playbook = schema("playbook")
    coordinator = playbook["properties"]["coordinator"]["properties"]
    assert all(set(strategy.has_no) <= set(coordinator) for strategy in STRATEGIES.values())
    vote = playbook["$defs"]["vote"]["properties"]
    assert vote["field"]["default"] == SEVERITY_FIELD
    assert playbook["$defs"]["feedback"]["properties"]["min_priority"]["enum"] == list(PRIORITIES)
    assert set(playbook["properties"]["budget"]["properties"]) == {*LIMITS, "mode"}
    assert schema("agent")["properties"]["role"]["enum"] == [str(role) for role in Role]
    named = {one["required"][0] for one in schema("tools")["$defs"]["matcher"]["then"]["oneOf"]}
    assert named == set(get_args(get_type_hints(Matcher)["kind"]))


@pytest.mark.parametrize(
    ("part", "spec", "beside"),
    [
        (PLAYBOOK["properties"]["budget"], BudgetSpec, set()),
        (PLAYBOOK["$defs"]["case"], CaseSpec, {"name"}),
    ],
)
def test_what_a_playbook_says_has_a_place_in_its_spec(part: Any, spec: Any, beside: set[str]) -> None:
    assert set(part["properties"]) | beside == {field.name for field in fields(spec)}


def test_defaults_in_the_schema_are_those_of_the_spec() -> None:
    rules = schema("playbook")["$defs"]["feedback"]["properties"]
    assert {name: rule["default"] for name, rule in rules.items()} == asdict(FeedbackSpec())
    assert schema("playbook")["properties"]["budget"]["properties"]["mode"]["default"] == BudgetSpec().mode


def test_the_schema_of_playbooks_is_current() -> None:
    made = runpy.run_path(str(DOCS / "generate_schemas.py"))["playbook_schema"]()
    current = (SCHEMAS / "playbook.schema.json").read_text(encoding="utf-8")
    assert current == made, "run: python docs/generate_schemas.py"
