"""What a reply says, in a form that the service takes back: the one place where replies are mended."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sre_runner.casefile import Json
from sre_runner.text.strict_json import read

Block = Mapping[str, Json]

MOST_CALLS = 64
"""Calls of one reply that are run; the others are answered by a refusal."""

STOP_REASONS: Mapping[str, str] = {
    "length": "max_tokens",
    "content_filter": "refusal",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "stop": "end_turn",
    "eos": "end_turn",
}
"""Stop reasons of other APIs that gateways pass on, as the Messages API calls them."""

RESULT = "tool_result"
"""Blocks of this type are the user's; a model that writes one makes up what a tool says."""

_ID = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_NOT_OF_A_NAME = re.compile(r"[^a-zA-Z0-9_-]+")
_TEXTS: Mapping[str, tuple[str, ...]] = {
    "text": ("text",),
    "thinking": ("thinking", "signature"),
    "redacted_thinking": ("data",),
}
"""What a block of a type must hold as text, or the service refuses the whole history."""


@dataclass(frozen=True)
class ToolCall:
    """A tool_use block of a model's answer. `label` is `c1`, `c2` …, numbered over the conversation in block order.

    `block_id` is empty where the call was written as text, so that no result can belong to it.
    """

    label: str
    block_id: str
    name: str
    arguments: Json


@dataclass(frozen=True)
class Heard:
    """A reply as its conversation keeps it: the `content` to send back, its calls, and what was put right.

    A reply in which nothing is wrong is kept to the byte.
    """

    content: tuple[Block, ...]
    calls: tuple[ToolCall, ...]
    notes: tuple[str, ...] = ()


def heard(content: Sequence[Block], taken: Collection[str], calls: int) -> Heard:
    """Hear a reply in a conversation in which the block ids `taken` and so many `calls` came before.

    Blocks that the service would refuse in a history are left out (empty text, thinking without its signature, results
    of tools); ids, names and inputs of calls become valid ones.
    """
    kept: list[Block] = []
    found: list[ToolCall] = []
    notes: dict[str, None] = {}
    ids = set(taken)
    for block in content:
        if block.get("type") == "tool_use":
            call, sound, wrong = _call(block, ids, f"c{calls + len(found) + 1}")
            ids.add(call.block_id)
            found.append(call)
            kept.append(sound)
            notes |= dict.fromkeys(wrong)
        elif _sound(block):
            kept.append(block)
        elif block.get("type") != "text":
            why = "of its own" if block["type"] == RESULT else "without its text"
            notes[f"a {block['type']} block {why} was left out"] = None
    return Heard(tuple(kept), tuple(found), tuple(notes))


def arguments_of(value: Json) -> Json:
    """A call's input as arguments: none where servers write null or empty text for it, and JSON text unpacked."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return {}
    if isinstance(value, str):
        try:
            unpacked = read(value)
        except ValueError:
            return value
        return arguments_of(unpacked) if unpacked is None or isinstance(unpacked, dict) else value
    return value


def texts_of(content: Sequence[Block]) -> list[str]:
    """What a reply says in words; text that is not text says nothing."""
    texts = (block.get("text") for block in content if block.get("type") == "text")
    return [text for text in texts if isinstance(text, str) and text]


def _sound(block: Block) -> bool:
    """Whether a block that is no call may stand in a history."""
    if block.get("type") == RESULT:
        return False
    held = [block.get(field) for field in _TEXTS.get(str(block.get("type")), ())]
    if not all(isinstance(text, str) for text in held):
        return False
    return block.get("type") != "text" or bool(str(held[0]).strip())


def _call(block: Block, ids: Collection[str], label: str) -> tuple[ToolCall, Block, Iterable[str]]:
    """A call, its block for the history, and what was wrong with it."""
    given, named, value = block.get("id"), block.get("name"), block.get("input")
    wrong: dict[str, str] = {}
    id_ = given if isinstance(given, str) and _ID.fullmatch(given) and given not in ids else _new_id(label, ids)
    if id_ != given:
        wrong["id"] = f"{label} had no id, an invalid one or one of another call"
    stripped = named.strip() if isinstance(named, str) else ""
    name = stripped if _NAME.fullmatch(stripped) else _NOT_OF_A_NAME.sub("_", stripped)[:128] or "unnamed"
    if name != named:
        wrong["name"] = f"{label} had a name that is not a tool name"
    arguments = arguments_of(value)
    sent = arguments if isinstance(arguments, dict) else {}
    if sent is not value:
        empty = "input" not in block or value is None or value == ""
        wrong["input"] = "" if empty else f"the arguments of {label} were not an object"
    call = ToolCall(label, id_, name, arguments)
    if not wrong:
        return call, block, ()
    return call, {**block, "id": id_, "name": name, "input": sent}, filter(None, wrong.values())


def _new_id(label: str, ids: Collection[str]) -> str:
    """An id that no other call has, and that is the same whenever the conversation is heard again."""
    new = f"call_{label}"
    while new in ids:
        new += "_"
    return new
