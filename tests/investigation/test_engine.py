"""The engine: waves many at a time, order, limits, interruption, and faults that cost one part only."""

from __future__ import annotations

import asyncio
import gc
import threading
import warnings
from collections.abc import Iterator
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
    door,
    plan,
    report,
    run_engine,
    simulated,
    tool,
    use,
)

from sre_runner.casefile import Conclusion, ModelAnswer, ModelRequest, Proposal, Status
from sre_runner.investigation.engine import Stop, investigate
from sre_runner.journal.events import CallStarted, Entry, JournalError, RunStarted
from sre_runner.journal.file import Journal
from sre_runner.journal.record import Record, WorkRecord
from sre_runner.models.model import ModelError
from sre_runner.specs import FeedbackSpec, Role, VoteSpec


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append(RunStarted("run", CASE, {}, "digest", "scripted", {}))
    yield journal
    journal.close()


def slow(seconds: float) -> Any:
    async def step(request: ModelRequest) -> ModelAnswer:
        await asyncio.sleep(seconds)
        return report()

    return step


async def never(request: ModelRequest) -> ModelAnswer:
    await asyncio.Event().wait()
    raise AssertionError


def test_a_planned_team_in_parallel(journal: Journal) -> None:
    config = configuration(agent("a"), agent("b"), agent("c"), planner=True)
    model = ScriptedModel(planner=[plan("c", "a")], a=[report()], c=[report()], synthesizer=[conclusion()])
    made, record = run_engine(config, model, journal)
    model.done()
    assert list(record.work) == ["plan", "investigate/a", "investigate/c", "conclude"]
    assert not made.partial


@pytest.mark.parametrize(("strategy", "expected"), [("sequential", 11), ("parallel", 5)])
def test_sequential_takes_the_sum_and_parallel_the_longest(journal: Journal, strategy: str, expected: int) -> None:
    unit = 0.1
    tools = [tool(name, simulated({}, ("ok",), delay=times * unit)) for name, times in (("x", 5), ("y", 4), ("z", 2))]
    agents = [agent(name, tools=[used]) for name, used in (("a", "x"), ("b", "y"), ("c", "z"))]
    scripts = {name: [answer(use(used)), report()] for name, used in (("a", "x"), ("b", "y"), ("c", "z"))}
    config = configuration(*agents, tools=tools, strategy=strategy)
    _, record = run_engine(config, ScriptedModel(**scripts, synthesizer=[conclusion()]), journal)
    work = [record.work[f"investigate/{name}"] for name in "abc"]
    took = max(each.finished or 0 for each in work) - min(each.started for each in work)
    assert expected * unit <= took < (expected + 5) * unit


def test_reports_keep_the_order_of_the_wave_however_they_finish(journal: Journal) -> None:
    config = configuration(agent("a"), agent("b"))
    model = ScriptedModel(a=[slow(0.05)], b=[report()], synthesizer=[conclusion()])
    _, record = run_engine(config, model, journal)
    finished = sorted((each for each in record.work.values()), key=lambda each: each.finished or 0)
    assert [each.assignment.agent for each in finished] == ["b", "a", "synthesizer"]
    told = dict(record.work["conclude"].assignment.blocks)["reports"]
    assert [each["agent"] for each in told] == ["a", "b"]


def at_once(work: list[WorkRecord]) -> int:
    moments = [(each.started, 1) for each in work] + [(each.finished or 0, -1) for each in work]
    running, most = 0, 0
    for _, change in sorted(moments):
        running += change
        most = max(most, running)
    return most


@pytest.mark.parametrize("seats", [1, 3])
def test_no_more_than_max_parallel_at_once(journal: Journal, seats: int) -> None:
    agents = [agent(f"s{number}") for number in range(7)]
    scripts = {each.name: [slow(0.01)] for each in agents}
    config = configuration(*agents, max_parallel=seats)
    _, record = run_engine(config, ScriptedModel(**scripts, synthesizer=[conclusion()]), journal)
    work = [each for each in record.work.values() if each.assignment.id != "conclude"]
    assert len(work) == 7
    assert at_once(work) == seats


