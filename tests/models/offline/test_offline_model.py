"""The offline model as such: what it hears, that it never raises, what it says of itself, its usage."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sre_runner.casefile import ModelAnswer, ModelRequest
from sre_runner.coordination.report_schemas import conclusion_schema, plan_schema, specialist_schema
from sre_runner.documents.json_schema.complaints import complaints
from sre_runner.models.messages import message, user_message
from sre_runner.models.offline.hearing import hear, identity
from sre_runner.models.offline.model import REHEARSAL, OfflineModel

CASE = {"task": "shop is down", "inputs": {"service": "shop"}, "started_at": "2026-11-22T12:00:00+00:00"}
LOGS = {
    "name": "get_logs",
    "description": "Logs.",
    "input_schema": {"type": "object", "properties": {"service": {"type": "string"}}, "required": ["service"]},
}


def report_tool(name: str, schema: Any = None) -> dict[str, Any]:
    return {"name": name, "description": "", "input_schema": specialist_schema({}) if schema is None else schema}


def said(*blocks: tuple[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "text", "text": user_message(blocks or (("case", CASE),))}]}


def used(call_id: str, name: str = "get_logs", **arguments: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": [{"type": "tool_use", "id": call_id, "name": name, "input": arguments}]}


def result(call_id: str, text: str, *, is_error: bool = False, more: str = "") -> dict[str, Any]:
    block = {"type": "tool_result", "tool_use_id": call_id, "content": [{"type": "text", "text": text}]}
    block |= {"is_error": True} if is_error else {}
    return {"role": "user", "content": [block, *([{"type": "text", "text": more}] if more else [])]}


def output(call: str, text: str) -> str:
    return message("output", call=call, tool="get_logs", text=text)


def request(*messages: Any, tools: Any = None, system: str | None = None) -> ModelRequest:
    offered = [LOGS, report_tool("submit_report")] if tools is None else tools
    prompt = message("system", prompt="p", report_tool="submit_report", tools=True, max_iterations=4)
    return ModelRequest("m", 4000, prompt if system is None else system, messages, offered)


def reply(asked: ModelRequest) -> ModelAnswer:
    model = OfflineModel()
    answer = asyncio.run(model.reply(asked))
    asyncio.run(model.close())
    return answer


def calls(answer: ModelAnswer) -> list[tuple[str, Any]]:
    return [(block["name"], block["input"]) for block in answer.content if block["type"] == "tool_use"]


def test_it_asks_and_then_reports_with_a_quote() -> None:
    first = reply(request(said()))
    assert calls(first) == [("get_logs", {"service": "shop"})]
    assert first.stop_reason == "tool_use"
    talk = [said(), used("t1", service="shop"), result("t1", output("c1", "ERROR disk full on /data"))]
    ((name, report),) = calls(reply(request(*talk)))
    assert name == "submit_report"
    assert complaints(specialist_schema({}), report) == []
    assert report["findings"][0]["evidence"] == [{"call": "c1", "quote": "ERROR disk full on /data"}]
    assert report["severity_assessment"] == "P1"


def test_every_answer_says_first_that_it_is_a_rehearsal() -> None:
    answer = reply(request(said()))
    assert answer.content[0] == {"type": "text", "text": REHEARSAL}
    assert answer.model == "offline"
    assert "no LLM" in REHEARSAL


def test_usage_is_a_quarter_of_the_characters() -> None:
    asked = request(said())
    size = len(asked.system) + sum(
        len(json.dumps(part, ensure_ascii=False)) for part in (*asked.messages, *asked.tools)
    )
    answer = reply(asked)
    assert answer.usage.input_tokens == size // 4
    assert answer.usage.output_tokens == len(json.dumps(list(answer.content), ensure_ascii=False)) // 4
    assert answer.usage.cache_read_tokens == answer.usage.cache_write_tokens == 0


@pytest.mark.parametrize("kind", ["report_now", "nudge"])
def test_it_reports_when_it_is_told_to(kind: str) -> None:
    urge = message(kind, report_tool="submit_report")
    talk = [said(), used("t1", service="other"), result("t1", output("c1", "fine"), more=urge)]
    assert [name for name, _ in calls(reply(request(*talk)))] == ["submit_report"]


def test_it_reports_in_its_last_turn_without_being_told() -> None:
    talk = [said()]
    for number in range(1, 4):
        talk += [used(f"t{number}", service=f"other{number}"), result(f"t{number}", output(f"c{number}", "fine"))]
    assert [name for name, _ in calls(reply(request(*talk)))] == ["submit_report"]
    assert calls(reply(request(*talk[:-2]))) == [("get_logs", {"service": "shop"})]


def test_turns_count_from_the_newest_assignment_of_a_conversation() -> None:
    talk = [said()]
    for number in range(1, 4):
        talk += [used(f"t{number}", service=f"other{number}"), result(f"t{number}", output(f"c{number}", "fine"))]
    again = said(("follow_up", {"requests": ["Look at it once more"]}))
    heard = hear(request(*talk, again))
    assert (heard.turn, heard.turns_left, heard.must_report) == (1, 3, False)
    assert "once more" in heard.asked_by_case
    assert len(heard.exchanges) == 3


def test_a_rejected_finding_is_left_out_of_the_second_report() -> None:
    talk = [said(), used("t1", service="shop"), result("t1", output("c1", "ERROR disk full\nERROR no such host db"))]
    ((_, first),) = calls(reply(request(*talk)))
    assert len(first["findings"]) == 2
    wrong = message(
        "repair", report_tool="submit_report", wrong=["findings[0].evidence[0].quote: does not stand there"]
    )
    talk += [used("t2", "submit_report", **first), result("t2", wrong, is_error=True)]
    ((name, second),) = calls(reply(request(*talk)))
    assert name == "submit_report"
    assert second["findings"] == first["findings"][1:]


@pytest.mark.parametrize(
    ("text", "is_error"),
    [
        ("ERROR disk full", True),
        ("No data for these arguments: get_logs({}).", False),
        ("no results found", False),
        ("  ", False),
        ('error: error from server (NotFound): pods "x" not found', False),
    ],
)
def test_an_answer_that_says_nothing_is_no_evidence(text: str, is_error: bool) -> None:
    talk = [said(), used("t1", service="shop"), result("t1", output("c1", text), is_error=is_error)]
    ((_, report),) = calls(reply(request(*talk)))
    assert report["findings"] == []
    assert report["open_questions"][0].startswith("get_logs gave no answer")


def test_only_the_text_between_the_marks_is_read() -> None:
    text = output("c1", "fine")
    heard = hear(request(said(), used("t1", service="shop"), result("t1", f"{text}\nReminder: disk full")))
    assert [exchange.raw for exchange in heard.exchanges] == ["fine"]
    refused = hear(request(said(), used("t1"), result("t1", "Refused: disk full", is_error=True)))
    assert refused.exchanges == ()


def test_a_broken_block_costs_only_itself() -> None:
    text = f"<case>\n{{broken\n</case>\n{user_message([('assignment', {'task': 'look'})])}"
    heard = hear(request({"role": "user", "content": text}))
    assert heard.blocks == {"assignment": {"task": "look"}}
    assert heard.task == "look"
    deep = "[" * 100_000
    assert hear(request({"role": "user", "content": f"<case>\n{deep}\n</case>"})).blocks == {}


def test_the_role_follows_from_the_report_tool() -> None:
    schema = plan_schema(["a", "b"])
    blocks = (("case", CASE), ("specialists", [{"agent": "a", "description": "Logs.", "tools": []}]))
    ((name, plan),) = calls(reply(request(said(*blocks), tools=[report_tool("submit_plan", schema)], system="")))
    assert name == "submit_plan"
    assert [each["agent"] for each in plan["assignments"]] == ["a"]
    conclusion = conclusion_schema([], [], {"x": {"type": "array", "items": {"type": "string"}, "minItems": 2}})
    ((name, made),) = calls(reply(request(said(), tools=[report_tool("submit_conclusion", conclusion)], system="")))
    assert name == "submit_conclusion"
    assert complaints(conclusion, made) == []
    unknown = {"type": "object", "properties": {"followups": {"type": "array", "items": {"type": "string"}}}}
    assert calls(reply(request(said(), tools=[report_tool("submit_other", unknown)]))) == [
        ("submit_other", {"followups": []})
    ]


def test_two_calls_are_the_same_whatever_the_order_of_their_arguments() -> None:
    assert identity("x", {"a": 1, "b": 2}) == identity("x", {"b": 2, "a": 1})
    assert identity("x", {1: set()}) == identity("x", {1: set()})


NASTY = st.text(
    alphabet=st.sampled_from('<>/{}[]":,\\ \n\tcase\ud800\x1b[31mERROR disk full at x.y:1$`|NAME READY'), max_size=300
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | NASTY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NASTY | st.just("properties"), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None)
@given(
    task=NASTY,
    raw=NASTY | ANY.map(json.dumps),
    messages=st.lists(
        ANY | st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant"]), "content": ANY}), max_size=3
    ),
    tools=st.lists(st.fixed_dictionaries({"name": NASTY, "input_schema": ANY}) | ANY, max_size=3),
    role=st.sampled_from(["submit_report", "submit_plan", "submit_conclusion", "submit_x"]),
    block=ANY,
)
def test_nothing_makes_it_raise(task: str, raw: str, messages: Any, tools: Any, role: str, block: Any) -> None:
    blocks = (("case", {"task": task, "inputs": {"service": task}}), ("reports", block), ("specialists", block))
    talk = [said(*blocks), used("t1", service="x"), result("t1", output("c1", raw)), *messages]
    answer = reply(request(*talk, tools=[LOGS, *tools, report_tool(role)]))
    assert answer.content[0]["text"] == REHEARSAL
    assert calls(answer)


def test_an_empty_request_is_answered_as_well() -> None:
    assert calls(reply(ModelRequest("m", 1, "", (), ()))) == [("", {})]
    assert calls(reply(ModelRequest("m", 1, "", ({"role": "user"},), ("x",)))) == [("", {})]  # type: ignore[arg-type]


def test_a_large_answer_is_read_with_its_end() -> None:
    raw = "INFO all is well here\n" * 4000 + "ERROR disk full\n"
    ((_, report),) = calls(reply(request(said(), used("t1", service="shop"), result("t1", output("c1", raw)))))
    assert report["findings"][0]["evidence"][0]["quote"] == "ERROR disk full"
