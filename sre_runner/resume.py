"""A run that has a journal: gone on with where it stopped, or replayed without any call."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sre_runner.calls import Door
from sre_runner.casefile import Conclusion, ToolAnswer
from sre_runner.config import from_source
from sre_runner.engine import Stop, investigate
from sre_runner.errors import RunnerError
from sre_runner.journal import CallFinished, CallStarted, Entry, Journal, Noted, Record, fold, read
from sre_runner.models.kinds import MODEL_KINDS
from sre_runner.output import secrets_of
from sre_runner.recorded import Recorded, for_replay, for_resume
from sre_runner.run import JOURNAL, carry_out
from sre_runner.specs import Configuration

ASSUMED: Mapping[str, ToolAnswer | None] = {
    "done": ToolAnswer("It was started before an interruption, and a person says that it was done.", from_tool=False),
    "not-done": None,
}
"""What a person may say of a write that had started when the run stopped: its answer, or None to make it now."""


class WriteUnknownError(RunnerError):
    """A write had started when the run stopped, and nobody said whether it was done."""


def record_of(folder: Path) -> Record:
    """The record of a run's folder; raise `RunnerError` where it is none, or nothing was recorded."""
    if not (folder / JOURNAL).is_file():
        raise RunnerError(
            f"{folder} is no run: it has no {JOURNAL}", "Give the folder of one run, such as a folder below runs."
        )
    return fold(read(folder / JOURNAL))


def resume(
    folder: Path,
    *,
    limits: Mapping[str, float] | None = None,
    writes: Collection[str] = (),
    assume: str | None = None,
    listeners: Sequence[Callable[[Entry], None]] = (),
) -> Record:
    """Go on with a run under its own configuration; finished calls are served, everything else is asked again.

    `limits` replace those of the run's own budget, by name. Returns the record as it is where nothing is left to do.
    Raises `ServiceError` where the run was not a rehearsal and there are no credentials, `WriteUnknownError` where a
    write had started.
    """
    record = record_of(folder)
    if is_whole(record, limits or {}):
        return record
    configuration = _with_limits(from_source(record.started.configuration), limits or {})
    journal = Journal(folder / JOURNAL, listeners, reopen=True)
    try:
        recorded = _with_assumed(for_resume(journal.entries), list(_unknown(record, configuration)), assume)
        model = MODEL_KINDS[record.started.model](lambda sentence: journal.append(Noted(sentence)))
    except BaseException:
        journal.close()
        raise
    secrets = secrets_of(os.environ)
    work = carry_out(configuration, record.started.case, model, journal, folder, secrets, writes, recorded)
    return asyncio.run(work)


def is_whole(record: Record, limits: Mapping[str, float]) -> bool:
    """Whether a run came to its end, nothing is missing in its conclusion, and other limits would change nothing."""
    denied = any(call.outcome and call.outcome.outcome == "denied" for call in record.calls_of("model"))
    if record.conclusion is None or record.conclusion.partial or (limits and denied):
        return False
    return record.exit_code is not None


def replay(folder: Path) -> Conclusion:
    """The conclusion of a run, drawn again from its journal alone; raise `ReplayError` where it cannot be."""
    record = record_of(folder)
    return replay_with(from_source(record.started.configuration), record, read(folder / JOURNAL))


def replay_with(configuration: Configuration, record: Record, entries: Iterator[Entry]) -> Conclusion:
    """The conclusion that another configuration draws from the same journal; `ReplayError` where it first diverges."""
    return asyncio.run(_replay(configuration, record, for_replay(entries)))


async def _replay(configuration: Configuration, record: Record, recorded: Recorded) -> Conclusion:
    with tempfile.TemporaryDirectory() as nowhere:
        journal = Journal(Path(nowhere) / JOURNAL)
        try:
            # Every model kind would do: a call that is not recorded is refused before it is asked.
            door = Door(journal, MODEL_KINDS["offline"](lambda _: None), {}, configuration.tools, recorded=recorded)
            return await investigate(configuration, record.started.case, door, journal, Stop(), recorded)
        finally:
            journal.close()


def _with_limits(configuration: Configuration, limits: Mapping[str, float]) -> Configuration:
    budget = replace(configuration.playbook.budget, **dict[str, Any](limits))
    return replace(configuration, playbook=replace(configuration.playbook, budget=budget))


def _unknown(record: Record, configuration: Configuration) -> Iterator[CallStarted]:
    """Writes that had started and of which no answer is known."""
    for call in record.calls_of("tool"):
        spec = configuration.tools.get(call.request.name)
        if (
            spec
            and spec.effect == "write"
            and (call.outcome is None or call.outcome.outcome in ("timeout", "cancelled"))
        ):
            yield call.request


def _with_assumed(recorded: Recorded, unknown: Sequence[CallStarted], assume: str | None) -> Recorded:
    if not unknown:
        return recorded
    if assume is None:
        said = "; ".join(f"{call.name} {call.request} for {call.scope}" for call in unknown)
        raise WriteUnknownError(
            f"a write had started when the run stopped, and nobody knows whether it was done: {said}",
            "Find out, then resume with --assume done or --assume not-done.",
        )
    answer = ASSUMED[assume]
    if answer is None:
        return recorded
    known = {
        (call.kind, call.scope, call.digest, call.occurrence): (
            call,
            CallFinished(call.call, "answer", tool_answer=answer),
        )
        for call in unknown
    }
    return replace(recorded, calls={**recorded.calls, **known})
