"""A run that has a journal, gone on with where it stopped."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sre_runner.casefile import ToolAnswer
from sre_runner.config.places import nearest_directory
from sre_runner.errors import RunnerError
from sre_runner.investigation.budget import Admission
from sre_runner.investigation.terms import Terms
from sre_runner.journal.events import CallFinished, CallStarted, Noted
from sre_runner.journal.facts import values_checked
from sre_runner.journal.file import JOURNAL, Journal, refuse_changed
from sre_runner.journal.record import Record, fold, record_of
from sre_runner.journal.recorded import Recorded, for_resume, identity_of, outcomes
from sre_runner.journal.seals import key_of
from sre_runner.models.estimates import conclusion_amount
from sre_runner.runs.listeners import Listener, Listeners, attached
from sre_runner.runs.open_run import OpenRun, finish, paid
from sre_runner.runs.prerequisites import check_prerequisites, connections_of
from sre_runner.runs.replay import reusable
from sre_runner.runs.run import check_writes, model_of
from sre_runner.runs.shared import Shared
from sre_runner.runs.verified import verified
from sre_runner.specs import Configuration
from sre_runner.text.output import secrets_of

ASSUMED: Mapping[str, ToolAnswer | None] = {
    "done": ToolAnswer("It was started before an interruption, and a person says that it was done.", from_tool=False),
    "not-done": None,
}
"""What a person may say of a write that had started when the run stopped: its answer, or None to make it now."""


class WriteUnknownError(RunnerError):
    """A write had started when the run stopped, and nobody said whether it was done."""


@dataclass(frozen=True)
class Further:
    """How a run is gone on with: `limits` replace those of its own budget, by name; agents may call these `writes`;
    `assume` says what became of a write that had started."""

    limits: Mapping[str, float] = field(default_factory=dict)
    writes: Collection[str] = ()
    assume: str | None = None


def resume(
    folder: Path,
    *,
    limits: Mapping[str, float] | None = None,
    writes: Collection[str] = (),
    assume: str | None = None,
    listeners: Sequence[Listener] = (),
) -> Record:
    """Go on with a run under its own configuration; finished calls are served, everything else is asked again.

    Returns the record as it is where nothing is left to do. Raises `JournalError` where the run was changed after it
    was written, `ServiceError` where it was not a rehearsal and there are no credentials, `WriteUnknownError` where a
    write had started, `RunnerError` where the budget has no room for a better conclusion than there is.
    """
    return asyncio.run(resume_in_loop(folder, Further(limits or {}, writes, assume), listeners))


async def resume_in_loop(
    folder: Path, further: Further, listeners: Sequence[Listener] = (), shared: Shared | None = None
) -> Record:
    """As `resume`, in an event loop that further runs may share; what else they share is `shared`."""
    record = verified(folder, key_of(os.environ))
    refuse_changed(folder / JOURNAL, record.changes)
    configuration = _with_limits(record.configuration, further.limits)
    configuration = replace(configuration, directory=_directory(record), values_checked=values_checked(record))
    check_writes(further.writes, configuration)
    if is_whole(record, further.limits, further.writes):
        return record
    with attached(listeners, resumed=True) as listening:
        run = _reopened(folder, configuration, further, listening, shared)
        return await _to_its_end(run, shared)


def _reopened(
    folder: Path, configuration: Configuration, further: Further, listening: Listeners, shared: Shared | None
) -> OpenRun:
    journal = Journal(folder / JOURNAL, listening.everyone, reopen=True, key=key_of(os.environ))
    try:
        # As it is now that nobody else writes it.
        record = fold(journal.entries)
        _check_room(record, configuration)
        _assume(journal, list(_unknown(record, configuration)), further.assume)
        recorded = for_resume(fold(journal.entries))
        reused = _reused(journal, record, folder, configuration)
        model = model_of(record.started.model, lambda sentence: journal.append(Noted(sentence)), shared)
    except BaseException:
        journal.close()
        raise
    journal.go_on()  # importing the model's SDK took seconds
    listening.begin(journal)
    terms = Terms(secrets_of(os.environ), allowed_writes=further.writes, recorded=recorded, reused=reused)
    connections = shared.connections if shared else connections_of(configuration)
    share = shared.share if shared else None
    return OpenRun(configuration, record.started.case, folder, journal, model, connections, terms, share)


async def _to_its_end(run: OpenRun, shared: Shared | None) -> Record:
    if shared:
        return await finish(run)
    async with run.connections:
        try:
            await check_prerequisites(run.configuration, run.connections)
        except BaseException:
            await run.model.close()
            run.journal.close()
            raise
        return await finish(run)


def _directory(record: Record) -> Path | None:
    """The directory of the configuration, as far as the journal says where it was."""
    origin = record.started.origin
    given = origin.get("directory")
    return Path(given) if given else nearest_directory(Path(origin["playbook"])) if "playbook" in origin else None


def is_whole(record: Record, limits: Mapping[str, float], writes: Collection[str] = ()) -> bool:
    """Whether a run came to its end, nothing is missing in its conclusion, and neither other limits nor allowing these
    writes would change anything."""
    denied = [call for call, outcome in outcomes(record).values() if outcome.outcome == "denied"]
    if any(limits if call.kind == "model" else call.name in writes for call in denied):
        return False
    return record.conclusion is not None and not record.conclusion.partial and record.exit_code is not None


def _with_limits(configuration: Configuration, limits: Mapping[str, float]) -> Configuration:
    budget = replace(configuration.playbook.budget, **dict[str, Any](limits))
    return replace(configuration, playbook=replace(configuration.playbook, budget=budget))


def _check_room(record: Record, configuration: Configuration) -> None:
    """Raise `RunnerError` where a model's conclusion would be lost to another attempt that the budget ends at once."""
    limits, conclusion = configuration.playbook.budget, conclusion_amount(configuration)
    spent = paid(configuration, record)
    full = Admission(limits, conclusion, clock=lambda: record.seconds, spent=spent).full()
    if record.conclusion and record.conclusion.by_model and full:
        raise RunnerError(
            f"the budget has no room for anything that would make the conclusion better: {full}",
            "Raise what is used up, with --budget tokens=, usd=, seconds= or model_calls=.",
        )


