"""The one door to the world: every model call and tool call is checked here, made here and recorded here."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from sre_runner.casefile import Json, ModelAnswer, ToolAnswer
from sre_runner.conversation import Conversation, ToolCall, digest_of
from sre_runner.journal import CallFinished, CallStarted, Journal
from sre_runner.models import Model, ModelError
from sre_runner.output import shown
from sre_runner.prompts import message
from sre_runner.shape import complaints, dotted
from sre_runner.specs import AgentSpec, ToolSpec
from sre_runner.tools import Tool


class Door:
    """Makes the calls of one run.

    A call's identity is its kind, its scope (the assignment's id), a digest of the request, and how often that came
    before. It is taken when a method is called, not when its result is awaited, so that calls of one turn are
    numbered in block order however they are scheduled. What a tool says is masked, escaped and cut here, before
    anything else sees it.
    """

    def __init__(
        self,
        journal: Journal,
        model: Model,
        tools: Mapping[str, Tool],
        specs: Mapping[str, ToolSpec],
        secrets: Collection[str] = (),
    ) -> None:
        self._journal = journal
        self._model = model
        self._tools = tools
        self._specs = specs
        self._secrets = secrets
        self._calls = 0
        self._occurrences: Counter[tuple[str, str, str]] = Counter()

    def ask(self, scope: str, conversation: Conversation) -> Coroutine[Any, Any, ModelAnswer]:
        """The model's answer to a conversation; awaiting it raises `ModelError` where there is none."""
        request = conversation.request()
        started = self._start("model", scope, conversation.digest, request.model, conversation.unsent())
        return self._ask(started, lambda: self._model.reply(request))

    def use(
        self, scope: str, agent: AgentSpec, call: ToolCall, earlier: Sequence[Mapping[str, Json]]
    ) -> Coroutine[Any, Any, ToolAnswer]:
        """A tool's answer for this agent: refused unless its whitelist has it, its arguments fit and it only reads."""
        digest = digest_of("", [call.name, call.arguments])
        started = self._start("tool", scope, digest, call.name, call.arguments, call.label)
        return self._use(started, self._refusal(agent, call), earlier)

    def _start(
        self, kind: Literal["model", "tool"], scope: str, digest: str, name: str, request: Json, label: str = ""
    ) -> CallStarted:
        self._calls += 1
        self._occurrences[kind, scope, digest] += 1
        occurrence = self._occurrences[kind, scope, digest]
        started = CallStarted(self._calls, kind, scope, digest, occurrence, name, request, label)
        self._journal.append(started)
        return started

    async def _ask(self, started: CallStarted, reply: Callable[[], Awaitable[ModelAnswer]]) -> ModelAnswer:
        try:
            answer = await reply()
        except ModelError as error:
            self._journal.append(CallFinished(started.call, "failed", error=f"{error.kind}: {error.message}"))
            raise
        except asyncio.CancelledError:
            self._journal.append(CallFinished(started.call, "cancelled"))
            raise
        self._journal.append(CallFinished(started.call, "answer", model_answer=answer))
        return answer

    async def _use(self, started: CallStarted, refusal: str, earlier: Sequence[Mapping[str, Json]]) -> ToolAnswer:
        if refusal:
            return self._finish(started, "refused", ToolAnswer(refusal, is_error=True))
        spec = self._specs[started.name]
        try:
            async with asyncio.timeout(spec.timeout):
                answer = await self._tools[spec.name].answer(started.request, earlier)
        except TimeoutError:
            text = message("timed_out", tool=spec.name, seconds=f"{spec.timeout:g}")
            return self._finish(started, "timeout", ToolAnswer(text, is_error=True))
        except asyncio.CancelledError:
            self._journal.append(CallFinished(started.call, "cancelled"))
            raise
        seen = replace(answer, text=shown(answer.text, self._secrets, spec.max_output))
        return self._finish(started, "answer", seen)

    def _finish(
        self, started: CallStarted, outcome: Literal["answer", "refused", "timeout"], answer: ToolAnswer
    ) -> ToolAnswer:
        self._journal.append(CallFinished(started.call, outcome, tool_answer=answer))
        return answer

    def _refusal(self, agent: AgentSpec, call: ToolCall) -> str:
        """Why this call is not made; "" where it is."""
        if call.name not in agent.tools:
            return message("not_allowed", tool=shown(call.name, self._secrets, 100), allowed=agent.tools)
        spec = self._specs[call.name]
        if spec.effect == "write":
            return message("write_refused", tool=call.name)
        wrong = complaints({"type": "object", **spec.input_schema}, call.arguments)
        if wrong:
            lines = [f"{dotted(path) or 'arguments'}: {text}" for path, text in wrong]
            return message("bad_arguments", tool=call.name, wrong=lines)
        return ""
