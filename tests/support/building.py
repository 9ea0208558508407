"""Configurations and models for tests, built by hand: real specs, real tools, and a strict scripted model."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sre_runner.casefile import Case, Conclusion, Json, ModelAnswer, ModelRequest, Usage
from sre_runner.investigation.budget import Admission
from sre_runner.investigation.door import Door
from sre_runner.investigation.engine import Stop, investigate
from sre_runner.investigation.terms import Beyond, Terms
from sre_runner.journal.file import Journal
from sre_runner.journal.record import Record, fold
from sre_runner.specs import (
    AgentSpec,
    Configuration,
    CoordinatorSpec,
    ModelSpec,
    Playbook,
    Role,
    ToolSpec,
)
from sre_runner.tools.backends.answering import tools_of
from sre_runner.tools.backends.connections import Connections

CASE = Case("checkout is down", {"service": "checkout"}, "2026-11-22T12:00:00+00:00")

REPORT = {
    "summary": "Pods are killed.",
    "findings": [],
    "severity_assessment": "P1",
    "confidence": 0.9,
    "open_questions": [],
}

FOUND = {
    **REPORT,
    "findings": [{"statement": "A pod was OOMKilled.", "evidence": [{"call": "c1", "quote": "status: OOMKilled"}]}],
}

CONCLUSION = {
    "severity": "P1",
    "incident_summary": "Checkout is down.",
    "root_cause": {"statement": "Memory.", "evidence": []},
    "evidence": [],
    "immediate_actions": [{"action": "Roll back.", "command": "kubectl rollout undo deployment/checkout"}],
    "long_term_fix": "Stream.",
    "communication": "We are on it.",
}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def use(name: str, arguments: Any = None, block_id: str = "") -> dict[str, Any]:
    arguments = {} if arguments is None else arguments
    return {"type": "tool_use", "id": block_id or f"toolu_{name}", "name": name, "input": arguments}


def answer(*content: Mapping[str, Any], stop: str | None = "tool_use") -> ModelAnswer:
    return ModelAnswer(content, stop, Usage(10, 5), "scripted")


Step = ModelAnswer | BaseException | Callable[[ModelRequest], ModelAnswer | Awaitable[ModelAnswer]]


class ScriptedModel:
    """Plays steps, by the agent whose name begins the system prompt. Fails on unexpected calls; `done()` fails on
    steps left over."""

    def __init__(self, **scripts: Sequence[Step]) -> None:
        self.scripts = {name.replace("_", "-"): list(steps) for name, steps in scripts.items()}
        self.requests: list[tuple[str, ModelRequest]] = []

    async def reply(self, request: ModelRequest) -> ModelAnswer:
        agent = request.system.split()[0]
        self.requests.append((agent, request))
        assert self.scripts.get(agent), f"unexpected call of {agent}"
        step = self.scripts[agent].pop(0)
        if isinstance(step, BaseException):
            raise step
        if isinstance(step, ModelAnswer):
            return step
        result = step(request)
        return result if isinstance(result, ModelAnswer) else await result

    async def close(self) -> None:
        pass

    def done(self) -> None:
        assert not any(self.scripts.values()), f"steps left over: {self.scripts}"

    def last_message(self, agent: str, call: int = -1) -> Any:
        """The newest message's content that the agent was sent in its n-th call."""
        return [request for name, request in self.requests if name == agent][call].messages[-1]["content"]


def report(**changes: Any) -> ModelAnswer:
    return answer(use("submit_report", {**REPORT, **changes}, "toolu_report"))


def found(**changes: Any) -> ModelAnswer:
    return report(**{**FOUND, **changes})


def plan(*agents: str) -> ModelAnswer:
    return answer(use("submit_plan", {"assignments": [{"agent": name, "task": f"look, {name}"} for name in agents]}))


def conclusion(**changes: Any) -> ModelAnswer:
    return answer(use("submit_conclusion", {**CONCLUSION, **changes}))


def agent(name: str, role: Role = Role.SPECIALIST, tools: Sequence[str] = (), **changes: Any) -> AgentSpec:
    settings: dict[str, Any] = {"max_iterations": 4, "report": {}, "timeout": 5.0, **changes}
    return AgentSpec(name, role, f"Knows {name}.", f"{name} prompt", tuple(tools), **settings)


def simulated(when: Mapping[str, Json], outputs: Sequence[Json] = (), **more: Json) -> dict[str, Json]:
    """An entry of `answers`."""
    return {"when": dict(when), **({"returns": list(outputs)} if outputs else {}), **more}


def tool(name: str, *answers: Mapping[str, Json], **changes: Any) -> ToolSpec:
    schema = {"type": "object", "properties": {"pod": {"type": "string"}}, "additionalProperties": False}
    settings: dict[str, Any] = {"input_schema": schema, "effect": "read", "timeout": 5.0, **changes}
    given = list(answers) or [simulated({}, ["status: OOMKilled"])]
    return ToolSpec(name, f"Ask {name}.", simulated={"answers": given}, **settings)


def configuration(
    *specialists: AgentSpec,
    tools: Sequence[ToolSpec] = (),
    strategy: str = "parallel",
    planner: bool = False,
    synthesizer: bool = True,
    max_parallel: int = 8,
) -> Configuration:
    leads = [agent("planner", Role.PLANNER)] * planner + [agent("synthesizer", Role.SYNTHESIZER)] * synthesizer
    agents = {spec.name: spec for spec in [*specialists, *leads]}
    coordinator = CoordinatorSpec(
        strategy, "planner" if planner else None, "synthesizer" if synthesizer else None, max_parallel
    )
    names = tuple(spec.name for spec in specialists)
    playbook = Playbook("checkout", "", CASE.inputs, CASE.task, names, coordinator, ModelSpec("claude-sonnet-5-5"))
    return Configuration(playbook, agents, {spec.name: spec for spec in tools}, {"playbook": {}}, "digest")


def door(config: Configuration, model: Any, journal: Journal, admission: Admission | None = None, **terms: Any) -> Door:
    tools = tools_of(config.tools.values(), "simulated", Connections({}, {}, Path()))
    return Door(journal, Beyond(model, tools, config.tools), Terms(**terms), admission)


def run_engine(config: Configuration, model: Any, journal: Journal, **more: Any) -> tuple[Conclusion, Record]:
    """Investigate to the end; afterwards no task is left behind."""

    async def whole() -> Conclusion:
        made = await investigate(config, CASE, door(config, model, journal, **more), Stop())
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return made

    made = asyncio.run(whole())
    return made, fold(journal.entries)
