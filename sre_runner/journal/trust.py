"""How far a conclusion can be trusted, in counts: what was checked of it, and what stands behind its cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sre_runner.casefile import Conclusion, Finding
from sre_runner.coordination.claims.values import values
from sre_runner.coordination.evidence.statements import CONCLUDED, concluded_text
from sre_runner.coordination.proposed.marks import Mark
from sre_runner.journal import facts
from sre_runner.journal.marks import action_marks
from sre_runner.journal.record import CallRecord, Record


@dataclass(frozen=True)
class Trust:
    """Counts of a conclusion's checks.

    `verified` of `findings` have all their quotes in the answers that they cite. `values_seen` of `values` (numbers,
    times, versions, names in the statements of findings and in the texts of the conclusion) were shown by what these
    cite. `names_not_seen` stand in proposed commands. `tools` and `specialists` are behind the cause, and `missing` is
    what was asked for and is not there. `remarks` point out what a person should look at first.
    """

    verified: int
    findings: int
    values_seen: int
    values: int
    names_not_seen: int
    tools: int
    specialists: int
    missing: int
    remarks: tuple[str, ...] = ()


def trust_of(record: Record, marks: Sequence[Sequence[Mark]] | None = None) -> Trust | None:
    """The counts of a run's conclusion; None where there is none. `marks` are those of its commands, if they are known
    already."""
    conclusion = record.conclusion
    if conclusion is None:
        return None
    findings = [finding for report in record.reports().values() for finding in report.findings]
    stated = [sum(1 for _ in values(each.statement)) for each in findings]
    stated += [sum(1 for _ in values(concluded_text(conclusion.fields, name))) for name in CONCLUDED]
    unseen = sum(len(each.unseen) for each in findings) + sum(len(marks) for marks in conclusion.unseen.values())
    verified, number = record.verified()
    tools, specialists = _behind(record, conclusion)
    return Trust(
        verified=verified,
        findings=number,
        values_seen=max(sum(stated) - unseen, 0),
        values=max(sum(stated), unseen),
        names_not_seen=sum(mark.kind == "not_seen" for each in marks or action_marks(record) for mark in each),
        tools=len(tools),
        specialists=len(specialists),
        missing=len(conclusion.missing),
        remarks=tuple(_remarks(record, conclusion, findings)),
    )


def _behind(record: Record, conclusion: Conclusion) -> tuple[set[str], set[str]]:
    """The tools and the specialists that the cause rests on."""
    calls = {
        work.report.agent: facts.calls_behind(record, work)
        for work in record.standing()
        if work.report and work.report.agent in record.reports()
    }
    known = {f"{agent}/{each.id}": each for agent, report in record.reports().items() for each in report.findings}
    waiting = [str(each.get("finding")) for each in conclusion.fields.get("root_cause", {}).get("evidence", [])]
    tools, cited = set(), set()
    while waiting:
        name = waiting.pop()
        if name in cited or name not in known:
            continue
        cited.add(name)
        agent = name.partition("/")[0]
        for each in known[name].evidence:
            if each.call in calls.get(agent, {}):
                tools.add(calls[agent][each.call].request.name)
            if each.finding:
                waiting.append(each.finding if "/" in each.finding else f"{agent}/{each.finding}")
    return tools, {name.partition("/")[0] for name in cited}


def _remarks(record: Record, conclusion: Conclusion, findings: Iterable[Finding]) -> Iterable[str]:
    if conclusion.fields.get("severity") and not any(not each.doubt for each in findings):
        yield "No verified finding bears on the severity."
    cited = conclusion.fields.get("root_cause", {}).get("evidence", [])
    if conclusion.by_model and not cited:
        yield "The cause cites no finding."
    ballots = [ballot for verdict in conclusion.verdicts[:1] for ballot in verdict.ballots if ballot.value]
    reports = record.reports()
    empty = [ballot.agent for ballot in ballots if ballot.agent in reports and not reports[ballot.agent].findings]
    if empty:
        yield f"{', '.join(empty)} voted without a finding."
    for agent, failed in _failed(record).items():
        yield f"{agent} saw nothing: {failed:,} of {failed:,} tool calls failed."


def _failed(record: Record) -> Mapping[str, int]:
    """The agents of which every tool call failed, with how many calls these are."""
    found: dict[str, int] = {}
    for work in record.standing():
        if work.report and work.report.agent in record.reports():
            calls = facts.calls_behind(record, work).values()
            found[work.report.agent] = len(calls) if all(map(_has_failed, calls)) else 0
    return {agent: failed for agent, failed in found.items() if failed}


def _has_failed(call: CallRecord) -> bool:
    """Whether a tool call came to an error: a write that was withheld did not, and no data is an answer."""
    outcome = call.outcome
    if outcome is None or outcome.outcome == "denied":
        return False
    return outcome.outcome != "answer" or outcome.tool_answer is None or outcome.tool_answer.is_error
