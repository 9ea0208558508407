"""The offline model as judge: the position with the stronger case, by its findings and its confidence."""

from __future__ import annotations

from collections.abc import Mapping

from sre_runner.casefile import SEVERITIES, Json
from sre_runner.models.offline.hearing import Heard, listing, mapping
from sre_runner.models.offline.notice import BRIEFLY
from sre_runner.models.offline.reporting import Material, fill
from sre_runner.models.offline.words import clean, listed


def judge(heard: Heard) -> dict[str, Json]:
    """The report of a judge. Verified findings times confidence weigh; of equal weights the more severe wins."""
    positions = [mapping(each) for each in listing(heard.blocks.get("positions"))]
    taken = [each for each in positions if _severity(each) in SEVERITIES]
    if not taken:
        known: dict[str, Json] = {
            "severity_assessment": SEVERITIES[0],
            "reasons": f"{BRIEFLY} No position was given, so the worst severity is assumed.",
            "would_change_my_mind": "A position with evidence.",
        }
        return fill(heard.report_schema, Material(known=known))
    ranked = sorted(taken, key=lambda each: (-_weight(each), SEVERITIES.index(_severity(each))))
    winner, others = ranked[0], [each for each in ranked[1:] if _severity(each) != _severity(ranked[0])]
    weights = listed([f"{_agent(each)} {_severity(each)} {_weight(each):.2f}" for each in ranked])
    said = clean(_strongest(winner), 240).rstrip(".") or "nothing in particular"
    known = {
        "severity_assessment": _severity(winner),
        "reasons": f"{BRIEFLY} Weights (verified findings times confidence): {weights}. Strongest evidence, "
        f"from {_agent(winner)}: {said}.",
        "would_change_my_mind": _otherwise(winner, others),
    }
    return fill(heard.report_schema, Material(severity=_severity(winner), known=known))


def _otherwise(winner: Mapping[str, Json], others: list[Mapping[str, Json]]) -> str:
    if not others:
        return f"Evidence against {_agent(winner)}; nobody brought any."
    said = clean(_strongest(others[0]), 200).rstrip(".") or "more evidence for it"
    return f"More evidence for {_severity(others[0])}, as {_agent(others[0])} argues, such as: {said}."


def _weight(position: Mapping[str, Json]) -> float:
    confidence = mapping(position.get("report")).get("confidence")
    sure = float(confidence) if isinstance(confidence, int | float) else 0.0
    return sure * sum("unverified" not in finding for finding in _findings(position))


def _strongest(position: Mapping[str, Json]) -> str:
    """The first finding: a report lists the most important one first."""
    return next((str(each.get("statement", "")) for each in _findings(position) if "unverified" not in each), "")


def _findings(position: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    return [mapping(each) for each in listing(mapping(position.get("report")).get("findings"))]


def _severity(position: Mapping[str, Json]) -> str:
    return str(mapping(position.get("report")).get("severity_assessment", ""))


def _agent(position: Mapping[str, Json]) -> str:
    return clean(str(position.get("agent", "")), 64)
