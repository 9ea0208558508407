"""One assignment to one report: the turn loop of an agent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sre_runner.casefile import (
    Assignment,
    Json,
    ModelAnswer,
    ModelRequest,
    Proposal,
    Report,
    Status,
    ToolAnswer,
    Unseen,
)
from sre_runner.coordination.evidence.findings import Known, checked, citation_doubts
from sre_runner.coordination.evidence.statements import Told, conclusion_unseen, findings_told
from sre_runner.coordination.report_schemas import REPORT_TOOLS
from sre_runner.coordination.reports import read_report, report_tool
from sre_runner.documents.json_schema.coercion import coerced
from sre_runner.documents.json_schema.fitting import fits
from sre_runner.documents.rendering import render_prompt
from sre_runner.investigation.conversation import Conversation
from sre_runner.investigation.door import DeniedError, Door
from sre_runner.investigation.heard import MOST_CALLS, STOP_REASONS, ToolCall, texts_of
from sre_runner.investigation.spoken import NOTE as SPOKEN
from sre_runner.investigation.spoken import looks_like_a_call, spoken_report
from sre_runner.investigation.terms import Before
from sre_runner.models.messages import message, user_message
from sre_runner.models.model import TOO_LONG as TOO_LONG_KINDS
from sre_runner.models.model import ModelError
from sre_runner.specs import AgentSpec, Configuration, Role

CUT_OFF = "max_tokens"
TOO_LONG = "model_context_window_exceeded"
FATAL_STOPS: Mapping[str, str] = {
    "refusal": "the model refused to answer",
    TOO_LONG: "the conversation no longer fits the model's context window",
}
"""Stop reasons after which nothing of the answer may be used and asking again would not help, in words."""

MOST_NOT_SEEN = 20
"""Values of one statement that were not seen and are named when it goes back."""

CALLS_AT_ONCE = 16
"""Calls of one turn that run at the same time."""

SHORTENED_SHARE = 0.5
"""How much of a conversation that was too long is carried into a new one."""
MOST_SHORTENED = 4
"""How often a conversation is shortened until it fits: one turn of calls may bring many times the window."""


def open_conversation(configuration: Configuration, assignment: Assignment) -> Conversation:
    """A new conversation for an assignment's agent: its system prompt, its tools and, last, its report tool."""
    agent = configuration.agents[assignment.agent]
    model = agent.model or configuration.playbook.model
    inputs: dict[str, str | int | float] = dict(configuration.playbook.inputs)
    inputs |= {"agent": agent.name, "max_iterations": agent.max_iterations}
    system = message(
        "system",
        prompt=render_prompt(agent.prompt, inputs).strip(),
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
    """One assignment being carried out. `turns` counts the model's answers so far, `cap` is the most of them.

    `known` are the findings that other agents reported before, `told` is what they and the case show. `last` is set
    where there is room for nothing but the report; `wrong` is what was wrong with the report that went back. `notes`
    say what was put right in what the model said.
    """

    assignment: Assignment
    agent: AgentSpec
    conversation: Conversation
    door: Door
    known: Known
    told: Told | None = None
    turns: int = 0
    last: bool = False
    nudged: bool = False
    shortened: int = 0
    wrong: str = ""
    doubted: Report | None = None
    repaired: bool = False
    proposals: list[Proposal] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cap = self.agent.max_iterations
        self.last = self.agent.role is Role.SYNTHESIZER
        self.conversation.say(user_message(self.assignment.blocks))

    async def report(self) -> Report:
        """Take turns until there is a report, or none can be had; raise `ModelError` where the model fails."""
        while True:
            try:
                answer = await self._ask()
            except DeniedError as denied:
                return self._without_report(Status.INCOMPLETE, f"the budget had no room for it: {denied}")
            except ModelError as error:
                if error.kind in TOO_LONG_KINDS and self._shorten():
                    continue
                if self.doubted is None:
                    raise
                return self.doubted
            self.turns += 1
            reply = self.conversation.hear(answer)
            self.notes |= dict.fromkeys(reply.notes)
            ended = await self._react(answer, reply.calls)
            if ended:
                return ended

    async def _ask(self) -> ModelAnswer:
        """The next turn; where there is no room for more turns, the one that is left for the report."""
        if not self.last and self.conversation.nearly_full():
            self._make_last()
        try:
            return await self.door.ask(self.assignment.id, self.conversation, last=self.last)
        except DeniedError:
            if self.last or self.turns == 0:
                raise
        self._make_last()
        return await self.door.ask(self.assignment.id, self.conversation, last=True)

    def _make_last(self) -> None:
        self.last = True
        self.conversation.add(message("report_now", report_tool=self._report_tool))

    def _shorten(self) -> bool:
        """Go on in a new conversation with what matters of this one, for one turn; whether there is something
        to leave out."""
        if self.shortened == MOST_SHORTENED:
            return False
        self.shortened += 1
        before = self.conversation.digest
        words = [user_message(self.assignment.blocks), self.wrong]
        self.conversation = self.conversation.shorter(words, SHORTENED_SHARE)
        self.cap = self.turns + 1 - self.repaired
        self.notes["its conversation no longer fitted the model's context window, and was shortened for the report"] = (
            None
        )
        self._make_last()
        return self.conversation.digest != before

    async def _react(self, answer: ModelAnswer, calls: Sequence[ToolCall]) -> Report | None:
        """What follows from an answer: the end of the assignment, or a message that asks for the next turn."""
        stop = STOP_REASONS.get(answer.stop_reason or "", answer.stop_reason)
        if stop == TOO_LONG and self._shorten():
            return None
        if stop and stop in FATAL_STOPS:
            return self._without_report(Status.FAILED, FATAL_STOPS[stop])
        runnable = calls if stop != CUT_OFF else []
        submitted = next((call for call in runnable if call.name == self._report_tool), None)
        if not runnable and stop != CUT_OFF:
            submitted = self._spoken(answer)
        if submitted:
            return self._check(submitted, calls)
        if stop is None and not runnable:
            return self._without_report(Status.FAILED, "the model's answer ended early")
        if self._left == 0:
            return self._without_report(Status.INCOMPLETE, f"no report within {self.turns} turns")
        if runnable:
            await self._use(runnable)
            return None
        return None if stop == "pause_turn" else self._nudge(stop, calls)

    @property
    def _report_tool(self) -> str:
        return REPORT_TOOLS[self.agent.role]

    @property
    def _left(self) -> int:
        """Turns left; the repair turn stands outside the cap."""
        return max(0, self.cap + self.repaired - self.turns)

    def _urge(self) -> str:
        return message("report_now", report_tool=self._report_tool) if self._left == 1 else ""

    def _spoken(self, answer: ModelAnswer) -> ToolCall | None:
        """The report that a reply has as text instead of a call."""
        words = "\n".join(texts_of(answer.content))

        def acceptable(data: Json) -> bool:
            return bool(data) and fits(self.assignment.schema, coerced(self.assignment.schema, data)[0])

        found = spoken_report(words, self._report_tool, acceptable)
        if found is None:
            return None
        self.notes[SPOKEN] = None
        return ToolCall("", "", self._report_tool, found)

    async def _use(self, calls: Sequence[ToolCall]) -> None:
        """Run the calls of one turn and say their results. Where that is cut off, what was answered until then is said
        all the same, so that a later assignment of this conversation, and a replay, go on from it."""
        self.conversation.owe(calls[MOST_CALLS:], message("too_many", most=MOST_CALLS), is_error=True)
        understood = [self.door.understood(self.agent, call) for call in calls[:MOST_CALLS]]
        self.notes |= dict.fromkeys(note for _, notes in understood for note in notes)
        run = [call for call, _ in understood]
        results: list[Mapping[str, Json]] = []
        try:
            for start in range(0, len(run), CALLS_AT_ONCE):
                await self._use_together(run, range(start, min(start + CALLS_AT_ONCE, len(run))), results)
        except BaseException:
            self.conversation.say("", results)
            raise
        self.conversation.say(self._urge(), results)

    async def _use_together(self, calls: Sequence[ToolCall], chosen: range, results: list[Mapping[str, Json]]) -> None:
        """Run these calls of a turn at the same time, and add the results of those that are answered."""
        tasks: list[asyncio.Task[ToolAnswer]] = []
        try:
            for number in chosen:
                before = Before(self.conversation.earlier(calls[number], calls[:number]), self.conversation.kept)
                use = self.door.use(self.assignment.id, self.agent, calls[number], before)
                tasks.append(asyncio.create_task(use))
            await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            for number, answer in zip(chosen, ended, strict=False):
                if isinstance(answer, ToolAnswer):
                    results.append(self.conversation.result(calls[number], answer))
                    if answer.withheld:
                        proposal = Proposal(self.agent.name, calls[number].name, calls[number].arguments)
                        self.proposals.append(proposal)
        for failure in ended:
            if isinstance(failure, BaseException):
                raise failure

    def _check(self, submitted: ToolCall, calls: Sequence[ToolCall]) -> Report | None:
        """Accept a report, or send it back once; calls beside it are not run, as they could not change it."""
        report, wrong = self._read(submitted)
        others = [call for call in calls if call is not submitted]
        accepted = report is not None and (not wrong or self.repaired)
        repair = "" if accepted else message("repair", report_tool=self._report_tool, wrong=wrong)
        self.conversation.owe([submitted], repair or message("received"), is_error=not accepted)
        self.conversation.owe(others, message("not_run", reason="it came together with a report"), is_error=True)
        if accepted:
            return report
        if self.repaired:
            return self._without_report(Status.INCOMPLETE, f"its report was not accepted: {'; '.join(wrong)}")
        self.repaired, self.wrong = True, repair
        self.doubted = report
        as_text = "" if submitted.block_id else repair
        self.conversation.say("\n".join(filter(None, (as_text, self._urge()))))
        return None

    def _read(self, submitted: ToolCall) -> tuple[Report | None, list[str]]:
        """A report with its evidence checked, and all that is wrong with it; None where it cannot be read at all."""
        report, wrong, notes = read_report(self.assignment, submitted.arguments)
        self.notes |= dict.fromkeys(notes)
        if report is None:
            return None, wrong
        findings = checked(report.findings, self.conversation.shown, self.known, report.agent, self.told)
        own = {name: not f.doubt for f in findings for name in (f.id, f"{report.agent}/{f.id}")}
        citable = {**self.known, **own}
        doubts = citation_doubts(report.fields, citable)
        wrong = [f"findings[{place}] is unverified: {f.doubt}" for place, f in enumerate(findings) if f.doubt]
        # Where nothing is verified, no other citation would be better.
        repairable = doubts if any(citable.values()) else []
        report = replace(report, findings=findings, doubts=tuple(doubts))
        report = replace(report, unseen=self._unseen(report))
        return report, [*wrong, *repairable, *_not_seen(report)]

    def _unseen(self, report: Report) -> Mapping[str, tuple[Unseen, ...]]:
        """The values of a conclusion that nothing shows that it cites, its own findings included."""
        if self.told is None:
            return {}
        own = findings_told([report])
        bare = {name.removeprefix(f"{report.agent}/"): index for name, index in own.items()}
        return conclusion_unseen(report.fields, Told(self.told.case, {**self.told.findings, **own, **bare}))

    def _nudge(self, stop: str | None, calls: Sequence[ToolCall]) -> Report | None:
        """Ask once more for a report where a turn brought only text, or was cut off."""
        cut = stop == CUT_OFF
        if self.nudged:
            said = "; it wrote its calls as text: its server needs a tool parser" if self._wrote_calls() else ""
            return self._without_report(
                Status.INCOMPLETE,
                "its answer was cut off at max_tokens" if cut else f"it answered without a report{said}",
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

    def _wrote_calls(self) -> bool:
        return looks_like_a_call(self.conversation.last_said)

    def _without_report(self, status: Status, problem: str) -> Report:
        """The end without an acceptable report; one whose evidence alone was in doubt is better than none."""
        if self.doubted:
            return self.doubted
        return Report(
            self.assignment.id, self.agent.name, status, problem=problem, last_said=self.conversation.last_said
        )


def _not_seen(report: Report) -> list[str]:
    """What is to be said of values that were not seen, a line for each statement that has any."""
    places = {f"findings[{place}].statement": each.unseen for place, each in enumerate(report.findings) if each.unseen}
    return [
        message("not_seen", place=place, values=list(dict.fromkeys(each.text for each in unseen))[:MOST_NOT_SEEN])
        for place, unseen in {**places, **report.unseen}.items()
    ]