def test_a_specialist_that_fails_costs_its_part(journal: Journal) -> None:
    config = configuration(agent("a"), agent("b"), agent("c"), agent("d", timeout=0.05))
    model = ScriptedModel(
        a=[ModelError("overloaded_error", "overloaded for 120 s")],
        b=[RuntimeError("a bug")],
        c=[report()],
        d=[never],
        synthesizer=[conclusion()],
    )
    made, record = run_engine(config, model, journal)
    assert made.by_model
    assert made.missing == (
        "a (investigate/a) failed: overloaded for 120 s.",
        "b (investigate/b) failed: internal error: RuntimeError: a bug.",
        "d (investigate/d) failed: no report within 0.05 seconds.",
    )
    assert [each.report.status for each in record.work.values() if each.report].count(Status.FAILED) == 3
    assert [call.outcome.outcome for call in record.calls_of("model", "investigate/d") if call.outcome] == ["cancelled"]


def test_a_synthesizer_that_fails_leaves_an_engine_made_conclusion(journal: Journal) -> None:
    config = configuration(agent("a"))
    model = ScriptedModel(a=[report()], synthesizer=[ModelError("api_error", "broken")])
    made, _ = run_engine(config, model, journal)
    assert not made.by_model
    assert made.fields["severity"] == "P1"


def interrupted(journal: Journal, config: Any, model: ScriptedModel, after: float) -> Conclusion:
    async def whole() -> Conclusion:
        stop = Stop()
        asyncio.get_running_loop().call_later(after, stop.set, "the run was interrupted")
        made = await investigate(config, CASE, door(config, model, journal), stop)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return made

    return asyncio.run(whole())


def test_an_interruption_concludes_with_what_is_there(journal: Journal) -> None:
    config = configuration(agent("a"), agent("b"), agent("c"), max_parallel=2)
    model = ScriptedModel(a=[report()], b=[never], c=[never], synthesizer=[conclusion()])
    made = interrupted(journal, config, model, 0.1)
    assert made.by_model
    assert made.partial
    assert made.missing == (
        "b (investigate/b) failed: the run was interrupted.",
        "c (investigate/c) failed: the run was interrupted.",
    )


def test_what_had_not_begun_is_not_begun(journal: Journal) -> None:
    config = configuration(agent("a"), agent("b"), strategy="sequential")
    model = ScriptedModel(a=[never])
    made = interrupted(journal, config, model, 0.05)
    assert not made.by_model
    assert "b (investigate/b) failed: the run was interrupted before it began." in made.missing


def test_an_interrupted_planner_is_not_asked_again(journal: Journal) -> None:
    config = configuration(agent("a"), planner=True)
    made = interrupted(journal, config, ScriptedModel(planner=[never]), 0.05)
    assert not made.by_model


def test_only_the_journal_can_end_a_run(tmp_path: Path) -> None:
    def full(entry: Entry) -> None:
        if len(broken.entries) == 3:
            raise JournalError("the journal cannot be written: no space")

    broken = Journal(tmp_path / "full.jsonl", [full])
    config = configuration(agent("a"), agent("b"))
    with pytest.raises(JournalError, match="no space"):
        run_engine(config, ScriptedModel(a=[never], b=[report()]), broken)
    broken.close()


def test_a_journal_that_fails_between_two_calls_of_a_turn_leaves_nothing_behind(tmp_path: Path) -> None:
    def full(entry: Entry) -> None:
        if isinstance(entry.event, CallStarted) and entry.event.label == "c2":
            raise JournalError("the journal cannot be written: no space")

    broken = Journal(tmp_path / "full.jsonl", [full])
    config = configuration(agent("a", tools=["pods"]), tools=[tool("pods")])
    two = answer(use("pods", {"pod": "x"}, "toolu_1"), use("pods", {"pod": "y"}, "toolu_2"))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with pytest.raises(JournalError, match="no space"):
            run_engine(config, ScriptedModel(a=[two]), broken)
        gc.collect()
    broken.close()
    assert [str(each.message) for each in told] == []


