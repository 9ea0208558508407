"""The whole request of a model call, rebuilt from what each call of its conversation added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sre_runner.casefile import Json, ModelRequest
from sre_runner.errors import RunnerError
from sre_runner.journal.digests import digest_of
from sre_runner.journal.record import CallRecord, Record

_MOST_FORMS = 64
"""Of the ways in which messages may have come to be; more than a run ever has, so that no journal can take forever."""

Messages = list[Mapping[str, Json]]


def whole_request(record: Record, call: CallRecord) -> ModelRequest:
    """What the model was sent. The digest of each step is checked, so that it is that or nothing.

    Raises `RunnerError` where the call is not a model's or was not sent, or what it went on from is not there.
    """
    if call.request.kind != "model":
        raise RunnerError(f"call {call.request.call} is of a tool: its request is whole already")
    if not call.request.request:
        raise RunnerError(f"call {call.request.call} was not sent, as the budget had no room for it")
    configuration = record.configuration
    agent = configuration.agents[record.work[call.request.scope].assignment.agent]
    model = agent.model or configuration.playbook.model
    messages: Messages = []
    step = call
    while "system" not in step.request.request:
        step, before = _before(record, step)
        messages = [*before, *messages]
    opening = step.request.request
    messages = [*opening["messages"], *messages]
    return ModelRequest(
        call.request.name, model.max_tokens, opening["system"], tuple(messages), opening["tools"], model.effort
    )


def _before(record: Record, call: CallRecord) -> tuple[CallRecord, Messages]:
    """The call that this one goes on from, and what came after that one's own messages."""
    appended = call.request.request["messages"]
    earlier = [other for other in record.calls_of("model") if other.request.call < call.request.call]
    for other in reversed(earlier):
        answer = other.outcome.model_answer if other.outcome else None
        heard: Messages = [{"role": "assistant", "content": list(answer.content)}] if answer and answer.content else []
        # An answer that came when nobody waited for it any more is not part of the conversation.
        for said in (heard, []) if heard else ([],):
            start = digest_of(other.request.digest, said[0]) if said else other.request.digest
            if call.request.digest in _digests(start, appended):
                return other, [*said, *appended]
    raise RunnerError(
        f"the request of call {call.request.call} cannot be rebuilt: what it goes on from is not in the journal"
    )


def _digests(start: str, appended: Sequence[Mapping[str, Json]]) -> set[str]:
    """What the conversation's digest may be after these messages; a last block may have been added to one later."""
    found = {start}
    for message in appended:
        whole = {digest_of(digest, message) for digest in found}
        content = message["content"]
        shorter = {**message, "content": content[:-1]}
        added = {digest_of(digest_of(digest, shorter), content[-1]) for digest in found if content[1:]}
        found = set(list(whole | added)[:_MOST_FORMS])
    return found
