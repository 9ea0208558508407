"""The offline model as planner: every specialist works on the case, each on the part that its description names."""

from __future__ import annotations

from collections.abc import Mapping

from sre_runner.casefile import Json
from sre_runner.models.offline.hearing import Heard, listing, mapping
from sre_runner.models.offline.reporting import Material, fill
from sre_runner.models.offline.words import clean, listed


def plan(heard: Heard) -> dict[str, Json]:
    """The report of a planner. Which specialist a case can do without takes judgement: a rehearsal asks all of them."""
    offered = [mapping(each) for each in listing(heard.blocks.get("specialists"))]
    chosen = [each for each in offered if each.get("agent")]
    assignments = [{"agent": str(each["agent"]), "task": _task(each, heard)} for each in chosen]
    known = {"assignments": assignments} if assignments else {}
    return fill(heard.report_schema, Material(known=known))


def _task(specialist: Mapping[str, Json], heard: Heard) -> str:
    """Scope, where to start, which tools to call, and what to report."""
    scope = clean(str(specialist.get("description", "")), 600).rstrip(".")
    tools = [clean(str(mapping(tool).get("name", "")), 64) for tool in listing(specialist.get("tools"))][:12]
    named = listed([f"{clean(name, 40)} {clean(value, 80)}" for name, value in heard.inputs.items()])
    parts = [
        f"Investigate your part of the case: {scope[:1].lower()}{scope[1:]}." if scope else "Investigate the case.",
        f"Start with {named}." if named else "",
        f"Call {listed(tools)}." if tools else "",
        "Report each fact with a verbatim quote, its timing relative to the incident, and what you could not find out.",
    ]
    return " ".join(part for part in parts if part)
