"""The JSON of the Messages API: the body that a request becomes, and the answer that a response's bytes hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sre_runner.casefile import Json, ModelAnswer, ModelRequest
from sre_runner.models.faults import StatedError, stated_error
from sre_runner.models.usage import usage_of
from sre_runner.text.strict_json import is_finite, loads

CACHE_MARKER = {"cache_control": {"type": "ephemeral"}}

CACHEABLE = frozenset({"text", "image", "document", "search_result", "tool_use", "tool_result"})
"""Block types that may carry a cache marker. Thinking must not; of unknown types nobody knows."""


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


def answer_of(body: bytes, request: ModelRequest) -> ModelAnswer:
    """The answer to a request in a response's body; raise `StatedError` where it is an error object, ValueError where
    it is neither.

    The request's model stands where the body names none. Blocks are what the JSON says, unchanged.
    """
    data = parse(body)
    content = data.get("content") if isinstance(data, dict) else None
    stated = None if isinstance(content, list) and data.get("type") != "error" else stated_error(data)
    if stated:
        raise StatedError(stated)
    if not isinstance(data, dict):
        raise ValueError(f"a message was expected, not a JSON {type(data).__name__}")
    if not isinstance(content, list):
        raise ValueError("its `content` is no list")
    if not all(isinstance(block, dict) and isinstance(block.get("type"), str) for block in content):
        raise ValueError("its `content` has something that is no block")
    if not is_finite(content):
        raise ValueError("its `content` has a number that is too large")
    stop, named = data.get("stop_reason"), data.get("model")
    usage, estimated = usage_of(data.get("usage"), request, content)
    return ModelAnswer(
        tuple(content),
        stop if isinstance(stop, str) else None,
        usage,
        named if isinstance(named, str) and named else request.model,
        estimated,
    )


def parse(body: bytes) -> Json:
    """Strict JSON: what could be neither recorded nor sent back is refused here, by ValueError.

    A number that is too large for most readers of JSON is an infinity.
    """
    return loads(body.decode("utf-8"))