def _reused(journal: Journal, record: Record, folder: Path, configuration: Configuration) -> Recorded:
    """The answers of the run that this one began to reuse; none where that run is gone, which is noted."""
    name = record.started.reuses
    asked_for = record.started.origin.get("reuse") or folder.parent / name
    for place in (Path(asked_for), folder.parent / name) if name else ():
        # Another folder may have a run of that name, this one not least.
        if (place / JOURNAL).is_file() and not place.samefile(folder):
            earlier = record_of(place)
            if earlier.started.run == name:
                return reusable(configuration, earlier)
    if name:
        journal.append(Noted(f"{name} is no longer there: what only it has answered is asked again."))
    return Recorded()


def _unknown(record: Record, configuration: Configuration) -> Iterator[CallStarted]:
    """Writes that had started and of which no answer is known, unless they were started again since."""
    for call in {identity_of(call.request): call for call in record.calls_of("tool")}.values():
        spec = configuration.tools.get(call.request.name)
        unanswered = call.outcome is None or call.outcome.outcome in ("timeout", "cancelled")
        if spec and spec.effect == "write" and call.request.made and unanswered:
            yield call.request


def _assume(journal: Journal, unknown: Sequence[CallStarted], assume: str | None) -> None:
    """Record as answers of these writes what a person says of them; where they were not done, they are made anew."""
    if unknown and assume is None:
        said = "; ".join(f"{call.name} {call.request} for {call.scope}" for call in unknown)
        raise WriteUnknownError(
            f"a write had started when the run stopped, and nobody knows whether it was done: {said}",
            "Find out, then resume with --assume done or --assume not-done.",
        )
    answer = ASSUMED[assume] if assume else None
    for call in unknown if answer else ():
        journal.append(CallFinished(call.call, "answer", tool_answer=answer))
