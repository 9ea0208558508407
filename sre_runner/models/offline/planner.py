"""The offline model as planner: which specialists a case needs, by their descriptions and tools."""

from __future__ import annotations

from collections.abc import Mapping

from sre_runner.casefile import Json
from sre_runner.models.offline.hearing import Heard, listing, mapping
from sre_runner.models.offline.reporting import Material, fill
from sre_runner.models.offline.sights import recognised
from sre_runner.models.offline.table import signals
from sre_runner.models.offline.words import clean, listed, telling

_ALWAYS_WORDS = """
log error event health status pod deployment change metric alert runbook procedure trace incident symptom
escalation rollback
"""
_ALWAYS = frozenset(_ALWAYS_WORDS.split())
"""What every incident needs somebody for, whatever its words are."""
_NOT = ("not ", "no ", "nothing ", "never ")


def plan(heard: Heard) -> dict[str, Json]:
    """The report of a planner: everyone whose words meet those of the case, all where nobody's do."""
    offered = [mapping(each) for each in listing(heard.blocks.get("specialists"))]
    case = telling(heard.task) | telling(" ".join([*heard.inputs, *heard.inputs.values()]))
    spoken = frozenset().union(*(signals()[name].topics for name in recognised(heard.task)))
    fitting = [each for each in offered if _words(each) & (case | spoken | _ALWAYS)]
    chosen = [each for each in fitting or offered if each.get("agent")]
    assignments = [{"agent": str(each["agent"]), "task": _task(each, chosen, heard)} for each in chosen]
    known = {"assignments": assignments} if assignments else {}
    return fill(heard.report_schema, Material(known=known))


def _words(specialist: Mapping[str, Json]) -> frozenset[str]:
    """What a specialist says of itself and its tools, without what it says it does not do."""
    return telling(_scope(specialist)) | telling(" ".join(str(tool.get("name", "")) for tool in _tools(specialist)))


def _scope(specialist: Mapping[str, Json]) -> str:
    description = clean(str(specialist.get("description", "")), 600)
    return ". ".join(part for part in description.split(". ") if not part.lower().startswith(_NOT))


def _tools(specialist: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    return [mapping(tool) for tool in listing(specialist.get("tools"))]


def _task(specialist: Mapping[str, Json], chosen: list[Mapping[str, Json]], heard: Heard) -> str:
    """Objective, where to begin, boundaries, and what to bring back."""
    scope = _scope(specialist).rstrip(".")
    scope = f"{scope[:1].lower()}{scope[1:]}" or "your field"
    tools = [clean(str(tool.get("name", "")), 64) for tool in _tools(specialist)][:12]
    others = [clean(str(each["agent"]), 64) for each in chosen if each is not specialist]
    named = listed([f"{clean(name, 40)} {clean(value, 80)}" for name, value in heard.inputs.items()])
    parts = [
        f"Find out what your field shows of this case: {scope}.",
        f"Begin with {named}." if named else "",
        f"Ask {listed(tools)}, the overview first, then what stands out in detail." if tools else "",
        f"Leave what is not of your field to {listed(others)}." if others else "",
        "Bring back each fact with a verbatim quote, what fits the beginning of the incident in time, "
        "and what could not be found out.",
    ]
    return " ".join(part for part in parts if part)
