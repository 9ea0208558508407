"""A batch from a person's wishes to its end: everything checked before anything begins, then one event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import IO

from sre_runner.casefile import Usage
from sre_runner.config.directory import Directory
from sre_runner.config.loading import find_directory
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.investigation.pool import Pool
from sre_runner.models.estimates import minimum
from sre_runner.models.kinds import MODEL_KINDS
from sre_runner.models.prices import cost
from sre_runner.runs.batch.batch import Batch, Ended, Plan
from sre_runner.runs.batch.limits import Limits
from sre_runner.runs.batch.lines import Stream, records
from sre_runner.runs.batch.manifest import Manifest, create, reopen
from sre_runner.runs.batch.reading import Copied
from sre_runner.runs.batch.results import Came, Tally
from sre_runner.runs.batch.rows import Row, check_columns, rows
from sre_runner.runs.batch.wishes import STDIN, Wishes, changed, read_wishes
from sre_runner.runs.options import configured
from sre_runner.runs.prerequisites import check_prerequisites, connections_of
from sre_runner.runs.run import model_for, new_folder
from sre_runner.runs.shared import Shared
from sre_runner.specs import Configuration

COPY = "incidents"
"""What was read of standard input, in the batch's folder."""

RESCAN = 60.0
"""Seconds after which it is looked again whether another process has numbered runs in the folder."""

Begun = Callable[[Batch, Path], object]
"""What is told of a batch, and its folder, before its first row begins."""


@dataclass(frozen=True)
class Outcome:
    """What a batch came to. `tally` counts all its rows, also those of before it was gone on with; `seconds` are of
    this part of it, `waited` what its calls waited for their turn in all. `stopped` says why rows did not begin."""

    folder: Path
    tally: Tally
    seconds: float
    waited: float
    stopped: str
    interrupted: bool
    kind: str
    asked_for: bool

    @property
    def exit_code(self) -> ExitCode:
        """What `sre-run batch` exits with."""
        if self.interrupted:
            return ExitCode.INTERRUPTED
        statuses = self.tally.statuses
        nobody = statuses[Came.FAILED.value] and not any(statuses[each.value] for each in Came if each.done)
        silent = nobody and any(each.exit_code == ExitCode.SERVICE for each in self.tally.failures)
        if not self.asked_for or silent:
            return ExitCode.SERVICE
        return ExitCode.PARTIAL if self.tally.not_whole or self.stopped else ExitCode.OK


@dataclass(frozen=True)
class _Prepared:
    """A batch of which all is known to be in order but its rows."""

    wishes: Wishes
    configuration: Configuration
    directory: Directory
    kind: str


def begin(wishes: Wishes, stdin: Callable[[], IO[str]], begun: Begun, ended: Ended) -> Outcome:
    """Carry out a new batch.

    Raises `ConfigError` and `RunnerError` before anything begins: problems of the playbook, columns that are none of
    its inputs, no credentials for live tools, a budget in dollars where a price is unknown.
    """
    prepared = _prepared(wishes)
    with _copied(stdin()) if wishes.incidents == STDIN else _opened(Path(wishes.incidents)) as stream:
        found = _rows(prepared, stream)
        first = list(_first(found))
        moment = datetime.now().astimezone()
        name = prepared.configuration.playbook.name
        folder = new_folder(wishes.runs, f"batch-{name}-{moment:%Y%m%d-%H%M%S}")
        if isinstance(stream, Copied):
            stream.into(folder / COPY)
        manifest = create(folder, {**wishes.to_json(), "began_at": moment.isoformat()})
        return _carried_out(prepared, folder, manifest, chain(first, found), (begun, ended))


def go_on(
    folder: Path,
    jobs: int | None,
    rates: Mapping[str, float | None],
    budget: Mapping[str, float],
    told: tuple[Begun, Ended],
) -> Outcome:
    """Go on with a batch: rows that have a conclusion stay as they are, runs that stopped are resumed.

    Raises `RunnerError` where rows that had begun are not what they were.
    """
    manifest = reopen(folder)
    with closing(manifest):
        wishes = changed(read_wishes(manifest.header, folder), jobs, rates, budget)
        prepared = _prepared(wishes)
        path = folder / COPY if wishes.incidents == STDIN else Path(wishes.incidents)
        with _opened(path) as stream:
            for row in _rows(prepared, stream):
                if manifest.past.changed(row):
                    raise RunnerError(
                        f"{row.place} is not what it was when the batch began", "Undo that, or start a new batch."
                    )
        with _opened(path) as stream:
            return _carried_out(prepared, folder, manifest, _rows(prepared, stream), told)