def test_a_wave_of_two_hundred_leaves_nothing_behind(journal: Journal) -> None:
    agents = [agent(f"s{number}", timeout=0.2 if number % 5 == 0 else 5.0) for number in range(200)]
    scripts: dict[str, Any] = {
        each.name: [never] if number % 5 == 0 else [slow(0.001)] for number, each in enumerate(agents)
    }
    config = configuration(*agents, max_parallel=200)
    before = threading.active_count()
    made, _ = run_engine(config, ScriptedModel(**scripts, synthesizer=[conclusion()]), journal)
    assert len(made.missing) == 40
    assert threading.active_count() == before


# --- What a model says that is not so --------------------------------------------------------------------------------

LIE = {"statement": "The disk is full.", "evidence": [{"call": "c9", "quote": "no space left"}]}
MISQUOTE = {"statement": "The pod is fine.", "evidence": [{"call": "c1", "quote": "status: Running"}]}
TRUE = {"statement": "The pod was killed.", "evidence": [{"call": "c1", "quote": "status:  OOMKilled"}]}


def cites(*findings: str, **more: Any) -> ModelAnswer:
    cause = {"statement": "The disk.", "evidence": [{"finding": name} for name in findings]}
    return conclusion(root_cause=cause, **more)


def lying(journal: Journal, *reports: ModelAnswer, conclusions: list[ModelAnswer]) -> tuple[Conclusion, Record]:
    config = configuration(agent("a", tools=["pods"]), agent("b"), tools=[tool("pods")])
    votes = (VoteSpec("severity", "severity_assessment", ("P1", "P2", "P3", "P4"), "majority", "most_severe"),)
    coordinator = replace(config.playbook.coordinator, votes=votes)
    config = replace(config, playbook=replace(config.playbook, coordinator=coordinator))
    model = ScriptedModel(a=[answer(use("pods")), *reports], b=[report()], synthesizer=conclusions)
    made, record = run_engine(config, model, journal)
    model.done()
    return made, record


def test_a_lie_goes_back_once_and_is_marked_if_it_stays(journal: Journal) -> None:
    lies = report(findings=[LIE, MISQUOTE, TRUE])
    made, record = lying(journal, lies, lies, conclusions=[cites("a/f1"), cites("a/f1")])
    a = record.work["investigate/a"]
    assert a.report
    assert a.report.status is Status.COMPLETED
    assert [finding.doubt for finding in a.report.findings] == [
        "there is no answered call c9",
        "the quote does not stand in the answer of c1",
        "",
    ]
    repair = str(record.calls_of("model", "investigate/a")[2].request.request)
    assert "findings[0] is unverified: there is no answered call c9" in repair
    assert record.verified() == (1, 3)
    told = dict(record.work["conclude"].assignment.blocks)["reports"][0]["report"]["findings"]
    assert [finding.get("unverified") for finding in told] == [
        "there is no answered call c9",
        "the quote does not stand in the answer of c1",
        None,
    ]
    assert made.doubts == ("root_cause rests on a/f1, which is no verified finding",)


def test_a_lie_that_is_taken_back_leaves_no_mark(journal: Journal) -> None:
    made, record = lying(
        journal, report(findings=[LIE]), report(findings=[TRUE]), conclusions=[cites("a/f1", severity="P1")]
    )
    assert record.verified() == (1, 1)
    assert made.doubts == ()


def test_a_conclusion_that_rests_on_a_lie_is_sent_back_and_may_rest_on_something_better(journal: Journal) -> None:
    lies = report(findings=[LIE, TRUE])
    made, record = lying(journal, lies, lies, conclusions=[cites("a/f1"), cites("a/f2")])
    assert made.doubts == ()
    assert record.work["conclude"].turns == 2


def test_a_repair_that_is_worse_leaves_what_was_there(journal: Journal) -> None:
    _, record = lying(journal, report(findings=[LIE]), report(confidence=9), conclusions=[cites()])
    a = record.work["investigate/a"].report
    assert a
    assert a.status is Status.COMPLETED
    assert a.findings[0].doubt


def test_a_repair_that_the_model_does_not_answer_leaves_what_was_there(journal: Journal) -> None:
    config = configuration(agent("a", tools=["pods"]), tools=[tool("pods")])
    model = ScriptedModel(
        a=[answer(use("pods")), report(findings=[LIE, TRUE]), ModelError("overloaded_error", "overloaded")],
        synthesizer=[cites("a/f2")],
    )
    made, record = run_engine(config, model, journal)
    a = record.work["investigate/a"].report
    assert a
    assert [bool(finding.doubt) for finding in a.findings] == [True, False]
    assert not made.partial


