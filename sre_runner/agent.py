"""One assignment to one report: the turn loop of an agent."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sre_runner.calls import DeniedError, Door
from sre_runner.casefile import Assignment, Json, ModelAnswer, ModelRequest, Proposal, Report, Status, ToolAnswer
from sre_runner.conversation import Conversation, ToolCall
from sre_runner.evidence import Known, checked, citation_doubts
from sre_runner.models import ModelError
from sre_runner.prompts import message, render, user_message
from sre_runner.reports import REPORT_TOOLS, read_report, report_tool
from sre_runner.specs import AgentSpec, Configuration, Role

FATAL_STOPS: Mapping[str | None, str] = {
    "refusal": "the model refused to answer",
    "model_context_window_exceeded": "the conversation no longer fits the model's context window",
    None: "the model's answer ended early",
}
"""Stop reasons after which asking again would not help, in words."""


def open_conversation(configuration: Configuration, assignment: Assignment) -> Conversation:
    """A new conversation for an assignment's agent: its system prompt, its tools and, last, its report tool."""
    agent = configuration.agents[assignment.agent]
    model = agent.model or configuration.playbook.model
    inputs: dict[str, str | int | float] = dict(configuration.playbook.inputs)
    inputs |= {"agent": agent.name, "max_iterations": agent.max_iterations}
    system = message(
        "system",
        prompt=render(agent.prompt, inputs).strip(),
        report_tool=REPORT_TOOLS[agent.role],
        tools=agent.tools,
        max_iterations=agent.max_iterations,
    )
    specs = (configuration.tools[name] for name in agent.tools)
    tools = [{"name": s.name, "description": s.description, "input_schema": dict(s.input_schema)} for s in specs]
    tools.append(report_tool(agent, assignment.schema))
    return Conversation(ModelRequest(model.name, model.max_tokens, system, (), tools, model.effort), model.price)


