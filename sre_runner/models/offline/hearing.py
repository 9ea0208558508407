"""A request as the offline model understands it: blocks, tools, what was asked and answered, turns, the report."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sre_runner.casefile import Json, ModelRequest
from sre_runner.documents.json_schema.fitting import pointed_at
from sre_runner.models.messages import message
from sre_runner.models.offline.subjects import KINDS
from sre_runner.models.offline.words import telling

_TURNS = re.compile(r"You have at most (\d{1,6}) turns")
_OUTPUT = re.compile(r'<output call="([^"\n]{1,40})" tool="([^"\n]{0,200})">\n')
NO_DATA = re.compile(
    r"\s*(?:no data for these arguments\b|no (?:data|results?|matches|entries|records?)\s*(?:found)?\.?\s*$)", re.I
)
_COMMAND_ERROR = re.compile(
    r"\s*(?:error: )?(?:error from server\b|error: (?:metrics api|unknown (?:command|flag)|the server\b|you must\b))",
    re.IGNORECASE,
)
_LONGEST_ERROR = 400
_UNASSIGNED = 6
"""Turns that are taken where the system prompt states no cap."""


@dataclass(frozen=True)
class ToolOffer:
    """A tool as it is offered: `properties` by name, and which of them a call must give."""

    name: str
    description: str
    schema: Mapping[str, Json]
    properties: Mapping[str, Mapping[str, Json]]
    required: tuple[str, ...]


@dataclass(frozen=True)
class Exchange:
    """A call and its answer. `raw` is the tool's text as it was shown; `failed` where it could not be asked.

    `arguments` are empty where they are not known.
    """

    call: str
    tool: str
    arguments: Mapping[str, Json]
    raw: str
    failed: bool


@dataclass(frozen=True)
class Heard:
    """All that a request says. `blocks` are the labelled blocks of the first message that has any, then of later
    ones; `turn` counts this one, from 1, over the
    assignment; `must_report` where another call could not be answered any more; `rejected` is what was wrong with a
    report of before."""

    report_tool: str
    report_schema: Mapping[str, Json]
    tools: tuple[ToolOffer, ...]
    blocks: Mapping[str, Json]
    exchanges: tuple[Exchange, ...]
    asked: frozenset[str]
    turns_left: int
    turn: int
    must_report: bool
    rejected: str = ""

    @property
    def case(self) -> Mapping[str, Json]:
        """The `case` block: task, inputs, started_at and, where it is known, incident_started_at."""
        return mapping(self.blocks.get("case"))

    @cached_property
    def inputs(self) -> dict[str, str]:
        return {str(name): value for name, value in mapping(self.case.get("inputs")).items() if isinstance(value, str)}

    @cached_property
    def asked_by_case(self) -> str:
        """What the case itself and the requests of a reviewer say, which name no agents."""
        requests = mapping(self.blocks.get("follow_up")).get("requests")
        parts = [self.case.get("task"), *(requests if isinstance(requests, list) else [])]
        return "\n".join(part for part in parts if isinstance(part, str))

    @cached_property
    def passed_on(self) -> str:
        """What the findings of others say that this agent was given, a line each."""
        given = (self.blocks.get(label) for label in ("reports", "positions"))
        reports = [mapping(mapping(each).get("report")) for part in given if isinstance(part, list) for each in part]
        findings = [report.get("findings") for report in reports]
        said = [mapping(each).get("statement") for part in findings if isinstance(part, list) for each in part]
        return "\n".join(text for text in said if isinstance(text, str))

    @cached_property
    def about(self) -> frozenset[str]:
        """The words of what the case is about: of its task and its inputs' values, kinds of objects left aside."""
        said = f"{self.asked_by_case} {' '.join(self.inputs.values())}"
        return telling(said) - KINDS

    @cached_property
    def task(self) -> str:
        """The case's task, then the texts that other blocks put as this agent's part."""
        parts = [self.case.get("task")]
        for label, block in self.blocks.items():
            if label != "case" and isinstance(block, Mapping):
                parts.append(block.get("task"))
        texts = dict.fromkeys(part for part in parts if isinstance(part, str))
        return "\n".join(texts)


def hear(request: ModelRequest) -> Heard:
    """Read a request. Whatever is not in the documented form is passed over."""
    report = mapping(request.tools[-1]) if request.tools else {}
    name = str(report.get("name", ""))
    blocks, begun = _blocks(request.messages)
    turn = 1 + sum(mapping(each).get("role") == "assistant" for each in request.messages[begun:])
    stated = _TURNS.search(request.system)
    cap = int(stated.group(1)) if stated else _UNASSIGNED
    said = "\n".join(_texts(request.messages[-1])) if request.messages else ""
    urged = any(message(kind, report_tool=name) in said for kind in ("report_now", "nudge"))
    rejection = message("repair", report_tool=name, wrong=[]).split("\n")[0]
    answered = list(_results(request.messages))
    rejected = next((text for _, text, _ in reversed(answered[-3:]) if text.startswith(rejection)), "")
    calls = _calls(request.messages)
    return Heard(
        report_tool=name,
        report_schema=mapping(report.get("input_schema")),
        tools=tuple(_offer(mapping(tool)) for tool in request.tools[:-1]),
        blocks=blocks,
        exchanges=tuple(_exchanges(answered, calls)),
        asked=frozenset(identity(str(call.get("name")), call.get("input")) for call in calls.values()),
        turns_left=max(0, cap - turn),
        turn=turn,
        must_report=urged or bool(rejected) or turn >= cap,
        rejected=rejected,
    )


