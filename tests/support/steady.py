"""A team for every strategy, and a model that answers from the request alone: however a run is cut, resumed or
replayed, the same request gets the same answer, with thinking and blocks of unknown types in it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from building import CONCLUSION, REPORT, agent, answer, configuration, text, tool, use

from sre_runner.casefile import ModelAnswer, ModelRequest
from sre_runner.coordination.strategies.table import STRATEGIES
from sre_runner.specs import Configuration, CoordinatorSpec, FeedbackSpec, Role, VoteSpec

THINKING = {"type": "thinking", "thinking": "The pods first.", "signature": "c2lnbmVk"}
UNKNOWN = {"type": "hologram", "data": {"x": [1, 2.5, None]}, "later": None}
VOTE = VoteSpec("severity", "severity_assessment", ("P1", "P2", "P3", "P4"), "majority", "most_severe")
SEVERITY = {"a": "P1", "b": "P2", "c": "P2"}


def team(strategy: str) -> Configuration:
    """Three specialists (one, for `single`) with a tool each; a planner, a reviewer, votes and a judge where the
    strategy has them."""
    names = ("a",) if strategy == "single" else ("a", "b", "c")
    made = configuration(
        *(agent(name, tools=[f"pods-{name}"]) for name in names),
        tools=[tool(f"pods-{name}") for name in names],
        strategy=strategy,
        planner=strategy in ("sequential", "parallel"),
        synthesizer=strategy != "single",
    )
    coordinator: CoordinatorSpec = replace(made.playbook.coordinator, votes=(VOTE,))
    agents = dict(made.agents)
    if strategy in ("sequential", "parallel"):
        coordinator = replace(coordinator, reviewer="reviewer", feedback=FeedbackSpec(rounds=2))
        agents["reviewer"] = agent("reviewer", Role.REVIEWER)
    if strategy == "debate":
        coordinator = replace(coordinator, parameters={"rounds": 2}, judge="judge")
        agents["judge"] = agent("judge", Role.JUDGE)
    return replace(made, agents=agents, playbook=replace(made.playbook, coordinator=coordinator))


TEAMS: Mapping[str, Configuration] = {strategy: team(strategy) for strategy in STRATEGIES}


class SteadyModel:
    """Answers from the request alone. `waits` says after how many turns of the event loop, by agent; `asked` counts
    the requests."""

    def __init__(self, **waits: int) -> None:
        self.waits = waits
        self.asked: Counter[str] = Counter()

    async def reply(self, request: ModelRequest) -> ModelAnswer:
        name = request.system.split()[0]
        self.asked[key(request)] += 1
        for _ in range(self.waits.get(name, 1)):
            await asyncio.sleep(0)
        replies = sum(message["role"] == "assistant" for message in request.messages)
        return answer(THINKING, UNKNOWN, text(f"{name}, turn {replies + 1}"), *_calls(name, replies, request))

    async def close(self) -> None:
        pass


def key(request: ModelRequest) -> str:
    """What makes a request the same as another."""
    return json.dumps([request.system, list(request.messages)], sort_keys=True)


def _calls(name: str, replies: int, request: ModelRequest) -> list[dict[str, Any]]:
    def submit(tool_name: str, data: Any) -> list[dict[str, Any]]:
        return [use(tool_name, data, f"toolu_{name}_{replies}")]

    match name:
        case "planner":
            return submit("submit_plan", {"assignments": [{"agent": each, "task": f"look, {each}"} for each in "abc"]})
        case "reviewer":
            again = [{"agent": "b", "request": "the other pod", "priority": "high"}]
            asked_before = "followup-1" in key(request) or "the other pod" in key(request)
            return submit("submit_review", {"followups": [] if asked_before else again})
        case "judge":
            judged = {"severity_assessment": "P2", "reasons": "Two of three.", "would_change_my_mind": "A third pod."}
            return submit("submit_verdict", judged)
        case "synthesizer":
            return submit("submit_conclusion", CONCLUSION)
    if replies % 2 == 0:
        second = use(f"pods-{name}", {}, f"toolu_{name}_{replies}b")
        return [*submit(f"pods-{name}", {"pod": f"{name}-{replies}"}), second]
    found = [
        {
            "statement": f"{name} saw it.",
            "evidence": [{"call": f"c{1 + replies // 2 * 3}", "quote": "status: OOMKilled"}],
        }
    ]
    report = {**REPORT, "findings": found, "severity_assessment": SEVERITY[name], "confidence": 0.5}
    if request.tools[-1]["name"] == "submit_report" and "root_cause" in request.tools[-1]["input_schema"]["properties"]:
        return submit("submit_report", {**CONCLUSION, **report})
    return submit("submit_report", report)
