"""The turn loop: reports, repair, nudge, report now, the cap, and every way in which there is no report."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from building import (
    CASE,
    FOUND,
    REPORT,
    ScriptedModel,
    agent,
    answer,
    conclusion,
    configuration,
    found,
    report,
    run_engine,
    simulated,
    text,
    tool,
    use,
)

from sre_runner.casefile import Conclusion, Report, Status
from sre_runner.investigation.heard import MOST_CALLS
from sre_runner.journal.events import RunStarted
from sre_runner.journal.file import Journal
from sre_runner.journal.record import Record
from sre_runner.models.model import CONTEXT_TOO_LONG, ModelError
from sre_runner.specs import ModelSpec, Role

POD = use("pods", {"pod": "a"}, "t1")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append(RunStarted("run", CASE, {}, "digest", "scripted", {}))
    yield journal
    journal.close()


def investigate(journal: Journal, *steps: Any, **changes: Any) -> tuple[ScriptedModel, Report, Record, Conclusion]:
    """One agent `a` with the tool `pods` plays these steps; a synthesizer concludes where there is a report."""
    config = configuration(agent("a", tools=["pods"], **changes), tools=[tool("pods")])
    model = ScriptedModel(a=list(steps), synthesizer=[conclusion(), conclusion()])
    made, record = run_engine(config, model, journal)
    assert not model.scripts["a"], "steps left over"
    found = record.work["investigate/a"].report
    assert found
    return model, found, record, made


def texts(content: list[dict[str, Any]]) -> str:
    return "\n".join(
        block["text"] if block["type"] == "text" else block["content"][0]["text"]
        for block in content
        if block["type"] in ("text", "tool_result")
    )


def test_a_call_then_a_report(journal: Journal) -> None:
    model, got, record, made = investigate(journal, answer(POD), found())
    assert got.status is Status.COMPLETED
    assert got.findings[0].evidence[0].call == "c1"
    assert not got.findings[0].doubt
    assert model.last_message("a", 1) == [
        {
            "type": "tool_result",
            "tool_use_id": "t1",
            "content": [{"type": "text", "text": '<output call="c1" tool="pods">\nstatus: OOMKilled\n</output>'}],
        }
    ]
    assert record.work["investigate/a"].turns == 2
    assert not made.partial


def test_the_agent_is_told_its_limits_its_case_and_its_report_tool_last(journal: Journal) -> None:
    model, *_ = investigate(journal, report())
    request = model.requests[0][1]
    assert request.system.startswith("a prompt\n")
    assert "at most 4 turns" in request.system
    assert [each["name"] for each in request.tools] == ["pods", "submit_report"]
    assert "checkout is down" in texts(model.last_message("a", 0))


def test_several_calls_of_a_turn_are_answered_in_one_message_in_order(journal: Journal) -> None:
    calls = [use("pods", {"pod": name}, f"t-{name}") for name in "abc"]
    model, *_ = investigate(journal, answer(text("look"), *calls), report())
    content = model.last_message("a", 1)
    assert [block["tool_use_id"] for block in content] == ["t-a", "t-b", "t-c"]


def test_a_broken_report_goes_back_once_with_everything_that_is_wrong(journal: Journal) -> None:
    model, found, record, _ = investigate(
        journal, report(severity_assessment="bad", confidence=7), report(summary="Better.")
    )
    assert found.fields["summary"] == "Better."
    content = model.last_message("a", 1)
    assert content[0]["is_error"] is True
    assert "severity_assessment" in texts(content)
    assert "confidence" in texts(content)
    assert record.work["investigate/a"].turns == 2


def test_a_report_that_is_broken_twice_is_incomplete(journal: Journal) -> None:
    _, found, _, made = investigate(journal, report(confidence=7), answer(text("here"), *report(confidence=8).content))
    assert found.status is Status.INCOMPLETE
    assert "its report was not accepted: confidence" in found.problem
    assert found.findings == ()
    assert found.last_said == "here"
    assert made.missing[0].startswith("a (investigate/a) incomplete: its report was not accepted")


def test_the_repair_turn_stands_outside_the_cap(journal: Journal) -> None:
    _, found, record, _ = investigate(journal, answer(POD), report(confidence=7), report(), max_iterations=2)
    assert found.status is Status.COMPLETED
    assert record.work["investigate/a"].turns == 3


def test_report_now_goes_out_with_the_results_before_the_last_turn(journal: Journal) -> None:
    model, found, *_ = investigate(journal, answer(POD), answer(POD), report(), max_iterations=3)
    assert "last turn" not in texts(model.last_message("a", 1))
    last = model.last_message("a", 2)
    assert [block["type"] for block in last] == ["tool_result", "text"]
    assert "This is your last turn. Call submit_report now" in texts(last)
    assert found.status is Status.COMPLETED


def test_at_the_cap_there_is_no_report_and_nothing_more_is_called(journal: Journal) -> None:
    _, found, record, _ = investigate(journal, answer(POD), answer(text("one more"), POD), max_iterations=2)
    assert (found.status, found.problem) == (Status.INCOMPLETE, "no report within 2 turns")
    assert found.last_said == "one more"
    assert len(record.calls_of("tool")) == 1


def test_text_without_a_report_is_nudged_once(journal: Journal) -> None:
    model, found, *_ = investigate(journal, answer(text("It is memory."), stop="end_turn"), report())
    assert texts(model.last_message("a", 1)).startswith("You answered without calling submit_report.")
    assert found.status is Status.COMPLETED


def test_text_twice_is_incomplete_and_keeps_what_was_said(journal: Journal) -> None:
    said = answer(text("It is memory."), stop="end_turn")
    _, found, *_ = investigate(journal, said, said)
    assert (found.status, found.problem) == (Status.INCOMPLETE, "it answered without a report")
    assert found.last_said == "It is memory."


def test_calls_of_an_answer_that_was_cut_off_never_run(journal: Journal) -> None:
    model, found, record, _ = investigate(journal, answer(POD, stop="length"), report())
    content = model.last_message("a", 1)
    assert content[0]["tool_use_id"] == "t1"
    assert content[0]["is_error"] is True
    assert "cut off at 4000 tokens" in texts(content)
    assert record.calls_of("tool") == []
    assert found.status is Status.COMPLETED


def test_cut_off_twice_is_incomplete(journal: Journal) -> None:
    _, found, *_ = investigate(journal, answer(stop="max_tokens"), answer(text("…"), stop="max_tokens"))
    assert (found.status, found.problem) == (Status.INCOMPLETE, "its answer was cut off at max_tokens")


@pytest.mark.parametrize("stop", ["refusal", "content_filter"])
def test_some_ends_are_final_and_their_calls_never_run(journal: Journal, stop: str | None) -> None:
    _, found, record, made = investigate(journal, answer(POD, report().content[0], stop=stop))
    assert found.status is Status.FAILED
    assert record.calls_of("tool") == []
    assert found.problem in made.missing[0]


@pytest.mark.parametrize(
    "stop", ["end_turn", "stop", "tool_calls", "function_call", "stop_sequence", "pause_turn", None]
)
def test_a_call_is_a_call_and_a_report_a_report_whatever_the_stop_reason(journal: Journal, stop: str | None) -> None:
    _, got, record, _ = investigate(journal, answer(POD, stop=stop), answer(*found().content, stop=stop))
    assert got.status is Status.COMPLETED
    assert [call.request.name for call in record.calls_of("tool")] == ["pods"]


def test_no_stop_reason_and_nothing_to_do_is_a_failure(journal: Journal) -> None:
    _, got, *_ = investigate(journal, answer(text("I th"), stop=None))
    assert (got.status, got.problem) == (Status.FAILED, "the model's answer ended early")


def test_a_report_as_text_is_taken_and_says_what_to_look_for(journal: Journal) -> None:
    words = f"```json\n{json.dumps({**FOUND, 'more': 1})}\n```"
    _, got, record, made = investigate(journal, answer(POD), answer(text(words), stop="end_turn"))
    assert got.status is Status.COMPLETED
    assert not got.findings[0].doubt
    assert "--tool-call-parser" in got.notes[0]
    assert got.notes[1] == "more is not a field and was left out"
    assert record.work["investigate/a"].report == got
    assert not made.partial


def test_a_report_as_text_whose_evidence_does_not_hold_goes_back_in_words(journal: Journal) -> None:
    lie = {**FOUND, "findings": [{"statement": "x", "evidence": [{"call": "c1", "quote": "Evicted"}]}]}
    model, got, *_ = investigate(journal, answer(POD), answer(text(json.dumps(lie)), stop="end_turn"), found())
    (block,) = model.last_message("a", 2)
    assert block["text"].startswith("The report was not accepted:\n- findings[0] is unverified")
    assert not got.findings[0].doubt


def test_calls_as_text_are_not_run_and_the_problem_says_why(journal: Journal) -> None:
    words = text('<tool_call>{"name": "pods", "arguments": {"pod": "a"}}</tool_call>')
    _, got, record, _ = investigate(journal, *[answer(words, stop="end_turn")] * 2)
    assert got.problem == "it answered without a report; it wrote its calls as text: its server needs a tool parser"
    assert record.calls_of("tool") == []


def test_arguments_that_came_in_another_form_are_put_right_and_said(journal: Journal) -> None:
    odd = use("pods", {"pod": "a", "reason": "because"}, "t1")
    _, got, record, _ = investigate(journal, answer(odd), report())
    (made,) = record.calls_of("tool")
    assert made.request.request == {"pod": "a"}
    assert got.notes == ("c1 pods: reason is not a field and was left out",)


def test_of_very_many_calls_some_run_and_all_are_answered(journal: Journal) -> None:
    calls = [use("pods", {"pod": f"p{number}"}, f"t{number}") for number in range(1000)]
    model, got, record, _ = investigate(journal, answer(*calls), report())
    assert len(record.calls_of("tool")) == MOST_CALLS
    results = model.last_message("a", 1)
    assert {block["tool_use_id"] for block in results} == {f"t{number}" for number in range(1000)}
    assert sum(block.get("is_error", False) for block in results) == 1000 - MOST_CALLS
    assert got.status is Status.COMPLETED


TOO_LONG = ModelError(CONTEXT_TOO_LONG, "prompt is too long")


@pytest.mark.parametrize("refusal", [TOO_LONG, answer(stop="model_context_window_exceeded")])
def test_a_conversation_that_has_grown_too_long_goes_on_shorter_for_its_report(journal: Journal, refusal: Any) -> None:
    big = simulated({"pod": "b"}, ("x" * 20_000,))
    pods = tool("pods", big, simulated({}, ("status: OOMKilled",)))
    last = {
        **FOUND,
        "findings": [{"statement": "It is killed.", "evidence": [{"call": "c2", "quote": "status: OOMKilled"}]}],
    }
    steps = [answer(use("pods", {"pod": "b"}, "t0")), answer(text("I see."), POD), refusal, report(**last)]
    model = ScriptedModel(a=steps, synthesizer=[conclusion(), conclusion()])
    made, record = run_engine(configuration(agent("a", tools=["pods"]), tools=[pods]), model, journal)
    model.done()
    request = [request for name, request in model.requests if name == "a"][-1]
    (only,) = request.messages
    words = texts(only["content"])
    assert words.startswith("<case>")
    assert "What you said, the newest last:\nI see." in words
    assert '<output call="c2" tool="pods">\nstatus: OOMKilled\n</output>' in words
    assert 'Left out for lack of room: c1 pods({"pod": "b"}).' in words
    assert "This is your last turn." in words
    got = record.work["investigate/a"].report
    assert got
    assert not got.findings[0].doubt
    assert got.notes == (
        "its conversation no longer fitted the model's context window, and was shortened for the report",
    )
    assert not made.partial
    assert record.calls_of("model", "investigate/a")[-1].request.request["messages"] == list(request.messages)


def shortened_requests(journal: Journal, *steps: Any, **answers: str) -> list[str]:
    """The words of each request that begins a conversation again, after these steps of an agent with two tools."""
    tools = [tool(name, simulated({}, (answers.get(name, "status: OOMKilled"),))) for name in ("pods", "logs")]
    model = ScriptedModel(a=steps, synthesizer=[conclusion(), conclusion()])
    config = configuration(agent("a", tools=["pods", "logs"]), tools=tools)
    run_engine(config, model, journal)
    assert not model.scripts["a"], "steps left over"
    requests = [request for name, request in model.requests if name == "a"]
    return [texts(request.messages[0]["content"]) for request in requests[1:] if len(request.messages) == 1]


LOGS = use("logs", {}, "t9")


def test_the_newest_output_does_not_push_out_older_ones_that_fit(journal: Journal) -> None:
    (words,) = shortened_requests(journal, answer(POD), answer(LOGS), TOO_LONG, found(), logs="x" * 20_000)
    assert '<output call="c1" tool="pods">\nstatus: OOMKilled\n</output>' in words
    assert "Left out for lack of room: c2 logs({})." in words


def test_an_output_that_is_all_there_is_is_cut_rather_than_left_out(journal: Journal) -> None:
    (words,) = shortened_requests(journal, answer(LOGS), TOO_LONG, report(), logs="FATAL\n" + "x" * 20_000)
    assert '<output call="c1" tool="logs">\nFATAL\n' in words
    assert "characters left out here" in words
    assert "Left out for lack of room" not in words
    assert 5_000 < len(words) < 15_000


def test_a_conversation_is_shortened_until_it_fits_and_never_grows(journal: Journal) -> None:
    steps = [answer(LOGS), *[TOO_LONG] * 4, report()]
    sizes = [len(words) for words in shortened_requests(journal, *steps, logs="x" * 20_000)]
    assert len(sizes) == 4
    assert all(later < earlier for earlier, later in itertools.pairwise(sizes))


def test_what_cannot_be_shortened_any_more_ends_and_what_was_found_is_not_lost(journal: Journal) -> None:
    _, got, record, made = investigate(journal, answer(POD), *[TOO_LONG] * 2)
    assert (got.status, got.problem) == (Status.FAILED, "prompt is too long")
    assert record.calls_of("tool")[0].outcome
    assert made.partial


def test_a_report_that_went_back_is_carried_with_what_was_wrong(journal: Journal) -> None:
    lie = [{"statement": "It is killed.", "evidence": [{"call": "c1", "quote": "Evicted"}]}]
    (words,) = shortened_requests(journal, answer(POD), report(findings=lie), TOO_LONG, found())
    assert '"quote": "Evicted"' in words
    assert "findings[0] is unverified" in words


def test_of_very_many_calls_that_are_left_out_some_are_named(journal: Journal) -> None:
    many = [use("logs", {"pod": f"p{number}"}, f"t{number}") for number in range(60)]
    (words,) = shortened_requests(journal, answer(*many), TOO_LONG, report(), logs="x" * 200_000)
    assert "Left out for lack of room: 10 earlier calls; c11 logs(" in words


def test_after_it_was_shortened_there_is_one_turn(journal: Journal) -> None:
    _, got, record, _ = investigate(journal, answer(POD), TOO_LONG, answer(POD))
    assert (got.status, got.problem) == (Status.INCOMPLETE, "no report within 2 turns")
    assert len(record.calls_of("tool")) == 1


def test_the_turn_before_the_window_would_overflow_is_the_last(journal: Journal) -> None:
    model = ModelSpec("claude-haiku-4-5", max_tokens=98_500)
    scripted, got, *_ = investigate(journal, answer(POD), found(), model=model)
    assert "This is your last turn." in texts(scripted.last_message("a", 1))
    assert got.status is Status.COMPLETED


def test_a_paused_turn_is_resent_unchanged(journal: Journal) -> None:
    model, found, *_ = investigate(journal, answer(text("thinking"), stop="pause_turn"), report())
    first, second = (request for name, request in model.requests if name == "a")
    assert [message["role"] for message in second.messages] == ["user", "assistant"]
    assert second.messages[0] == first.messages[0]
    assert found.status is Status.COMPLETED


def test_pauses_count_as_turns(journal: Journal) -> None:
    pause = answer(text("thinking"), stop="pause_turn")
    _, found, *_ = investigate(journal, pause, pause, max_iterations=2)
    assert found.status is Status.INCOMPLETE


def test_calls_beside_a_report_are_not_run(journal: Journal) -> None:
    _, found, record, _ = investigate(journal, answer(POD, *report().content))
    assert found.status is Status.COMPLETED
    assert record.calls_of("tool") == []


def test_calls_beside_a_broken_report_are_answered_with_the_repair(journal: Journal) -> None:
    broken = report(confidence=7).content
    model, found, record, _ = investigate(journal, answer(POD, *broken), report())
    content = model.last_message("a", 1)
    assert {block["tool_use_id"] for block in content if block["type"] == "tool_result"} == {"t1", "toolu_report"}
    assert "came together with a report" in texts(content)
    assert record.calls_of("tool") == []
    assert found.status is Status.COMPLETED


def test_another_roles_report_tool_is_no_tool_of_mine(journal: Journal) -> None:
    model, found, *_ = investigate(journal, answer(use("submit_conclusion", {}, "t9")), report())
    assert "Refused: submit_conclusion is not one of your tools" in texts(model.last_message("a", 1))
    assert found.status is Status.COMPLETED


def test_an_agents_own_model_answers_for_it(journal: Journal) -> None:
    model, *_ = investigate(journal, report(), model=ModelSpec("small", 512, "low"))
    request = model.requests[0][1]
    assert (request.model, request.max_tokens, request.effort) == ("small", 512, "low")
    assert model.requests[-1][1].model == "claude-sonnet-5-5"


def test_a_report_without_findings_is_fine(journal: Journal) -> None:
    _, found, *_ = investigate(journal, report(**{**REPORT, "findings": []}))
    assert found.status is Status.COMPLETED


def test_a_lead_has_no_turns_to_spend_on_tools(journal: Journal) -> None:
    config = configuration(agent("a"), planner=True)
    model = ScriptedModel(
        a=[report()],
        planner=[answer(use("submit_plan", {"assignments": [{"agent": "a", "task": "look"}]}))],
        synthesizer=[conclusion()],
    )
    run_engine(config, model, journal)
    model.done()
    assert config.agents["planner"].role is Role.PLANNER
    assert "turns" not in model.requests[0][1].system
