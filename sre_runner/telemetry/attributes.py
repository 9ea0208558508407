"""What spans say of the parts of a run: its attributes as the GenAI conventions name them, and our own."""

from __future__ import annotations

from dataclasses import dataclass

from sre_runner.casefile import ModelAnswer, Report
from sre_runner.journal.events import CallFinished, CallStarted, RunStarted
from sre_runner.telemetry import content, names
from sre_runner.telemetry.names import Conventions
from sre_runner.telemetry.seen import Begun, Seen, prompt_tokens

Attributes = dict[str, str | int | bool | float | list[str]]


@dataclass(frozen=True)
class Attributing:
    """Makes the attributes of one run's spans. `captured` lets in what was said."""

    seen: Seen
    conventions: Conventions
    captured: bool = False

    def run(self, run: RunStarted, *, resumed: bool) -> Attributes:
        """Of the whole run, which a resume goes on with in another trace."""
        return {
            names.OPERATION: names.INVOKE_WORKFLOW,
            self.conventions.workflow: self.seen.playbook,
            names.RUN: run.run,
            names.PLAYBOOK: self.seen.playbook,
            names.DIGEST: run.digest,
            names.REHEARSAL: self.seen.rehearsal,
            **({names.RESUMED: True} if resumed else {}),
            **({names.REUSES: run.reuses} if run.reuses else {}),
            **(content.of_task(run.case.task) if self.captured else {}),
        }

    def agent(self, scope: str) -> Attributes:
        """Of an assignment when it begins."""
        agent, spec = self.seen.agent_of(scope), self.seen.model_of(scope)
        return {
            names.OPERATION: names.INVOKE_AGENT,
            names.AGENT: agent,
            names.CONVERSATION: self.seen.conversation_of(scope),
            names.RUN: self.seen.name,
            names.ASSIGNMENT: scope,
            **({} if self.conventions.latest else {names.PROVIDER: self.seen.provider}),
            **({names.REQUEST_MODEL: spec.name} if spec else {}),
            **self._description("agents", agent, names.AGENT_DESCRIPTION),
        }

    def call(self, started: CallStarted) -> Attributes:
        """Of a call when it begins."""
        return {
            **(self._chat(started) if started.kind == "model" else self._tool(started)),
            names.AGENT: self.seen.agent_of(started.scope),
            names.RUN: self.seen.name,
            names.ASSIGNMENT: started.scope,
            names.CALL: started.call,
            names.MADE: started.made,
        }

    def outcome(self, finished: CallFinished) -> Attributes:
        """Of a call when it ends."""
        found: Attributes = {names.REUSED: True} if finished.reused else {}
        tool, answer = finished.tool_answer, finished.model_answer
        if tool and tool.no_data:
            found[names.NO_DATA] = True
        if tool and self.captured:
            found[names.TOOL_RESULT] = tool.text
        return {**found, **self._answer(answer, reused=finished.reused)} if answer else found

    def report(self, report: Report, turns: int, begun: Begun | None) -> Attributes:
        """Of an assignment when it ends."""
        found: Attributes = {names.STATUS: str(report.status), names.TURNS: turns, names.FINDINGS: len(report.findings)}
        if begun and begun.usage.total:
            found[names.INPUT_TOKENS] = prompt_tokens(begun.usage)
            found[names.OUTPUT_TOKENS] = begun.usage.output_tokens
        return found

    def end(self) -> Attributes:
        """Of the whole run when it ends."""
        severity: Attributes = {names.SEVERITY: self.seen.severity} if self.seen.severity else {}
        return {names.PARTIAL: self.seen.partial, **severity}

    def _chat(self, started: CallStarted) -> Attributes:
        spec = self.seen.model_of(started.scope)
        return {
            names.OPERATION: names.CHAT,
            names.PROVIDER: self.seen.provider,
            names.REQUEST_MODEL: started.name,
            names.CONVERSATION: self.seen.conversation_of(started.scope),
            **({names.MAX_TOKENS: spec.max_tokens} if spec else {}),
            **(content.of_request(started.request) if self.captured else {}),
        }

    def _tool(self, started: CallStarted) -> Attributes:
        return {
            names.OPERATION: names.EXECUTE_TOOL,
            names.TOOL: started.name,
            names.TOOL_TYPE: "function",
            names.TOOL_CALL: self.seen.tool_call_id(started),
            names.LABEL: started.label,
            **self._description("tools", started.name, names.TOOL_DESCRIPTION),
            **(content.of_arguments(started.request) if self.captured else {}),
        }

    def _answer(self, answer: ModelAnswer, *, reused: bool) -> Attributes:
        found: Attributes = {} if reused else self._usage(answer)  # no tokens are counted twice
        if answer.model:
            found[names.RESPONSE_MODEL] = answer.model
        if answer.stop_reason:
            found[names.FINISH_REASONS] = [answer.stop_reason]
        return {**found, **(content.of_answer(answer) if self.captured else {})}

    def _usage(self, answer: ModelAnswer) -> Attributes:
        usage = answer.usage
        found: Attributes = {names.INPUT_TOKENS: prompt_tokens(usage), names.OUTPUT_TOKENS: usage.output_tokens}
        if usage.cache_read_tokens:
            found[names.CACHE_READ] = usage.cache_read_tokens
        if usage.cache_write_tokens:
            found[self.conventions.cache_write] = usage.cache_write_tokens
        if answer.estimated or self.seen.rehearsal:
            found[names.ESTIMATED] = True
        return found

    def _description(self, kind: str, name: str, attribute: str) -> Attributes:
        said = self.seen.description_of(kind, name).get("description")
        return {attribute: " ".join(said.split())} if isinstance(said, str) else {}
