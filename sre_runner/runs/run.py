"""One investigation from the command line's wishes to a record: configuration, model, folder, signals, exit code."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import itertools
import os
import platform
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from sre_runner.casefile import Case, Usage
from sre_runner.config.places import runs_folder
from sre_runner.documents.hints import choices
from sre_runner.errors import ConfigError, ExitCode, Problem, RunnerError, ServiceError
from sre_runner.investigation.budget import Admission
from sre_runner.investigation.door import Door
from sre_runner.investigation.engine import Stop, investigate
from sre_runner.investigation.pool import Share
from sre_runner.investigation.terms import Beyond, Terms
from sre_runner.journal.events import Noted, RunFinished, RunStarted
from sre_runner.journal.file import JOURNAL, Journal
from sre_runner.journal.record import Record, fold, record_of, sound
from sre_runner.journal.seals import KEY_VARIABLE, key_of
from sre_runner.models.credentials import signs_of_credentials
from sre_runner.models.estimates import Amount, amount, conclusion_amount
from sre_runner.models.kinds import MODEL_KINDS
from sre_runner.models.model import Model
from sre_runner.runs.interrupts import told_of_interrupts
from sre_runner.runs.listeners import Listener, attached
from sre_runner.runs.options import MAX_TEXT, RunOptions, alert_labels, alert_start, configured, origin
from sre_runner.runs.past_runs import last_sequence
from sre_runner.runs.replay import foresee, reusable
from sre_runner.runs.shared import Shared
from sre_runner.specs import Configuration
from sre_runner.text.naming import listed, said
from sre_runner.text.output import secrets_of, shown
from sre_runner.tools.backends.answering import Missing, missing, tools_of
from sre_runner.tools.backends.connections import Connections

UNASKED_LIVE = "Set ANTHROPIC_API_KEY; or add --offline, and fixed rules look at the real systems instead of an LLM."


class InterruptedRunError(RunnerError):
    """The person asked twice to stop; the journal has everything up to then."""

    exit_code = ExitCode.INTERRUPTED


def run(options: RunOptions, listeners: Sequence[Listener] = ()) -> tuple[Record, Path]:
    """Investigate, and return the record and the run's folder with its `journal.jsonl`.

    The first SIGINT or SIGTERM concludes with what is there, the second raises `InterruptedRunError`. Raises
    `ConfigError` before anything is called, `ServiceError` where there are no credentials, `JournalError` where the
    disk fails.
    """
    return asyncio.run(run_in_loop(options, listeners))


async def run_in_loop(
    options: RunOptions, listeners: Sequence[Listener] = (), shared: Shared | None = None
) -> tuple[Record, Path]:
    """As `run`, in an event loop that further runs may share; what else they share is `shared`."""
    configuration = configured(options, directory=shared.directory if shared else None)
    secrets = secrets_of(os.environ)
    check_writes(options.allow_write, configuration)
    kind = shared.kind if shared else model_for(options, configuration)
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
    terms = Terms(secrets, allowed_writes=_writes(options, configuration), ask=options.ask)
    beginning = _Beginning(configuration, started, options, listeners, shared)
    if earlier is None:
        return await _run(beginning, terms)
    assert options.reuse
    with sound(options.reuse / JOURNAL):
        foreseen = await foresee(configuration, started.case, earlier, terms.allowed_writes)
        reused = reusable(configuration, earlier)
    forecast = f"Reusing {earlier.started.run}: {foreseen}."
    return await _run(beginning, replace(terms, reused=reused), forecast)


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


def model_for(options: RunOptions, configuration: Configuration) -> str:
    """The kind of model of a run; raise `ServiceError` where it would be a rehearsal that nobody asked for, and live
    tools would be called."""
    kind = choose_model(options.offline, os.environ, Path.home())
    if kind == "offline" and not options.offline and configuration.playbook.backend == "live":
        raise ServiceError(
            "there are no credentials for a model service, and live tools are no rehearsal", UNASKED_LIVE
        )
    return kind


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
def numbered(runs: Path, shared: Shared | None = None) -> Iterator[int]:
    """The sequence number of a run whose header is written within: one more than that of any before it in this folder.

    Clocks jump, and several runs may begin in the same second; this number tells which came first.
    """
    folder = os.open(runs, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield shared.sequence(lambda: last_sequence(runs)) if shared else last_sequence(runs) + 1
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


@dataclass(frozen=True)
class OpenRun:
    """A run that has its folder, and in it its journal with the header."""

    configuration: Configuration
    case: Case
    folder: Path
    journal: Journal
    model: Model
    connections: Connections
    terms: Terms
    share: Share | None = None


def connections_of(configuration: Configuration) -> Connections:
    """What the tools of a run share."""
    return Connections(configuration.servers, os.environ, configuration.directory or Path.cwd())


async def check_prerequisites(configuration: Configuration, connections: Connections) -> None:
    """Raise `ConfigError` for everything that has to be there for the tools and is not, before anything is paid."""
    found = [
        _problem(configuration, each)
        for each in await missing([*configuration.tools.values()], configuration.playbook.backend, connections)
    ]
    if found:
        raise ConfigError(found)


def _problem(configuration: Configuration, found: Missing) -> Problem:
    server = found.lack.server
    place = configuration.places.get(("server", server) if server else ("tool", found.tools[0]))
    place = place or Problem(server or found.tools[0], 0, 0, "")
    names = listed(found.tools, 5)
    message = f"{found.lack.message} (for {names})"
    without = " ".join(f"--without {name}" for name in found.tools)
    return replace(place, message=message, hint=f"{found.lack.hint} Or go on without it: {without}".strip())


@dataclass(frozen=True)
class _Beginning:
    """A run before it has its folder."""

    configuration: Configuration
    started: RunStarted
    options: RunOptions
    listeners: Sequence[Listener]
    shared: Shared | None


async def _run(beginning: _Beginning, terms: Terms, forecast: str = "") -> tuple[Record, Path]:
    configuration, started, options, shared = (
        beginning.configuration,
        beginning.started,
        beginning.options,
        beginning.shared,
    )
    # Before anything is created: without credentials there is no run. It notes its waits once there is a journal.
    model = model_of(started.model, lambda sentence: journal.append(Noted(sentence)), shared)
    key = _signing_key(os.environ) if options.sign else b""
    async with connected(configuration, shared) as connections:
        folder = new_folder(options.runs or runs_folder([options.playbook], options.config), started.run)
        with attached(beginning.listeners) as listening:
            journal = Journal(folder / JOURNAL, listening.everyone, key=key)
            with numbered(folder.parent, shared) as sequence:
                journal.append(replace(started, run=folder.name, sequence=sequence))
            listening.begin(journal)
            if forecast:
                journal.append(Noted(forecast))
            share = shared.share if shared else None
            run = OpenRun(configuration, started.case, folder, journal, model, connections, terms, share)
            return await finish(run), folder


def model_of(kind: str, on_wait: Callable[[str], None], shared: Shared | None) -> Model:
    """The model of a run; `on_wait` is told a sentence before each wait."""
    return shared.model(on_wait) if shared else MODEL_KINDS[kind](on_wait)


@contextlib.asynccontextmanager
async def connected(configuration: Configuration, shared: Shared | None) -> AsyncIterator[Connections]:
    """What the tools of a run share, everything there that they need; raise `ConfigError` where it is not."""
    if shared:
        yield shared.connections
        return
    async with connections_of(configuration) as connections:
        await check_prerequisites(configuration, connections)
        yield connections


def _signing_key(environ: Mapping[str, str]) -> bytes:
    """The key that the journal is signed with; raise `RunnerError` where there is none."""
    key = key_of(environ)
    if not key:
        raise RunnerError(
            f"--sign needs a key, and {KEY_VARIABLE} is not set", "Make one with `openssl rand -hex 32`, and keep it."
        )
    return key


async def finish(run: OpenRun) -> Record:
    """Investigate to the journal's last event, and let go of model and journal.

    Raises `InterruptedRunError` where the person asked twice to stop.
    """
    journal = run.journal
    syncing = asyncio.create_task(journal.keep_synced())
    try:
        concluded = await _until_second_signal(run, _door(run))
        code = exit_code_of(fold(journal.entries)) if concluded else ExitCode.INTERRUPTED
        journal.append(RunFinished(code))
        # Before files that name its digest: they must not outlive its last line.
        await asyncio.to_thread(journal.sync)
    finally:
        syncing.cancel()
        await asyncio.wait({syncing})
        await run.model.close()
        journal.close()
    if not concluded:
        raise InterruptedRunError("interrupted, without a conclusion", f"Everything up to then is in {run.folder}.")
    return fold(journal.entries)


def _door(run: OpenRun) -> Door:
    """The door of a run. What its servers are sent is no more shown than any other secret."""
    configuration, journal = run.configuration, run.journal
    admission = Admission(
        configuration.playbook.budget,
        conclusion_amount(configuration),
        clock=journal.seconds,
        tell=lambda sentence: journal.append(Noted(sentence)),
        spent=paid(configuration, fold(journal.entries)),
        share=run.share,
    )
    tools = tools_of(configuration.tools.values(), configuration.playbook.backend, run.connections)
    secrets = {*run.terms.secrets, *run.connections.secrets}
    terms = replace(run.terms, secrets=secrets, patterns=configuration.secrets)
    return Door(journal, Beyond(run.model, tools, configuration.tools), terms, admission)


async def _until_second_signal(run: OpenRun, door: Door) -> bool:
    """Investigate; whether it came to a conclusion before the person asked twice to stop."""
    stop = Stop()
    interrupted = asyncio.Event()
    investigation = asyncio.create_task(investigate(run.configuration, run.case, door, stop))

    def interrupt() -> None:
        if interrupted.is_set():
            investigation.cancel()
            return
        interrupted.set()
        stop.set("the run was interrupted")
        run.journal.append(Noted("Interrupted: concluding with what is there. Once more stops at once."))

    try:
        with told_of_interrupts(interrupt):
            await investigation
    except asyncio.CancelledError:
        return False
    return True
