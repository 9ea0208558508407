"""The admission rule as bookkeeping, and whole runs under a budget."""

from __future__ import annotations

import asyncio
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
    found,
    report,
    run_engine,
    tool,
    use,
)
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.casefile import Conclusion, ModelAnswer, ModelRequest, Status, Usage
from sre_runner.investigation.budget import Admission
from sre_runner.investigation.engine import Stop, investigate
from sre_runner.journal.events import RunStarted
from sre_runner.journal.file import Journal
from sre_runner.journal.record import fold
from sre_runner.journal.recorded import for_replay
from sre_runner.models.estimates import Amount, conclusion_amount, minimum, prompt_tokens, report_amount, turn_amount
from sre_runner.specs import BudgetSpec, Configuration, ModelSpec

MODEL = "claude-sonnet-5-5"


def request(characters: int = 300, max_tokens: int = 100) -> ModelRequest:
    return ModelRequest(MODEL, max_tokens, "x" * characters, (), ())


def test_estimates_are_on_the_safe_side_of_the_prompt_and_take_the_longest_reply() -> None:
    assert prompt_tokens(request(300)) == 100
    assert turn_amount(100, 50, MODEL, None) == Amount(150, (100 * 2.5 + 50 * 10) / 1e6, 1)
    assert report_amount(100, 50, MODEL, None).tokens == 150 + 250
    assert turn_amount(100, 50, "unknown", None).usd == 0


def test_a_turn_is_admitted_only_with_its_report_and_all_that_is_promised() -> None:
    one = request()
    whole = turn_amount(100, 100, MODEL, None) + report_amount(100 + 100 + 4000, 100, MODEL, None)
    for limit, says in ((whole.tokens, ""), (whole.tokens - 1, "tokens")):
        assert Admission(BudgetSpec(tokens=limit)).admit("a", one, None, last=False).startswith(says or "")
    beside = Admission(BudgetSpec(tokens=2 * whole.tokens - 1))
    assert beside.admit("a", one, None, last=False) == ""
    assert "tokens" in beside.admit("b", one, None, last=False)


def test_what_is_set_aside_for_a_report_is_there_for_it() -> None:
    admission = Admission(BudgetSpec(model_calls=4), conclusion=Amount(model_calls=1))
    assert admission.admit("a", request(), None, last=False) == ""
    admission.settle("a", request(), None, ModelAnswer((), "tool_use", Usage(1, 1)))
    assert "model_calls (5 needed, 4 allowed)" in admission.admit("a", request(), None, last=False)
    assert admission.admit("a", request(), None, last=True) == ""


def test_the_conclusion_has_its_share_until_it_begins() -> None:
    admission = Admission(BudgetSpec(model_calls=2), conclusion=Amount(model_calls=2))
    assert admission.admit("a", request(), None, last=True)
    admission.begin_conclusion()
    assert admission.admit("conclude", request(), None, last=True) == ""


def test_a_finished_assignment_gives_back_what_it_does_not_need() -> None:
    admission = Admission(BudgetSpec(model_calls=3))
    assert admission.admit("a", request(), None, last=False) == ""
    admission.settle("a", request(), None, ModelAnswer((), "tool_use"))
    assert admission.admit("b", request(), None, last=True)
    admission.close("a")
    assert admission.admit("b", request(), None, last=True) == ""


def test_audit_only_tells_once() -> None:
    told: list[str] = []
    admission = Admission(BudgetSpec(model_calls=1, mode="audit"), tell=told.append)
    for _ in range(3):
        assert admission.admit("a", request(), None, last=False) == ""
    assert told == ["Budget (audit): a goes over it: model_calls (3 needed, 1 allowed)."]
    timed = Admission(BudgetSpec(seconds=1, mode="audit"), clock=lambda: 5.0)
    assert timed.seconds_left() == timed.seconds_to_conclusion() == float("inf")


def test_after_a_share_of_the_time_only_reports_are_admitted() -> None:
    now = [0.0]
    admission = Admission(BudgetSpec(seconds=10), clock=lambda: now[0])
    assert (admission.seconds_to_conclusion(), admission.seconds_left()) == (8.0, 10.0)
    assert admission.admit("a", request(), None, last=False) == ""
    now[0] = 6.5
    assert admission.admit("a", request(), None, last=False).startswith("seconds (after 6 of 10")
    assert admission.admit("a", request(), None, last=True) == ""
    now[0] = 11.0
    assert (admission.seconds_to_conclusion(), admission.seconds_left()) == (0.0, 0.0)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.integers(1, 400), st.integers(1, 200)), max_size=30)
)
def test_what_is_admitted_never_takes_more_than_the_limit(steps: list[tuple[str, bool, int, int]]) -> None:
    """As long as no turn takes more than its estimate."""
    admission = Admission(BudgetSpec(tokens=20_000))
    flying: dict[str, ModelRequest] = {}
    for name, last, characters, max_tokens in steps:
        if name in flying:
            asked = flying.pop(name)
            admission.settle(name, asked, None, ModelAnswer((), None, Usage(prompt_tokens(asked), asked.max_tokens)))
        wanted = request(characters, max_tokens)
        if admission.admit(name, wanted, None, last=last) == "":
            flying[name] = wanted
    for name, asked in flying.items():
        admission.settle(name, asked, None, ModelAnswer((), None, Usage(prompt_tokens(asked), asked.max_tokens)))
    assert admission.spent.tokens <= 20_000


