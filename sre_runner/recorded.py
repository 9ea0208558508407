"""What a journal can serve again: for a resume the answers that were had, for a replay every outcome."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sre_runner.casefile import Json, Report, Status
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.journal import AssignmentFinished, CallFinished, CallStarted, Entry, Identity

_MOST_LINES = 20


class ReplayError(RunnerError):
    """A replay would have to make a call that the journal does not have."""

    exit_code = ExitCode.CHECK


@dataclass(frozen=True)
class Recorded:
    """The outcomes of a journal. `reports` are those that something other than an answer decided (a fault, a limit, a
    person), by assignment. In a `replay` nothing else may happen."""

    calls: Mapping[Identity, tuple[CallStarted, CallFinished]] = field(default_factory=dict)
    reports: Mapping[str, Report] = field(default_factory=dict)
    replay: bool = False

    def outcome(self, identity: Identity) -> CallFinished | None:
        """The outcome of a call, or None where it has to be made."""
        found = self.calls.get(identity)
        return found[1] if found else None

    def missed(self, identity: Identity, name: str, request: Json) -> ReplayError:
        """What a replay says of a call that is not there, and in what it differs from the one in its place."""
        kind, scope, _, _ = identity
        there = [started for (k, s, *_), (started, _) in self.calls.items() if (k, s) == (kind, scope)]
        said = f"the journal has no such {kind} call of {scope}: {name}"
        if not there:
            return ReplayError(said, f"It has no {kind} call of {scope} at all.")
        near = max(there, key=lambda started: _likeness(started.request, request))
        return ReplayError(said, f"Nearest is call {near.call} ({near.name}):\n{_difference(near.request, request)}")


def for_resume(entries: Iterable[Entry]) -> Recorded:
    """Every answer; what was in flight, denied, timed out or failed is asked again."""
    return Recorded({key: pair for key, pair in _calls(entries).items() if pair[1].outcome in ("answer", "refused")})


def for_replay(entries: Iterable[Entry]) -> Recorded:
    """Every outcome, and the reports that no answer decided."""
    entries = list(entries)
    finished = (entry.event.report for entry in entries if isinstance(entry.event, AssignmentFinished))
    reports = {report.assignment: report for report in finished}
    failed = {name: report for name, report in reports.items() if report.status is Status.FAILED}
    return Recorded(_calls(entries), failed, replay=True)


def _calls(entries: Iterable[Entry]) -> dict[Identity, tuple[CallStarted, CallFinished]]:
    """The last outcome of each call."""
    started: dict[int, CallStarted] = {}
    found: dict[Identity, tuple[CallStarted, CallFinished]] = {}
    for event in (entry.event for entry in entries):
        if isinstance(event, CallStarted):
            started[event.call] = event
        elif isinstance(event, CallFinished):
            call = started[event.call]
            found[call.kind, call.scope, call.digest, call.occurrence] = (call, event)
    return found


def _likeness(one: Json, other: Json) -> float:
    return difflib.SequenceMatcher(None, _lines(one), _lines(other)).ratio()


def _difference(recorded: Json, now: Json) -> str:
    lines = list(difflib.unified_diff(_lines(recorded), _lines(now), "recorded", "now", n=1, lineterm=""))
    return "\n".join(lines[:_MOST_LINES]) or "The request is the same; what went before it is not."


def _lines(data: Json) -> list[str]:
    return json.dumps(data, indent=1, ensure_ascii=True, sort_keys=True)[:50_000].split("\n")
