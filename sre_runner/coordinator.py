"""The coordinator: plan, investigate, conclude, as one generator that yields waves and is sent their reports."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict

from sre_runner.casefile import SEVERITIES, Assignment, Case, Conclusion, Json, Report, Status, Wave
from sre_runner.reports import conclusion_schema, plan_schema, single_schema, specialist_schema
from sre_runner.specs import Configuration
from sre_runner.strategies import STRATEGIES

PLAN_ATTEMPTS = 2
"""A planner that gives no plan is asked once more, and then done without."""


def coordinate(configuration: Configuration, case: Case) -> Generator[Wave, Sequence[Report], Conclusion]:
    """Yield waves of assignments, be sent their reports in the wave's order, return the conclusion.

    It never fails: what a specialist does not deliver is named in `Conclusion.missing`.
    """
    coordinator = configuration.playbook.coordinator
    notes: list[str] = []
    if coordinator.planner is None:
        tasks: Mapping[str, str] = dict.fromkeys(configuration.playbook.specialists, case.task)
    else:
        tasks = yield from _plan(configuration, case, coordinator.planner, notes)
    assignments = [_investigation(configuration, case, agent, task) for agent, task in tasks.items()]
    reports = yield from STRATEGIES[coordinator.strategy](assignments)
    if coordinator.synthesizer is None:
        return _from_single(reports[0], notes)
    return (yield from _conclude(configuration, case, coordinator.synthesizer, reports, notes))


def _plan(
    configuration: Configuration, case: Case, planner: str, notes: list[str]
) -> Generator[Wave, Sequence[Report], Mapping[str, str]]:
    """Each deployed specialist's task, in the playbook's order; everyone's whole task where the planner fails."""
    specialists = configuration.playbook.specialists
    blocks = (("case", _case(case)), ("specialists", [_introduced(configuration, name) for name in specialists]))
    schema = plan_schema(specialists)
    for attempt in range(1, PLAN_ATTEMPTS + 1):
        (report,) = yield (Assignment("plan" if attempt == 1 else f"plan-{attempt}", planner, blocks, schema),)
        if report.status is Status.COMPLETED:
            planned = report.fields["assignments"]
            tasks = {name: [p["task"] for p in planned if p["agent"] == name] for name in specialists}
            return {name: "\n\n".join(parts) for name, parts in tasks.items() if parts}
    notes.append(f"The planner failed ({report.problem}), so every specialist was given the whole task.")
    return dict.fromkeys(specialists, case.task)


def _investigation(configuration: Configuration, case: Case, agent: str, task: str) -> Assignment:
    own = configuration.agents[agent].report
    alone = configuration.playbook.coordinator.synthesizer is None
    schema = single_schema(own) if alone else specialist_schema(own)
    return Assignment(f"investigate/{agent}", agent, (("case", _case(case)), ("assignment", {"task": task})), schema)


def _conclude(
    configuration: Configuration, case: Case, synthesizer: str, reports: Sequence[Report], notes: Sequence[str]
) -> Generator[Wave, Sequence[Report], Conclusion]:
    missing = tuple(_missing(report) for report in reports if report.status is not Status.COMPLETED)
    completed = [report for report in reports if report.status is Status.COMPLETED]
    if not completed:
        return without_model(reports, (*missing, "No specialist delivered a report."), notes)
    schema = conclusion_schema(
        [f"{report.agent}/{finding.id}" for report in completed for finding in report.findings],
        [report.agent for report in completed],
        configuration.agents[synthesizer].report,
    )
    told = [_told(report) for report in reports]
    blocks = (("case", _case(case)), ("reports", told), ("missing", [*missing, *notes]))
    (report,) = yield (Assignment("conclude", synthesizer, blocks, schema),)
    if report.status is Status.COMPLETED:
        return Conclusion(report.fields, by_model=True, missing=missing, notes=tuple(notes))
    return without_model(reports, (*missing, _missing(report)), notes)


def _from_single(report: Report, notes: Sequence[str]) -> Conclusion:
    if report.status is Status.COMPLETED:
        return Conclusion(report.fields, by_model=True, notes=tuple(notes))
    return without_model([report], [_missing(report)], notes)


def without_model(reports: Sequence[Report], missing: Sequence[str], notes: Sequence[str]) -> Conclusion:
    """The last resort: what the specialists reported, put side by side without a model."""
    completed = [report for report in reports if report.status is Status.COMPLETED]
    cited = [(report.agent, f"{report.agent}/{finding.id}") for report in completed for finding in report.findings]
    severities = [str(report.fields["severity_assessment"]) for report in completed]
    summaries = [f"{report.agent}: {report.fields['summary']}" for report in completed]
    fields: dict[str, Json] = {
        "severity": min(severities, key=SEVERITIES.index, default=None),
        "incident_summary": "\n\n".join(summaries) or "Nothing was found out: no specialist delivered a report.",
        "root_cause": {
            "statement": "Not determined: no model drew a conclusion from the reports.",
            "evidence": [{"finding": finding} for _, finding in cited],
        },
        "evidence": [{"agent": agent, "finding": finding} for agent, finding in cited],
        "immediate_actions": [{"action": "Read the specialists' findings below, and decide by hand."}]
        if cited
        else [{"action": "Investigate by hand: this run found nothing to act on."}],
        "long_term_fix": "Not determined.",
        "communication": "The incident is under investigation; there is no confirmed cause yet.",
    }
    return Conclusion(fields, by_model=False, missing=tuple(missing), notes=tuple(notes))


def _missing(report: Report) -> str:
    return f"{report.agent} ({report.assignment}) {report.status}: {report.problem}."


def _case(case: Case) -> Json:
    return {key: value for key, value in asdict(case).items() if value is not None}


def _introduced(configuration: Configuration, name: str) -> Json:
    agent = configuration.agents[name]
    specs = (configuration.tools[tool] for tool in agent.tools)
    tools = [{"name": spec.name, "description": spec.description} for spec in specs]
    return {"agent": name, "description": agent.description, "tools": tools}


def _told(report: Report) -> Json:
    """A report as the synthesizer is told it, its findings under the ids by which they are cited."""
    if report.status is not Status.COMPLETED:
        return {"agent": report.agent, "status": report.status, "problem": report.problem}
    findings = [
        {
            "id": f"{report.agent}/{finding.id}",
            "statement": finding.statement,
            "evidence": [{k: v for k, v in asdict(item).items() if v is not None} for item in finding.evidence],
        }
        for finding in report.findings
    ]
    return {"agent": report.agent, "status": report.status, "report": {**report.fields, "findings": findings}}
