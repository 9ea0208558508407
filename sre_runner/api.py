"""`sre_runner.investigate(...)`: one investigation from a Python program, to a typed result."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypedDict, Unpack

from sre_runner.casefile import Conclusion, Json
from sre_runner.commands.run import keep
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.journal.events import Entry
from sre_runner.journal.record import Record
from sre_runner.models.credentials import CredentialsError
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import choose_model, run_in_loop


@dataclass(frozen=True)
class Investigated:
    """What an investigation came to.

    `folder` has the journal, `conclusion.md` and `run.json`. `exit_code` is that of `sre-run`: OK for a whole
    conclusion, PARTIAL, or SERVICE where no model drew it. `conclusion` is None only where there is none; `record` is
    the fold of the journal, with every assignment and call.
    """

    run: str
    folder: Path
    exit_code: ExitCode
    conclusion: Conclusion | None
    record: Record

    @property
    def severity(self) -> str | None:
        """`P1` to `P4`, or None where it is not known."""
        found = self.conclusion.fields.get("severity") if self.conclusion else None
        return found if isinstance(found, str) else None

    @property
    def rehearsal(self) -> bool:
        """Whether no LLM took part."""
        return self.record.rehearsal

    def to_json(self) -> dict[str, Json]:
        """All of it as plain data: what `sre-run --json` prints (`sre-run docs json`)."""
        from sre_runner.render.run.export import to_json

        return to_json(self.record)


class Options(TypedDict, total=False):
    """What may be asked of an investigation, as by the options of `sre-run run`.

    `alert` is the payload as plain data, `settings` are dotted keys of the playbook with values (a text is read as
    YAML), `allow_write` is True for every write tool. `runs` is where the run's folder is made, `listener` is called
    with each event of the journal as soon as it is written.
    """

    config: str | Path | None
    inputs: Mapping[str, str]
    task: str | None
    alert: Json
    case: str | None
    settings: Mapping[str, Json]
    labels: Mapping[str, str]
    started_at: datetime | None
    offline: bool
    allow_write: bool | Collection[str]
    reuse: str | Path | None
    runs: str | Path | None
    listener: Callable[[Entry], None] | None


def investigate(playbook: str | Path, **options: Unpack[Options]) -> Investigated:
    """Investigate by a playbook, and wait for what it comes to.

    Raises `RunnerError` where there is nothing to run: a configuration with problems, no credentials without
    `offline=True`, a run that was interrupted twice. A specialist that fails is no error: the conclusion says what is
    missing. In a running event loop, await `investigate_async` instead.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(investigate_async(playbook, **options))
    raise RunnerError(
        "investigate() was called in a running event loop", "Await sre_runner.investigate_async(...) there."
    )


async def investigate_async(playbook: str | Path, **options: Unpack[Options]) -> Investigated:
    """As `investigate`, in the running event loop, which several investigations may share."""
    wishes = _wishes(Path(playbook), options)
    if not wishes.offline and choose_model(False, os.environ, Path.home()) == "offline":
        raise CredentialsError
    listener = options.get("listener")
    record, folder = await run_in_loop(wishes, [listener] if listener else [])
    code = keep(record, folder, None).code
    return Investigated(record.started.run, folder, ExitCode(code), record.conclusion, record)


def _wishes(playbook: Path, options: Options) -> RunOptions:
    unknown = sorted(set(options) - set(Options.__annotations__))
    if unknown:
        raise TypeError(f"investigate() got an unexpected keyword argument {unknown[0]!r}")
    if not playbook.is_file():
        raise RunnerError(f"there is no playbook {playbook}")
    allowed, started_at = options.get("allow_write", False), options.get("started_at")
    settings = options.get("settings", {})
    return RunOptions(
        playbook=playbook,
        config=_path(options.get("config")),
        inputs=options.get("inputs", {}),
        task=options.get("task"),
        alert=options.get("alert"),
        case=options.get("case"),
        settings=[(key, value if isinstance(value, str) else json.dumps(value)) for key, value in settings.items()],
        labels=options.get("labels", {}),
        started_at=(started_at if started_at.tzinfo else started_at.astimezone()).isoformat() if started_at else None,
        offline=options.get("offline", False),
        allow_write=() if isinstance(allowed, bool) else allowed,
        allow_every_write=allowed is True,
        reuse=_path(options.get("reuse")),
        runs=_path(options.get("runs")),
    )


def _path(given: str | Path | None) -> Path | None:
    return None if given is None else Path(given)
