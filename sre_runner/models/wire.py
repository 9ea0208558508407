"""The JSON of the Messages API: the body that a request becomes, and the answer that a response's bytes hold."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sre_runner.casefile import Json, ModelAnswer, ModelRequest, Usage

CACHE_MARKER = {"cache_control": {"type": "ephemeral"}}

CACHEABLE = frozenset({"text", "image", "document", "search_result", "tool_use", "tool_result"})
"""Block types that may carry a cache marker. Thinking must not; of unknown types nobody knows."""

USAGE_FIELDS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
"""The API's names for the fields of `Usage`, in their order."""

MAX_DEPTH = 100
"""Levels of JSON in an answer; recording or sending back much more would end in a RecursionError."""

_HALF_A_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")


def body_of(request: ModelRequest) -> dict[str, Any]:
    """The body of a call, with cache markers on copies.

    Marked are the end of tools and system, which is one prefix, the newest message, and the message that was newest in
    the call before: the cache is looked for in the 20 blocks before a marker, and one turn may bring more than that.
    """
    system = [{"type": "text", "text": request.system}] if request.system else []
    tools = [dict(tool) for tool in request.tools]
    for last in (system or tools)[-1:]:
        last |= CACHE_MARKER
    body: dict[str, Any] = {
        "model": request.model,
        "max_tokens": request.max_tokens,
        "messages": _marked(request.messages),
    }
    if system:
        body["system"] = system
    if tools:
        body["tools"] = tools
    if request.effort is not None:
        body["output_config"] = {"effort": request.effort}
    return body


def _marked(messages: Sequence[Mapping[str, Json]]) -> list[Mapping[str, Json]]:
    marked = list(messages)
    asked = [number for number, message in enumerate(messages) if message["role"] == "user"]
    for number in {*asked[-2:], len(messages) - 1} if messages else ():
        marked[number] = {**messages[number], "content": _marked_blocks(messages[number]["content"])}
    return marked


def _marked_blocks(blocks: Sequence[Mapping[str, Json]]) -> list[Mapping[str, Json]]:
    """The blocks, the last of those that may carry it with a marker."""
    marked = list(blocks)
    for number in reversed(range(len(marked))):
        block = marked[number]
        if block.get("type") in CACHEABLE and block.get("text") != "":
            marked[number] = {**block, **CACHE_MARKER}
            break
    return marked


def answer_of(body: bytes, model: str) -> ModelAnswer:
    """The answer in a response's body; raise ValueError where there is none.

    `model` stands where the body names none. Blocks are what the JSON says, unchanged. Token counts that are missing
    or no counts are 0.
    """
    data = _parse(body)
    if not isinstance(data, dict):
        raise ValueError(f"a message was expected, not a JSON {type(data).__name__}")
    if data.get("type") == "error":
        raise ValueError(f"an error as if it were an answer: {json.dumps(data.get('error'), ensure_ascii=False)}")
    content = data.get("content")
    if not isinstance(content, list):
        raise ValueError("its `content` is no list")
    if not all(isinstance(block, dict) and isinstance(block.get("type"), str) for block in content):
        raise ValueError("its `content` has something that is no block")
    stop, named, usage = data.get("stop_reason"), data.get("model"), data.get("usage")
    return ModelAnswer(
        tuple(content),
        stop if isinstance(stop, str) else None,
        Usage(*(_count(usage, field) for field in USAGE_FIELDS)),
        named if isinstance(named, str) and named else model,
    )


def _parse(body: bytes) -> Json:
    """Strict JSON: what could be neither recorded nor sent back is refused here."""
    data = json.loads(body.decode("utf-8"), parse_constant=_no_number, parse_float=_finite)
    level = [data]
    for _ in range(MAX_DEPTH):
        level = [child for each in level for child in _children(each)]
    if level:
        raise ValueError(f"it is nested more than {MAX_DEPTH} levels deep")
    if _HALF_A_CHARACTER.search(body):
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    return data


def _children(value: Json) -> Iterable[Json]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isfinite(number):
        return number
    raise ValueError(f"{text} is too large a number")


def _count(usage: Json, field: str) -> int:
    value = usage.get(field) if isinstance(usage, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