@dataclass
class Work:
    """One assignment being carried out. `turns` counts the model's answers so far.

    `known` are the findings that other agents reported before. `last` is set where the budget has room for nothing
    but the report.
    """

    assignment: Assignment
    agent: AgentSpec
    conversation: Conversation
    door: Door
    known: Known
    turns: int = 0
    last: bool = False
    nudged: bool = False
    doubted: Report | None = None
    repaired: bool = False
    proposals: list[Proposal] = field(default_factory=list)

    async def report(self) -> Report:
        """Take turns until there is a report, or none can be had; raise `ModelError` where the model fails."""
        self.conversation.say(user_message(self.assignment.blocks))
        self.last = self.agent.role is Role.SYNTHESIZER
        while True:
            try:
                answer = await self._ask()
            except DeniedError as denied:
                return self._without_report(Status.INCOMPLETE, f"the budget had no room for it: {denied}")
            except ModelError:
                if self.doubted is None:
                    raise
                return self.doubted
            self.turns += 1
            calls = self.conversation.hear(answer)
            ended = await self._react(answer, calls)
            if ended:
                return ended

    async def _ask(self) -> ModelAnswer:
        """The next turn; where the budget has no room for more turns, the one that is left for the report."""
        try:
            return await self.door.ask(self.assignment.id, self.conversation, last=self.last)
        except DeniedError:
            if self.last or self.turns == 0:
                raise
        self.last = True
        self.conversation.add(message("report_now", report_tool=self._report_tool))
        return await self.door.ask(self.assignment.id, self.conversation, last=True)

    async def _react(self, answer: ModelAnswer, calls: Sequence[ToolCall]) -> Report | None:
        """What follows from an answer: the end of the assignment, or a message that asks for the next turn."""
        if answer.stop_reason in FATAL_STOPS:
            return self._without_report(Status.FAILED, FATAL_STOPS[answer.stop_reason])
        runnable = calls if answer.stop_reason == "tool_use" else []
        submitted = next((call for call in runnable if call.name == self._report_tool), None)
        if submitted:
            return self._check(submitted, calls)
        if self._left == 0:
            return self._without_report(Status.INCOMPLETE, f"no report within {self.turns} turns")
        if answer.stop_reason == "pause_turn":
            return None
        if runnable:
            self.conversation.say(self._urge(), await self._use(runnable))
            return None
        return self._nudge(answer, calls)

    @property
    def _report_tool(self) -> str:
        return REPORT_TOOLS[self.agent.role]

    @property
    def _left(self) -> int:
        """Turns left; the repair turn stands outside the cap."""
        return max(0, self.agent.max_iterations + self.repaired - self.turns)

    def _urge(self) -> str:
        return message("report_now", report_tool=self._report_tool) if self._left == 1 else ""

    async def _use(self, calls: Sequence[ToolCall]) -> list[Mapping[str, Json]]:
        """Run the calls of one turn at the same time; their results in block order."""
        pending: list[Coroutine[Any, Any, ToolAnswer]] = []
        try:
            for number, call in enumerate(calls):
                earlier = self.conversation.earlier(call, calls[:number])
                pending.append(self.door.use(self.assignment.id, self.agent, call, earlier))
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(use) for use in pending]
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        except BaseException:
            for use in pending:  # a call that could not be begun ends those that were not awaited yet
                use.close()
            raise
        answers = [task.result() for task in tasks]
        for call, answer in zip(calls, answers, strict=True):
            if answer.withheld:
                self.proposals.append(Proposal(self.agent.name, call.name, call.arguments))
        return [self.conversation.result(call, answer) for call, answer in zip(calls, answers, strict=True)]

    def _check(self, submitted: ToolCall, calls: Sequence[ToolCall]) -> Report | None:
        """Accept a report, or send it back once; calls beside it are not run, as they could not change it."""
        report, wrong = self._read(submitted)
        others = [call for call in calls if call is not submitted]
        accepted = report is not None and (not wrong or self.repaired)
        if accepted:
            self.conversation.owe([submitted], message("received"))
        else:
            repair = message("repair", report_tool=self._report_tool, wrong=wrong)
            self.conversation.owe([submitted], repair, is_error=True)
        self.conversation.owe(others, message("not_run", reason="it came together with a report"), is_error=True)
        if accepted:
            return report
        if self.repaired:
            return self._without_report(Status.INCOMPLETE, f"its report was not accepted: {'; '.join(wrong)}")
        self.repaired = True
        self.doubted = report
        self.conversation.say(self._urge())
        return None

    def _read(self, submitted: ToolCall) -> tuple[Report | None, list[str]]:
        """A report with its evidence checked, and all that is wrong with it; None where it cannot be read at all."""
        report, wrong = read_report(self.assignment, submitted.arguments)
        if report is None:
            return None, wrong
        findings = checked(report.findings, self.conversation.shown, self.known)
        own = {name: not f.doubt for f in findings for name in (f.id, f"{report.agent}/{f.id}")}
        citable = {**self.known, **own}
        doubts = citation_doubts(report.fields, citable)
        wrong = [f"findings[{place}] is unverified: {f.doubt}" for place, f in enumerate(findings) if f.doubt]
        # Where nothing is verified, no other citation would be better.
        repairable = doubts if any(citable.values()) else []
        return replace(report, findings=findings, doubts=tuple(doubts)), [*wrong, *repairable]

    def _nudge(self, answer: ModelAnswer, calls: Sequence[ToolCall]) -> Report | None:
        """Ask once more for a report where a turn brought only text, or was cut off."""
        cut = answer.stop_reason == "max_tokens"
        if self.nudged:
            return self._without_report(
                Status.INCOMPLETE, "its answer was cut off at max_tokens" if cut else "it answered without a report"
            )
        self.nudged = True
        self.conversation.owe(calls, message("not_run", reason="the answer did not end with it"), is_error=True)
        limit = self.conversation.request().max_tokens
        self.conversation.say(
            message("cut_off", report_tool=self._report_tool, max_tokens=limit)
            if cut
            else message("nudge", report_tool=self._report_tool)
        )
        return None

    def _without_report(self, status: Status, problem: str) -> Report:
        """The end without an acceptable report; one whose evidence alone was in doubt is better than none."""
        if self.doubted:
            return self.doubted
        return Report(
            self.assignment.id, self.agent.name, status, problem=problem, last_said=self.conversation.last_said
        )
