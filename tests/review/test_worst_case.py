"""The worst case against real runs of models that behave as badly as they can: never exceeded, and reached."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from building import CASE, CONCLUSION, REPORT, agent, configuration, run_engine, simulated, text, tool, use
from hypothesis import example, given, settings
from hypothesis import strategies as st
from labelled import read_blocks

from sre_runner.casefile import Json, ModelAnswer, ModelRequest, Usage
from sre_runner.journal.events import RunStarted
from sre_runner.journal.file import Journal
from sre_runner.journal.record import Record
from sre_runner.models.estimates import CHARACTERS_PER_TOKEN, prompt_tokens
from sre_runner.models.model import ModelError
from sre_runner.review.worst_case import play, worst_case
from sre_runner.specs import BudgetSpec, Configuration, FeedbackSpec, ModelSpec, Price, Role, VoteSpec

MAX_TOKENS, MAX_OUTPUT = 1500, 3000

Move = Callable[["Badly", str, ModelRequest, int], ModelAnswer]


def team(
    strategy: str = "parallel",
    turns: Sequence[int] = (3, 2, 1),
    *,
    planner: bool = False,
    feedback: FeedbackSpec | None = None,
    rounds: int = 1,
    judge: bool = False,
    model: ModelSpec | None = None,
    budget: BudgetSpec | None = None,
) -> Configuration:
    """Specialists with so many turns each, the first with a tool, and leads with two."""
    looks = tool("look", simulated({}, ("y" * MAX_OUTPUT,)), max_output=MAX_OUTPUT)
    names = [f"s{number}" for number in range(1, len(turns) + 1)]
    specialists = [
        agent(name, max_iterations=cap, tools=["look"][: number == 0])
        for number, (name, cap) in enumerate(zip(names, turns, strict=True))
    ]
    made = configuration(
        *specialists, tools=[looks], strategy=strategy, planner=planner, synthesizer=strategy != "single"
    )
    leads = {"reviewer": Role.REVIEWER} if feedback else {}
    leads |= {"judge": Role.JUDGE} if judge else {}
    agents = {**made.agents, **{name: agent(name, role) for name, role in leads.items()}}
    agents = {name: spec if name in names else replace(spec, max_iterations=2) for name, spec in agents.items()}
    coordinator = replace(
        made.playbook.coordinator,
        feedback=feedback,
        reviewer="reviewer" if feedback else None,
        parameters={"rounds": rounds},
        judge="judge" if judge else None,
        votes=(VoteSpec("severity", "severity_assessment", ("P1", "P2", "P3", "P4"), "majority", "most_severe"),),
    )
    spec = model or ModelSpec("claude-sonnet-5-5", MAX_TOKENS)
    playbook = replace(made.playbook, coordinator=coordinator, model=spec, budget=budget or BudgetSpec())
    return replace(made, agents=agents, playbook=playbook)


class Badly:
    """A model that makes one move a turn, and says that each took all the tokens of its prompt and its cap."""

    def __init__(self, config: Configuration, move: Move) -> None:
        self.calls: Counter[str] = Counter()
        self.config = config
        self._move = move
        self._turns: Counter[str] = Counter()
        self._asked = 0

    async def reply(self, request: ModelRequest) -> ModelAnswer:
        name = request.system.split()[0]
        self.calls[name] += 1
        newest = "".join(block.get("text", "") for block in request.messages[-1]["content"])
        self._turns[name] = 1 if read_blocks(newest) else self._turns[name] + 1
        made = self._move(self, name, request, self._turns[name])
        return replace(made, usage=Usage(prompt_tokens(request), request.max_tokens))

    async def close(self) -> None:
        pass

    def look(self) -> dict[str, Any]:
        """A tool call that is answered by the tool, or refused where the agent has none."""
        self._asked += 1
        return use("look", {"pod": str(self._asked)})

    def report(self, name: str, words: str = "Nothing.") -> dict[str, Any]:
        """A good report, as the agent's role has it."""
        spec = self.config.agents[name]
        names = self.config.playbook.specialists
        self._asked += 1
        reports: dict[Role, Json] = {
            Role.PLANNER: {"assignments": [{"agent": other, "task": "look"} for other in names]},
            Role.REVIEWER: {
                "followups": [{"agent": n, "request": f"{self._asked} {words}", "priority": "high"} for n in names]
            },
            Role.JUDGE: {"severity_assessment": "P1", "reasons": words, "would_change_my_mind": "x"},
            Role.SYNTHESIZER: CONCLUSION,
            Role.SPECIALIST: {**REPORT, "summary": words, "severity_assessment": f"P{1 + names.index(name) % 2}"}
            if spec.role is Role.SPECIALIST
            else {},
        }
        alone = CONCLUSION if self.config.playbook.coordinator.strategy == "single" else {}
        return {**reports[spec.role], **(alone if spec.role is Role.SPECIALIST else {})}

    def submitted(self, request: ModelRequest, report: Json) -> dict[str, Any]:
        return use(str(request.tools[-1]["name"]), report)