def identity(tool: str, arguments: Json) -> str:
    """What makes two calls the same call."""
    try:
        return f"{tool} {json.dumps(arguments, sort_keys=True)}"
    except (TypeError, ValueError, RecursionError):
        return f"{tool} {arguments!r}"


def mapping(value: Any) -> Mapping[str, Json]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def listing(value: Any) -> list[Any]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def _offer(tool: Mapping[str, Json]) -> ToolOffer:
    schema = mapping(tool.get("input_schema"))
    properties = {str(name): _plain(part, schema) for name, part in mapping(schema.get("properties")).items()}
    required = schema.get("required")
    names = tuple(name for name in required if name in properties) if isinstance(required, list) else ()
    return ToolOffer(str(tool.get("name", "")), str(tool.get("description", "")), schema, properties, names)


def _plain(part: Any, whole: Mapping[str, Json]) -> Mapping[str, Json]:
    """The schema of an argument without a reference, or a choice between `null` and one other, at its top."""
    for _ in range(10):
        rule = mapping(part)
        choices = [one for key in ("anyOf", "oneOf") for one in listing(rule.get(key)) if one != {"type": "null"}]
        if "$ref" in rule:
            inner = pointed_at(whole, rule["$ref"])
        elif len(choices) == 1:
            inner = choices[0]
        else:
            break
        part = {**mapping(inner), **{key: rule[key] for key in rule if key not in ("$ref", "anyOf", "oneOf")}}
    types = [one for one in listing(mapping(part).get("type")) if one != "null"]
    return {**mapping(part), "type": types[0]} if len(types) == 1 else mapping(part)


def _content(entry: Any) -> list[Mapping[str, Json]]:
    content = mapping(entry).get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [mapping(block) for block in content] if isinstance(content, list | tuple) else []


def _texts(entry: Any) -> list[str]:
    return [str(block.get("text", "")) for block in _content(entry) if block.get("type") == "text"]


def _blocks(messages: Sequence[Any]) -> tuple[dict[str, Json], int]:
    """The labelled blocks of all user messages, later ones over earlier, and where the newest of them stand."""
    found: dict[str, Json] = {}
    begun = 0
    for place, entry in enumerate(messages):
        if mapping(entry).get("role") == "user":
            read = {label: data for text in _texts(entry) for label, data in _read(text)}
            found |= read
            begun = place if read else begun
    return found, begun


def _read(text: str) -> Iterator[tuple[str, Json]]:
    """The labelled blocks of a text, of which a broken one costs only itself."""
    lines = text.split("\n")
    for opening, body, closing in zip(lines, lines[1:], lines[2:], strict=False):
        label = opening[1:-1]
        if label and opening == f"<{label}>" and closing == f"</{label}>":
            try:
                yield label, json.loads(body)
            except (ValueError, RecursionError):
                continue


def _calls(messages: Sequence[Any]) -> dict[str, Mapping[str, Json]]:
    """Every tool_use block, by its id."""
    return {
        str(block.get("id")): block
        for entry in messages
        if mapping(entry).get("role") == "assistant"
        for block in _content(entry)
        if block.get("type") == "tool_use"
    }


def _results(messages: Sequence[Any]) -> Iterator[tuple[str, str, bool]]:
    """Every tool result: the id of its call, its text, whether it is an error."""
    for entry in messages:
        for block in _content(entry):
            if block.get("type") == "tool_result":
                text = "\n".join(_texts(block))
                yield str(block.get("tool_use_id")), text, block.get("is_error") is True


def _is_command_error(raw: str) -> bool:
    """Whether an answer is only the complaint of a command line tool that it could not be asked like this."""
    return len(raw) <= _LONGEST_ERROR and _COMMAND_ERROR.match(raw) is not None


def _exchanges(
    answered: Sequence[tuple[str, str, bool]], calls: Mapping[str, Mapping[str, Json]]
) -> Iterator[Exchange]:
    for block_id, text, is_error in answered:
        opening = _OUTPUT.match(text)
        closing = text.rfind("\n</output>")
        if opening and closing >= opening.end() - 1:
            raw = text[opening.end() : closing]
            arguments = mapping(calls.get(block_id, {}).get("input"))
            failed = is_error or not raw.strip() or NO_DATA.match(raw) is not None or _is_command_error(raw)
            yield Exchange(opening.group(1), opening.group(2), arguments, raw, failed)
