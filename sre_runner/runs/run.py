"""One investigation from the command line's wishes to a record: configuration, model, folder, signals, exit code."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import itertools
import os
import platform
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from sre_runner.casefile import Case, Usage
from sre_runner.config.places import runs_folder
from sre_runner.documents.hints import choices
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.investigation.budget import Admission
from sre_runner.investigation.door import Door
from sre_runner.investigation.engine import Stop, investigate
from sre_runner.journal.events import Entry, Noted, RunFinished, RunStarted
from sre_runner.journal.file import JOURNAL, Journal
from sre_runner.journal.record import Record, fold, record_of, sound
from sre_runner.journal.recorded import Recorded
from sre_runner.models.credentials import signs_of_credentials
from sre_runner.models.estimates import Amount, amount, conclusion_amount
from sre_runner.models.kinds import MODEL_KINDS
from sre_runner.models.model import Model
from sre_runner.runs.interrupts import told_of_interrupts
from sre_runner.runs.options import MAX_TEXT, RunOptions, alert_labels, alert_start, configured, origin
from sre_runner.runs.past_runs import last_sequence
from sre_runner.runs.replay import foresee, reusable
from sre_runner.specs import Configuration
from sre_runner.text.naming import said
from sre_runner.text.output import secrets_of, shown
from sre_runner.tools.simulated import SimulatedTool


class InterruptedRunError(RunnerError):
    """The person asked twice to stop; the journal has everything up to then."""

    exit_code = ExitCode.INTERRUPTED


def run(options: RunOptions, listeners: Sequence[Callable[[Entry], None]] = ()) -> tuple[Record, Path]:
    """Investigate, and return the record and the run's folder with its `journal.jsonl`.

    The first SIGINT or SIGTERM concludes with what is there, the second raises `InterruptedRunError`. Raises
    `ConfigError` before anything is called, `ServiceError` where there are no credentials, `JournalError` where the
    disk fails.
    """
    return asyncio.run(run_in_loop(options, listeners))


async def run_in_loop(options: RunOptions, listeners: Sequence[Callable[[Entry], None]] = ()) -> tuple[Record, Path]:
    """As `run`, in an event loop that further runs may share."""
    configuration = configured(options)
    secrets = secrets_of(os.environ)
    check_writes(options.allow_write, configuration)
    kind = choose_model(options.offline, os.environ, Path.home())
    earlier = record_of(options.reuse) if options.reuse else None
    if earlier:
        _check_kind(earlier, kind)
    began = datetime.now().astimezone().replace(microsecond=0)
    started = RunStarted(
        run=f"{configuration.playbook.name}-{began:%Y%m%d-%H%M%S}",
        case=_case(configuration, options, began, earlier),
        configuration=configuration.source,
        digest=configuration.digest,
        model=kind,
        versions={"sre-run": version("sre-run"), "python": platform.python_version()},
        labels={
            **alert_labels(configuration.playbook),
            **{shown(name, secrets, MAX_TEXT): shown(text, secrets, MAX_TEXT) for name, text in options.labels.items()},
        },
        origin=origin(options),
        reuses=earlier.started.run if earlier else "",
        began_at=began.isoformat(),
        asked_for=options.offline or kind != "offline",
    )
    if earlier is None:
        return await _run(configuration, started, options, secrets, listeners)
    assert options.reuse
    with sound(options.reuse / JOURNAL):
        foreseen = await foresee(configuration, started.case, earlier, _writes(options, configuration))
        reused = reusable(configuration, earlier)
    forecast = f"Reusing {earlier.started.run}: {foreseen}."
    return await _run(configuration, started, options, secrets, listeners, forecast, reused)


def _case(configuration: Configuration, options: RunOptions, began: datetime, earlier: Record | None) -> Case:
    """The case; that of a run that uses another's answers is of the same time, or no call would be the same."""
    playbook = configuration.playbook
    incident = options.started_at or alert_start(playbook)
    if earlier is None:
        return Case(playbook.task, playbook.inputs, began.isoformat(), incident, playbook.alert)
    then = earlier.started.case
    return Case(playbook.task, playbook.inputs, then.started_at, incident or then.incident_started_at, playbook.alert)


def _check_kind(earlier: Record, kind: str) -> None:
    """Raise `RunnerError` where the answers of a rehearsal would stand beside a model's."""
    if earlier.started.model != kind:
        kinds = {"offline": "a rehearsal"}
        then, now = (kinds.get(name, f"a run on {name}") for name in (earlier.started.model, kind))
        other = "add --offline" if earlier.rehearsal else "give credentials, without --offline"
        raise RunnerError(
            f"{earlier.started.run} was {then}, and this would be {now}: their answers do not mix",
            f"Leave --reuse out, or {other}.",
        )


def check_writes(allowed: Collection[str], configuration: Configuration) -> None:
    """Raise `RunnerError` for a write that was allowed, and that no agent of the playbook could make."""
    writes = [name for name, spec in configuration.tools.items() if spec.effect == "write"]
    for name in allowed:
        if name not in writes:
            message = f"{said(name)} is no write tool of an agent of {configuration.playbook.name}"
            raise RunnerError(message, choices(name, writes, "It has none: every tool of its agents only reads."))


def _writes(options: RunOptions, configuration: Configuration) -> list[str]:
    """The tools that may write."""
    return [name for name in configuration.tools if options.allow_every_write or name in options.allow_write]