def worst(self: Badly, name: str, request: ModelRequest, turn: int) -> ModelAnswer:
    """Look until the cap, report badly at it, and repair that; the planner never reports well."""
    cap = self.config.agents[name].max_iterations
    room = CHARACTERS_PER_TOKEN * request.max_tokens - 700
    if turn < cap:
        return ModelAnswer((text("x" * room), self.look()), "tool_use")
    if turn == cap or name == "planner":
        return ModelAnswer((text("x" * room), self.submitted(request, {})), "tool_use")
    share = room // 3 if name == "reviewer" else room
    return ModelAnswer((self.submitted(request, self.report(name, "x" * share)),), "tool_use")


def anyhow(seed: int) -> Move:
    """Whatever comes to its mind."""
    chance = random.Random(seed)
    moves = ("look", "look", "looks", "bad", "good", "text", "pause", "cut", "refuse", "fail")

    def move(self: Badly, name: str, request: ModelRequest, turn: int) -> ModelAnswer:
        match chance.choice(moves):
            case "look":
                return ModelAnswer((self.look(),), "tool_use")
            case "looks":
                return ModelAnswer((self.look(), self.submitted(request, {})), "tool_use")
            case "bad":
                return ModelAnswer((self.submitted(request, {}),), "tool_use")
            case "good":
                return ModelAnswer((self.submitted(request, self.report(name)),), "tool_use")
            case "text":
                return ModelAnswer((text("Well."),), "end_turn")
            case "pause":
                return ModelAnswer((text("Wait."),), "pause_turn")
            case "cut":
                return ModelAnswer((self.look(),), "max_tokens")
            case "refuse":
                return ModelAnswer((), "refusal")
        raise ModelError("overloaded_error", "too much to do")

    return move


def carried_out(config: Configuration, move: Move, **more: Any) -> tuple[Badly, Record]:
    model = Badly(config, move)
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "journal.jsonl")
        journal.append(RunStarted("run", CASE, {}, "digest", "scripted", {}))
        _, record = run_engine(config, model, journal, **more)
        journal.close()
    return model, record


WORST_OF_ALL: dict[str, tuple[Configuration, int]] = {
    "single": (team("single", [3]), 4),
    "sequential": (team("sequential"), 4 + 3 + 2 + 3),
    "parallel": (team("parallel"), 4 + 3 + 2 + 3),
    "pipeline": (team("pipeline"), 4 + 3 + 2 + 3),
    "planner": (team(planner=True), 2 * 3 + 9 + 3),
    "debate": (team("debate", rounds=3, judge=True), 3 * 9 + 3 + 3),
    "debate-of-one": (team("debate", [2], rounds=3), 3 + 3),
    "one round of feedback": (team(feedback=FeedbackSpec(max_followups=2)), 9 + 3 + (4 + 3) + 3),
    "more follow-ups than specialists": (team(feedback=FeedbackSpec(max_followups=9)), 9 + 3 + 9 + 3),
    "two rounds of feedback": (team(feedback=FeedbackSpec(2, 1)), 9 + 2 * (3 + 4) + 3),
    "everything": (team("sequential", planner=True, feedback=FeedbackSpec(2, 3)), 6 + 9 + 2 * (3 + 9) + 3),
}


@pytest.mark.parametrize("name", WORST_OF_ALL)
def test_the_worst_model_makes_exactly_as_many_calls(name: str) -> None:
    config, calls = WORST_OF_ALL[name]
    expected = worst_case(config)
    model, record = carried_out(config, worst)
    assert expected.model_calls == calls
    assert model.calls.total() == calls
    # Each agent's own worst is not reached where the follow-ups go to others.
    assert all(made <= expected.agents[agent].model_calls for agent, made in model.calls.items())
    assert record.usage().total <= expected.tokens
    assert record.usage().total > 0.7 * expected.tokens


@settings(max_examples=40)
@given(
    st.sampled_from(["sequential", "parallel", "pipeline", "debate", "single"]),
    st.lists(st.integers(1, 3), min_size=1, max_size=3),
    st.booleans(),
    st.none() | st.builds(FeedbackSpec, st.integers(1, 2), st.integers(1, 3)),
    st.integers(1, 3),
    st.integers(0, 10**6),
)
@example("debate", [1, 1], False, FeedbackSpec(2, 2), 3, 1)
def test_no_model_makes_more_calls_or_takes_more_tokens(
    strategy: str, turns: list[int], planner: bool, feedback: FeedbackSpec | None, rounds: int, seed: int
) -> None:
    turns = turns[:1] if strategy == "single" else turns
    config = team(strategy, turns, planner=planner, feedback=feedback, rounds=rounds, judge=strategy == "debate")
    expected = worst_case(config)
    model, record = carried_out(config, anyhow(seed))
    assert model.calls.total() <= expected.model_calls
    assert all(made <= expected.agents[agent].model_calls for agent, made in model.calls.items())
    assert record.usage().total <= expected.tokens


