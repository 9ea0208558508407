"""The one door to the world: every model call and tool call is admitted here, made here and recorded here."""

from __future__ import annotations

import asyncio
import functools
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any, Literal, TypeVar

from sre_runner.casefile import Json, ModelAnswer, ModelRequest, ToolAnswer, Write
from sre_runner.documents.json_schema.coercion import coerced
from sre_runner.documents.json_schema.complaints import complaints, dotted
from sre_runner.investigation.budget import Admission
from sre_runner.investigation.conversation import Conversation
from sre_runner.investigation.heard import ToolCall
from sre_runner.investigation.screening import Screening
from sre_runner.investigation.terms import NOTHING_BEFORE, Before, Beyond, Question, Terms
from sre_runner.journal.digests import digest_of
from sre_runner.journal.events import CallFinished, CallStarted, Noted, outcome_of
from sre_runner.journal.file import Identity, Journal
from sre_runner.journal.recorded import Recorded, ReplayError
from sre_runner.models.messages import message
from sre_runner.models.model import ModelError
from sre_runner.specs import AgentSpec, ToolSpec
from sre_runner.telemetry.context import calling
from sre_runner.text.output import shown
from sre_runner.tools.backends.answering import preview
from sre_runner.tools.read_output import READ_OUTPUT

ESTIMATED = (
    "The model service does not count all tokens (`usage`): what is missing is estimated from the texts, and budget, "
    "tokens and cost go by that."
)
MODEL_MASKED = "What the model said had secrets of the environment in it; they were masked."

MOST_OF_A_PREVIEW = 2_000
"""Characters of a call that a person is shown."""

_Answer = TypeVar("_Answer")


class DeniedError(Exception):
    """The budget has no room for a model call, which was not made. The text says which limit it would break."""