def test_a_severity_against_the_ballots_is_kept_as_a_proposal(journal: Journal) -> None:
    made, _ = lying(journal, report(findings=[TRUE]), conclusions=[cites("a/f1", severity="P4")])
    assert (made.fields["severity"], made.fields["proposed_severity"]) == ("P1", "P4")
    assert made.verdicts[0].reason == "2 of 2 ballots are for P1"


def test_nobody_cites_what_was_found_beside_it(journal: Journal) -> None:
    """Whether it was there already would depend on who came first."""
    other = {"statement": "As a says.", "evidence": [{"finding": "a/f1"}]}
    config = configuration(agent("a", tools=["pods"]), agent("b"), tools=[tool("pods")])
    model = ScriptedModel(
        a=[answer(use("pods")), report(findings=[TRUE])],
        b=[report(findings=[other]), report(findings=[other])],
        synthesizer=[cites("a/f1")],
    )
    _, record = run_engine(config, model, journal)
    b = record.work["investigate/b"].report
    assert b
    assert b.findings[0].doubt == "a/f1 is no verified finding"


def test_a_write_that_nobody_allowed_is_proposed(journal: Journal) -> None:
    config = configuration(agent("a", tools=["scale"]), tools=[tool("scale", effect="write")])
    model = ScriptedModel(a=[answer(use("scale", {"pod": "x"})), report()], synthesizer=[conclusion()])
    made, record = run_engine(config, model, journal)
    assert made.proposals == (Proposal("a", "scale", {"pod": "x"}),)
    assert [call.outcome.outcome for call in record.calls_of("tool") if call.outcome] == ["denied"]
    assert not made.partial


def test_a_write_that_was_allowed_is_made(journal: Journal) -> None:
    config = configuration(agent("a", tools=["scale"]), tools=[tool("scale", effect="write")])
    model = ScriptedModel(a=[answer(use("scale", {"pod": "x"})), report()], synthesizer=[conclusion()])
    made, record = run_engine(config, model, journal, allowed_writes=["scale"])
    assert made.proposals == ()
    assert [call.outcome.outcome for call in record.calls_of("tool") if call.outcome] == ["answer"]


def test_a_follow_up_goes_on_in_the_conversation_of_its_specialist(journal: Journal) -> None:
    config = configuration(agent("a", tools=["pods"]), tools=[tool("pods")])
    coordinator = replace(config.playbook.coordinator, reviewer="reviewer", feedback=FeedbackSpec())
    agents = {**config.agents, "reviewer": agent("reviewer", Role.REVIEWER)}
    config = replace(config, agents=agents, playbook=replace(config.playbook, coordinator=coordinator))
    asks = {"followups": [{"agent": "a", "request": "the other pod", "priority": "high"}]}
    second = {
        "statement": "Both were killed.",
        "evidence": [{"call": "c1", "quote": "status: OOMKilled"}, {"call": "c3", "quote": "status: OOMKilled"}],
    }
    model = ScriptedModel(
        a=[answer(use("pods")), report(findings=[TRUE]), answer(use("pods", {"pod": "b"})), report(findings=[second])],
        reviewer=[answer(use("submit_review", asks))],
        synthesizer=[cites("a/f1")],
    )
    made, record = run_engine(config, model, journal)
    model.done()
    assert made.doubts == ()
    assert list(record.work) == ["investigate/a", "review-1", "followup-1/a", "conclude"]
    request = [asked for name, asked in model.requests if name == "a"][2]
    assert [message["role"] for message in request.messages] == ["user", "assistant", "user", "assistant", "user"]
    received, words = request.messages[-1]["content"]
    assert received["type"] == "tool_result"
    assert "the other pod" in words["text"]
    assert record.reports()["a"].findings[0].statement == "Both were killed."
    assert record.work["investigate/a"].report
    assert record.work["investigate/a"].report.findings[0].statement == "The pod was killed."
