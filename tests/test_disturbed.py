"""A run that is disturbed again and again: what its journal says in the end is what its last attempt came to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from building import CASE, ScriptedModel, agent, answer, conclusion, configuration, found, run_engine, tool, use

from sre_runner.casefile import ModelAnswer
from sre_runner.journal import Journal, RunStarted
from sre_runner.models import ModelError
from sre_runner.record import Record, fold
from sre_runner.recorded import for_resume
from sre_runner.render import facts
from sre_runner.specs import Configuration, FeedbackSpec, Role

DOWN = ModelError("api_error", "down")


def attempt(path: Path, config: Configuration, model: ScriptedModel) -> Record:
    """Begin a run, or go on with it."""
    again = path.exists()
    journal = Journal(path, reopen=again)
    recorded = for_resume(fold(journal.entries)) if again else None
    if not again:
        journal.append(RunStarted("run", CASE, {}, "digest", "scripted", {}))
    record = run_engine(config, model, journal, recorded=recorded)[1]
    journal.close()
    model.done()
    return record


def review(*wanted: str) -> ModelAnswer:
    followups = [{"agent": name, "request": "look again", "priority": "high"} for name in wanted]
    return answer(use("submit_review", {"followups": followups}))


def test_a_follow_up_that_the_last_attempt_did_without_is_nobodys_report(tmp_path: Path) -> None:
    made = configuration(agent("a"), agent("b", tools=["pods"]), tools=[tool("pods")])
    coordinator = replace(made.playbook.coordinator, reviewer="reviewer", feedback=FeedbackSpec(rounds=1))
    config = replace(
        made,
        playbook=replace(made.playbook, coordinator=coordinator),
        agents={**made.agents, "reviewer": agent("reviewer", Role.REVIEWER)},
    )
    b = [answer(use("pods", {"pod": "1"})), found(), answer(use("pods", {"pod": "2"})), found(summary="Followed up.")]
    path = tmp_path / "journal.jsonl"
    first = attempt(path, config, ScriptedModel(a=[DOWN], b=b, reviewer=[review("b")], synthesizer=[conclusion()]))
    assert first.reports()["b"].fields["summary"] == "Followed up."
    a = [answer(use("submit_report", {**found().content[0]["input"], "findings": []}))]
    second = attempt(path, config, ScriptedModel(a=a, reviewer=[review()], synthesizer=[conclusion()]))
    assert "followup-1/b" in second.work, "it was paid for, and is shown"
    assert [work.assignment.id for work in second.standing()] == [
        "investigate/a",
        "investigate/b",
        "review-1",
        "conclude",
    ]
    assert second.reports()["b"].assignment == "investigate/b"
    cited = facts.find(second, "b/f1")
    assert cited
    assert cited[0].assignment.id == "investigate/b"
    assert [call.request.request for call in facts.calls_behind(second, cited[0]).values()] == [{"pod": "1"}]
