"""What the coordinator does with a playbook's team, a sentence for each step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sre_runner.coordination.coordinator import PLAN_ATTEMPTS
from sre_runner.coordination.strategies.debate import POSITION
from sre_runner.specs import Configuration, FeedbackSpec, Playbook, VoteSpec


def _single(playbook: Playbook) -> str:
    return f"{playbook.specialists[0]} investigates alone; its report is the conclusion."


def _sequential(playbook: Playbook) -> str:
    return f"{_listed(playbook)} investigate, one after the other, none seeing another's report."


def _parallel(playbook: Playbook) -> str:
    return f"{_listed(playbook)} investigate, {_together(playbook)}."


def _pipeline(playbook: Playbook) -> str:
    return f"{_listed(playbook)} investigate, one after the other, each given what the earlier ones reported."


def _debate(playbook: Playbook) -> str:
    rounds = playbook.coordinator.rounds
    said = f"{_listed(playbook)} take positions, {_together(playbook)}"
    if rounds == 1:
        return f"{said}, in one round."
    then = f"after the first each sees those of the others, and it ends where all agree on {POSITION}"
    return f"{said}, in up to {rounds} rounds: {then}."


INVESTIGATE: Mapping[str, Callable[[Playbook], str]] = {
    "single": _single,
    "sequential": _sequential,
    "parallel": _parallel,
    "pipeline": _pipeline,
    "debate": _debate,
}
"""How the specialists work together, by strategy."""


def steps(configuration: Configuration) -> list[str]:
    """The steps of a run, in order."""
    return list(_steps(configuration))


def _steps(configuration: Configuration) -> Iterator[str]:
    playbook = configuration.playbook
    coordinator = playbook.coordinator
    if coordinator.planner:
        yield (
            f"{coordinator.planner} chooses the specialists that the case needs and gives each its part. It has "
            f"{PLAN_ATTEMPTS} attempts; without a plan everyone is given the whole task."
        )
    yield INVESTIGATE[coordinator.strategy](playbook)
    for name, conditions in ends_early(playbook).items():
        yield f"After {name} the pipeline ends where its report says {conditions}."
    if coordinator.reviewer and coordinator.feedback:
        yield f"{coordinator.reviewer} looks for gaps in the reports: {feedback_text(coordinator.feedback)}."
    for vote in coordinator.votes:
        yield f"Vote {vote.name}: {'; '.join(vote_texts(vote))}."
    if coordinator.judge:
        yield f"{coordinator.judge} decides between the positions; its severity is the verdict."
    if coordinator.synthesizer:
        yield f"{coordinator.synthesizer} draws the conclusion from the reports."


def ends_early(playbook: Playbook) -> dict[str, str]:
    """After which specialists a pipeline may end, and on what in words: `severity_assessment: P3 or P4`."""
    stops = playbook.coordinator.stop_when
    return {name: _conditions(stops[name]) for name in playbook.specialists[:-1] if name in stops}


def feedback_text(feedback: FeedbackSpec) -> str:
    """How far follow-ups go, in words."""
    rounds = "1 round" if feedback.rounds == 1 else f"up to {feedback.rounds} rounds"
    of_what = "" if feedback.min_priority == "low" else f" of priority {feedback.min_priority} or above"
    return f"at most {feedback.max_followups} follow-up{'s' * (feedback.max_followups != 1)}{of_what}, {rounds}"


def vote_texts(vote: VoteSpec) -> list[str]:
    """What a vote is over and how it is decided, in a few words each."""
    weights = ", ".join(f"{name} {weight:g}" for name, weight in vote.weights.items())
    parts = [
        f"over {vote.field}",
        f"rule {vote.rule}, otherwise {vote.otherwise}",
        f"weights {weights}" if weights else "",
        f"quorum {vote.quorum}" if vote.quorum else "",
        f"voters {', '.join(vote.voters)}" if vote.voters else "",
        f"options {', '.join(vote.options)}",
    ]
    return [part for part in parts if part]


def _conditions(conditions: Mapping[str, Sequence[Any]]) -> str:
    return " and ".join(f"{name}: {' or '.join(map(str, values))}" for name, values in conditions.items())


def _listed(playbook: Playbook) -> str:
    *others, last = playbook.specialists
    return f"{', '.join(others)} and {last}" if others else last


def _together(playbook: Playbook) -> str:
    most = playbook.coordinator.max_parallel
    return "all at the same time" if most >= len(playbook.specialists) else f"at most {most} at the same time"
