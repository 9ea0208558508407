"""The report of each role: its reserved tool, its base schema, and what was submitted as a typed Report."""

from __future__ import annotations

from collections.abc import Mapping

from sre_runner.casefile import Assignment, Derived, Evidence, Finding, Json, Report, Status
from sre_runner.coordination.report_schemas import REPORT_TOOLS
from sre_runner.documents.json_schema.coercion import coerced
from sre_runner.documents.json_schema.complaints import complaints, dotted
from sre_runner.specs import AgentSpec

MOST_FINDINGS, MOST_EVIDENCE = 200, 20
"""Findings of a report, and items of evidence of a finding, that are read: more of them help nobody."""
MOST_NOTES = 20
"""Lines about what was put right in a report."""


def report_tool(agent: AgentSpec, schema: Mapping[str, Json]) -> dict[str, Json]:
    """The wire definition of the tool through which this agent reports."""
    return {
        "name": REPORT_TOOLS[agent.role],
        "description": "Submit your report. Call it once, when you are done or have no turns left; it ends your work.",
        "input_schema": dict(schema),
    }


def read_report(assignment: Assignment, submitted: Json) -> tuple[Report | None, list[str], list[str]]:
    """What was submitted as a typed report, or all that is wrong with it; and what was put right. A line each."""
    data, righted = coerced(assignment.schema, submitted)
    data, cut = _within_bounds(data)
    notes = [f"{dotted(path)} {words}" for path, words in righted[:MOST_NOTES]] + cut
    wrong = [f"{dotted(path) or 'report'}: {message}" for path, message in complaints(assignment.schema, data)]
    if wrong:
        return None, wrong, notes
    findings = tuple(
        Finding(
            id=f"f{number}",
            statement=item["statement"],
            evidence=tuple(Evidence(**evidence) for evidence in item["evidence"]),
            derived=tuple(Derived(each["value"], tuple(each["from"])) for each in item.get("derived", [])),
        )
        for number, item in enumerate(data.get("findings", []), start=1)
    )
    for number, finding in enumerate(findings):
        for place, evidence in enumerate(finding.evidence):
            if bool(evidence.finding) == bool(evidence.call or evidence.quote) or bool(evidence.call) != bool(
                evidence.quote
            ):
                wrong.append(f"findings[{number}].evidence[{place}]: give call and quote, or finding alone")
    if wrong:
        return None, wrong, notes
    report = Report(assignment.id, assignment.agent, Status.COMPLETED, fields=data, findings=findings)
    return report, [], notes


def _within_bounds(data: Json) -> tuple[Json, list[str]]:
    """A report with no more findings, and items of evidence in each, than are read; and what was left out."""
    findings = data.get("findings") if isinstance(data, dict) else None
    if not isinstance(findings, list):
        return data, []
    notes = []
    if len(findings) > MOST_FINDINGS:
        notes.append(f"{len(findings) - MOST_FINDINGS} findings after the first {MOST_FINDINGS} were left out")
    kept = [_with_less_evidence(finding) for finding in findings[:MOST_FINDINGS]]
    less = sum(one is not other for one, other in zip(kept, findings, strict=False))
    if less:
        notes.append(f"{less} findings had more than {MOST_EVIDENCE} items of evidence; the others were left out")
    return ({**data, "findings": kept}, notes) if notes else (data, [])


def _with_less_evidence(finding: Json) -> Json:
    evidence = finding.get("evidence") if isinstance(finding, dict) else None
    if not isinstance(evidence, list) or len(evidence) <= MOST_EVIDENCE:
        return finding
    return {**finding, "evidence": evidence[:MOST_EVIDENCE]}