def test_each_agent_has_its_own_worst_and_follow_ups_count_once_in_the_whole() -> None:
    expected = worst_case(team(feedback=FeedbackSpec(max_followups=1)))
    taken = {name: (at.assignments, at.turns, at.model_calls) for name, at in expected.agents.items()}
    assert taken == {"s1": (2, 6, 8), "s2": (2, 4, 6), "s3": (2, 2, 4), "reviewer": (1, 2, 3), "synthesizer": (1, 2, 3)}
    assert expected.model_calls == 9 + 3 + 4 + 3
    assert expected.tokens < sum(at.tokens for at in expected.agents.values())


def test_without_follow_ups_the_agents_add_up() -> None:
    expected = worst_case(team("debate", rounds=2, judge=True))
    assert expected.tokens == sum(at.tokens for at in expected.agents.values())
    assert expected.usd == pytest.approx(sum(at.usd or 0 for at in expected.agents.values()))


def test_a_pipeline_is_counted_to_its_end() -> None:
    config = team("pipeline")
    stops = replace(
        config.playbook.coordinator, parameters={"stop_when": {"s1": {"severity_assessment": ["P1", "P2"]}}}
    )
    stopping = replace(config, playbook=replace(config.playbook, coordinator=stops))
    assert worst_case(stopping) == worst_case(config)


def test_dollars_take_every_prompt_as_written_to_the_cache() -> None:
    price = Price(input=1, output=0, cache_write=3, cache_read=0)
    config = team("single", [1], model=ModelSpec("own", 100, price=price))
    expected = worst_case(config)
    output = 2 * 100
    assert expected.usd == pytest.approx((expected.tokens - output) * 3 / 1_000_000)


def test_without_a_price_there_are_no_dollars_and_it_is_said() -> None:
    config = team(model=ModelSpec("of-nobody"))
    expected = worst_case(config)
    assert expected.usd is None
    assert {at.usd for at in expected.agents.values()} == {None}
    assert "of-nobody" in expected.assumptions[-1]
    own = replace(config.agents["s1"], model=ModelSpec("claude-sonnet-5-5"))
    mixed = worst_case(replace(config, agents={**config.agents, "s1": own}))
    assert mixed.usd is None
    assert mixed.agents["s1"].usd


def test_a_budget_bounds_only_where_it_is_enforced() -> None:
    budget = BudgetSpec(tokens=50_000, seconds=60.0)
    assert worst_case(team(budget=budget)).bounds == {"tokens": 50_000, "seconds": 60.0}
    assert worst_case(team(budget=replace(budget, mode="audit"))).bounds == {}
    assert worst_case(team()).bounds == {}


def test_what_is_assumed_is_said() -> None:
    said = worst_case(team(feedback=FeedbackSpec(max_followups=2))).assumptions
    assert all(sentence.endswith(".") for sentence in said)
    assert any("at most 2 follow-ups" in sentence for sentence in said)
    assert not any("follow-up" in sentence for sentence in worst_case(team()).assumptions)


def test_text_of_the_configuration_that_looks_like_a_length_breaks_nothing() -> None:
    config = team()
    hostile = replace(config, playbook=replace(config.playbook, task="\ue000" + "9" * 5000 + "\ue001"))
    assert worst_case(hostile).tokens < 10 * worst_case(config).tokens


def test_a_longer_prompt_tool_or_reply_takes_more() -> None:
    config = team()
    agents = {**config.agents, "s1": replace(config.agents["s1"], prompt="s1 " + "x" * 3000)}
    tools = {"look": replace(config.tools["look"], max_output=2 * MAX_OUTPUT)}
    model = replace(config.playbook.model, max_tokens=2 * MAX_TOKENS)
    longer = (
        replace(config, agents=agents),
        replace(config, tools=tools),
        replace(config, playbook=replace(config.playbook, model=model)),
    )
    for other in longer:
        assert worst_case(other).tokens > worst_case(config).tokens
        assert worst_case(other).model_calls == worst_case(config).model_calls


def test_the_longest_run_has_every_wave() -> None:
    config = team(planner=True, feedback=FeedbackSpec(2, 1))
    waves = [[assignment.id for assignment in wave] for wave in play(config)]
    everyone = ["s1", "s2", "s3"]
    assert waves == [
        ["plan"],
        ["plan-2"],
        [f"investigate/{name}" for name in everyone],
        ["review-1"],
        [f"followup-1/{name}" for name in everyone],
        ["review-2"],
        [f"followup-2/{name}" for name in everyone],
        ["conclude"],
    ]
