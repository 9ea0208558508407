"""Who took part, as a graph of the run as it went: each part of it a stage, with what came of everyone's work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sre_runner.journal import facts
from sre_runner.journal.record import Record, WorkRecord
from sre_runner.render.html.links import Links
from sre_runner.specs import Role

CHAINS = ("sequential", "pipeline")
"""Strategies in which one specialist comes after the other."""


@dataclass(frozen=True)
class Node:
    """An agent's work, a vote or the conclusion. `kind` is a role, `vote` or `end`; `lines` say what came of it."""

    kind: str
    name: str
    lines: tuple[str, ...]
    target: str = ""
    good: bool = True


@dataclass(frozen=True)
class Stage:
    """Nodes beside each other or, as a `chain`, one after the other."""

    name: str
    nodes: tuple[Node, ...]
    chain: bool = False


def team(record: Record, to: Links) -> list[Stage]:
    """The stages from the case to the conclusion, votes where they were counted."""
    return list(_stages(record, to))


def _stages(record: Record, to: Links) -> Iterator[Stage]:
    strategy = facts.playbook(record).get("coordinator", {}).get("strategy")
    yield Stage("", (Node("end", "Case", (facts.shortened(record.started.case.task, 120),)),))
    parts: dict[str, list[WorkRecord]] = {}
    for work in record.work.values():
        parts.setdefault(facts.part(work.assignment), []).append(work)
    last = {name: works for name, works in parts.items() if _decides(record, works)}
    for name, works in parts.items():
        if name not in last:
            chain = strategy in CHAINS and name == "investigate" and len(works) > 1
            yield Stage(name, tuple(_node(record, work, to) for work in works), chain)
    conclusion = record.conclusion
    votes = [verdict for verdict in conclusion.verdicts if verdict.rule != "judge"] if conclusion else []
    if votes:
        yield Stage("votes", tuple(Node("vote", each.vote, (f"{each.rule}: {each.shown}",), "votes") for each in votes))
    for name, works in last.items():
        yield Stage(name, tuple(_node(record, work, to) for work in works))
    if conclusion:
        said = (str(conclusion.fields.get("severity") or "not assessed"), facts.status(record))
        yield Stage("", (Node("end", "Conclusion", said, "top"),))


def _decides(record: Record, works: Sequence[WorkRecord]) -> bool:
    """Whether a part of the run comes after the votes."""
    return all(facts.role(record, work.assignment.agent) in (Role.JUDGE, Role.SYNTHESIZER) for work in works)


def _node(record: Record, work: WorkRecord, to: Links) -> Node:
    report, scope = work.report, work.assignment.id
    role = facts.role(record, work.assignment.agent)
    tools = facts.counts(record, "tool", scope).made
    lines = [f"{work.turns} turn{'s' * (work.turns != 1)}, {tools} call{'s' * (tools != 1)}"]
    if report and report.findings:
        verified = sum(not finding.doubt for finding in report.findings)
        lines.append(f"{verified} of {len(report.findings)} findings verified")
    severity = report.fields.get("severity_assessment") or report.fields.get("severity") if report else None
    good = facts.is_completed(work)
    lines.insert(0, (str(severity) if severity else "") if good else str(report.status) if report else "not finished")
    if work.assignment.continues:
        lines.append(f"follows {work.assignment.continues}")
    kind = str(role)
    return Node(kind, work.assignment.agent, tuple(line for line in lines if line), to.log(scope), good)
