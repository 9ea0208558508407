"""Plain data in, specs out, and back: what a source holds, and what is said of one that cannot be used."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.config.playbook_source import playbook_source
from sre_runner.config.sources import agent_source, configuration, tool_source
from sre_runner.errors import RunnerError
from sre_runner.specs import ModelSpec, Price, Role

AGENT = {"description": "Pods.", "prompt": "Look.", "tools": ["list_pods"]}
ANSWERS = {"answers": [{"when": {"q": "a"}, "file": "a.txt"}, {"returns": ["x", None]}, {"error": "no", "delay": 2}]}
QUERY = {"rows": "logs", "where": {"level": {"arg": "level"}}, "group_by": {"arg": "by"}, "return": {"g": "groups"}}
PLAYBOOK = {"task": "{{ x }}", "specialists": ["pods"]}


def tool(simulated: Any, **more: Any) -> dict[str, Any]:
    data = {"description": "A tool.", "input_schema": {"type": "object"}, "simulated": simulated, **more}
    return tool_source(data, {"logs": [{"level": "ERROR"}]}, {"a.txt": "text of a"}.__getitem__)


def source(**tools: Any) -> dict[str, Any]:
    return {
        "playbook": playbook_source("case", PLAYBOOK, "a task", {"x": "1"}, {"pods": agent_source(AGENT)}),
        "agents": {"pods": agent_source(AGENT)},
        "tools": tools,
    }


def test_defaults_are_filled_in_and_files_and_rows_stand_in_the_place_of_their_names() -> None:
    made = configuration(source(list_pods=tool(ANSWERS), count=tool(QUERY, timeout=3, effect="write")))
    assert made.playbook.task == "a task"
    assert made.playbook.inputs == {"x": "1"}
    assert made.playbook.model == ModelSpec("claude-sonnet-5-5", 4000)
    assert (made.playbook.coordinator.strategy, made.playbook.coordinator.max_parallel) == ("parallel", 8)
    assert made.agents["pods"].role is Role.SPECIALIST
    answers = {"answers": [{"when": {"q": "a"}, "return": "text of a"}, *ANSWERS["answers"][1:]]}
    assert made.tools["list_pods"].simulated == answers
    assert made.tools["list_pods"].live is None
    assert (made.tools["list_pods"].timeout, made.tools["list_pods"].max_output) == (30.0, 30_000)
    assert (made.tools["count"].timeout, made.tools["count"].effect) == (3.0, "write")
    assert made.tools["count"].simulated == {**QUERY, "rows": [{"level": "ERROR"}]}


def test_a_model_is_a_name_or_more_than_that() -> None:
    price = {"input": 2, "output": 10}
    agent = agent_source({**AGENT, "model": {"name": "local", "effort": "low", "price": price}})
    made = configuration({**source(), "agents": {"pods": agent}})
    assert made.agents["pods"].model == ModelSpec("local", 4000, "low", Price(2, 10, 2.5, 0.2))
    named = configuration({**source(), "agents": {"pods": agent_source({**AGENT, "model": "local"})}})
    assert named.agents["pods"].model == ModelSpec("local")


def test_the_source_is_all_that_is_needed_to_build_it_again() -> None:
    made = configuration(source(list_pods=tool(ANSWERS), count=tool(QUERY)))
    assert configuration(json.loads(json.dumps(made.source))) == made


def test_the_digest_is_of_the_content_and_not_of_its_order() -> None:
    one = source(list_pods=tool(ANSWERS))
    other = {key: one[key] for key in reversed(one)}
    assert configuration(one).digest == configuration(other).digest
    other["playbook"] = {**one["playbook"], "task": "another task"}
    assert configuration(one).digest != configuration(other).digest


@pytest.mark.parametrize("cut", ["playbook", "agents", "tools"])
def test_a_source_without_its_parts_cannot_be_used(cut: str) -> None:
    data = source(list_pods=tool(ANSWERS))
    del data[cut]
    with pytest.raises(RunnerError, match="the recorded configuration cannot be used"):
        configuration(data)


def test_a_source_that_expects_what_nobody_knows_cannot_be_used() -> None:
    data = source(list_pods=tool(ANSWERS))
    data["playbook"] = {**data["playbook"], "expect": {"status": "complete", "minimum": 3}}
    with pytest.raises(RunnerError, match="the recorded configuration cannot be used: KeyError\\('minimum'\\)"):
        configuration(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


@given(st.data())
def test_whatever_stands_in_a_source_gives_specs_or_one_error(data: st.DataObject) -> None:
    whole = copy.deepcopy(source(list_pods=tool(ANSWERS), count=tool(QUERY)))
    place: Any = whole
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not place[key] or not isinstance(place[key], dict | list) or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(JSON)
    hint = ""
    try:
        configuration(whole)
    except RunnerError as error:
        hint = error.hint
    assert hint in ("", "It may be from another version of sre-run.")
