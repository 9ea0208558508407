"""Recorded incidents, where there are any on this machine, as configurations: their tools, and a playbook over them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from building import simulated

from sre_runner.casefile import Case
from sre_runner.specs import (
    AgentSpec,
    Configuration,
    CoordinatorSpec,
    ModelSpec,
    Playbook,
    Role,
    ToolSpec,
)

FOLDER = Path(os.environ.get("SRE_RUN_CASES") or Path(__file__).parents[3].parent / "shared" / "cases")
MAX_OUTPUT = 70_000
"""Characters; recorded answers are shorter, so that nothing is cut."""


def files() -> list[Path]:
    """The case files, [] where the folder is missing."""
    return sorted(FOLDER.glob("*.json"))


def load(path: Path) -> dict[str, Any]:
    """A case file: task, tools with recorded calls, and what a correct answer must contain."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


def configuration(recorded: Mapping[str, Any], *, examples: bool) -> tuple[Configuration, Case]:
    """One investigator with all the recorded tools, and a synthesizer. With `examples` the schemas name recorded
    arguments, as the author of a rehearsal would."""
    tools = {entry["name"]: tool(entry, examples=examples) for entry in recorded["tools"]}
    investigator = _agent("investigator", Role.SPECIALIST, tuple(tools))
    agents = {"investigator": investigator, "synthesizer": _agent("synthesizer", Role.SYNTHESIZER, ())}
    coordinator = CoordinatorSpec("parallel", None, "synthesizer")
    task = recorded["task"]
    model = ModelSpec("claude-sonnet-5-5")
    playbook = Playbook(recorded["id"], recorded["title"], {}, task, ("investigator",), coordinator, model)
    case = Case(task, {}, "2026-11-22T12:00:00+00:00")
    return Configuration(playbook, agents, tools, {"playbook": {}}, "digest"), case


def tool(entry: Mapping[str, Any], *, examples: bool) -> ToolSpec:
    """A recorded tool, which answers its recorded calls: first those whose arguments all match, then those whose
    required ones do."""
    schema = dict(entry["input_schema"])
    if examples:
        schema["properties"] = {
            name: {**part, "examples": _recorded(entry, name)} if "enum" not in part else part
            for name, part in schema.get("properties", {}).items()
        }
    required = set(schema.get("required", ()))
    exact = [(_when(call, None), call) for call in entry["calls"]]
    relaxed = [(_when(call, required), call) for call in entry["calls"]] if required else []
    grouped: dict[str, tuple[dict[str, Any], list[Mapping[str, Any]]]] = {}
    for when, call in sorted([*exact, *relaxed], key=lambda pair: -len(pair[0])):
        grouped.setdefault(repr(when), (when, []))[1].append(call)
    answers = [_answer(when, calls) for when, calls in grouped.values()]
    return ToolSpec(
        entry["name"], entry["description"], schema, "read", {"answers": answers}, timeout=10.0, max_output=MAX_OUTPUT
    )


def _recorded(entry: Mapping[str, Any], name: str) -> list[Any]:
    values = [(call["args"] or {}).get(name) for call in entry["calls"]]
    return [value for place, value in enumerate(values) if value not in (None, "*") and value not in values[:place]]


def _when(call: Mapping[str, Any], only: set[str] | None) -> dict[str, Any]:
    arguments = call["args"] or {}
    return {
        name: {"equals": value, "ignore_case": True}
        for name, value in arguments.items()
        if value != "*" and (only is None or name in only)
    }


def _answer(when: Mapping[str, Any], calls: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    if len(calls) == 1 and calls[0].get("error") and not calls[0].get("response"):
        return simulated(when, error=str(calls[0]["error"]))
    return simulated(when, tuple(call.get("response") or "" for call in calls))


def _agent(name: str, role: Role, tools: tuple[str, ...]) -> AgentSpec:
    return AgentSpec(name, role, f"The {name}.", f"You are the {name}.", tools, 6, {}, 60.0)
