"""One investigation from the command line's wishes to a record: configuration, model, folder, signals, exit code."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import itertools
import os
import platform
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from sre_runner.casefile import Case
from sre_runner.config.places import runs_folder
from sre_runner.documents.hints import choices
from sre_runner.errors import RunnerError, ServiceError
from sre_runner.investigation.terms import Terms
from sre_runner.journal.events import Noted, RunStarted
from sre_runner.journal.file import JOURNAL, Journal
from sre_runner.journal.record import Record, record_of, sound
from sre_runner.journal.seals import KEY_VARIABLE, key_of
from sre_runner.models.credentials import signs_of_credentials
from sre_runner.models.kinds import MODEL_KINDS
from sre_runner.models.model import Model
from sre_runner.runs.listeners import Listener, attached
from sre_runner.runs.open_run import OpenRun, finish
from sre_runner.runs.options import MAX_TEXT, RunOptions, alert_labels, alert_start, configured, origin
from sre_runner.runs.past_runs import last_sequence
from sre_runner.runs.prerequisites import connected
from sre_runner.runs.replay import foresee, reusable
from sre_runner.runs.shared import Shared
from sre_runner.specs import Configuration
from sre_runner.text.naming import said
from sre_runner.text.output import secrets_of, shown

UNASKED_LIVE = "Set ANTHROPIC_API_KEY; or add --offline, and fixed rules look at the real systems instead of an LLM."


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


def _signing_key(environ: Mapping[str, str]) -> bytes:
    """The key that the journal is signed with; raise `RunnerError` where there is none."""
    key = key_of(environ)
    if not key:
        raise RunnerError(
            f"--sign needs a key, and {KEY_VARIABLE} is not set", "Make one with `openssl rand -hex 32`, and keep it."
        )
    return key
