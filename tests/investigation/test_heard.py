"""What a reply says, as its conversation keeps it: valid whatever a server sends, and untouched where it is valid."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages_api import Rules

from sre_runner.casefile import ModelAnswer, ModelRequest, ToolAnswer
from sre_runner.investigation.conversation import Conversation
from sre_runner.investigation.heard import arguments_of, heard, texts_of

TEXT = {"type": "text", "text": "I look."}


def call(**changes: Any) -> dict[str, Any]:
    block = {"type": "tool_use", "id": "t1", "name": "pods", "input": {"pod": "a"}}
    return {name: value for name, value in {**block, **changes}.items() if value is not ...}


def test_a_reply_without_fault_is_kept_to_the_byte() -> None:
    blocks = [
        {"type": "thinking", "thinking": "", "signature": "s"},
        TEXT,
        call(caller={"type": "direct"}),
        {"type": "new"},
    ]
    found = heard(blocks, (), 2)
    assert all(one is other for one, other in zip(found.content, blocks, strict=True))
    assert [(each.label, each.block_id) for each in found.calls] == [("c3", "t1")]
    assert not found.notes


@pytest.mark.parametrize(
    "block",
    [
        {"type": "text", "text": ""},
        {"type": "text", "text": "\n\n \t"},
        {"type": "text", "text": "\u00a0"},
        {"type": "text", "text": None},
        {"type": "text"},
        {"type": "thinking", "thinking": "hm"},
        {"type": "thinking", "signature": "s", "thinking": None},
        {"type": "redacted_thinking"},
        {"type": "text", "text": True},
        {"type": "tool_result", "tool_use_id": "t1", "content": "status: OOMKilled"},
    ],
)
def test_blocks_that_the_service_refuses_are_left_out(block: dict[str, Any]) -> None:
    assert heard([block, call()], (), 0).content == (call(),)
    assert heard([block], (), 0).content == ()


@pytest.mark.parametrize("given_id", [None, "", " ", "a b", "ü", 7, ..., "x" * 200, "seen"])
def test_calls_have_an_id_that_no_other_has(given_id: Any) -> None:
    found = heard([call(id=given_id), call(id=given_id)], {"seen", "call_c1"}, 0)
    ids = [block["id"] for block in found.content]
    assert ids == ["call_c1_", "call_c2"]
    assert [each.block_id for each in found.calls] == ids
    assert found.notes[0] == "c1 had no id, an invalid one or one of another call"


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        (" pods\n", "pods"),
        ("default.pods", "default_pods"),
        ("", "unnamed"),
        (None, "unnamed"),
        (..., "unnamed"),
        ("ü" * 3, "_"),
    ],
)
def test_names_become_names(given_name: Any, name: str) -> None:
    found = heard([call(name=given_name)], (), 0)
    assert (found.calls[0].name, found.content[0]["name"]) == (name, name)


@pytest.mark.parametrize("nothing", [None, "", "  ", ..., {}, "{}", "null"])
def test_arguments_that_are_not_there_are_none(nothing: Any) -> None:
    found = heard([call(input=nothing)], (), 0)
    assert (found.calls[0].arguments, found.content[0]["input"]) == ({}, {})


def test_arguments_as_text_are_unpacked_and_others_refused_later() -> None:
    assert heard([call(input='{"pod": "a"}')], (), 0).content == (call(),)
    for wrong in ("pod a", [1], 7, "[1]"):
        found = heard([call(input=wrong)], (), 0)
        assert found.content[0]["input"] == {}
        assert found.calls[0].arguments == wrong  # which the door refuses, with what is wrong
        assert found.notes == ("the arguments of c1 were not an object",)
    assert arguments_of("[" * 100_000) == "[" * 100_000


def test_a_result_that_a_model_makes_up_is_noted() -> None:
    found = heard([{"type": "tool_result", "tool_use_id": "t1", "content": []}], (), 0)
    assert found.notes == ("a tool_result block of its own was left out",)


def test_text_that_is_not_text_says_nothing() -> None:
    assert texts_of([TEXT, {"type": "text", "text": 7}, {"type": "text"}, {"type": "new", "text": "x"}]) == ["I look."]


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 2), st.text(max_size=4), st.just([]), st.just({}), st.just("t1")
)
BLOCKS = st.one_of(
    st.just(TEXT),
    st.just(call()),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["text", "tool_use", "thinking", "redacted_thinking", "other"])},
        optional=dict.fromkeys(("text", "id", "name", "input", "thinking", "signature", "data"), JUNK),
    ),
)


@given(st.lists(st.tuples(st.lists(BLOCKS, max_size=5), st.integers(0, 5)), min_size=1, max_size=4))
def test_no_reply_makes_a_history_that_the_service_refuses(turns: list[tuple[list[Any], int]]) -> None:
    """Whatever was answered of a turn's calls, and whatever was cut off."""
    rules = Rules()
    conversation = Conversation(ModelRequest("m", 100, "system", (), ()))
    conversation.say("begin")
    for blocks, answered in turns:
        assert not rules.faults(body(conversation))
        rules.answered(json.loads(json.dumps(blocks)))
        calls = conversation.hear(ModelAnswer(tuple(blocks), "tool_use")).calls
        conversation.owe(calls[answered + 1 :], "not run")
        results = [conversation.result(each, ToolAnswer("up")) for each in calls[:answered]]
        conversation.say("go on", results)
    assert not rules.faults(body(conversation))


def body(conversation: Conversation) -> Any:
    request = conversation.request()
    return {"model": request.model, "max_tokens": 1, "system": request.system, "messages": list(request.messages)}