def choose_model(offline: bool, environ: Mapping[str, str], home: Path) -> str:
    """The kind of model: `offline` where it is asked for, or where nothing at all points to a real one.

    Nobody takes the latter for a success: it has an exit code of its own.
    """
    return "offline" if offline or signs_of_credentials(environ, home) is None else "anthropic"


def exit_code_of(record: Record) -> ExitCode:
    """What a run that was not interrupted exits with."""
    conclusion = record.conclusion
    if not record.started.asked_for:
        return ExitCode.SERVICE
    if conclusion is None or not conclusion.partial:
        return ExitCode.OK
    last = {call.request.scope: call.outcome for call in record.calls_of("model")}
    ended = (outcome for scope, outcome in last.items() if scope in (record.concluded_from or last))
    failed = any(outcome and outcome.outcome == "failed" for outcome in ended)
    return ExitCode.SERVICE if failed and not conclusion.by_model else ExitCode.PARTIAL


def paid(configuration: Configuration, record: Record) -> Amount:
    """What the model calls of a run took so far, whatever came of them; one without an answer counts as a call."""
    spent = Amount()
    for call in record.calls_of("model"):
        if call.request.made:
            answer = call.outcome.model_answer if call.outcome else None
            agent = configuration.agents[record.work[call.request.scope].assignment.agent]
            price = (agent.model or configuration.playbook.model).price
            spent += amount(answer.usage if answer else Usage(), call.request.name, price)
    return spent


@contextlib.contextmanager
def numbered(runs: Path) -> Iterator[int]:
    """The sequence number of a run whose header is written within: one more than that of any before it in this folder.

    Clocks jump, and several runs may begin in the same second; this number tells which came first.
    """
    folder = os.open(runs, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield last_sequence(runs) + 1
    finally:
        os.close(folder)


def new_folder(runs: Path, name: str) -> Path:
    """A folder of that name below `runs`, for the owner alone; numbered where the name is taken."""
    runs.mkdir(parents=True, exist_ok=True)
    for number in itertools.count(1):
        folder = runs / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return folder
    raise AssertionError


async def _run(
    configuration: Configuration,
    started: RunStarted,
    options: RunOptions,
    secrets: Collection[str],
    listeners: Sequence[Callable[[Entry], None]],
    forecast: str = "",
    reused: Recorded | None = None,
) -> tuple[Record, Path]:
    # Before anything is created: without credentials there is no run. It notes its waits once there is a journal.
    model = MODEL_KINDS[started.model](lambda sentence: journal.append(Noted(sentence)))
    folder = new_folder(options.runs or runs_folder([options.playbook], options.config), started.run)
    journal = Journal(folder / JOURNAL, listeners)
    with numbered(folder.parent) as sequence:
        journal.append(replace(started, run=folder.name, sequence=sequence))
    if forecast:
        journal.append(Noted(forecast))
    writes = _writes(options, configuration)
    case = started.case
    return await carry_out(configuration, case, model, journal, folder, secrets, writes, reused=reused), folder


async def carry_out(
    configuration: Configuration,
    case: Case,
    model: Model,
    journal: Journal,
    folder: Path,
    secrets: Collection[str],
    writes: Collection[str],
    recorded: Recorded | None = None,
    reused: Recorded | None = None,
) -> Record:
    """Investigate into a journal that has its header, to its last event, and let go of model and journal.

    Raises `InterruptedRunError` where the person asked twice to stop.
    """
    admission = Admission(
        configuration.playbook.budget,
        conclusion_amount(configuration),
        clock=journal.seconds,
        tell=lambda sentence: journal.append(Noted(sentence)),
        spent=paid(configuration, fold(journal.entries)),
    )
    tools = {name: SimulatedTool(spec) for name, spec in configuration.tools.items()}
    door = Door(
        journal,
        model,
        tools,
        configuration.tools,
        secrets,
        admission=admission,
        allowed_writes=writes,
        recorded=recorded,
        reused=reused,
    )
    syncing = asyncio.create_task(journal.keep_synced())
    try:
        concluded = await _until_second_signal(configuration, case, door, journal, recorded)
        code = exit_code_of(fold(journal.entries)) if concluded else ExitCode.INTERRUPTED
        journal.append(RunFinished(code))
    finally:
        syncing.cancel()
        await asyncio.wait({syncing})
        await model.close()
        journal.close()
    if not concluded:
        raise InterruptedRunError("interrupted, without a conclusion", f"Everything up to then is in {folder}.")
    return fold(journal.entries)


async def _until_second_signal(
    configuration: Configuration, case: Case, door: Door, journal: Journal, recorded: Recorded | None
) -> bool:
    """Investigate; whether it came to a conclusion before the person asked twice to stop."""
    stop = Stop()
    interrupted = asyncio.Event()
    investigation = asyncio.create_task(investigate(configuration, case, door, journal, stop, recorded))

    def interrupt() -> None:
        if interrupted.is_set():
            investigation.cancel()
            return
        interrupted.set()
        stop.set("the run was interrupted")
        journal.append(Noted("Interrupted: concluding with what is there. Once more stops at once."))

    try:
        with told_of_interrupts(interrupt):
            await investigation
    except asyncio.CancelledError:
        return False
    return True
