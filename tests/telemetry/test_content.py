"""What was said stands in spans only where somebody asks for it, and then as masked as in the journal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from loopback import Loopback, reply, text, thinking, use
from receiver import PLAYBOOK, Receiver, rehearse, told
from test_end_to_end import scripts, submit

from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run
from sre_runner.telemetry.content import ASKED, is_asked_for

SECRET = "correct-horse-battery"
PARTS = {
    "text": {"content"},
    "reasoning": {"content"},
    "tool_call": {"id", "name", "arguments"},
    "tool_call_response": {"id", "response"},
}
"""What each type of part requires, by gen-ai-input-messages.json of the conventions."""


def everything(receiver: Receiver) -> str:
    """All that was sent, as text."""
    return "\n".join(span.to_json() for span in receiver.spans)


def test_nothing_is_captured_unless_somebody_asks() -> None:
    assert [is_asked_for({ASKED: value}) for value in ("", "false", "NO_CONTENT", "EVENT_ONLY")] == [False] * 4
    assert [is_asked_for({ASKED: value}) for value in ("true", "True", "span_only", "SPAN_AND_EVENT")] == [True] * 4
    assert not is_asked_for({})


def test_without_content_no_word_of_the_incident_is_sent(tmp_path: Path) -> None:
    receiver = Receiver()
    record, _ = rehearse(receiver.listener(), tmp_path, task="The zebra is down.")
    assert record.conclusion
    sent = everything(receiver)
    for word in ("zebra", "OutOfMemoryError", "OOMKilled", record.conclusion.fields["root_cause"]["statement"]):
        assert word not in sent
        assert word in str(record)


def test_content_is_masked_as_in_the_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", SECRET)
    receiver = Receiver()
    echoes: list[Any] = [
        reply(text(f"I found {SECRET}."), use("search_logs", {"query": SECRET})),
        submit(findings=[]),
    ]
    conclude = submit(severity="P1", evidence=[])
    told_by = scripts(**{"log analyst": echoes, "You conclude the investigation": conclude})
    with Loopback(told_by, strict=False) as server:  # what was masked is not what the model said
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        options = RunOptions(PLAYBOOK, runs=tmp_path, task=f"The password {SECRET} does not work.")
        run(options, [receiver.listener({ASKED: "true"})])
    sent = everything(receiver)
    assert SECRET not in sent
    assert "I found [masked]." in sent
    assert "The password [masked] does not work." in sent


def test_messages_have_the_form_of_the_conventions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver = Receiver()
    unknown = {"type": "hologram", "data": 1}
    thinks: list[Any] = [
        reply(thinking("hm", signature="sig"), unknown, text("I look."), use("list_pods", {"namespace": "payments"})),
        submit(findings=[]),
    ]
    conclude = submit(severity="P1", evidence=[])
    told_by = scripts(**{"Kubernetes expert": thinks, "You conclude the investigation": conclude})
    with Loopback(told_by) as server:
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        run(RunOptions(PLAYBOOK, runs=tmp_path), [receiver.listener({ASKED: "true"})])
    first, second = (span for span in receiver.of("chat") if told(span)["gen_ai.agent.name"] == "k8s-expert")
    (said,) = json.loads(told(first)["gen_ai.output.messages"])
    assert [part["type"] for part in said["parts"]] == ["reasoning", "hologram", "text", "tool_call"]
    assert (said["role"], said["finish_reason"]) == ("assistant", "tool_call")
    (answered,) = json.loads(told(second)["gen_ai.input.messages"])
    assert answered["parts"][0]["type"] == "tool_call_response"
    assert answered["parts"][0]["id"] == said["parts"][3]["id"]
    tool = next(span for span in receiver.of("execute_tool") if told(span)["gen_ai.agent.name"] == "k8s-expert")
    assert told(tool)["gen_ai.tool.call.id"] == said["parts"][3]["id"]
    assert json.loads(told(tool)["gen_ai.tool.call.arguments"]) == {"namespace": "payments"}
    for span in receiver.of("chat"):
        for message in json.loads(told(span)["gen_ai.input.messages"]) + json.loads(
            told(span)["gen_ai.output.messages"]
        ):
            for part in message["parts"]:
                assert PARTS.get(part["type"], set()) <= set(part)
    assert "gen_ai.system_instructions" in told(first)
    assert "gen_ai.system_instructions" not in told(second)  # only what is new
