"""The coordinator: plan, investigate, look for gaps, judge or vote, conclude, as one generator of waves."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from sre_runner.casefile import (
    SEVERITIES,
    Assignment,
    Ballot,
    Case,
    Conclusion,
    Json,
    Report,
    Status,
    Verdict,
    Wave,
    Write,
)
from sre_runner.coordination.assignments import case_block, introduced, investigation, missing, told_all, told_of
from sre_runner.coordination.evidence.findings import judged_again
from sre_runner.coordination.feedback import feedback
from sre_runner.coordination.report_schemas import SEVERITY_FIELD, conclusion_schema, judge_schema, plan_schema
from sre_runner.coordination.strategies.table import STRATEGIES
from sre_runner.coordination.voting.rules import decide
from sre_runner.models.messages import message
from sre_runner.specs import Configuration, VoteSpec

PLAN_ATTEMPTS = 2
"""A planner that gives no plan is asked once more, and then done without."""


@dataclass
class _Found:
    """What is known when the conclusion is drawn."""

    reports: Sequence[Report]
    verdicts: list[Verdict] = field(default_factory=list)
    compared: list[Verdict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def severity(self) -> str | None:
        """The severity that was voted or judged; None where it was not."""
        return next((verdict.value for verdict in self.verdicts if verdict.field == SEVERITY_FIELD), None)

    def conclusion(self, report: Report) -> Conclusion:
        """What a model concluded, with the verdict in the place of the severity that it proposed."""
        fields = report.fields
        if self.severity:
            fields = {**fields, "severity": self.severity, "proposed_severity": fields["severity"]}
        return replace(self.closed(fields, by_model=True, doubts=report.doubts), unseen=report.unseen)

    def closed(self, fields: Mapping[str, Json], *, by_model: bool, doubts: Sequence[str] = ()) -> Conclusion:
        return Conclusion(
            fields,
            by_model,
            tuple(self.missing),
            tuple(self.notes),
            tuple(self.verdicts),
            tuple(self.compared),
            tuple(doubts),
        )


def coordinate(configuration: Configuration, case: Case) -> Generator[Wave, Sequence[Report], Conclusion]:
    """Yield waves of assignments, be sent their reports in the wave's order, return the conclusion.

    It never fails: what a specialist does not deliver is named in `Conclusion.missing`. Whoever comes after a write is
    told of it.
    """
    steps = _coordinate(configuration, case)
    writes: list[Write] = []
    wave = next(steps)
    while True:
        reports = yield tuple(told_of(writes, assignment) for assignment in wave)
        writes += [write for report in reports for write in report.writes]
        try:
            wave = steps.send(reports)
        except StopIteration as end:
            conclusion: Conclusion = end.value
            return conclusion


def _coordinate(configuration: Configuration, case: Case) -> Generator[Wave, Sequence[Report], Conclusion]:
    coordinator = configuration.playbook.coordinator
    lacking: list[str] = []
    if coordinator.planner is None:
        tasks: Mapping[str, str] = dict.fromkeys(configuration.playbook.specialists, case.task)
    else:
        tasks = yield from _plan(configuration, case, coordinator.planner, lacking)
    assignments = [investigation(configuration, case, agent, task) for agent, task in tasks.items()]
    investigated = yield from STRATEGIES[coordinator.strategy].waves(assignments, coordinator)
    found = _Found(
        judged_again(investigated.reports),
        notes=list(investigated.notes),
        missing=[*lacking, *map(missing, investigated.missing)],
    )
    if coordinator.feedback:
        reviewed = yield from feedback(configuration, case, found.reports)
        found.reports = reviewed.reports
        found.missing += reviewed.missing
        found.notes += reviewed.notes
    _vote(configuration, found, investigated.first)
    if coordinator.judge:
        yield from _judge(configuration, case, coordinator.judge, found)
    if coordinator.synthesizer is None:
        return _from_single(found)
    return (yield from _conclude(configuration, case, coordinator.synthesizer, found))


def _plan(
    configuration: Configuration, case: Case, planner: str, lacking: list[str]
) -> Generator[Wave, Sequence[Report], Mapping[str, str]]:
    """Each deployed specialist's task, in the playbook's order; everyone's whole task where the planner fails."""
    specialists = configuration.playbook.specialists
    blocks = (case_block(case), ("specialists", [introduced(configuration, name) for name in specialists]))
    schema = plan_schema(specialists)
    for attempt in range(1, PLAN_ATTEMPTS + 1):
        (report,) = yield (Assignment("plan" if attempt == 1 else f"plan-{attempt}", planner, blocks, schema),)
        if report.status is Status.COMPLETED:
            planned = report.fields["assignments"]
            tasks = {name: [p["task"] for p in planned if p["agent"] == name] for name in specialists}
            return {name: "\n\n".join(parts) for name, parts in tasks.items() if parts}
    lacking.append(f"{missing(report)} Every specialist was given the whole task instead.")
    return dict.fromkeys(specialists, case.task)


def _vote(configuration: Configuration, found: _Found, first: Sequence[Report]) -> None:
    """The verdict of every vote; after a debate also that over the first positions, for the record."""
    for vote in configuration.playbook.coordinator.votes:
        found.verdicts.append(decide(vote, ballots(configuration, vote, found.reports)))
        if first:
            found.compared.append(replace(decide(vote, ballots(configuration, vote, first)), over="first positions"))


