"""A run as spans: who is above whom, when, and how it ended."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from kept import events
from opentelemetry.trace import SpanContext, StatusCode
from receiver import Receiver, parent, rehearse, still, tell, told

from sre_runner.casefile import Assignment, ModelAnswer, ToolAnswer, Usage
from sre_runner.journal.events import (
    AssignmentFinished,
    AssignmentStarted,
    CallFinished,
    CallStarted,
    Entry,
    Event,
    RunFinished,
    Traced,
)
from sre_runner.journal.file import read
from sre_runner.telemetry.spans import Clock


def made(*between: Event, exit_code: int = 0) -> Receiver:
    """The spans of a run of one assignment with these events in it."""
    receiver, usual = Receiver(), events("r-1")
    tell(receiver.listener(clock=still()), [*usual[:2], *between, usual[4], RunFinished(exit_code)])
    return receiver


def call(number: int, kind: str = "tool", *, made: bool = True, name: str = "list_pods") -> CallStarted:
    assert kind in ("model", "tool")
    label = f"c{number}" if kind == "tool" else ""
    return CallStarted(number, "tool" if kind == "tool" else "model", "investigate/a", "d", 1, name, {}, label, made)


def test_every_part_of_a_run_has_its_span_below_the_right_one(tmp_path: Path) -> None:
    receiver = Receiver()
    record, folder = rehearse(receiver.listener(), tmp_path)
    (workflow,) = receiver.of("invoke_workflow")
    assert workflow.parent is None
    assert told(workflow)["sre_run.run.id"] == folder.name
    assert told(workflow)["sre_run.severity"] == "P1"
    assert {
        told(span)["sre_run.assignment.id"]: parent(span, receiver.spans) for span in receiver.of("invoke_agent")
    } == (dict.fromkeys(record.work, workflow))
    calls = [*receiver.of("chat"), *receiver.of("execute_tool")]
    assert {told(span)["sre_run.call.number"] for span in calls} == set(record.calls)
    for span in calls:
        above = parent(span, receiver.spans)
        assert above
        request = record.calls[told(span)["sre_run.call.number"]].request
        assert told(above)["sre_run.assignment.id"] == told(span)["sre_run.assignment.id"] == request.scope
        assert told(above)["gen_ai.operation.name"] == "invoke_agent"
    assert len(receiver.spans) == 1 + len(record.work) + len(record.calls)


def test_times_are_the_journals(tmp_path: Path) -> None:
    receiver = Receiver()
    record, folder = rehearse(receiver.listener(), tmp_path)
    (workflow,) = receiver.of("invoke_workflow")
    assert workflow.start_time
    began = workflow.start_time - round(next(iter(read(folder / "journal.jsonl"))).at * 1e9)
    for span in [*receiver.of("chat"), *receiver.of("execute_tool")]:
        kept = record.calls[told(span)["sre_run.call.number"]]
        assert kept.finished is not None
        assert (span.start_time, span.end_time) == (
            began + round(kept.started * 1e9),
            began + round(kept.finished * 1e9),
        )


def test_a_follow_up_is_linked_to_what_it_continues_and_shares_its_conversation(tmp_path: Path) -> None:
    receiver = Receiver()
    record, _ = rehearse(receiver.listener(), tmp_path)
    spans = {told(span)["sre_run.assignment.id"]: span for span in receiver.of("invoke_agent")}
    continued = {name: work.assignment.continues for name, work in record.work.items() if work.assignment.continues}
    assert continued
    for name, span in spans.items():
        before = spans.get(continued.get(name) or "")
        assert [link.context for link in span.links] == ([before.context] if before else [])
        if before:
            assert told(span)["gen_ai.conversation.id"] == told(before)["gen_ai.conversation.id"]


def test_a_tool_call_has_the_id_that_the_model_gave_it() -> None:
    content = tuple({"type": "tool_use", "id": f"toolu_{n}", "name": name} for n, name in enumerate("aba"))
    first = [call(1, "model"), CallFinished(1, "answer", ModelAnswer(content, "tool_use"))]
    asked = [call(number, name=name) for number, name in ((2, "a"), (3, "a"), (4, "gone"))]
    ends = [CallFinished(each.call, "answer", tool_answer=ToolAnswer("x")) for each in asked]
    receiver = made(*first, *asked, *ends)
    ids = [told(span)["gen_ai.tool.call.id"] for span in receiver.of("execute_tool")]
    assert ids == ["toolu_0", "toolu_2", "c4"]


def test_usage_counts_cached_tokens_as_the_conventions_do() -> None:
    receiver = made(
        call(1, "model"), CallFinished(1, "answer", ModelAnswer((), "end_turn", Usage(10, 5, 200, 30), "m"))
    )
    (chat,), (agent,) = receiver.of("chat"), receiver.of("invoke_agent")
    assert told(chat)["gen_ai.usage.input_tokens"] == told(agent)["gen_ai.usage.input_tokens"] == 240
    assert told(chat)["gen_ai.usage.output_tokens"] == told(agent)["gen_ai.usage.output_tokens"] == 5
    assert told(chat)["gen_ai.usage.cache_read.input_tokens"] == 200
    assert told(chat)["gen_ai.usage.cache_creation.input_tokens"] == 30
    assert told(chat)["gen_ai.response.finish_reasons"] == ("end_turn",)


def test_an_answer_of_another_run_is_marked_and_its_tokens_are_not_counted_again() -> None:
    answer = ModelAnswer((), "end_turn", Usage(10, 5), "m")
    receiver = made(call(1, "model", made=False), CallFinished(1, "answer", answer, reused=True))
    (chat,), (agent,) = receiver.of("chat"), receiver.of("invoke_agent")
    assert told(chat)["sre_run.call.reused"] is True
    assert told(chat)["sre_run.call.made"] is False
    assert not [name for span in (chat, agent) for name in told(span) if name.startswith("gen_ai.usage.")]


def test_what_failed_has_an_error_type_and_the_status() -> None:
    receiver = made(
        *(call(1, "model"), CallFinished(1, "failed", error="rate_limit_error: the model service answered 429")),
        *(call(2), CallFinished(2, "answer", tool_answer=ToolAnswer("no such pod", is_error=True))),
        *(call(3), CallFinished(3, "timeout", tool_answer=ToolAnswer("too late", is_error=True, from_tool=False))),
        *(call(4, made=False), CallFinished(4, "refused", tool_answer=ToolAnswer("no", is_error=True))),
        *(call(5), CallFinished(5, "answer", tool_answer=ToolAnswer("none", no_data=True))),
        exit_code=3,
    )
    found = [told(span).get("error.type") for span in receiver.spans]
    assert found == ["rate_limit_error", "tool_error", "timeout", "refused", None, "incomplete", "partial"]
    for span in receiver.spans:
        assert (span.status.status_code is StatusCode.ERROR) == ("error.type" in told(span))
    assert receiver.spans[0].status.description == "rate_limit_error: the model service answered 429"
    # What a tool or an agent said is content.
    assert {span.status.description for span in receiver.spans[1:]} == {None}
    assert told(receiver.spans[4])["sre_run.call.no_data"] is True


def test_what_is_left_open_is_ended(tmp_path: Path) -> None:
    receiver = Receiver()
    listener = receiver.listener()
    tell(listener, [*events("r-1")[:2], call(1)])
    assert not receiver.spans
    listener.close()
    listener.close()
    assert [(span.name.split()[0], told(span)["error.type"]) for span in receiver.spans] == [
        ("execute_tool", "cancelled"),
        ("invoke_agent", "cancelled"),
        ("invoke_workflow", "aborted"),
    ]
    assert [point.attributes["sre_run.outcome"] for point in receiver.metrics["sre_run.runs"].data.data_points] == [
        "aborted"
    ]


def test_a_resumed_run_reports_what_is_new_and_is_linked_to_the_trace_before() -> None:
    before, after = Receiver(), Receiver()
    listener, usual = before.listener(clock=still()), events("r-1")
    listener(Entry(0, usual[0]))
    ids = listener.begin(0.0)
    assert ids
    told_before: list[Event] = [usual[0], Traced(*ids), usual[1], call(1), call(2)]
    tell(listener, told_before[1:])
    resumed = after.listener(clock=still(), resumed=True)
    tell(resumed, told_before)
    new = resumed.begin(2.5)
    assert new
    assert new != ids
    done = CallFinished(2, "answer", tool_answer=ToolAnswer("done"))
    finished = usual[4]
    assert isinstance(finished, AssignmentFinished)
    tell(resumed, [done, call(3), CallFinished(3, "cancelled"), finished, RunFinished(0)])
    assert [span.name for span in after.spans] == [
        "execute_tool list_pods",
        "invoke_agent a",
        "invoke_workflow payments",
    ]
    workflow = after.spans[-1]
    assert told(workflow)["sre_run.resumed"] is True
    assert [ids_of(link.context) for link in workflow.links] == [ids]
    assert workflow.context
    assert ids_of(workflow.context) == new
    listener.close()


def test_a_resume_that_does_not_begin_reports_nothing() -> None:
    receiver = Receiver()
    listener = receiver.listener(resumed=True)
    tell(listener, events("r-1")[:3])
    listener.close()
    assert not receiver.spans
    assert not receiver.metrics


def ids_of(context: SpanContext) -> tuple[str, str]:
    return f"{context.trace_id:032x}", f"{context.span_id:016x}"


@given(st.lists(st.tuples(st.integers(0, 10**10), st.integers(-(10**12), 10**12)), max_size=20))
def test_no_clock_makes_a_span_end_before_it_began(steps: list[tuple[int, int]]) -> None:
    """Whatever somebody does to the system's clock."""
    now, at = 10**18, 0.0
    receiver = Receiver()
    listener = receiver.listener(clock=Clock(lambda: now))
    listener(Entry(0, events("r-1")[0]))
    for number, (passed, jump) in enumerate(steps):
        at, now = at + passed / 1e9, now + passed + jump
        begun = AssignmentStarted(Assignment(f"x{number}", "a", (), {}))
        listener(Entry(at, begun))
    listener.close()
    assert len(receiver.spans) == len(steps) + 1
    assert all((span.end_time or 0) >= (span.start_time or 0) for span in receiver.spans)
