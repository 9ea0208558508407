"""A conversation: append-only, with labelled calls, owed results, and a reminder about repeats."""

from __future__ import annotations

import json
from typing import Any

from building import answer, text, use
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.casefile import ModelRequest, ToolAnswer
from sre_runner.investigation.conversation import Conversation
from sre_runner.journal.digests import digest_of

OPENING = ModelRequest("model", 100, "system", (), ({"name": "pods"},))


def opened() -> Conversation:
    conversation = Conversation(OPENING)
    conversation.say("begin")
    return conversation


def wire(conversation: Conversation) -> list[Any]:
    return json.loads(json.dumps(list(conversation.request().messages)))


def test_history_is_append_only_and_blocks_come_back_as_they_came() -> None:
    conversation = opened()
    blocks = [
        {"type": "thinking", "thinking": "…", "signature": "sig", "later": None},
        {"type": "who_knows", "data": {"deep": [1, 2.50, None]}},
        use("pods", block_id="t1"),
    ]
    sizes = []
    (call,) = conversation.hear(answer(*blocks)).calls
    sizes.append(wire(conversation))
    conversation.say("", [conversation.result(call, ToolAnswer("up"))])
    sizes.append(wire(conversation))
    assert sizes[0][1]["content"] == blocks
    assert sizes[1][:2] == sizes[0]
    assert sizes[1][2]["content"][0]["tool_use_id"] == "t1"


def test_an_answer_without_content_is_not_sent_back() -> None:
    conversation = opened()
    assert conversation.hear(answer()).calls == ()
    assert len(wire(conversation)) == 1


def test_calls_are_numbered_over_the_whole_conversation() -> None:
    conversation = opened()
    first = conversation.hear(answer(use("a", block_id="x"), text("and"), use("b", block_id="y"))).calls
    second = conversation.hear(answer(use("a", block_id="z"))).calls
    assert [call.label for call in (*first, *second)] == ["c1", "c2", "c3"]


def test_what_was_last_said_is_kept_over_turns_without_words() -> None:
    conversation = opened()
    conversation.hear(answer(text("one"), text("two")))
    conversation.hear(answer(use("pods")))
    assert conversation.last_said == "one\ntwo"


def test_owed_results_head_the_next_message() -> None:
    conversation = opened()
    calls = conversation.hear(answer(use("pods", block_id="t1"), use("submit_report", block_id="t2"))).calls
    conversation.owe(calls[1:], "Received.")
    conversation.owe(calls[:1], "Not run.", is_error=True)
    conversation.say("more, please")
    message = wire(conversation)[-1]
    assert [block["type"] for block in message["content"]] == ["tool_result", "tool_result", "text"]
    assert message["content"][1]["is_error"] is True
    assert "is_error" not in message["content"][0]
    conversation.say("again")
    assert len(wire(conversation)[-1]["content"]) == 1


def asked(conversation: Conversation, output: str, pod: str = "a") -> str:
    (call,) = conversation.hear(answer(use("pods", {"pod": pod}))).calls
    return str(conversation.result(call, ToolAnswer(output))["content"][0]["text"])


def test_the_reminder_comes_from_the_third_identical_call_with_an_unchanged_answer() -> None:
    conversation = opened()
    assert ["Reminder" in asked(conversation, "down") for _ in range(4)] == [False, False, True, True]
    assert "call number 5" in asked(conversation, "down")


def test_polling_is_fine_while_answers_change_and_arguments_differ() -> None:
    conversation = opened()
    outputs = ["0%", "50%", "100%", "100%"]
    assert not any("Reminder" in asked(conversation, output) for output in outputs)
    assert not any("Reminder" in asked(conversation, "same", pod) for pod in "bcdef")
    assert "Reminder" in asked(conversation, "100%")


def test_earlier_calls_are_those_of_the_same_tool_in_order() -> None:
    conversation = opened()
    asked(conversation, "x", "one")
    calls = conversation.hear(answer(use("pods", {"pod": "two"}), use("logs"), use("pods", {"pod": "three"}))).calls
    assert conversation.earlier(calls[2], calls[:2]) == [{"pod": "one"}, {"pod": "two"}]
    assert conversation.earlier(calls[1], calls[:1]) == []


def test_the_journal_is_told_only_what_is_new() -> None:
    conversation = opened()
    first = conversation.unsent()
    assert first["system"] == "system"
    assert first["tools"] == [{"name": "pods"}]
    assert len(first["messages"]) == 1
    conversation.hear(answer(text("hm")))
    conversation.say("go on")
    assert conversation.unsent() == {"messages": [{"role": "user", "content": [{"type": "text", "text": "go on"}]}]}
    assert conversation.unsent() == {"messages": []}


json_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.text(), json_data, json_data)
def test_digests_tell_histories_apart(previous: str, one: Any, other: Any) -> None:
    assert digest_of(previous, one) == digest_of(previous, one)
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (digest_of(previous, one) == digest_of(previous, other)) == same


def test_a_digest_follows_everything_that_is_sent() -> None:
    base = opened()
    again = opened()
    assert base.digest == again.digest
    seen = {base.digest}
    base.hear(answer(text("a")))
    seen.add(base.digest)
    again.hear(answer(text("b")))
    seen.add(again.digest)
    other = Conversation(ModelRequest("model", 100, "other system", (), ({"name": "pods"},)))
    other.say("begin")
    seen.add(other.digest)
    assert len(seen) == 4


def test_a_message_that_was_mended_goes_into_the_journal_as_it_is_sent_back() -> None:
    conversation = opened()
    conversation.unsent()
    (call,) = conversation.hear(answer(text(" "), use("pods", None, "t1"))).calls
    conversation.say("", [conversation.result(call, ToolAnswer("up"))])
    assert [message["role"] for message in conversation.unsent()["messages"]] == ["assistant", "user"]
    (call,) = conversation.hear(answer(use("pods", None, "t2"))).calls
    conversation.say("", [conversation.result(call, ToolAnswer("up"))])
    assert [message["role"] for message in conversation.unsent()["messages"]] == ["user"]


def test_open_calls_are_answered_before_anything_else_is_said() -> None:
    conversation = opened()
    conversation.hear(answer(use("pods", block_id="t1"), use("pods", block_id="t2")))
    conversation.say("go on")
    assert [block.get("tool_use_id") for block in wire(conversation)[-1]["content"]] == ["t1", "t2", None]
    conversation.say("")
    assert len(wire(conversation)) == 3