def ballots(configuration: Configuration, vote: VoteSpec, reports: Sequence[Report]) -> list[Ballot]:
    """A ballot of each deployed specialist that votes; without a valid value it is an abstention."""
    voters = [
        report
        for report in reports
        if _has_field(configuration, report.agent, vote.field) and (not vote.voters or report.agent in vote.voters)
    ]
    return [_ballot(vote, report) for report in voters]


def _has_field(configuration: Configuration, agent: str, name: str) -> bool:
    return name == SEVERITY_FIELD or name in configuration.agents[agent].report


def _ballot(vote: VoteSpec, report: Report) -> Ballot:
    weight = vote.weights.get(report.agent, 1.0)
    value = report.fields.get(vote.field)
    if report.status is not Status.COMPLETED:
        return Ballot(report.agent, None, 0.0, weight, f"{report.status}: {report.problem}")
    if value not in vote.options:
        return Ballot(report.agent, None, 0.0, weight, f"{value!r} is no option")
    return Ballot(report.agent, str(value), float(report.fields["confidence"]), weight)


def _judge(
    configuration: Configuration, case: Case, judge: str, found: _Found
) -> Generator[Wave, Sequence[Report], None]:
    """The judge's value becomes the verdict, and the rule's stays for the record; without a judgement it decides."""
    by_rule = [verdict for verdict in found.verdicts if verdict.field == SEVERITY_FIELD]
    votes = configuration.playbook.coordinator.votes
    options = next((vote.options for vote in votes if vote.field == SEVERITY_FIELD), SEVERITIES)
    schema = judge_schema(options, configuration.agents[judge].report)
    blocks = (case_block(case), ("positions", told_all(found.reports)))
    (report,) = yield (Assignment("judge", judge, blocks, schema),)
    if report.status is not Status.COMPLETED:
        without = " The voting rule decides." if by_rule else ""
        found.missing.append(f"{missing(report)}{without}")
        return
    positions = by_rule[0].ballots if by_rule else ()
    judged = Verdict(
        vote=by_rule[0].vote if by_rule else "severity",
        field=SEVERITY_FIELD,
        rule="judge",
        value=report.fields[SEVERITY_FIELD],
        ballots=positions,
        reason=report.fields["reasons"],
        would_change=report.fields["would_change_my_mind"],
    )
    found.compared += [replace(verdict, over="last positions") for verdict in by_rule]
    found.verdicts = [judged, *(verdict for verdict in found.verdicts if verdict.field != SEVERITY_FIELD)]


def _conclude(
    configuration: Configuration, case: Case, synthesizer: str, found: _Found
) -> Generator[Wave, Sequence[Report], Conclusion]:
    found.missing = [*map(missing, _not_completed(found.reports)), *found.missing]
    completed = [report for report in found.reports if report.status is Status.COMPLETED]
    if not completed:
        found.missing.append("No specialist delivered a report.")
        return without_model(found)
    schema = conclusion_schema(
        [f"{report.agent}/{finding.id}" for report in completed for finding in report.findings],
        [report.agent for report in completed],
        configuration.agents[synthesizer].report,
    )
    doubted = any(finding.doubt for report in completed for finding in report.findings)
    blocks = (
        case_block(case),
        ("reports", told_all(found.reports)),
        ("votes", [_told_verdict(verdict) for verdict in found.verdicts]),
        ("missing", [*found.missing, *found.notes]),
        ("assignment", {"task": message("conclude", voted=bool(found.verdicts), doubted=doubted)}),
    )
    (report,) = yield (Assignment("conclude", synthesizer, blocks, schema),)
    if report.status is Status.COMPLETED:
        return found.conclusion(report)
    found.missing.append(missing(report))
    return without_model(found)


def _from_single(found: _Found) -> Conclusion:
    (report,) = found.reports
    if report.status is Status.COMPLETED:
        return found.conclusion(report)
    found.missing.append(missing(report))
    return without_model(found)


def without_model(found: _Found) -> Conclusion:
    """The last resort: what the specialists reported, put side by side without a model."""
    completed = [report for report in found.reports if report.status is Status.COMPLETED]
    cited = [(report.agent, f"{report.agent}/{finding.id}") for report in completed for finding in report.findings]
    severities = [str(report.fields[SEVERITY_FIELD]) for report in completed]
    summaries = [f"{report.agent}: {report.fields['summary']}" for report in completed]
    fields: dict[str, Json] = {
        "severity": found.severity or min(severities, key=SEVERITIES.index, default=None),
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
    return found.closed(fields, by_model=False)


def _not_completed(reports: Sequence[Report]) -> list[Report]:
    return [report for report in reports if report.status is not Status.COMPLETED]


def _told_verdict(verdict: Verdict) -> Json:
    """A verdict as the synthesizer is told it, every ballot with its agent."""
    told = {key: value for key, value in asdict(verdict).items() if value and key != "otherwise"}
    return {**told, "ballots": [{"agent": ballot.agent, "value": ballot.value} for ballot in verdict.ballots]}
