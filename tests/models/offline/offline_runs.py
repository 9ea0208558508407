"""Runs of the real engine with the offline model over made-up cases: tools, specialists, one conclusion."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from building import door, simulated

from sre_runner.casefile import Case, Conclusion, Report
from sre_runner.investigation.engine import Stop, investigate
from sre_runner.journal.events import RunStarted
from sre_runner.journal.file import Journal
from sre_runner.journal.record import CallRecord, Record, fold
from sre_runner.models.offline.model import OfflineModel
from sre_runner.specs import (
    AgentSpec,
    Configuration,
    CoordinatorSpec,
    ModelSpec,
    Playbook,
    Role,
    ToolSpec,
)
from sre_runner.tools.tool import as_text

STARTED = "2026-11-22T12:00:00+00:00"


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    conclusion: Conclusion
    record: Record

    @property
    def reports(self) -> dict[str, Report]:
        """The specialists' reports by agent."""
        works = [work for scope, work in self.record.work.items() if scope.startswith("investigate/")]
        return {work.assignment.agent: work.report for work in works if work.report}

    @property
    def calls(self) -> list[tuple[str, Any]]:
        """Tools and arguments, in the order in which they were called."""
        return [(call.request.name, call.request.request) for call in self.record.calls_of("tool")]

    def quotes(self) -> list[tuple[str, str]]:
        """Every quote of every report, with the text of the answer that it is said to stand in."""
        answers = {(c.request.scope, c.request.label): said(c) for c in self.record.calls_of("tool")}
        return [
            (evidence.quote or "", answers[report.assignment, evidence.call or ""])
            for report in self.reports.values()
            for finding in report.findings
            for evidence in finding.evidence
        ]

    @property
    def text(self) -> str:
        return json.dumps(self.conclusion.fields, ensure_ascii=False)


def said(call: CallRecord) -> str:
    """The text of a tool's answer, as the model was shown it."""
    assert call.outcome is not None
    assert call.outcome.tool_answer is not None
    return call.outcome.tool_answer.text


def tool(name: str, answer: Any, *required: str, description: str = "", **properties: Mapping[str, Any]) -> ToolSpec:
    """A tool with one answer, or with answers by the value of its first argument (a dict under `by`)."""
    schema = {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
    if isinstance(answer, dict) and set(answer) == {"by"}:
        first = next(iter(properties))
        answers = tuple(simulated({first: value}, (output,)) for value, output in answer["by"].items())
    else:
        answers = (answer if isinstance(answer, dict) and "when" in answer else simulated({}, (answer,)),)
    return ToolSpec(name, description or f"Ask {name}.", schema, "read", {"answers": answers}, timeout=5.0)


def specialist(
    name: str, tools: Sequence[ToolSpec], report: Mapping[str, Any] | None = None, cap: int = 5
) -> AgentSpec:
    names = tuple(spec.name for spec in tools)
    return AgentSpec(name, Role.SPECIALIST, f"Knows {name}.", "Look into it.", names, cap, report or {}, 20.0)


def run(
    tmp_path: Path,
    task: str,
    inputs: Mapping[str, str],
    specialists: Mapping[str, Sequence[ToolSpec]],
    *,
    planner: bool = False,
    single: bool = False,
    reports: Mapping[str, Mapping[str, Any]] | None = None,
    began: str | None = None,
    cap: int = 5,
) -> Outcome:
    """Investigate with these specialists (name to tools) to the end."""
    agents = {name: specialist(name, tools, (reports or {}).get(name), cap) for name, tools in specialists.items()}
    for name, role in (("planner", Role.PLANNER), ("synthesizer", Role.SYNTHESIZER)):
        agents[name] = AgentSpec(name, role, f"Is {name}.", "Lead.", (), 3, {}, 20.0)
    lead = CoordinatorSpec(
        "single" if single else "parallel", "planner" if planner else None, None if single else "synthesizer"
    )
    playbook = Playbook("made-up", "", dict(inputs), task, tuple(specialists), lead, ModelSpec("claude-sonnet-5-5"))
    tools = {spec.name: spec for specs in specialists.values() for spec in specs}
    return investigated(Configuration(playbook, agents, tools, {"playbook": {}}, "digest"), tmp_path, began)


def investigated(configuration: Configuration, tmp_path: Path, began: str | None = None) -> Outcome:
    """The outcome of a configuration."""
    case = Case(configuration.playbook.task, configuration.playbook.inputs, STARTED, began)
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append(RunStarted("run", case, {}, "digest", "offline", {}))
    gate = door(configuration, OfflineModel(), journal)
    conclusion = asyncio.run(investigate(configuration, case, gate, Stop()))
    record = fold(journal.entries)
    journal.close()
    return Outcome(conclusion, record)


def lines(*rows: str) -> str:
    """A text of many lines."""
    return "\n".join(rows) + "\n"


def table(*rows: Sequence[str]) -> str:
    """A table as kubectl prints it."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return lines(*("   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows))


__all__ = ["STARTED", "Outcome", "as_text", "investigated", "lines", "run", "said", "table", "tool"]
