"""The record of a run: the fold of its journal, from which everything is shown, exported or compared."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sre_runner.casefile import Assignment, Conclusion, Report, Status, Usage
from sre_runner.config.sources import configuration, digest_of_source
from sre_runner.coordination.report_schemas import CONCLUDED_SCHEMA
from sre_runner.documents.json_schema.fitting import fits
from sre_runner.errors import RunnerError
from sre_runner.journal.changes import Change, changes_of
from sre_runner.journal.decoding import MisfitError
from sre_runner.journal.events import (
    AssignmentFinished,
    AssignmentStarted,
    CallFinished,
    CallStarted,
    Concluded,
    Entry,
    JournalError,
    Noted,
    RunFinished,
    RunStarted,
    Traced,
    entry_of,
)
from sre_runner.journal.file import JOURNAL, refuse_changed, whole_lines
from sre_runner.journal.seals import seal_of
from sre_runner.specs import Configuration, World

_MISFITS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading data of the wrong shape ends in."""


@dataclass
class WorkRecord:
    """One assignment as it was carried out; times in seconds since the run's start."""

    assignment: Assignment
    started: float
    finished: float | None = None
    report: Report | None = None
    turns: int = 0


@dataclass
class CallRecord:
    """One call as it was made."""

    request: CallStarted
    started: float
    finished: float | None = None
    outcome: CallFinished | None = None


@dataclass
class Record:
    """The fold of a journal: everything that is shown, exported or compared comes from here.

    `work` has what attempts before a resume did as well; `concluded_from` are the assignments of the last conclusion.
    `trace` is that of the last attempt that was traced. `lines` and `digest` say how far the journal went: the digest
    is its last line's seal, "" in format 1. `changes` are those that were made to it after it was written.
    """

    started: RunStarted
    work: dict[str, WorkRecord] = field(default_factory=dict)
    calls: dict[int, CallRecord] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    trace: Traced | None = None
    conclusion: Conclusion | None = None
    exit_code: int | None = None
    seconds: float = 0.0
    concluded_from: tuple[str, ...] = ()
    lines: int = 0
    digest: str = ""
    changes: tuple[Change, ...] = ()
    _of_scope: dict[str, list[CallRecord]] = field(default_factory=dict)

    def add(self, call: CallRecord) -> None:
        """Take in a call that has started."""
        self.calls[call.request.call] = call
        self._of_scope.setdefault(call.request.scope, []).append(call)

    @cached_property
    def configuration(self) -> Configuration:
        """The configuration that it ran under; raise `RunnerError` where it cannot be used."""
        return configuration(self.started.configuration)

    @property
    def rehearsal(self) -> bool:
        """Whether no LLM took part."""
        return self.started.model == "offline"

    @property
    def world(self) -> World:
        """Which systems its tools looked at."""
        world: World = self.started.configuration.get("playbook", {}).get("backend", "simulated")
        return world

    def usage(self, scope: str | None = None) -> Usage:
        """Tokens of all model calls that this run paid for, or of one assignment's."""
        ended = (c.outcome for c in self.calls_of("model", scope) if c.outcome)
        answers = (outcome.model_answer for outcome in ended if not outcome.reused)
        return sum((answer.usage for answer in answers if answer), Usage())

    def estimated(self, scope: str | None = None) -> bool:
        """Whether some of these tokens are an estimate: the offline model's, or of a service that does not count."""
        ended = (c.outcome for c in self.calls_of("model", scope) if c.outcome and not c.outcome.reused)
        return self.rehearsal or any(o.model_answer.estimated for o in ended if o.model_answer)

    def standing(self) -> list[WorkRecord]:
        """The work that the conclusion is drawn from, in the order in which it was given; all where there is none."""
        return [self.work[name] for name in self.concluded_from if name in self.work] or list(self.work.values())

    def reports(self) -> dict[str, Report]:
        """Each specialist's latest completed report, by agent."""
        reports = (work.report for work in self.standing() if work.report)
        return {each.agent: each for each in reports if each.status is Status.COMPLETED and "findings" in each.fields}

    def verified(self) -> tuple[int, int]:
        """How many findings of the latest reports are verified, and how many there are."""
        findings = [finding for report in self.reports().values() for finding in report.findings]
        return sum(not finding.doubt for finding in findings), len(findings)

    def conversation_of(self, scope: str) -> str:
        """The first assignment of the conversation that an assignment belongs to, which stands for all of it."""
        seen: set[str] = set()
        while scope in self.work and scope not in seen and self.work[scope].assignment.continues in self.work:
            seen.add(scope)
            scope = self.work[scope].assignment.continues or scope
        return scope

    def calls_of(self, kind: str, scope: str | None = None) -> list[CallRecord]:
        """The calls of a kind, of one assignment where `scope` is given."""
        calls = self.calls.values() if scope is None else self._of_scope.get(scope, ())
        return [call for call in calls if call.request.kind == kind]