class Door:
    """Makes the calls of one run.

    A call's identity is its kind, its scope (the assignment's id), a digest of the request, and how often that came
    before. It is taken when a method is called, not when its result is awaited, so that calls of one turn are
    numbered in block order however they are scheduled. A call whose outcome is `recorded` is neither made nor journaled
    again; one whose answer is `reused` from another run is journaled, and costs nothing. What a tool says is masked,
    escaped and cut here, before anything else sees it.

    `admission` decides which model calls the budget has room for. `served` are the calls that were answered by a
    journal. Once the service `refused` the credentials, no model is asked any more.
    """

    def __init__(self, journal: Journal, beyond: Beyond, terms: Terms, admission: Admission | None = None) -> None:
        self.journal = journal
        self.recorded = terms.recorded
        self.admission = admission or Admission()
        self._beyond = beyond
        self._terms = terms
        self.served: set[Identity] = set()
        self.refused: ModelError | None = None
        self._writes: dict[str, dict[str, Write]] = {}
        self._asking = asyncio.Lock()
        self._screening = Screening(journal, terms.secrets, terms.patterns)
        self._calls = max((e.event.call for e in journal.entries if isinstance(e.event, CallStarted)), default=0)
        self._occurrences: Counter[tuple[str, str, str]] = Counter()

    def ask(self, scope: str, conversation: Conversation, *, last: bool = False) -> Coroutine[Any, Any, ModelAnswer]:
        """The model's answer to a conversation; `last` says that nothing but a report can follow from it.

        Raises `DeniedError` at once where the budget has no room; awaiting it raises `ModelError` where there is no
        answer.
        """
        request = conversation.request()
        identity = self._identify("model", scope, conversation.digest)
        served = self._again(self.recorded, identity)
        if served and served.outcome == "denied":
            raise DeniedError(served.error)
        if served:
            conversation.unsent()
            return self._served(served)
        reused = self._again(self._terms.reused, identity)
        if reused and reused.model_answer:
            self._reuse(self._start(identity, request.model, conversation.unsent(), made=False), reused)
            return _immediately(reused.model_answer)
        if self.recorded.replay:
            raise self.recorded.missed_model(identity, request)
        if self.refused:
            raise self.refused
        over = self.admission.admit(scope, request, conversation.price, last=last)
        if over:
            started = self._start(identity, request.model, {}, made=False)
            self.journal.append(CallFinished(started.call, "denied", error=over))
            raise DeniedError(over)
        started = self._start(identity, request.model, conversation.unsent())
        return self._ask(started, request, conversation)

    def understood(self, agent: AgentSpec, call: ToolCall) -> tuple[ToolCall, list[str]]:
        """A call with arguments that fit its tool, where no doubt is left what was meant; and what was put right."""
        if call.name not in agent.tools:
            return call, []
        arguments, righted = coerced(_object(self._beyond.specs[call.name]), call.arguments)
        notes = [f"{call.label} {call.name}: {dotted(path)} {words}" for path, words in righted]
        return replace(call, arguments=arguments), notes

    def use(
        self, scope: str, agent: AgentSpec, call: ToolCall, before: Before = NOTHING_BEFORE
    ) -> Coroutine[Any, Any, ToolAnswer]:
        """A tool's answer for this agent: refused unless its whitelist has it, its arguments fit and it may run."""
        identity = self._identify("tool", scope, digest_of("", [call.name, call.arguments]))
        served = self._again(self.recorded, identity)
        if served:
            self._take_note(scope, agent, call, served)
        if served and served.tool_answer:
            return _immediately(served.tool_answer)
        refusal = self._refusal(agent, call)
        reused = None if refusal else self._again(self._terms.reused, identity)
        if self.recorded.replay and not reused and not refusal:
            return _never(self.recorded.missed_tool(identity, call.name, call.arguments))
        if refusal and refusal.outcome == "denied" and self._terms.ask:
            return self._use_if_allowed(identity, agent, call, before, refusal)
        made = not (reused or refusal)
        started = self._start(identity, call.name, call.arguments, call.label, made=made)
        if reused and reused.tool_answer:
            self._reuse(started, reused)
            self._take_note(scope, agent, call, reused)
            return _immediately(reused.tool_answer)
        return self._use(started, refusal, before, lambda finished: self._take_note(scope, agent, call, finished))

    async def _use_if_allowed(
        self, identity: Identity, agent: AgentSpec, call: ToolCall, before: Before, refusal: CallFinished
    ) -> ToolAnswer:
        """Make a write that the person at the terminal allows; what that person says is noted."""
        assert self._terms.ask
        tool = self._beyond.tools[call.name]
        secrets = self._terms.secrets
        line = shown(preview(tool, call.name, call.arguments), secrets, MOST_OF_A_PREVIEW)
        async with self._asking:
            allowed = await self._terms.ask(Question(agent.name, call.name, call.arguments, line))
        words = {True: "allowed", False: "refused", None: "gave no answer in time to"}[allowed]
        self.journal.append(Noted(f"The person at the terminal {words} {line} ({agent.name}, {call.label})."))
        started = self._start(identity, call.name, call.arguments, call.label, made=bool(allowed))
        note = functools.partial(self._take_note, identity[1], agent, call)
        return await self._use(started, None if allowed else refusal, before, note)

    def writes_of(self, scope: str) -> tuple[Write, ...]:
        """The changes that an assignment made, in the order of its calls."""
        made = self._writes.get(scope, {})
        return tuple(made[label] for label in sorted(made, key=lambda label: int(label[1:])))

    def _take_note(self, scope: str, agent: AgentSpec, call: ToolCall, finished: CallFinished) -> None:
        """Remember a write that was made, whatever came of it."""
        spec = self._beyond.specs.get(call.name)
        if spec and spec.effect == "write" and finished.outcome not in ("refused", "denied"):
            outcome, answer = outcome_of(finished)
            self._writes.setdefault(scope, {})[call.label] = Write(
                agent.name, call.name, call.arguments, outcome, answer
            )

    def _identify(self, kind: Literal["model", "tool"], scope: str, digest: str) -> Identity:
        self._occurrences[kind, scope, digest] += 1
        return kind, scope, digest, self._occurrences[kind, scope, digest]

    def _start(
        self, identity: Identity, name: str, request: Json, label: str = "", *, made: bool = True
    ) -> CallStarted:
        self._calls += 1
        started = CallStarted(self._calls, *identity, name, request, label, made)
        self.journal.append(started)
        return started

    def _again(self, recorded: Recorded, identity: Identity) -> CallFinished | None:
        found = recorded.outcome(identity)
        if found:
            self.served.add(identity)
        return found

    def _reuse(self, started: CallStarted, answered: CallFinished) -> None:
        self._finish(started, replace(answered, reused=True))

    async def _served(self, served: CallFinished) -> ModelAnswer:
        """A recorded answer, or the fault that there was."""
        if served.model_answer is None:
            kind, _, text = served.error.partition(": ")
            raise ModelError(kind, text, served.hint)
        return served.model_answer

    async def _ask(self, started: CallStarted, request: ModelRequest, conversation: Conversation) -> ModelAnswer:
        answer = None
        try:
            with calling(started):
                said = await self._beyond.model.reply(request)
            answer = self._screening.of_model(said)
            if answer is not said:
                self._note_once(MODEL_MASKED)
        except ModelError as error:
            self.refused = self.refused or (error if error.ends_run else None)
            text = f"{error.kind}: {error.message}"
            self._finish(started, CallFinished(started.call, "failed", error=text, hint=error.hint))
            raise
        except asyncio.CancelledError:
            self._finish(started, CallFinished(started.call, "cancelled"))
            raise
        finally:
            self.admission.settle(started.scope, request, conversation.price, answer)
        self._finish(started, CallFinished(started.call, "answer", model_answer=answer))
        if answer.estimated:
            self._note_once(ESTIMATED)
        return answer

    def _note_once(self, text: str) -> None:
        """Note something that the journal does not say yet."""
        if not any(isinstance(entry.event, Noted) and entry.event.text == text for entry in self.journal.entries):
            self.journal.append(Noted(text))

    async def _use(
        self,
        started: CallStarted,
        refusal: CallFinished | None,
        before: Before,
        take_note: Callable[[CallFinished], None],
    ) -> ToolAnswer:
        finished = refusal
        if finished is None:
            try:
                finished = await self._answered(started, before)
            except asyncio.CancelledError:
                cancelled = CallFinished(started.call, "cancelled")
                take_note(cancelled)
                self._finish(started, cancelled)
                raise
        take_note(finished)
        answer = self._finish(started, finished).tool_answer
        assert answer
        return answer

    async def _answered(self, started: CallStarted, before: Before) -> CallFinished:
        spec = self._beyond.specs[started.name]
        if spec.effect == "write":
            await asyncio.to_thread(self.journal.sync)
        try:
            with calling(started):
                async with asyncio.timeout(spec.timeout):
                    answer = await self._answer(spec, started, before)
        except TimeoutError:
            text = message("timed_out", tool=spec.name, seconds=f"{spec.timeout:g}")
            return CallFinished(started.call, "timeout", tool_answer=_ours(text))
        return CallFinished(started.call, "answer", tool_answer=self._screening.of_tool(started.call, spec, answer))

    async def _answer(self, spec: ToolSpec, started: CallStarted, before: Before) -> ToolAnswer:
        if spec.name == READ_OUTPUT:
            return await asyncio.to_thread(self._screening.read_on, started.request, before.kept)
        agent = started.scope.rpartition("/")[2]
        return await self._beyond.tools[spec.name].answer(started.request, before.earlier, agent)

    def _finish(self, started: CallStarted, finished: CallFinished) -> CallFinished:
        finished = replace(finished, call=started.call)
        self.journal.append(finished)
        return finished

    def _refusal(self, agent: AgentSpec, call: ToolCall) -> CallFinished | None:
        """Why this call is not made, or None where it is."""
        if call.name not in agent.tools:
            name = shown(call.name, self._terms.secrets, 100)
            return CallFinished(0, "refused", tool_answer=_ours(message("not_allowed", tool=name, allowed=agent.tools)))
        spec = self._beyond.specs[call.name]
        wrong = complaints(_object(spec), call.arguments)
        if wrong:
            lines = [f"{dotted(path) or 'arguments'}: {text}" for path, text in wrong]
            return CallFinished(0, "refused", tool_answer=_ours(message("bad_arguments", tool=call.name, wrong=lines)))
        if spec.effect == "write" and call.name not in self._terms.allowed_writes:
            withheld = replace(_ours(message("write_withheld", tool=call.name)), withheld=True)
            return CallFinished(0, "denied", tool_answer=withheld)
        return None


def _object(spec: ToolSpec) -> Mapping[str, Json]:
    """The schema of a tool's arguments, which are always an object."""
    return {"type": "object", **spec.input_schema}


async def _immediately(answer: _Answer) -> _Answer:
    return answer


async def _never(error: ReplayError) -> ToolAnswer:
    raise error


def _ours(text: str) -> ToolAnswer:
    return ToolAnswer(text, is_error=True, from_tool=False)
