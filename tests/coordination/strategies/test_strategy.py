"""What holds for every strategy, so that what is asked of one can be answered."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from sre_runner.config.sources import schema
from sre_runner.coordination.strategies.strategy import Parameters, Strategy
from sre_runner.coordination.strategies.table import STRATEGIES
from sre_runner.specs import Role

WITH_MAPPING = [(each, each.parameters) for each in STRATEGIES.values() if each.parameters]
OWN = set(schema("playbook")["properties"]["coordinator"]["properties"])
"""The coordinator's own keys, beside which those of a strategy stand in a recorded configuration."""


@pytest.mark.parametrize(("strategy", "parameters"), WITH_MAPPING, ids=lambda each: getattr(each, "name", ""))
def test_parameters_speak_of_keys_that_there_are(strategy: Strategy, parameters: Parameters) -> None:
    named = {*parameters.required, *parameters.leads, *parameters.by_specialist, *parameters.longest}
    assert named <= set(strategy.keys)
    assert not OWN & set(strategy.keys)
    assert set(parameters.leads.values()) <= set(strategy.needs)


@pytest.mark.parametrize(("_", "parameters"), WITH_MAPPING, ids=lambda each: getattr(each, "name", ""))
def test_the_example_fits(_: Strategy, parameters: Parameters) -> None:
    whole = {"type": "object", "properties": parameters.properties, "required": list(parameters.required)}
    Draft202012Validator.check_schema(whole)
    Draft202012Validator(whole).validate(parameters.example)


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
def test_nothing_is_needed_and_of_no_use_at_once(strategy: Strategy) -> None:
    assert set(strategy.has_no) <= OWN
    assert not {str(role) for role in strategy.needs} & set(strategy.has_no)
    assert strategy.concludes is ("synthesizer" not in strategy.has_no)


@pytest.mark.parametrize(
    ("name", "by_name", "by_mapping", "leads"),
    [
        ("parallel", True, False, {}),
        ("pipeline", True, True, {}),
        ("debate", False, True, {"judge": Role.JUDGE}),
    ],
)
def test_how_a_strategy_can_be_given(name: str, by_name: bool, by_mapping: bool, leads: dict[str, Role]) -> None:
    strategy = STRATEGIES[name]
    assert (strategy.takes(name), strategy.takes({name: {}}), strategy.leads) == (by_name, by_mapping, leads)


@pytest.mark.parametrize(("name", "sizes"), [("single", [1]), ("debate", [2, 3, 4]), ("sequential", [1, 2, 3, 4])])
def test_teams_of_the_right_size(name: str, sizes: list[int]) -> None:
    assert [count for count in range(1, 5) if not STRATEGIES[name].wrong_size(count)] == sizes
