"""What a follow-up goes on from where an earlier one was cut off, in the run itself and when it is replayed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from building import (
    CASE,
    ScriptedModel,
    agent,
    answer,
    conclusion,
    configuration,
    found,
    report,
    run_engine,
    simulated,
    tool,
    use,
)
from messages_api import Rules

from sre_runner.casefile import ModelAnswer, Status
from sre_runner.journal.events import RunStarted
from sre_runner.journal.file import Journal
from sre_runner.journal.record import Record
from sre_runner.models.model import CONTEXT_TOO_LONG, ModelError
from sre_runner.runs.replay import Followed, replay_with
from sre_runner.specs import Configuration, FeedbackSpec, Role

HANGS = simulated({"pod": "hangs"}, timeout=True)
WORKS = simulated({}, ("status: OOMKilled",))


def reviewed(timeout: float = 5.0) -> Configuration:
    made = configuration(agent("a", tools=["pods"], timeout=timeout), tools=[tool("pods", HANGS, WORKS)])
    coordinator = replace(made.playbook.coordinator, reviewer="reviewer", feedback=FeedbackSpec(rounds=2))
    agents = {**made.agents, "reviewer": agent("reviewer", Role.REVIEWER)}
    return replace(made, playbook=replace(made.playbook, coordinator=coordinator), agents=agents)


def review(words: str) -> ModelAnswer:
    return answer(use("submit_review", {"followups": [{"agent": "a", "request": words, "priority": "high"}]}))


def pods(*names: str) -> ModelAnswer:
    return answer(*(use("pods", {"pod": name}, f"call-{name}") for name in names))


ENDS: dict[str, list[Any]] = {
    "at the cap": [pods("p1"), pods("p2"), pods("p3"), pods("p4", "p5")],
    "cut off at its tokens": [
        pods("p1"),
        replace(pods("p2"), stop_reason="max_tokens"),
        replace(pods("p3"), stop_reason="length"),
    ],
    "refused": [pods("p1"), replace(pods("p2"), stop_reason="refusal")],
    "the service failed": [pods("p1", "p2"), ModelError("api_error", "down")],
    "a tool hung": [pods("p1"), pods("p2", "hangs", "p3")],
    "without a report": [answer({"type": "text", "text": " "}, stop="end_turn")] * 2,
}


@pytest.mark.parametrize("end", ENDS)
def test_a_follow_up_after_one_that_was_cut_off_sends_a_valid_history_and_replays(tmp_path: Path, end: str) -> None:
    config = reviewed(0.3 if end == "a tool hung" else 5.0)
    model = ScriptedModel(
        a=[pods("p0"), found(), *ENDS[end], found()],
        reviewer=[review("look at the node"), review("look at the image")],
        synthesizer=[conclusion(), conclusion()],
    )
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append(RunStarted("run", CASE, {}, "digest", "scripted", {}))
    made, record = run_engine(config, model, journal)
    journal.close()
    model.done()
    reports = {name: work.report for name, work in record.work.items() if work.report}
    assert reports["followup-1/a"].status is not Status.COMPLETED
    assert reports["followup-2/a"].status is Status.COMPLETED
    hold(record, model)
    again = replay_with(
        replace(config, source={"tools": {}}),
        replace(record, started=replace(record.started, configuration={"tools": {}})),
    )
    assert again.missed == ()
    assert again.conclusion == made


def test_a_follow_up_that_no_longer_fits_carries_the_report_before_it_and_is_gone_on_from(tmp_path: Path) -> None:
    config = reviewed()
    too_long = ModelError(CONTEXT_TOO_LONG, "prompt is too long")
    model = ScriptedModel(
        a=[
            pods("p0"),
            found(summary="first"),
            pods("p1"),
            too_long,
            found(summary="second"),
            pods("p2"),
            too_long,
            found(),
        ],
        reviewer=[review("look at the node"), review("look at the image")],
        synthesizer=[conclusion(), conclusion()],
    )
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append(RunStarted("run", CASE, {}, "digest", "scripted", {}))
    made, record = run_engine(config, model, journal)
    journal.close()
    model.done()
    assert not made.partial
    hold(record, model)
    begun = [request for name, request in model.requests if name == "a" and len(request.messages) == 1]
    _, second, third = (json.dumps(request.messages) for request in begun)
    assert "look at the node" in second
    assert '\\"summary\\": \\"first\\"' in second
    assert "look at the image" in third
    assert "look at the node" not in third.partition("no longer fits")[0]
    assert '\\"summary\\": \\"second\\"' in third
    assert third.count("no longer fits the model's context window") == 1
    again = replayed(config, record)
    assert again.missed == ()
    assert again.conclusion == made


def replayed(config: Configuration, record: Record) -> Followed:
    source: dict[str, Any] = {"tools": {}}
    return replay_with(
        replace(config, source=source), replace(record, started=replace(record.started, configuration=source))
    )


def hold(record: Record, model: ScriptedModel) -> None:
    """Every request of the specialist is one that the service takes."""
    rules = Rules()
    for call in record.calls_of("model"):
        if call.outcome and call.outcome.model_answer:
            rules.answered(json.loads(json.dumps(call.outcome.model_answer.content)))
    for name, request in model.requests:
        body = {"model": request.model, "max_tokens": 1, "system": request.system, "messages": list(request.messages)}
        faults = rules.faults(json.loads(json.dumps(body))) if name == "a" else []
        assert not faults


def test_a_replay_never_asks_the_clock(tmp_path: Path) -> None:
    config = configuration(agent("a", tools=["pods"], timeout=5.0), tools=[tool("pods")])
    model = ScriptedModel(a=[pods("p0"), report()], synthesizer=[conclusion(), conclusion()])
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append(RunStarted("run", CASE, {}, "digest", "scripted", {}))
    made, record = run_engine(config, model, journal)
    journal.close()
    hurried = {name: replace(spec, timeout=0.0) for name, spec in config.agents.items()}
    limits = replace(config.playbook.budget, seconds=0.000001)
    config = replace(config, agents=hurried, playbook=replace(config.playbook, budget=limits))
    again = replay_with(
        replace(config, source={"tools": {}}),
        replace(record, started=replace(record.started, configuration={"tools": {}})),
    )
    assert again.conclusion == made


def cites(name: str) -> ModelAnswer:
    finding = {"statement": "It is the node.", "evidence": [{"finding": name}]}
    return report(findings=[finding])


def test_a_finding_falls_with_what_it_cites_and_one_that_cites_itself_never_stood(tmp_path: Path) -> None:
    made = configuration(agent("a", tools=["pods"]), agent("b"), tools=[tool("pods", WORKS)])
    coordinator = replace(made.playbook.coordinator, reviewer="reviewer", feedback=FeedbackSpec(rounds=2))
    agents = {**made.agents, "reviewer": agent("reviewer", Role.REVIEWER)}
    config = replace(made, playbook=replace(made.playbook, coordinator=coordinator), agents=agents)
    ask_b = {"followups": [{"agent": "b", "request": "and the node?", "priority": "high"}]}
    model = ScriptedModel(
        a=[pods("p0"), found(), cites("a/f1"), cites("a/f1")],
        b=[report(), cites("a/f1")],
        reviewer=[answer(use("submit_review", ask_b)), review("are you sure?")],
        synthesizer=[conclusion()],
    )
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append(RunStarted("run", CASE, {}, "digest", "scripted", {}))
    _, record = run_engine(config, model, journal)
    journal.close()
    model.done()
    doubts = {
        name: work.report.findings[0].doubt
        for name, work in record.work.items()
        if work.report and work.report.findings
    }
    assert doubts == {
        "investigate/a": "",
        "followup-1/b": "a/f1 is no verified finding",
        "followup-2/a": "f1 is no verified finding",
    }
    told = model.last_message("synthesizer", 0)[0]["text"]
    assert told.count('"unverified"') == 2
    assert replayed(config, record).missed == ()
