"""The trace that a run belongs to, and the one that its servers are told."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from building import agent, configuration, tool, use
from building import answer as model_answer
from hypothesis import given
from hypothesis import strategies as st
from kept import events
from opentelemetry import trace
from receiver import Receiver, rehearse, still, tell, told

from sre_runner.casefile import Json, ModelAnswer, ModelRequest, ToolAnswer
from sre_runner.investigation.conversation import Conversation
from sre_runner.investigation.door import Door
from sre_runner.investigation.terms import Beyond, Terms
from sre_runner.journal.events import CallFinished, CallStarted
from sre_runner.journal.file import Journal
from sre_runner.telemetry.context import calling, headers, incoming

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = f"00-{TRACE}-{SPAN}-01"
REQUEST = ModelRequest("m", 100, "a prompt", (), ())


def test_a_run_is_part_of_the_trace_that_came_in(tmp_path: Path) -> None:
    receiver = Receiver()
    rehearse(receiver.listener({"TRACEPARENT": PARENT, "TRACESTATE": "vendor=1"}), tmp_path)
    (workflow,) = receiver.of("invoke_workflow")
    assert workflow.parent
    assert f"{workflow.parent.span_id:016x}" == SPAN
    assert {f"{span.context.trace_id:032x}" for span in receiver.spans if span.context} == {TRACE}
    assert workflow.context
    assert workflow.context.trace_state.get("vendor") == "1"


def test_a_trace_that_is_not_sampled_is_not_begun_here(tmp_path: Path) -> None:
    receiver = Receiver()
    listener = receiver.listener({"TRACEPARENT": PARENT[:-1] + "0"})
    rehearse(listener, tmp_path)
    assert not receiver.spans
    assert listener.begin(0.0) is None


def test_the_span_of_a_program_that_runs_it_goes_before_the_variable(tmp_path: Path) -> None:
    receiver = Receiver()
    with receiver.tracers.get_tracer("caller").start_as_current_span("handle alert") as caller:
        listener = receiver.listener({"TRACEPARENT": PARENT})
        tell(listener, events("r-1"))
    (workflow,) = (span for span in receiver.spans if span.name.startswith("invoke_workflow"))
    assert workflow.parent
    assert workflow.parent.span_id == caller.get_span_context().span_id


@pytest.mark.parametrize(
    "parent",
    [
        "",
        "no",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"{PARENT}-more",
        f"{PARENT}\nHost: elsewhere",
    ],
)
def test_an_invalid_context_counts_as_none(parent: str) -> None:
    assert incoming({"TRACEPARENT": parent, "TRACESTATE": "vendor=1"}) == {}


def test_a_later_version_of_the_format_is_passed_on() -> None:
    assert incoming({"TRACEPARENT": f"01-{TRACE}-{SPAN}-01-more"}) == {"traceparent": f"01-{TRACE}-{SPAN}-01-more"}


def test_a_state_that_breaks_headers_or_is_too_long_is_dropped() -> None:
    for state in ("a=1\r\nHost: elsewhere", "é=1", "a=" + "x" * 512):
        assert incoming({"TRACEPARENT": PARENT, "TRACESTATE": state}) == {"traceparent": PARENT}


@given(st.text(), st.text())
def test_no_variable_ever_breaks_a_header(parent: str, state: str) -> None:
    for name, value in incoming({"TRACEPARENT": parent, "TRACESTATE": state}).items():
        assert name in ("traceparent", "tracestate")
        assert "\r" not in value
        assert "\n" not in value
        assert value.isascii()


def begun(number: int) -> CallStarted:
    return CallStarted(number, "tool", "investigate/a", "d", 1, "list_pods", {}, f"c{number}")


def test_servers_are_told_the_span_of_the_call_that_they_answer() -> None:
    """Calls of one turn run at the same time, each in a task of its own."""
    receiver = Receiver()
    listener = receiver.listener(clock=still())
    calls = [begun(1), begun(2)]
    tell(listener, [*events("r-1")[:2], *calls])
    sent: dict[int, str] = {}

    async def answer(started: CallStarted) -> None:
        with calling(started):
            await asyncio.sleep(0)
            sent[started.call] = headers({})["traceparent"]

    async def both() -> None:
        await asyncio.gather(*(answer(started) for started in calls))

    asyncio.run(both())
    tell(listener, [CallFinished(1, "cancelled"), CallFinished(2, "cancelled")])
    listener.close()
    spans = {told(span)["sre_run.call.number"]: span.context for span in receiver.of("execute_tool")}
    for number, context in spans.items():
        assert context
        assert sent[number].startswith(f"00-{context.trace_id:032x}-{context.span_id:016x}-0")


def test_without_a_span_servers_are_told_what_came_in() -> None:
    environ = {"TRACEPARENT": PARENT, "TRACESTATE": "vendor=1"}
    assert headers(environ) == {"traceparent": PARENT, "tracestate": "vendor=1"}
    assert headers({}) == {}


def test_a_call_that_has_no_span_changes_nothing() -> None:
    with calling(begun(1)):
        assert not trace.get_current_span().get_span_context().is_valid
    receiver = Receiver()
    listener, started = receiver.listener(clock=still()), begun(1)
    tell(listener, [*events("r-1")[:2], started, CallFinished(1, "cancelled")])
    with calling(started):
        assert not trace.get_current_span().get_span_context().is_valid
    listener.close()


def test_in_a_process_that_is_not_traced_nothing_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "sre_runner.telemetry.spans")
    monkeypatch.setitem(sys.modules, "opentelemetry.propagate", None)
    with calling(begun(1)):
        assert headers({"TRACEPARENT": PARENT}) == {"traceparent": PARENT}
    assert "sre_runner.telemetry.spans" not in sys.modules


class Called:
    """A model and a tool that remember the context in which they are called."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def reply(self, request: ModelRequest) -> ModelAnswer:
        self.sent.append(headers({})["traceparent"])
        return model_answer(use("pods"))

    async def answer(
        self, arguments: Mapping[str, Json], earlier: Sequence[Mapping[str, Json]], agent: str = ""
    ) -> ToolAnswer:
        self.sent.append(headers({})["traceparent"])
        return ToolAnswer("fine")

    async def close(self) -> None:
        """Nothing is open."""


def test_whoever_is_called_through_the_door_is_told_the_span_of_the_call(tmp_path: Path) -> None:
    receiver, called = Receiver(), Called()
    listener = receiver.listener()
    config = configuration(agent("a", tools=["pods"]), tools=[tool("pods")])
    journal = Journal(tmp_path / "journal.jsonl", [listener])
    for event in events("r-1")[:2]:
        journal.append(event)
    door, conversation = Door(journal, Beyond(called, {"pods": called}, config.tools), Terms()), Conversation(REQUEST)
    conversation.say("begin")

    async def ask_and_use() -> None:
        heard = conversation.hear(await door.ask("investigate/a", conversation))
        await door.use("investigate/a", config.agents["a"], heard.calls[0])

    asyncio.run(ask_and_use())
    journal.close()
    spans = [*receiver.of("chat"), *receiver.of("execute_tool")]
    assert [sent.split("-")[2] for sent in called.sent] == [f"{span.get_span_context().span_id:016x}" for span in spans]
    listener.close()