# --- Whole runs ------------------------------------------------------------------------------------------------------


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append(RunStarted("run", CASE, {}, "digest", "scripted", {}))
    yield journal
    journal.close()


def limited(config: Configuration, **limits: Any) -> Configuration:
    playbook = replace(config.playbook, budget=BudgetSpec(**limits), model=ModelSpec(MODEL, max_tokens=300))
    return replace(config, playbook=playbook)


def admission(config: Configuration, journal: Journal) -> Admission:
    return Admission(config.playbook.budget, conclusion_amount(config), clock=journal.seconds)


def curious(turns: int) -> list[Any]:
    """An agent that asks its tool so many times, with other arguments each time, and reports when it is told to."""

    def step(asked: ModelRequest) -> ModelAnswer:
        said = str(asked.messages[-1]["content"])
        asks = len(asked.messages) // 2
        done = "your last turn" in said or asks >= turns
        made = found() if done and asks else report() if done else answer(use("pods", {"pod": f"p{asks}"}))
        return replace(made, usage=Usage(prompt_tokens(asked), 120))

    return [step] * (turns + 2)


def test_where_the_budget_ends_reports_are_asked_for_and_concluded(journal: Journal) -> None:
    config = limited(configuration(agent("a", tools=["pods"], max_iterations=30), tools=[tool("pods")]), model_calls=9)
    model = ScriptedModel(a=curious(25), synthesizer=[conclusion(), conclusion()])
    made, record = run_engine(config, model, journal, admission=admission(config, journal))
    assert made.by_model
    assert not made.partial
    assert len(record.calls_of("model")) <= 9 + 1, "a denied call is recorded, too"
    denied = [call for call in record.calls_of("model") if call.outcome and call.outcome.outcome == "denied"]
    assert [call.outcome.error for call in denied if call.outcome] == ["model_calls (10 needed, 9 allowed)"]
    assert len([call for call in record.calls_of("model") if call not in denied]) <= 9
    assert record.work["investigate/a"].report
    assert record.work["investigate/a"].report.status is Status.COMPLETED


def fifty(**limits: Any) -> tuple[Configuration, ScriptedModel]:
    agents = [agent(f"s{number}", tools=["pods"], max_iterations=20, timeout=60.0) for number in range(50)]
    config = limited(configuration(*agents, tools=[tool("pods")], max_parallel=50), **limits)
    scripts = {each.name: curious(15) for each in agents}
    return config, ScriptedModel(**scripts, synthesizer=[conclusion(), conclusion()])


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("limit", "share"), [("tokens", 1.0), ("tokens", 1.3), ("tokens", 2.0), ("usd", 1.3), ("model_calls", 1.3)]
)
def test_fifty_specialists_in_parallel_never_go_over_the_budget(journal: Journal, limit: str, share: float) -> None:
    config, model = fifty()
    least = getattr(minimum(config), limit)
    config, model = fifty(**{limit: share * least})
    keeper = admission(config, journal)
    made, record = run_engine(config, model, journal, admission=keeper)
    assert getattr(keeper.spent, limit) <= share * least
    assert made.by_model
    assert not made.partial, "the minimum has room for everyone"
    assert all(work.report and work.report.status is Status.COMPLETED for work in record.work.values())
    assert any(call.outcome and call.outcome.outcome == "denied" for call in record.calls.values())


@pytest.mark.no_cover
def test_a_replay_decides_again_what_the_budget_decided(journal: Journal, tmp_path: Path) -> None:
    config, model = fifty()
    config, model = fifty(tokens=1.2 * minimum(config).tokens)
    made, record = run_engine(config, model, journal, admission=admission(config, journal))
    assert any(call.outcome and call.outcome.outcome == "denied" for call in record.calls.values())
    again = Journal(tmp_path / "again.jsonl")
    again.append(RunStarted("run", CASE, {}, "digest", "scripted", {}))
    replayed, second = run_engine(config, ScriptedModel(), again, recorded=for_replay(fold(journal.entries)))
    again.close()
    assert replayed == made
    assert {name: work.report for name, work in second.work.items()} == {
        name: work.report for name, work in record.work.items()
    }


async def never(asked: ModelRequest) -> ModelAnswer:
    await asyncio.Event().wait()
    raise AssertionError


def timed(journal: Journal, config: Configuration, model: ScriptedModel) -> Conclusion:
    async def whole() -> Conclusion:
        way = door(config, model, journal, admission=admission(config, journal))
        made = await investigate(config, CASE, way, Stop())
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return made

    return asyncio.run(whole())


def test_the_conclusion_begins_before_the_time_is_over(journal: Journal) -> None:
    config = limited(configuration(agent("a"), agent("b")), seconds=2)
    made = timed(journal, config, ScriptedModel(a=[report()], b=[never], synthesizer=[conclusion()]))
    assert made.by_model
    assert made.missing == ("b (investigate/b) failed: the time budget was nearly used up.",)
    work = fold(journal.entries).work
    assert 1.5 < work["conclude"].started < 2


def test_at_the_hard_deadline_the_engine_concludes(journal: Journal) -> None:
    config = limited(configuration(agent("a")), seconds=0.3)
    made = timed(journal, config, ScriptedModel(a=[report()], synthesizer=[never]))
    assert not made.by_model
    assert made.fields["severity"] == "P1"
