"""The calls of a run as Markdown: all in a table, or one whole with what was asked and answered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sre_runner.casefile import Json, ModelRequest
from sre_runner.journal import facts
from sre_runner.journal.record import CallRecord, Record
from sre_runner.render.blocks import Blocks, bullets, section, table
from sre_runner.render.escape import code_block, inline
from sre_runner.render.run.timeline import seconds

_TITLES = ("call", "at", "what", "outcome", "s", "size")
_NUMBERS = ("call", "at", "s", "size")
_ARGUMENTS_LIMIT = 80


def calls(record: Record) -> Blocks:
    """A table for each assignment with a row for each of its calls, which are numbered over the run; `at` is seconds
    since the run began."""
    of_scope: dict[str, list[CallRecord]] = {}
    for call in record.calls.values():
        of_scope.setdefault(call.request.scope, []).append(call)
    blocks = (
        block
        for scope, made in of_scope.items()
        for block in (f"### {inline(scope)}", table(_TITLES, [_cells(record, call) for call in made], _NUMBERS))
    )
    yield from section("Calls", *blocks) if of_scope else section("Calls", "Nothing was called.")


def _cells(record: Record, call: CallRecord) -> list[str]:
    total = record.seconds
    return [
        str(call.request.call),
        seconds(call.started, total),
        inline(what(call)),
        outcome(call),
        seconds(call.finished - call.started, total) if call.finished is not None else "",
        size(call),
    ]


def what(call: CallRecord) -> str:
    """What was called: the model, or a tool with its arguments."""
    request = call.request
    if request.kind == "model":
        return request.name
    return f"{request.label} {facts.call_text(request.name, request.request, _ARGUMENTS_LIMIT)}"


def outcome(call: CallRecord) -> str:
    """How it ended, in a word or two."""
    if call.outcome is None:
        return "no answer"
    said, tool = call.outcome.outcome, call.outcome.tool_answer
    if call.outcome.reused:
        return f"{said}, reused"
    if tool and tool.withheld:
        return "withheld"
    if said != "answer" or tool is None:
        return str(said)
    return "error" if tool.is_error else "no data" if tool.no_data else "answer"


def size(call: CallRecord) -> str:
    """How much came back: of a model its tokens, cached ones and those of the request included; of a tool its text."""
    ended = call.outcome
    if ended and ended.model_answer:
        return f"{ended.model_answer.usage.total:,} tokens"
    return f"{len(ended.tool_answer.text):,} chars" if ended and ended.tool_answer else ""


def one_call(record: Record, call: CallRecord, whole: ModelRequest | None = None) -> Blocks:
    """What was asked and what was answered; `whole` is the whole request in the place of what it added."""
    request, ended = call.request, call.outcome
    yield f"# Call {request.call} of {inline(record.started.run)}"
    took = f"took {call.finished - call.started:.3f} s" if call.finished is not None else "has no end"
    yield bullets(
        [
            f"{request.kind}: {facts.shortened(what(call), 200)}",
            f"assignment: {request.scope}",
            f"began {call.started:.3f} s after the run, {took}",
            f"outcome: {outcome(call)}{f', {size(call)}' if size(call) else ''}",
            *([f"said: {ended.error}"] if ended and ended.error else []),
        ]
    )
    if whole:
        yield from section("Whole request", *_request(_plain(whole)))
    elif request.kind == "model":
        yield from section("Request: what it added to the one before", *_request(request.request))
    else:
        yield from section("Request", _data(request.request))
    if ended and ended.model_answer:
        yield from section("Answer", *_blocks(ended.model_answer.content))
    if ended and ended.tool_answer:
        yield from section("Answer", code_block(ended.tool_answer.text, "text"))


def one_call_json(record: Record, call: CallRecord, whole: ModelRequest | None = None) -> dict[str, Json]:
    """The same as plain data, as docs/past-runs.md describes it."""
    request, ended = call.request, call.outcome
    model = ended.model_answer if ended else None
    tool = ended.tool_answer if ended else None
    answer = {"content": list(model.content), "stop_reason": model.stop_reason} if model else None
    return {
        "run": record.started.run,
        "call": request.call,
        "kind": request.kind,
        "assignment": request.scope,
        "name": request.name,
        "label": request.label or None,
        "digest": request.digest,
        "started": call.started,
        "finished": call.finished,
        "outcome": ended.outcome if ended else None,
        "error": ended.error if ended else "",
        "request": request.request,
        "whole_request": _plain(whole) if whole else None,
        "answer": tool.text if tool else answer,
    }


def _plain(request: ModelRequest) -> dict[str, Json]:
    settings = {"model": request.model, "max_tokens": request.max_tokens, "effort": request.effort}
    return {**settings, "system": request.system, "tools": list(request.tools), "messages": list(request.messages)}


def _request(request: Mapping[str, Json]) -> Blocks:
    """The parts that are there: settings, system prompt, tools, messages."""
    settings = {name: request[name] for name in ("model", "max_tokens", "effort") if request.get(name)}
    yield bullets([f"{name}: {value}" for name, value in settings.items()])
    if "system" in request:
        yield "### System prompt"
        yield code_block(str(request["system"]), "text")
    if "tools" in request:
        yield "### Tools"
        yield _data(request["tools"])
    for message in request.get("messages", ()):
        yield f"### {'To' if message['role'] == 'user' else 'From'} the model"
        yield from _blocks(message["content"])


def _blocks(content: Sequence[Mapping[str, Json]]) -> Blocks:
    """The blocks of a message: text as text, a tool's result as what it says, everything else as JSON."""
    for block in content:
        kind = block.get("type")
        if kind == "text":
            yield code_block(str(block.get("text", "")), "text")
        elif kind == "tool_result" and _is_blocks(block.get("content", ())):
            yield f"Result of {inline(str(block.get('tool_use_id')))}{', an error' if block.get('is_error') else ''}:"
            yield from _blocks(block.get("content", ()))
        else:
            yield _data(block)


def _is_blocks(content: Json) -> bool:
    return isinstance(content, list | tuple) and all(isinstance(block, Mapping) for block in content)


def _data(data: Json) -> str:
    return code_block(json.dumps(data, indent=2, ensure_ascii=False), "json")
