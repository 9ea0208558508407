"""What a journal can serve again: for a resume the answers that were had, for a replay every outcome."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sre_runner.casefile import Assignment, Json, ModelRequest, Report, Status
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.journal.events import CallFinished, CallStarted
from sre_runner.journal.file import Identity
from sre_runner.journal.record import CallRecord, Record
from sre_runner.journal.whole_request import whole_request

MOST_LINES = 20
"""Lines of a difference that are shown."""

_MOST_CHARACTERS = 100_000
_SETTINGS = "What goes before it is the same: the model, or the limit or effort of its replies, is another."


class ReplayError(RunnerError):
    """A replay would have to make a call that the journal does not have.

    `identity` is the call's; `also` are others that went missing beside it, in assignments of the same wave.
    """

    exit_code = ExitCode.CHECK

    def __init__(self, message: str, hint: str, identity: Identity) -> None:
        super().__init__(message, hint)
        self.identity = identity
        self.also: tuple[ReplayError, ...] = ()


@dataclass(frozen=True)
class Recorded:
    """The outcomes of a journal. `reports` are those that something other than an answer decided (a fault, a limit, a
    person), by assignment. `answered` are assignments that came to a report with every call answered, by id: they need
    no time. In a `replay` nothing else may happen; then `record` says what was, to explain a miss."""

    calls: Mapping[Identity, tuple[CallStarted, CallFinished]] = field(default_factory=dict)
    reports: Mapping[str, Report] = field(default_factory=dict)
    answered: Mapping[str, Assignment] = field(default_factory=dict)
    replay: bool = False
    record: Record | None = None

    def outcome(self, identity: Identity) -> CallFinished | None:
        """The outcome of a call, or None where it has to be made."""
        found = self.calls.get(identity)
        return found[1] if found else None

    def missed_model(self, identity: Identity, now: ModelRequest) -> ReplayError:
        """What a replay says of a model call that is not there, and where it parts from the one nearest to it."""
        said = f"the journal has no such model call of {identity[1]}"
        calls = [call for call in self._calls("model", identity[1]) if call.request.request]
        if self.record is None or not calls:
            return ReplayError(said, f"It has no model call of {identity[1]} at all.", identity)
        parts = _parts(now)
        known = [(_parts(rebuilt), call) for call in calls if (rebuilt := _rebuilt(self.record, call))]
        if not known:
            return ReplayError(said, "What was sent then cannot be rebuilt from it.", identity)
        then, nearest = max(known, key=lambda pair: _shared(pair[0], parts))
        shared = _shared(then, parts)
        if shared == len(parts):
            unanswered = f"Call {nearest.request.call} is the same, and has no answer."
            return ReplayError(said, _SETTINGS if nearest.outcome else unanswered, identity)
        label, text = parts[shared]
        before = dict(then).get(label, [])
        return ReplayError(
            said, f"It parts from call {nearest.request.call} in {label}:\n{difference(before, text)}", identity
        )

    def missed_tool(self, identity: Identity, name: str, arguments: Json) -> ReplayError:
        """What a replay says of a tool call that is not there."""
        said = f"the journal has no such tool call of {identity[1]}: {name}"
        calls = [call.request for call in self._calls("tool", identity[1])]
        same = [call for call in calls if (call.digest, call.occurrence) == identity[2:]]
        if same and identity not in self.calls:
            return ReplayError(
                said, f"Call {same[-1].call} is the same, but has no answer, or the tool is another now.", identity
            )
        if not calls:
            return ReplayError(said, f"It has no tool call of {identity[1]} at all.", identity)
        now = _lines([name, arguments])
        near = max(calls, key=lambda call: _likeness(_lines([call.name, call.request]), now))
        lines = difference(_lines([near.name, near.request]), now)
        return ReplayError(said, f"Nearest is call {near.call}:\n{lines or 'It was made less often.'}", identity)

    def _calls(self, kind: str, scope: str) -> list[CallRecord]:
        return self.record.calls_of(kind, scope) if self.record else []


def for_resume(record: Record) -> Recorded:
    """Every answer; what was in flight, denied, timed out or failed is asked again."""
    ended = outcomes(record)
    served = {key: pair for key, pair in ended.items() if pair[1].outcome in ("answer", "refused")}
    return Recorded(served, answered=_answered(record, {scope for _, scope, *_ in ended.keys() - served.keys()}))


def _answered(record: Record, unanswered: Collection[str]) -> dict[str, Assignment]:
    """The assignments that came to a report, but those with calls that have no answer, and what continues these."""
    found: dict[str, Assignment] = {}
    for name, work in record.work.items():
        reported = work.report is not None and work.report.status is not Status.FAILED
        if reported and name not in unanswered and work.assignment.continues in (None, *found):
            found[name] = work.assignment
    return found


def for_replay(record: Record) -> Recorded:
    """Every outcome, and the reports that no answer decided."""
    reports = {name: work.report for name, work in record.work.items() if work.report}
    failed = {name: report for name, report in reports.items() if report.status is Status.FAILED}
    return Recorded(outcomes(record), failed, replay=True, record=record)


def answers(record: Record) -> dict[Identity, tuple[CallStarted, CallFinished]]:
    """The answers of models and tools, each with the call that it is of."""
    return {key: pair for key, pair in outcomes(record).items() if pair[1].outcome == "answer"}


def difference(then: Sequence[str], now: Sequence[str]) -> str:
    """The first lines in which two texts differ, as a unified diff; "" where they do not."""
    lines = list(difflib.unified_diff(then, now, "recorded", "now", n=1, lineterm=""))
    more = [f"… {len(lines) - MOST_LINES} lines more"] if len(lines) > MOST_LINES else []
    return "\n".join([*lines[:MOST_LINES], *more])


def outcomes(record: Record) -> dict[Identity, tuple[CallStarted, CallFinished]]:
    """The last outcome of each call."""
    return {identity_of(call.request): (call.request, call.outcome) for call in record.calls.values() if call.outcome}


def identity_of(call: CallStarted) -> Identity:
    """What makes a call the same as another."""
    return call.kind, call.scope, call.digest, call.occurrence


def _rebuilt(record: Record, call: CallRecord) -> ModelRequest | None:
    """The whole request of a call; None where the journal lacks what it goes on from."""
    try:
        return whole_request(record, call)
    except RunnerError:
        return None


def _parts(request: ModelRequest) -> list[tuple[str, list[str]]]:
    """A whole request in parts that can be compared one by one, each with its name."""
    messages = [(f"message {number}", _lines(each)) for number, each in enumerate(request.messages, start=1)]
    return [("the system prompt", _lines(request.system)), ("the tools", _lines(request.tools)), *messages]


def _shared(one: Sequence[object], other: Sequence[object]) -> int:
    """How many parts are the same from the beginning on."""
    same = (mine == theirs for mine, theirs in zip(one, other, strict=False))
    return next((place for place, equal in enumerate(same) if not equal), min(len(one), len(other)))


def _likeness(one: Sequence[str], other: Sequence[str]) -> float:
    return difflib.SequenceMatcher(None, one, other).ratio()


def _lines(data: Json) -> list[str]:
    """Data as lines that a person can compare: text as it is, the rest as JSON."""
    if isinstance(data, str):
        return data[:_MOST_CHARACTERS].split("\n")
    if isinstance(data, Mapping) and "content" in data:
        return _lines(data["content"])
    if isinstance(data, Mapping) and data.get("type") == "text":
        return _lines(data.get("text", ""))
    if isinstance(data, list | tuple) and any(isinstance(each, Mapping) and "type" in each for each in data):
        return [line for each in data for line in _lines(each)]
    return json.dumps(data, indent=1, ensure_ascii=False, sort_keys=True)[:_MOST_CHARACTERS].split("\n")
