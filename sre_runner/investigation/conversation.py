"""The messages of one agent, append-only, with the rolling digest that names each request made from them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sre_runner.casefile import Json, ModelAnswer, ModelRequest, ToolAnswer
from sre_runner.coordination.evidence.answers import Answer
from sre_runner.investigation.heard import Heard, ToolCall, heard, texts_of
from sre_runner.journal.digests import digest_of
from sre_runner.models.messages import message
from sre_runner.models.prices import context_window
from sre_runner.specs import Price
from sre_runner.text.output import shown

REPEATS_BEFORE_REMINDER = 2
"""A tool may be polled; after this many identical calls with an unchanged answer, the next comes with a reminder."""


CHARACTERS_PER_TOKEN = 4
"""Of a prompt: an estimate of whether it fits, not a bound."""
RESULTS_PER_TURN = 4000
"""Tokens of tool output that a turn may bring."""
LEAST_CUT = 500
"""Characters of an output that are still worth carrying into a shorter conversation."""
MOST_NAMED = 20
"""Calls that are named where their outputs are left out."""


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
        self.shown: dict[str, Answer] = {}
        self.kept: dict[str, str] = {}
        self._opening = opening
        self._messages: list[Mapping[str, Json]] = list(opening.messages)
        self._answered: list[_Answered] = []
        self._open: dict[str, ToolCall] = {}
        self._owed: list[Mapping[str, Json]] = []
        self._ids: set[str] = set()
        self._mended: set[int] = set()
        self._calls = 0
        self._sent = 0
        self._first = ""
        self._said: list[str] = []
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
        """What this request adds to the one before, for the journal: the new messages, and at first the settings.

        The model's own message is among them only where it is not what the model said, word for word.
        """
        fresh = range(self._sent, len(self._messages))
        new = [self._messages[at] for at in fresh if self._messages[at]["role"] == "user" or at in self._mended]
        first = {"system": self._opening.system, "tools": list(self._opening.tools)} if self._sent == 0 else {}
        self._sent = len(self._messages)
        return {**first, "messages": new}

    def say(self, text: str, results: Sequence[Mapping[str, Json]] = ()) -> None:
        """Append a user message: results that open tool calls still need, then `results`, then the text, if any.

        Nothing is appended where there is nothing to say.
        """
        if not self._messages:
            self._first = text
        self._open = {id_: call for id_, call in self._open.items() if all(r["tool_use_id"] != id_ for r in results)}
        self.owe(list(self._open.values()), message("unanswered"), is_error=True)
        words = [{"type": "text", "text": text}] if text else []
        content = [*self._owed, *results, *words]
        self._owed = []
        if content:
            self._append({"role": "user", "content": content})

    def add(self, text: str) -> None:
        """Add words to the newest message, which has not been sent yet."""
        block = {"type": "text", "text": text}
        newest = self._messages.pop()
        self._messages.append({**newest, "content": [*newest["content"], block]})
        self.digest = digest_of(self.digest, block)

    def hear(self, answer: ModelAnswer) -> Heard:
        """Append a model's answer, mended where the service would refuse it later, and number its tool calls; an answer
        without content cannot be sent back."""
        reply = heard(answer.content, self._ids, self._calls)
        if reply.content:
            if reply.content != answer.content:
                self._mended.add(len(self._messages))
            self._append({"role": "assistant", "content": list(reply.content)})
        said = texts_of(answer.content)
        self.last_said = "\n".join(said) or self.last_said
        self._said += [text.strip() for text in said if text.strip()]
        self._said += [
            f"{call.name}: {_json(call.arguments)}" for call in reply.calls if call.name == self._report_tool
        ]
        self._calls += len(reply.calls)
        self._ids |= {call.block_id for call in reply.calls}
        self._open = {call.block_id: call for call in reply.calls}
        return reply

    def owe(self, calls: Sequence[ToolCall], text: str, *, is_error: bool = False) -> None:
        """Keep the results of these calls for the head of the next user message."""
        owed = [call for call in calls if self._open.pop(call.block_id, None)]
        self._owed += [_result(call.block_id, text, is_error=is_error) for call in owed]

    def earlier(self, call: ToolCall, beside: Sequence[ToolCall]) -> list[Mapping[str, Json]]:
        """The arguments of the calls of the same tool before this one, whatever came of them: of earlier turns, and
        `beside` it in its own."""
        before = [done.call for done in self._answered]
        return [other.arguments for other in [*before, *beside] if other.name == call.name]

    def result(self, call: ToolCall, answer: ToolAnswer) -> Mapping[str, Json]:
        """A tool's answer as the block that the model is shown, with a reminder where it only repeats itself."""
        same = [done for done in self._answered if (done.call.name, done.call.arguments) == (call.name, call.arguments)]
        unchanged = len(same) >= REPEATS_BEFORE_REMINDER and all(
            done.text == answer.text for done in same[-REPEATS_BEFORE_REMINDER:]
        )
        self._answered.append(_Answered(call, answer.text))
        if answer.kept:
            self.kept[call.label] = answer.kept
        if answer.from_tool:
            # What a simulation says where it has no data are the engine's words, with the arguments in them.
            self.shown[call.label] = Answer("" if answer.no_data else answer.text, call.arguments)
        text = _output(call, answer.text)
        if unchanged:
            text += "\n" + message("repeated", times=len(same) + 1)
        return _result(call.block_id, text, is_error=answer.is_error)

    def nearly_full(self) -> bool:
        """Whether the turn after the next one would not fit the model's context window, where that is known."""
        window = context_window(self._opening.model)
        if window is None or not self._answered:
            return False
        two_replies = 2 * self._opening.max_tokens
        return self._size() // CHARACTERS_PER_TOKEN + two_replies + RESULTS_PER_TURN > window

    def shorter(self, words: Sequence[str], share: float) -> Conversation:
        """A new conversation with about that `share` of this one beside its tasks, and `words` that must not go.

        It carries the task of the first assignment, what the agent said and reported, and the newest outputs that fit;
        it names the calls whose outputs are left out. Call ids go on, and all that was shown can be cited.
        """
        tasks = [self._first, *(text for text in words if text and not self._first.startswith(text))]
        room = int(share * (self._size_of(self._messages) - sum(map(len, tasks))))
        said, left = _newest(self._said, room // 3)
        outputs, left_out = self._outputs(room - room // 3 + left)
        new = Conversation(self._opening, self.price)
        new.shown, new.kept, new.last_said, new._said = self.shown, self.kept, self.last_said, self._said
        new._answered, new._ids, new._calls = self._answered, self._ids, self._calls
        new.say("\n".join([*tasks, message("shortened", said=said, outputs=outputs, left_out=left_out)]))
        new._first = self._first
        return new

    def _outputs(self, room: int) -> tuple[list[str], list[str]]:
        """The newest outputs that fit into so many characters, the newest of all cut where none does; and in words
        which calls are left out."""
        kept: list[str] = []
        without: list[ToolCall] = []
        for done in reversed(self._answered):
            text = _output(done.call, done.text)
            if len(text) <= room:
                room -= len(text)
                kept.insert(0, text)
            else:
                without.insert(0, done.call)
        if without and not kept and room >= LEAST_CUT:
            newest = self._answered[-1]
            kept = [_output(newest.call, shown(newest.text, (), room - len(_output(newest.call, ""))))]
            without.pop()
        named = [f"{call.label} {call.name}({_brief(call.arguments)})" for call in without[-MOST_NAMED:]]
        more = len(without) - len(named)
        return kept, [f"{more} earlier calls", *named] if more else named

    @property
    def _report_tool(self) -> str:
        """The tool that is offered last."""
        return str(self._opening.tools[-1]["name"]) if self._opening.tools else ""

    def _size(self) -> int:
        """Characters of a request."""
        return len(self._opening.system) + self._size_of(self._opening.tools) + self._size_of(self._messages)

    def _size_of(self, parts: Sequence[Json]) -> int:
        return sum(len(_json(part)) for part in parts)

    def _append(self, entry: Mapping[str, Json]) -> None:
        self._messages.append(entry)
        self.digest = digest_of(self.digest, entry)


def _newest(texts: Sequence[str], room: int) -> tuple[list[str], int]:
    """The newest texts that fit into so many characters, or the beginning of the very newest; and the room left."""
    kept: list[str] = []
    for text in reversed(texts):
        if len(text) <= room:
            room -= len(text)
            kept.insert(0, text)
    if texts and not kept and room > 0:
        return [texts[-1][:room]], 0
    return kept, room


def _output(call: ToolCall, text: str) -> str:
    return message("output", call=call.label, tool=call.name, text=text)


def _json(data: Json) -> str:
    return json.dumps(data, ensure_ascii=False)


def _brief(arguments: Json) -> str:
    text = _json(arguments)
    return text if len(text) <= 100 else f"{text[:100]}…"


def _result(block_id: str, text: str, *, is_error: bool) -> Mapping[str, Json]:
    block = {"type": "tool_result", "tool_use_id": block_id, "content": [{"type": "text", "text": text}]}
    return {**block, "is_error": True} if is_error else block