def fold(entries: Iterable[Entry], where: str = "the journal") -> Record:
    """The record of a journal; raise `JournalError`, which says `where`, if nothing was recorded, or an event does not
    follow from those before it."""
    record: Record | None = None
    for number, entry in enumerate(entries, start=1):
        if isinstance(entry.event, RunStarted):
            record = Record(entry.event)
        if record is None:
            raise JournalError(f"{where} does not begin with run_started")
        try:
            _take(record, entry)
        except KeyError as missing:
            raise JournalError(f"event {number} of {where} is about {missing}, which did not begin") from None
        except MisfitError as misfit:
            raise JournalError(f"{where}:{number}: {misfit}") from None
    if record is None:
        raise JournalError(f"nothing was recorded in {where}")
    return record


def _take(record: Record, entry: Entry) -> None:
    record.seconds = at = entry.at
    record.lines, record.digest = record.lines + 1, entry.seal
    match entry.event:
        case AssignmentStarted(assignment):
            record.work[assignment.id] = WorkRecord(assignment, at)
        case AssignmentFinished(report, turns):
            work = record.work[report.assignment]
            if report.status is Status.COMPLETED and not fits(work.assignment.schema, report.fields):
                raise MisfitError("report.fields do not fit the schema of their assignment")
            # What is judged again when another report is replaced was finished before.
            work.finished = at if work.finished is None else work.finished
            work.report, work.turns = report, turns
        case CallStarted() as call:
            record.add(CallRecord(call, at))
        case CallFinished(call=number) as outcome:
            record.calls[number].finished, record.calls[number].outcome = at, outcome
        case Noted(text):
            record.notes.append(text)
        case Traced() as trace:
            record.trace = trace
        case Concluded(conclusion, assignments):
            if not fits(CONCLUDED_SCHEMA, conclusion.fields):
                raise MisfitError("conclusion.fields are not those of a conclusion")
            record.conclusion, record.concluded_from = conclusion, assignments
        case RunFinished(exit_code):
            record.exit_code = exit_code


def record_of(folder: Path) -> Record:
    """The record of a run's folder; raise `RunnerError` where it is none, nothing was recorded, its entries do not fit
    together, or it was changed after it was written."""
    record = examined(folder)
    refuse_changed(folder / JOURNAL, record.changes)
    return record


def examined(folder: Path, key: bytes = b"") -> Record:
    """As `record_of`, but of a journal that was changed, too, with its `changes`, as long as its entries fit together.

    With a `key`, signatures are checked.
    """
    path = folder / JOURNAL
    if not path.is_file():
        raise RunnerError(
            f"{folder} is no run: it has no {JOURNAL}", "Give the folder of one run, such as a folder below runs."
        )
    with sound(path):
        lines = list(whole_lines(path))
        changes = changes_of(lines, key)
        try:
            with sound(path):
                record = fold((entry_of(line, path, at) for at, line in enumerate(lines, start=1)), str(path))
        except JournalError as error:
            refuse_changed(path, changes, error.message)
            raise
        record.changes = tuple(sorted({*changes, *_changes_of_header(record.started, lines)}))
        return record


def _changes_of_header(started: RunStarted, lines: Sequence[bytes]) -> Iterator[Change]:
    if started.format > 1 and not any(map(seal_of, lines)):
        yield Change(1, "changed", f"no line has a seal, and in format {started.format} every line has one")
    if started.digest != digest_of_source(started.configuration):
        yield Change(1, "configuration", "line 1: the configuration is not the one that its digest names")


@contextlib.contextmanager
def sound(path: Path) -> Iterator[None]:
    """Raise `JournalError` where what is done within stumbles over a journal that cannot be read or makes no sense."""
    try:
        yield
    except OSError as error:
        raise JournalError(f"{path} cannot be read: {error.strerror}") from error
    except _MISFITS as error:
        said = f"{type(error).__name__}: {error}"
        raise JournalError(f"{path} is not a journal that sre-run wrote: {said}") from error
