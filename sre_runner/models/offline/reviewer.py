"""The offline model as reviewer: what a specialist could not ask, and other reports now name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sre_runner.casefile import Json
from sre_runner.models.offline.hearing import Heard, listing, mapping
from sre_runner.models.offline.knowing import named_in
from sre_runner.models.offline.reporting import Material, fill
from sre_runner.models.offline.subjects import kind_of
from sre_runner.models.offline.words import clean, listed

_MOST_REQUESTS = 3
_MOST_NAMES = 4


def review(heard: Heard) -> dict[str, Json]:
    """The report of a reviewer: a request for each tool whose objects only other reports name, high priority; one for
    each report that is missing, medium priority."""
    offered = {str(each.get("agent")): each for each in map(mapping, listing(heard.blocks.get("specialists")))}
    reports = {str(each.get("agent")): each for each in map(mapping, listing(heard.blocks.get("reports")))}
    asked = {
        (str(e.get("agent")), str(e.get("request"))) for e in map(mapping, listing(heard.blocks.get("asked_before")))
    }
    wanted = [*_unasked(offered, reports), *_missing(reports)]
    followups = [each for each in wanted if (each["agent"], each["request"]) not in asked]
    return fill(heard.report_schema, Material(known={"followups": followups[:_MOST_REQUESTS]}))


def _unasked(
    offered: Mapping[str, Mapping[str, Json]], reports: Mapping[str, Mapping[str, Json]]
) -> Iterator[dict[str, Json]]:
    """Tools about a kind of object that their specialist says it could not ask about, and others name."""
    for agent, report in reports.items():
        own = _text(report)
        for tool in map(mapping, listing(offered.get(agent, {}).get("tools"))):
            name = str(tool.get("name", ""))
            kind = kind_of(name)
            if not kind or not any(name in question for question in _questions(report)):
                continue
            names = dict.fromkeys(
                found
                for other, others in reports.items()
                if other != agent
                for found_kind, found in named_in(_text(others))
                if found_kind == kind and found not in own
            )
            if names:
                things = listed([f"{kind} {clean(one, 80)}" for one in list(names)[:_MOST_NAMES]])
                request = f"Call {clean(name, 64)} for {things}, named in other reports."
                yield {"agent": agent, "request": request, "priority": "high"}


def _missing(reports: Mapping[str, Mapping[str, Json]]) -> Iterator[dict[str, Json]]:
    for agent, report in reports.items():
        if "report" not in report:
            yield {"agent": agent, "request": "Your report is missing. Investigate your part.", "priority": "medium"}


def _questions(report: Mapping[str, Json]) -> list[str]:
    return [str(each) for each in listing(mapping(report.get("report")).get("open_questions"))]


def _text(report: Mapping[str, Json]) -> str:
    """The statements of a report's findings."""
    findings = map(mapping, listing(mapping(report.get("report")).get("findings")))
    return "\n".join(str(each.get("statement", "")) for each in findings)
