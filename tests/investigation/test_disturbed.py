"""A run that is disturbed again and again: what its journal says in the end is what its last attempt came to."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from building import CASE, ScriptedModel, agent, answer, conclusion, configuration, found, report, run_engine, tool, use

from sre_runner.casefile import ModelAnswer, ModelRequest
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.investigation.terms import Terms
from sre_runner.journal import facts
from sre_runner.journal.events import RunStarted
from sre_runner.journal.file import JOURNAL, Journal
from sre_runner.journal.record import CallRecord, Record, fold, record_of
from sre_runner.journal.recorded import Recorded, for_resume, identity_of
from sre_runner.models.model import ModelError
from sre_runner.models.offline.model import OfflineModel
from sre_runner.runs.open_run import InterruptedRunError, OpenRun, exit_code_of, finish, paid
from sre_runner.runs.options import RunOptions
from sre_runner.runs.prerequisites import connections_of
from sre_runner.runs.replay import replay_with
from sre_runner.runs.resume import is_whole, resume
from sre_runner.runs.run import run
from sre_runner.specs import BudgetSpec, Configuration, FeedbackSpec, Role

PLAYBOOK = Path(__file__).parents[1].parent / "playbooks" / "payment-gateway.yaml"
DOWN = ModelError("api_error", "down")


def attempt(path: Path, config: Configuration, model: ScriptedModel) -> Record:
    """Begin a run, or go on with it."""
    again = path.exists()
    journal = Journal(path, reopen=again)
    recorded = for_resume(fold(journal.entries)) if again else Recorded()
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


def test_an_answer_that_nothing_asks_for_again_was_paid_for(tmp_path: Path) -> None:
    config = configuration(agent("a"), agent("b"))
    path = tmp_path / "journal.jsonl"
    silent = report(findings=[])
    attempt(path, config, ScriptedModel(a=[DOWN], b=[silent], synthesizer=[conclusion()]))
    record = attempt(path, config, ScriptedModel(a=[silent], synthesizer=[conclusion()]))
    # Four answers of 15 tokens, one of which is the first conclusion; and what failed was a call, too.
    spent = paid(config, record)
    assert (spent.tokens, spent.model_calls) == (60, 5)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(RunOptions(PLAYBOOK, runs=tmp_path_factory.mktemp("whole"), offline=True))[1]


def cut_before(whole: Path, tmp_path: Path, *wanted: bytes) -> Path:
    """A copy of a run that was killed before the first line with these words."""
    lines = (whole / JOURNAL).read_bytes().splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if all(word in line for word in wanted))
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / JOURNAL).write_bytes(b"".join(lines[:place]))
    return tmp_path / "cut"


def test_a_budget_is_of_all_attempts_together(whole: Path, tmp_path: Path) -> None:
    folder = cut_before(whole, tmp_path, b'"event":"call_started"', b'"scope":"review-1"')
    before = record_of(folder).usage().total
    resumed = resume(folder, limits={"tokens": before + 100})
    assert resumed.usage().total == before
    assert resumed.conclusion
    assert resumed.conclusion.partial


def test_what_was_reported_needs_no_time_to_be_read_again(whole: Path, tmp_path: Path) -> None:
    folder = cut_before(whole, tmp_path, b'"event":"call_started"', b'"scope":"conclude"')
    reported = record_of(folder).reports()
    late = resume(folder, limits={"seconds": 0.000_001})
    assert late.reports() == reported
    assert late.conclusion
    assert not [text for text in late.conclusion.missing if not text.startswith("synthesizer")]
    assert resume(folder).conclusion == record_of(whole).conclusion


def test_a_conclusion_is_not_lost_to_an_attempt_that_its_budget_ends_at_once(whole: Path, tmp_path: Path) -> None:
    folder = cut_before(whole, tmp_path, b'"event":"call_started"', b'"scope":"investigate/log-analyst"')
    partial = resume(folder, limits={"model_calls": 9})
    assert partial.conclusion
    assert (partial.conclusion.by_model, partial.conclusion.partial) == (True, True)
    made = sum(call.request.made for call in partial.calls_of("model"))
    for name, limit in {"model_calls": made + 2, "tokens": partial.usage().total, "seconds": 0.001}.items():
        with pytest.raises(
            RunnerError, match=rf"no room for anything that would make the conclusion better: {name} \("
        ):
            resume(folder, limits={name: limit})
        assert record_of(folder) == partial
    assert resume(folder).conclusion == record_of(whole).conclusion


def test_what_failed_in_an_attempt_before_does_not_decide_the_exit_code(tmp_path: Path) -> None:
    config = configuration(agent("a"))
    path = tmp_path / "journal.jsonl"
    first = attempt(path, config, ScriptedModel(a=[DOWN]))
    assert exit_code_of(first) == ExitCode.SERVICE
    refused = answer(stop="refusal")
    assert exit_code_of(attempt(path, config, ScriptedModel(a=[refused]))) == ExitCode.PARTIAL


class Moody:
    """The offline model, which fails now and then, or is interrupted by a person; the dice say when."""

    def __init__(self, dice: Random, fails: float, interrupted: float) -> None:
        self._offline = OfflineModel()
        self._dice, self._fails, self._interrupted = dice, fails, interrupted

    async def reply(self, request: ModelRequest) -> ModelAnswer:
        await asyncio.sleep(0)
        if self._dice.random() < self._fails:
            raise ModelError("api_error", self._dice.choice(["down", "away"]))
        if self._dice.random() < self._interrupted:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(0.001)
        return await self._offline.reply(request)

    async def close(self) -> None:
        await self._offline.close()


def moody_attempt(folder: Path, dice: Random) -> None:
    journal = Journal(folder / JOURNAL, reopen=True)
    record = fold(journal.entries)
    own = record.configuration
    limit = BudgetSpec(model_calls=dice.randint(3, 40)) if dice.random() < 0.4 else own.playbook.budget
    config = replace(own, playbook=replace(own.playbook, budget=limit))
    model = Moody(dice, *dice.choice([(0.2, 0.0), (0.0, 0.1), (0.5, 0.0), (0.05, 0.05)]))
    with contextlib.suppress(InterruptedRunError):
        case = record.started.case
        terms = Terms(recorded=for_resume(record))
        asyncio.run(finish(OpenRun(config, case, folder, journal, model, connections_of(config), terms)))


@pytest.mark.parametrize("seed", range(12))
def test_however_a_run_was_disturbed_its_journal_is_that_of_its_last_attempt(
    whole: Path, tmp_path: Path, seed: int
) -> None:
    dice = Random(seed)
    folder = cut_before(whole, tmp_path, b'"event":"assignment_started"')
    for _ in range(dice.randint(2, 4)):
        moody_attempt(folder, dice)
        record = record_of(folder)
        if record.exit_code == ExitCode.INTERRUPTED:
            continue
        followed = replay_with(record.configuration, record)
        assert followed.conclusion == record.conclusion
        assert followed.record.reports() == record.reports()
        assert [work.report for work in followed.record.standing()] == [work.report for work in record.standing()]
    moody = resume(folder)
    assert (moody.conclusion, moody.exit_code) == (record_of(whole).conclusion, 0) or is_whole(record, {})
    asked = Counter(identity_of(call.request) for call in moody.calls.values() if answered(call))
    assert set(asked.values()) == {1}, "nothing was answered twice"


def answered(call: CallRecord) -> bool:
    return call.outcome is not None and call.outcome.outcome == "answer"