def _first(found: Iterator[Row]) -> Iterator[Row]:
    """The first row, if there is one: reading it shows what is wrong with the list as a whole."""
    for row in found:
        yield row
        return


@contextmanager
def _opened(path: Path) -> Iterator[Stream]:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as stream:
        yield stream


@contextmanager
def _copied(stdin: IO[str]) -> Iterator[Stream]:
    """Standard input is not closed: a thread may wait for it, and closing would wait for the thread."""
    copied = Copied(stdin)
    try:
        yield copied
    finally:
        copied.close()


def _rows(prepared: _Prepared, stream: Stream) -> Iterator[Row]:
    wishes, known = prepared.wishes, prepared.configuration.playbook.inputs
    name = "stdin" if wishes.incidents == STDIN else Path(wishes.incidents).name
    entries = records(stream, name, wishes.format, lambda header: check_columns(header, name, known))
    return rows(entries, name, known)


def _prepared(wishes: Wishes) -> _Prepared:
    options = wishes.options
    directory = Directory(find_directory(options.playbook, options.config))
    configuration = configured(options, only_shown=True, directory=directory)
    kind = model_for(options, configuration)
    if wishes.budget.usd is not None and kind != "offline":
        _check_priced(configuration)
    return _Prepared(wishes, configuration, directory, kind)


def _check_priced(configuration: Configuration) -> None:
    models = [agent.model or configuration.playbook.model for agent in configuration.agents.values()]
    for model in models:
        if cost(Usage(1), model.name, model.price) is None:
            raise RunnerError(
                f"--budget usd= needs the price of {model.name}, which is not known",
                "State it under `model` as `price`, or give --budget tokens=NUMBER.",
            )


def _carried_out(
    prepared: _Prepared, folder: Path, manifest: Manifest, found: Iterator[Row], told: tuple[Begun, Ended]
) -> Outcome:
    with closing(manifest):
        return asyncio.run(_in_loop(prepared, folder, manifest, found, told))


async def _in_loop(
    prepared: _Prepared, folder: Path, manifest: Manifest, found: Iterator[Row], told: tuple[Begun, Ended]
) -> Outcome:
    wishes, configuration = prepared.wishes, prepared.configuration
    began, (begun, ended) = time.monotonic(), told
    model = MODEL_KINDS[prepared.kind](lambda _: None)
    try:
        async with connections_of(configuration) as connections:
            await check_prerequisites(configuration, connections)
            shared = Shared(prepared.kind, lambda _: model, prepared.directory, connections, sequence=_Numbers().next)
            limits = Limits(wishes.rates, asyncio.get_running_loop().time)
            pool = Pool(wishes.budget, manifest.past.tally.spent)
            plan = Plan(wishes.options, wishes.runs, folder.name, wishes.jobs, minimum(configuration))
            batch = Batch(plan, shared, model, limits, pool, manifest)
            begun(batch, folder)
            await batch.carry_out(found, ended)
    finally:
        await model.close()
    seconds = time.monotonic() - began
    asked_for = wishes.options.offline or prepared.kind != "offline"
    return Outcome(
        folder, batch.tally, seconds, limits.waited, batch.stopped, batch.interrupted, prepared.kind, asked_for
    )


class _Numbers:
    """The sequence numbers of a batch's runs, without a look at every run of the folder for each."""

    def __init__(self) -> None:
        self._last = 0
        self._looked: float | None = None

    def next(self, last: Callable[[], int]) -> int:
        """One more than the highest, by what `last` finds in the folder, which is asked once a minute."""
        now = time.monotonic()
        if self._looked is None or now - self._looked > RESCAN:
            self._last, self._looked = max(self._last, last()), now
        self._last += 1
        return self._last
