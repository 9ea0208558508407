"""Feedback rounds: the reviewer looks for what no report covers, and specialists follow up."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

from sre_runner.casefile import Assignment, Case, Json, Report, Status, Wave
from sre_runner.coordination.assignments import case_block, continuation, introduced, investigation, missing, told_all
from sre_runner.coordination.evidence.findings import judged_again
from sre_runner.coordination.report_schemas import PRIORITIES, review_schema
from sre_runner.models.messages import message
from sre_runner.specs import Configuration, FeedbackSpec


@dataclass(frozen=True)
class Reviewed:
    """The latest report of each specialist, what went otherwise than asked, and what is missing for it."""

    reports: tuple[Report, ...]
    notes: tuple[str, ...]
    missing: tuple[str, ...]


def feedback(
    configuration: Configuration, case: Case, first: Sequence[Report]
) -> Generator[Wave, Sequence[Report], Reviewed]:
    """Yield a review and the follow-ups that it asks for, round after round, until nothing is missing."""
    coordinator = configuration.playbook.coordinator
    assert coordinator.feedback
    assert coordinator.reviewer
    latest = {report.agent: report for report in judged_again(first)}
    asked: list[Json] = []
    notes: list[str] = []
    lacking: list[str] = []
    for number in range(1, coordinator.feedback.rounds + 1):
        if all(report.status is Status.FAILED for report in latest.values()):
            notes.append("There was no review, as every specialist failed.")
            break
        blocks = (
            case_block(case),
            ("specialists", [introduced(configuration, name) for name in configuration.playbook.specialists]),
            ("reports", told_all(list(latest.values()))),
            ("asked_before", list(asked)),
        )
        schema = review_schema(configuration.playbook.specialists)
        (review,) = yield (Assignment(f"review-{number}", coordinator.reviewer, blocks, schema),)
        if review.status is not Status.COMPLETED:
            lacking.append(f"{missing(review)} Nothing was followed up.")
            break
        chosen = choose(review.fields["followups"], asked, coordinator.feedback, notes)
        if not chosen:
            break
        asked += [{"agent": item["agent"], "request": item["request"]} for item in chosen]
        wave = _wave(configuration, case, number, chosen, latest)
        for report in (yield wave):
            if report.status is Status.COMPLETED:
                latest[report.agent] = report
            else:
                lacking.append(missing(report))
                latest.setdefault(report.agent, report)
        latest = {report.agent: report for report in judged_again(list(latest.values()))}
    ordered = [latest[name] for name in configuration.playbook.specialists if name in latest]
    return Reviewed(tuple(ordered), tuple(notes), tuple(lacking))


def choose(
    followups: Sequence[Mapping[str, str]], asked: Sequence[Json], limits: FeedbackSpec, notes: list[str]
) -> list[Mapping[str, str]]:
    """The follow-ups to carry out, high priority first; each one that is dropped is noted with its reason."""
    before = {(item["agent"], _plain(item["request"])) for item in asked}
    chosen: list[Mapping[str, str]] = []
    for item in sorted(followups, key=lambda item: PRIORITIES.index(item["priority"])):
        key = (item["agent"], _plain(item["request"]))
        if PRIORITIES.index(item["priority"]) > PRIORITIES.index(limits.min_priority):
            why = f"its priority is below {limits.min_priority}"
        elif key in before:
            why = "it was asked before"
        elif len(chosen) == limits.max_followups:
            why = f"no more than {limits.max_followups} a round are carried out"
        else:
            before.add(key)
            chosen.append(item)
            continue
        notes.append(f"A follow-up of {item['agent']} was dropped, as {why}: {item['request']}")
    return chosen


def _wave(
    configuration: Configuration,
    case: Case,
    number: int,
    chosen: Sequence[Mapping[str, str]],
    latest: Mapping[str, Report],
) -> Wave:
    """One assignment for each specialist that is asked, in the order of its first request."""
    requests: dict[str, list[str]] = {}
    for item in chosen:
        requests.setdefault(item["agent"], []).append(item["request"])
    return tuple(
        _follow_up(configuration, case, f"followup-{number}/{agent}", agent, wanted, latest.get(agent))
        for agent, wanted in requests.items()
    )


def _follow_up(
    configuration: Configuration, case: Case, id_: str, agent: str, requests: Sequence[str], report: Report | None
) -> Assignment:
    """It continues the specialist's conversation, or starts afresh where there is none that came to a report."""
    goes_on = report is not None and report.status is Status.COMPLETED
    task = message("follow_up", goes_on=goes_on, max_turns=configuration.agents[agent].max_iterations)
    wanted = ("follow_up", {"requests": list(requests)})
    fresh = investigation(configuration, case, agent, task, wanted, id_=id_)
    return continuation(report, fresh, id_, task, wanted) if report is not None and goes_on else fresh


def _plain(request: str) -> str:
    return " ".join(request.casefold().split())
