"""What a loopback server answers to every shipped team: the request alone decides, so that who asks again is answered
again, with delays in which a kill can land."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Any

from loopback import Request, Step, reply, text, thinking, use
from team import filled

SEVERITIES = {
    "You are a Kubernetes expert": "P1",
    "You are a log analyst": "P2",
    "You are the runbook advisor": "P4",
    "You are a deployment expert": "P2",
    "You argue for the least severity": "P4",
    "You argue for the highest severity": "P1",
    "You do the first look": "P2",
    "You investigate an incident after triage": "P1",
    "You find the remedy": "P2",
    "You check the state": "P3",
    "You are the engineer on call": "P1",
}
"""What each specialist thinks of the case, by the beginning of its system prompt."""

LEADS = {
    "You lead the investigation": "assignments",
    "You review the investigation": "followups",
    "You decide how severe": "reasons",
    "You conclude the investigation": "severity",
}
"""Those who have no tools, and a field that only their reports have."""

MISQUOTES = "You are a log analyst"
"""The specialist whose first report quotes what nobody said, and comes back to be repaired."""

ARGUMENTS = {
    "namespace": "payments",
    "service": "payment-gateway",
    "service_name": "payment-gateway",
    "level": "ERROR",
    "pod_name": "payment-gateway-7d4b8c6f9-x2k4m",
    "query": "OOMKilled",
}
UNKNOWN = {"type": "hologram", "data": {"x": [1, 2.5, None]}, "later": None}
"""A kind of block that no SDK knows yet."""

_OUTPUT = re.compile(r'<output call="(c\d+)" tool="[^"]*">\n(.*)\n</output>', re.DOTALL)
_REPORTS = re.compile(r"submit_\w+")


def scripts(seed: int, slowest: float) -> dict[str, Any]:
    """A function for each agent of the shipped configuration; replies take up to `slowest` seconds, by the seed."""

    def answered(request: Request) -> Step:
        messages = request.body["messages"]
        dice = random.Random(f"{seed} {request.script} {len(messages)}")
        return _reply(request).after(dice.uniform(0.1, 1.0) * slowest)

    return dict.fromkeys([*SEVERITIES, *LEADS], answered)


def _reply(request: Request) -> Step:
    """A report where there is something to report on, otherwise two calls of tools."""
    tools = request.body["tools"]
    outputs = [match for block in request.last if (match := _OUTPUT.search(_words(block)))]
    if request.script in LEADS or outputs:
        return reply(thinking("enough"), use(tools[-1]["name"], _report(request, outputs)))
    chosen = {tool["name"]: tool for tool in (tools[0], tools[-2])}
    calls = [use(name, _arguments(tool["input_schema"])) for name, tool in chosen.items()]
    return reply(thinking("hm", signature="sig"), UNKNOWN, text("I look."), *calls)


def _words(block: Mapping[str, Any]) -> str:
    """A tool's answer, and nothing for refusals, or for what is no answer."""
    answer = block["type"] == "tool_result" and not block.get("is_error")
    return "".join(part["text"] for part in block["content"]) if answer else ""


def _arguments(schema: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: ARGUMENTS[name] for name in schema.get("properties", {}) if name in ARGUMENTS}
    return {**filled(schema), **known}


def _report(request: Request, outputs: list[re.Match[str]]) -> dict[str, Any]:
    schema = request.body["tools"][-1]["input_schema"]
    properties, given = schema["properties"], filled(schema)
    if "assignments" in properties:
        agents = properties["assignments"]["items"]["properties"]["agent"]["enum"]
        return {"assignments": [{"agent": name, "task": f"look into it, {name}"} for name in agents]}
    if "followups" in properties:
        agents = properties["followups"]["items"]["properties"]["agent"]["enum"]
        return {"followups": [{"agent": agents[0], "request": "look again", "priority": "high"}]}
    if request.script in SEVERITIES:
        given |= {"severity_assessment": SEVERITIES[request.script], "findings": _findings(request, outputs)}
    if "root_cause" in properties:
        citable = properties["root_cause"]["properties"]["evidence"]["items"]["properties"]["finding"]
        given["root_cause"] = {"statement": "Memory.", "evidence": [{"finding": citable.get("enum", ["f1"])[0]}]}
    return given


def _findings(request: Request, outputs: list[re.Match[str]]) -> list[dict[str, Any]]:
    said = [
        block for message in request.body["messages"] for block in message["content"] if block["type"] == "tool_use"
    ]
    first = not any(_REPORTS.fullmatch(block["name"]) for block in said)
    if request.script == MISQUOTES and first:
        return [{"statement": "Invented.", "evidence": [{"call": outputs[0][1], "quote": "nobody said this"}]}]
    quotes = [(match[1], match[2][:40].split("\n")[0]) for match in outputs]
    return [{"statement": f"{call} shows it.", "evidence": [{"call": call, "quote": quote}]} for call, quote in quotes]
