"""What the coordinator does with a playbook's team, a sentence for each step."""

from __future__ import annotations

from collections.abc import Iterator

from sre_runner.coordination.coordinator import PLAN_ATTEMPTS
from sre_runner.coordination.strategies.table import STRATEGIES
from sre_runner.specs import Configuration, FeedbackSpec, VoteSpec


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
    yield from STRATEGIES[coordinator.strategy].sentences(playbook)
    if coordinator.reviewer and coordinator.feedback:
        yield f"{coordinator.reviewer} looks for gaps in the reports: {feedback_text(coordinator.feedback)}."
    for vote in coordinator.votes:
        yield f"Vote {vote.name}: {'; '.join(vote_texts(vote))}."
    if coordinator.judge:
        yield f"{coordinator.judge} decides between the positions; its severity is the verdict."
    if coordinator.synthesizer:
        yield f"{coordinator.synthesizer} draws the conclusion from the reports."


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
