"""Which calls the offline model makes, from what it was told and shown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from sre_runner.casefile import ModelRequest
from sre_runner.models.messages import message, user_message
from sre_runner.models.offline.asking import MOST_CALLS, next_calls, unaskable
from sre_runner.models.offline.hearing import hear

TEXT = {"type": "string"}
REPORT = {"name": "submit_report", "description": "", "input_schema": {"type": "object", "properties": {}}}


def tool(tool_name: str, /, *required: str, description: str = "", **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
    return {"name": tool_name, "description": description, "input_schema": schema}


def asked(
    tools: Sequence[Mapping[str, Any]],
    task: str = "It is broken",
    inputs: Mapping[str, str] | None = None,
    answers: Sequence[tuple[str, Mapping[str, Any], Any]] = (),
    turns: int = 8,
    **case: str,
) -> ModelRequest:
    """A request after these calls, a turn each, had these answers."""
    blocks = [("case", {"task": task, "inputs": inputs or {}, "started_at": "2026-11-22T12:00:00+00:00", **case})]
    messages: list[dict[str, Any]] = [{"role": "user", "content": [{"type": "text", "text": user_message(blocks)}]}]
    for number, (name, arguments, answer) in enumerate(answers, start=1):
        text = answer if isinstance(answer, str) else json.dumps(answer)
        output = message("output", call=f"c{number}", tool=name, text=text)
        use = {"type": "tool_use", "id": f"t{number}", "name": name, "input": arguments}
        result = {"type": "tool_result", "tool_use_id": f"t{number}", "content": [{"type": "text", "text": output}]}
        messages += [{"role": "assistant", "content": [use]}, {"role": "user", "content": [result]}]
    system = message("system", prompt="Look.", report_tool="submit_report", tools=True, max_iterations=turns)
    return ModelRequest("m", 1000, system, messages, [*tools, REPORT])


def calls(*args: Any, **kwargs: Any) -> list[tuple[str, dict[str, Any]]]:
    return next_calls(hear(asked(*args, **kwargs)))


def test_inputs_fill_arguments_by_the_words_of_their_names() -> None:
    tools = [tool("health", "serviceName", serviceName=TEXT), tool("list_pods", "namespace", namespace=TEXT)]
    inputs = {"service": "shop", "namespace": "front"}
    assert calls(tools, inputs=inputs) == [("health", {"serviceName": "shop"}), ("list_pods", {"namespace": "front"})]


def test_a_name_of_another_kind_is_taken_only_where_the_tool_says_so() -> None:
    inputs = {"database": "orders-db"}
    assert calls([tool("status", "instance", instance=TEXT)], inputs=inputs) == []
    stated = {**TEXT, "x-synonyms": ["database"]}
    assert calls([tool("status", "instance", instance=stated)], inputs=inputs) == [
        ("status", {"instance": "orders-db"})
    ]
    example = {**TEXT, "examples": ["orders-db"]}
    assert calls([tool("status", "instance", instance=example)], inputs=inputs) == [
        ("status", {"instance": "orders-db"})
    ]


def test_names_in_the_task_are_used() -> None:
    tools = [tool("describe_pod", "pod_name", "namespace", pod_name=TEXT, namespace=TEXT)]
    wanted = {"pod_name": "web-7c9-x", "namespace": "front-1"}
    assert calls(tools, task="what's wrong with pod web-7c9-x in namespace front-1?") == [("describe_pod", wanted)]
    assert calls(tools, task='Look at {"kind": "pod", "name": "web-7c9-x", "namespace": "front-1"}')[-1][1] == wanted
    assert calls(tools, task="In the front-1 namespace, `web-7c9-x` is odd")[0][1] == wanted


def test_unhealthy_objects_lead_to_the_tools_that_take_their_names() -> None:
    tools = [tool("list_pods", "namespace", namespace=TEXT), tool("describe_pod", "pod_name", pod_name=TEXT)]
    pods = [{"name": f"web-{n}", "status": "CrashLoopBackOff" if n in (3, 5) else "Running"} for n in range(1, 9)]
    answers = [("list_pods", {"namespace": "front"}, {"pods": pods})]
    assert calls(tools, inputs={"namespace": "front"}, answers=answers) == [
        ("describe_pod", {"pod_name": "web-3"}),
        ("describe_pod", {"pod_name": "web-5"}),
    ]


def test_a_few_healthy_ones_are_looked_at_where_none_is_unhealthy() -> None:
    tools = [tool("list_pods", "namespace", namespace=TEXT), tool("describe_pod", "pod_name", pod_name=TEXT)]
    text = "NAME    READY   STATUS\n" + "".join(f"web-{n}   1/1     Running\n" for n in (1, 2, 3))
    made = calls(tools, inputs={"namespace": "front"}, answers=[("list_pods", {"namespace": "front"}, text)])
    assert made == [("describe_pod", {"pod_name": "web-1"}), ("describe_pod", {"pod_name": "web-2"})]


def test_kind_name_and_namespace_of_a_record_go_together() -> None:
    kinds = {"type": "string", "enum": ["deployment", "pod"]}
    tools = [tool("find", "kind", kind=kinds), tool("get", "kind", "name", kind=kinds, name=TEXT, namespace=TEXT)]
    rows = [{"kind": "Pod", "name": "web-1", "namespace": "front", "status": "Error"}]
    made = calls(tools, answers=[("find", {"kind": "pod"}, {"items": rows})])
    assert ("get", {"kind": "pod", "name": "web-1", "namespace": "front"}) in made


def test_levels_are_tried_from_the_most_severe_one_a_turn() -> None:
    tools = [tool("logs", "level", level={"type": "string", "enum": ["INFO", "WARN", "ERROR", "DEBUG"]})]
    answers: list[tuple[str, Mapping[str, Any], Any]] = []
    for level in ("ERROR", "WARN", "INFO"):
        made = calls(tools, answers=answers)
        assert made == [("logs", {"level": level})]
        answers.append(("logs", {"level": level}, "nothing special"))
    assert calls(tools, answers=answers) == []


def test_more_values_at_once_where_few_turns_are_left() -> None:
    tools = [tool("logs", "level", level={"type": "string", "enum": ["INFO", "WARN", "ERROR", "DEBUG"]})]
    assert len(calls(tools, turns=2)) == 3


def test_a_default_or_the_cases_own_value_comes_before_other_choices() -> None:
    by = {"type": "string", "enum": ["message", "service"], "default": "service"}
    assert calls([tool("count", group_by=by)]) == [("count", {"group_by": "service"})]
    region = {"type": "string", "enum": ["eu", "us"]}
    assert calls([tool("status", "region", region=region)], inputs={"region": "us"})[0] == ("status", {"region": "us"})


def test_examples_defaults_and_constants_of_the_schema_are_used() -> None:
    tools = [
        tool("search", "query", query={**TEXT, "examples": ["pods crash", "high latency"]}),
        tool("page", "number", number={"type": "integer", "default": 2}),
        tool("fixed", "mode", mode={"const": "full"}),
    ]
    assert calls(tools) == [
        ("search", {"query": "pods crash"}),
        ("search", {"query": "high latency"}),
        ("page", {"number": 2}),
        ("fixed", {"mode": "full"}),
    ]


def test_other_types_and_times_are_filled_where_they_must_be() -> None:
    tools = [
        tool(
            "query",
            *("limit", "services", "options", "start_time", "end_time", "keyword"),
            limit={"type": "integer", "default": 20},
            services={"type": "array", "items": TEXT},
            options={"type": "object"},
            start_time=TEXT,
            end_time=TEXT,
            keyword={**TEXT, "maxLength": 40},
        )
    ]
    inputs = {"service": "shop"}
    began = "2026-11-22T11:00:00+00:00"
    (first, *_) = calls(tools, task="Look for deadlock in shop", inputs=inputs, incident_started_at=began)
    assert first[1] == {
        "limit": 20,
        "services": ["shop"],
        "options": {},
        "start_time": began,
        "end_time": "2026-11-22T12:00:00+00:00",
        "keyword": "deadlock",
    }


def test_searches_use_what_was_seen_and_then_the_tasks_own_words() -> None:
    tools = [tool("search_runbooks", "query", query=TEXT), tool("logs")]
    assert calls(tools, task="Checkout is slow since noon")[0] == ("search_runbooks", {"query": "Checkout slow noon"})
    made = calls(tools, answers=[("logs", {}, "ERROR OutOfMemoryError: Java heap space")])
    assert made[0] == ("search_runbooks", {"query": "The JVM heap is exhausted (OutOfMemoryError)"})


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("command", TEXT),
        ("to_version", TEXT),
        ("window", TEXT),
        ("namespace", TEXT),
        ("limit", {"type": "integer", "minimum": 5}),
        ("previous", {"type": "boolean"}),
        ("window", {"type": ["string", "null"]}),
        ("count", {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
    ],
)
def test_no_value_is_invented(name: str, schema: dict[str, Any]) -> None:
    heard = hear(asked([tool("status", name, **{name: schema})], incident_started_at="2026-11-22T11:00:00+00:00"))
    assert next_calls(heard) == []
    assert unaskable(heard) == [("status", [name])]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["null", "string"]},
        {"anyOf": [{"type": "null"}, TEXT]},
        {"oneOf": [{"$ref": "#/$defs/name"}]},
        {"$ref": "#/$defs/name"},
        {"$ref": "#/$defs/name", "description": "The service."},
    ],
)
def test_what_may_be_null_as_well_is_filled_as_the_other(schema: dict[str, Any]) -> None:
    status = tool("status", "service", service=schema)
    status["input_schema"]["$defs"] = {"name": TEXT}
    assert calls([status], inputs={"service": "shop"}) == [("status", {"service": "shop"})]


def test_optional_arguments_are_left_out_unless_something_is_known_for_them() -> None:
    tools = [tool("events", namespace=TEXT, limit={"type": "integer"}, keyword=TEXT)]
    assert calls(tools) == [("events", {})]
    assert calls(tools, inputs={"namespace": "front"}) == [("events", {"namespace": "front"})]


def test_never_the_same_call_twice_nor_more_than_fit_a_turn() -> None:
    tools = [tool(f"tool_{letter}") for letter in "abcdefghijklmnop"]
    made = calls(tools)
    assert len(made) == MOST_CALLS
    answers = [(name, arguments, "fine") for name, arguments in made]
    assert len(calls(tools, answers=answers, turns=40)) == len(tools) - MOST_CALLS


def test_arguments_that_do_not_fit_are_not_sent() -> None:
    assert calls([tool("x", "service", service={**TEXT, "maxLength": 2})], inputs={"service": "shop"}) == []


def test_what_nothing_is_known_for_is_named() -> None:
    heard = hear(asked([tool("invoice", "number", number=TEXT), tool("ping")]))
    assert next_calls(heard) == [("ping", {})]
    assert unaskable(heard) == [("invoice", ["number"]), ("ping", [])]


def test_that_nothing_was_read_on_is_not_complained_of() -> None:
    heard = hear(asked([tool("read_output", "call", call=TEXT)]))
    assert (next_calls(heard), unaskable(heard)) == ([], [])


def test_only_so_many_combinations_are_tried() -> None:
    choices = {f"c{n}": {"type": "string", "enum": ["a", "b", "c"]} for n in range(6)}
    made = calls([tool("mix", *choices, **choices)], turns=2)
    assert len(made) == 4
    answers = [("mix", arguments, "fine") for _, arguments in made]
    assert len(calls([tool("mix", *choices, **choices)], answers=answers, turns=6)) == 4
