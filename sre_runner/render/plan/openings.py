"""What each agent of a playbook is sent first, as far as it is known before a run."""

from __future__ import annotations

from dataclasses import dataclass

from sre_runner.casefile import Assignment, Case
from sre_runner.coordination.coordinator import coordinate
from sre_runner.investigation.agent import open_conversation
from sre_runner.models.estimates import prompt_tokens
from sre_runner.models.messages import user_message
from sre_runner.review.worst_case import play
from sre_runner.specs import Configuration

START = "when the run begins"
"""Stands for the moment that a run tells its agents."""


@dataclass(frozen=True)
class Opening:
    """What an agent is sent first. `message` is "" where it depends on what others say; `blocks` are its labels."""

    agent: str
    system: str
    blocks: tuple[str, ...]
    message: str
    tokens: int | None


def openings(configuration: Configuration) -> list[Opening]:
    """The first request of each agent, in the order of a run."""
    playbook = configuration.playbook
    case = Case(playbook.task, playbook.inputs, START, alert=playbook.alert)
    first = {each.id: each for each in next(coordinate(configuration, case))}
    found: dict[str, Opening] = {}
    for wave in play(configuration):
        for assignment in wave:
            if assignment.agent not in found:
                found[assignment.agent] = _opening(configuration, assignment, first.get(assignment.id))
    return list(found.values())


def _opening(configuration: Configuration, assignment: Assignment, known: Assignment | None) -> Opening:
    conversation = open_conversation(configuration, known or assignment)
    system = conversation.request().system
    labels = tuple(label for label, _ in assignment.blocks)
    if known is None:
        return Opening(assignment.agent, system, labels, "", None)
    message = user_message(known.blocks)
    conversation.say(message)
    return Opening(assignment.agent, system, labels, message, prompt_tokens(conversation.request()))
