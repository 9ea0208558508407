"""What each agent is told and asked: the assignments of an investigation, and reports as other agents are told them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from sre_runner.casefile import Assignment, Case, Json, Report, Status, Write
from sre_runner.coordination.claims.marks import marked
from sre_runner.coordination.report_schemas import FINDINGS_UNCHECKED, single_schema, specialist_schema
from sre_runner.models.messages import message
from sre_runner.specs import Configuration


def case_block(case: Case) -> tuple[str, Json]:
    """The case, as the first block of every assignment."""
    return "case", {key: value for key, value in asdict(case).items() if value is not None}


def investigation(
    configuration: Configuration, case: Case, agent: str, task: str, *more: tuple[str, Json], id_: str = ""
) -> Assignment:
    """A specialist's part, in a conversation of its own; `more` blocks stand before the task."""
    blocks = (case_block(case), *more, ("assignment", {"task": task}))
    return Assignment(id_ or f"investigate/{agent}", agent, blocks, report_schema(configuration, agent))


def continuation(report: Report, assignment: Assignment, id_: str, task: str, *more: tuple[str, Json]) -> Assignment:
    """Further work for the agent of a report, in the conversation that it came from."""
    blocks = (*more, ("assignment", {"task": task}))
    return replace(assignment, id=id_, blocks=blocks, continues=report.assignment)


def report_schema(configuration: Configuration, agent: str) -> Mapping[str, Json]:
    """A specialist's report schema; the options of votes narrow the fields that they are over."""
    own = configuration.agents[agent].report
    coordinator = configuration.playbook.coordinator
    schema = specialist_schema(own) if coordinator.synthesizer else single_schema(own)
    if not configuration.values_checked:
        schema["properties"]["findings"] = FINDINGS_UNCHECKED
    for vote in coordinator.votes:
        if vote.field in schema["properties"]:
            schema["properties"][vote.field] = {**schema["properties"][vote.field], "enum": list(vote.options)}
    return schema


def introduced(configuration: Configuration, name: str) -> Json:
    """A specialist as planner and reviewer are told of it."""
    agent = configuration.agents[name]
    specs = (configuration.tools[tool] for tool in agent.tools)
    tools = [{"name": spec.name, "description": spec.description} for spec in specs]
    return {"agent": name, "description": agent.description, "tools": tools}


def told(report: Report) -> Json:
    """A whole report, its findings under the ids by which they are cited."""
    if report.status is not Status.COMPLETED:
        return _untold(report)
    findings = [
        {
            **_finding(report, number),
            "evidence": [{key: value for key, value in asdict(item).items() if value} for item in finding.evidence],
        }
        for number, finding in enumerate(report.findings)
    ]
    return {"agent": report.agent, "status": report.status, "report": {**report.fields, "findings": findings}}


def told_briefly(report: Report) -> Json:
    """A report's summary, severity and findings, without evidence and own fields."""
    if report.status is not Status.COMPLETED:
        return _untold(report)
    kept = {name: report.fields[name] for name in ("summary", "severity_assessment", "confidence")}
    findings = [_finding(report, number) for number in range(len(report.findings))]
    return {"agent": report.agent, "status": report.status, "report": {**kept, "findings": findings}}


def told_all(reports: Sequence[Report]) -> Json:
    """Whole reports, in order."""
    return [told(report) for report in reports]


def told_of(writes: Sequence[Write], assignment: Assignment) -> Assignment:
    """The assignment with the writes that were made before it, if there were any, in a block before its task."""
    if not writes:
        return assignment
    changed = ("changed", {"note": message("changed"), "writes": [asdict(write) for write in writes]})
    return replace(assignment, blocks=(*assignment.blocks[:-1], changed, *assignment.blocks[-1:]))


def missing(report: Report) -> str:
    """What a conclusion says of a report that was not completed."""
    return f"{report.agent} ({report.assignment}) {report.status}: {report.problem}."


def _untold(report: Report) -> Json:
    return {"agent": report.agent, "status": report.status, "problem": report.problem}


def _finding(report: Report, number: int) -> dict[str, Json]:
    finding = report.findings[number]
    doubt = {"unverified": finding.doubt} if finding.doubt else {}
    return {"id": f"{report.agent}/{finding.id}", "statement": marked(finding.statement, finding.unseen), **doubt}
