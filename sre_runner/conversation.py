"""The messages of one agent, append-only, with the rolling digest that names each request made from them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sre_runner.casefile import Json, ModelAnswer, ModelRequest, ToolAnswer
from sre_runner.prompts import message
from sre_runner.specs import Price

REPEATS_BEFORE_REMINDER = 2
"""A tool may be polled; after this many identical calls with an unchanged answer, the next comes with a reminder."""


def digest_of(previous: str, appended: Json) -> str:
    """SHA-256 over the previous digest and what was appended, as canonical JSON."""
    text = json.dumps(appended, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True)
class ToolCall:
    """A tool_use block of a model's answer. `label` is `c1`, `c2` …, numbered over the conversation in block order."""

    label: str
    block_id: str
    name: str
    arguments: Json


@dataclass(frozen=True)
class _Answered:
    call: ToolCall
    text: str


class Conversation:
    """What was said between the engine and one agent, from its first assignment through every one that continues it.

    `price` is the configured price of its model, if any; `shown` is what its calls answered, by label (`c1`).
    """

    def __init__(self, opening: ModelRequest, price: Price | None = None) -> None:
        self.price = price
        self.shown: dict[str, str] = {}
        self._opening = opening
        self._messages: list[Mapping[str, Json]] = list(opening.messages)
        self._answered: list[_Answered] = []
        self._owed: list[Mapping[str, Json]] = []
        self._calls = 0
        self._sent = 0
        settings = [opening.model, opening.max_tokens, opening.effort, opening.system, list(opening.tools)]
        self.digest = digest_of("", settings)
        self.last_said = ""

    def request(self) -> ModelRequest:
        """The whole conversation as the next request."""
        opening = self._opening
        return ModelRequest(
            opening.model, opening.max_tokens, opening.system, tuple(self._messages), opening.tools, opening.effort
        )

    def unsent(self) -> Json:
        """What this request adds to the one before, for the journal: the new messages, and at first the settings."""
        new = [m for m in self._messages[self._sent :] if m["role"] == "user"]
        first = {"system": self._opening.system, "tools": list(self._opening.tools)} if self._sent == 0 else {}
        self._sent = len(self._messages)
        return {**first, "messages": new}

    def say(self, text: str, results: Sequence[Mapping[str, Json]] = ()) -> None:
        """Append a user message: results that open tool calls still need, then `results`, then the text, if any."""
        words = [{"type": "text", "text": text}] if text else []
        self._append({"role": "user", "content": [*self._owed, *results, *words]})
        self._owed = []

    def add(self, text: str) -> None:
        """Add words to the newest message, which has not been sent yet."""
        block = {"type": "text", "text": text}
        newest = self._messages.pop()
        self._messages.append({**newest, "content": [*newest["content"], block]})
        self.digest = digest_of(self.digest, block)

    def hear(self, answer: ModelAnswer) -> list[ToolCall]:
        """Append a model's answer and number its tool calls; an answer without content cannot be sent back."""
        if answer.content:
            self._append({"role": "assistant", "content": list(answer.content)})
        said = [str(block.get("text", "")) for block in answer.content if block.get("type") == "text"]
        self.last_said = "\n".join(text for text in said if text) or self.last_said
        calls = []
        for block in answer.content:
            if block.get("type") == "tool_use":
                self._calls += 1
                calls.append(
                    ToolCall(f"c{self._calls}", str(block.get("id")), str(block.get("name")), block.get("input"))
                )
        return calls

    def owe(self, calls: Sequence[ToolCall], text: str, *, is_error: bool = False) -> None:
        """Keep the results of these calls for the head of the next user message."""
        self._owed += [_result(call.block_id, text, is_error=is_error) for call in calls]

    def earlier(self, call: ToolCall, beside: Sequence[ToolCall]) -> list[Mapping[str, Json]]:
        """The arguments of the calls of the same tool before this one: of earlier turns, and `beside` it in its own."""
        before = [done.call for done in self._answered if done.call.label in self.shown]
        return [other.arguments for other in [*before, *beside] if other.name == call.name]

    def result(self, call: ToolCall, answer: ToolAnswer) -> Mapping[str, Json]:
        """A tool's answer as the block that the model is shown, with a reminder where it only repeats itself."""
        same = [done for done in self._answered if (done.call.name, done.call.arguments) == (call.name, call.arguments)]
        unchanged = len(same) >= REPEATS_BEFORE_REMINDER and all(
            done.text == answer.text for done in same[-REPEATS_BEFORE_REMINDER:]
        )
        self._answered.append(_Answered(call, answer.text))
        if answer.from_tool:
            self.shown[call.label] = answer.text
        text = message("output", call=call.label, tool=call.name, text=answer.text)
        if unchanged:
            text += "\n" + message("repeated", times=len(same) + 1)
        return _result(call.block_id, text, is_error=answer.is_error)

    def _append(self, entry: Mapping[str, Json]) -> None:
        self._messages.append(entry)
        self.digest = digest_of(self.digest, entry)


def _result(block_id: str, text: str, *, is_error: bool) -> Mapping[str, Json]:
    block = {"type": "tool_result", "tool_use_id": block_id, "content": [{"type": "text", "text": text}]}
    return {**block, "is_error": True} if is_error else block
