"""What was said in a run, for spans that somebody asked to have it: messages in the JSON of the GenAI conventions.

It is taken from the journal's events alone, in which secrets are masked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from sre_runner.casefile import Conclusion, Json, ModelAnswer
from sre_runner.telemetry import names

ASKED = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"

FINISHED: Mapping[str, str] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_call",
    "refusal": "content_filter",
}
"""Stop reasons of the Messages API as the schema of output messages names them."""


def is_asked_for(environ: Mapping[str, str]) -> bool:
    """Whether prompts and answers may stand in spans."""
    return environ.get(ASKED, "").strip().lower() in ("true", "span_only", "span_and_event")


def of_request(request: Json) -> dict[str, str]:
    """What a model call added to its conversation: its new messages, and at first the system prompt and the tools."""
    if not isinstance(request, Mapping):
        return {}
    found: dict[str, str] = {}
    if request.get("messages"):
        found[names.INPUT_MESSAGES] = _text([_message(one) for one in request["messages"]])
    if request.get("system"):
        found[names.SYSTEM] = _text([{"type": "text", "content": request["system"]}])
    if request.get("tools"):
        found[names.TOOL_DEFINITIONS] = _text([_tool(tool) for tool in request["tools"]])
    return found


def of_answer(answer: ModelAnswer) -> dict[str, str]:
    """What the model said."""
    reason = answer.stop_reason or "error"
    message = {
        "role": "assistant",
        "parts": list(_parts(answer.content)),
        "finish_reason": FINISHED.get(reason, reason),
    }
    return {names.OUTPUT_MESSAGES: _text([message])}


def of_arguments(arguments: Json) -> dict[str, str]:
    """What a tool was called with."""
    return {names.TOOL_ARGUMENTS: _text(arguments)}


def of_task(task: str) -> dict[str, str]:
    """What a run was asked."""
    return {names.INPUT_MESSAGES: _text([{"role": "user", "parts": [{"type": "text", "content": task}]}])}


def of_conclusion(conclusion: Conclusion) -> dict[str, str]:
    """What a run came to."""
    part = {"type": "text", "content": _text(conclusion.fields)}
    return {names.OUTPUT_MESSAGES: _text([{"role": "assistant", "parts": [part], "finish_reason": "stop"}])}


def _message(message: Mapping[str, Json]) -> dict[str, Json]:
    content = message.get("content", "")
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    return {"role": message.get("role", "user"), "parts": list(_parts(blocks))}


def _parts(blocks: Sequence[Mapping[str, Json]]) -> Iterator[dict[str, Json]]:
    for block in blocks:
        match block.get("type"):
            case "text":
                yield {"type": "text", "content": block.get("text", "")}
            case "thinking":
                yield {"type": "reasoning", "content": block.get("thinking", "")}
            case "tool_use":
                found = {"id": block.get("id"), "name": block.get("name", ""), "arguments": block.get("input")}
                yield {"type": "tool_call", **found}
            case "tool_result":
                found = {"id": block.get("tool_use_id"), "response": block.get("content", "")}
                yield {"type": "tool_call_response", **found}
            case other:
                yield {"type": str(other)}


def _tool(tool: Mapping[str, Json]) -> dict[str, Json]:
    found = {"name": tool.get("name", ""), "description": tool.get("description", "")}
    return {"type": "function", **found, "parameters": tool.get("input_schema", {})}


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
