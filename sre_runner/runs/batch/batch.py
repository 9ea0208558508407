"""The loop of a batch: rows begin as there is room, each ends with a result, and none of them stops the others."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from sre_runner.errors import ConfigError, ExitCode, RunnerError
from sre_runner.investigation.pool import Pool, Share
from sre_runner.journal.events import Entry, RunStarted
from sre_runner.journal.file import JOURNAL
from sre_runner.journal.record import Record, record_of
from sre_runner.models.estimates import Amount
from sre_runner.models.model import Model
from sre_runner.runs.batch.limits import Limits
from sre_runner.runs.batch.manifest import Manifest
from sre_runner.runs.batch.reading import Reader
from sre_runner.runs.batch.results import Came, Result, Tally, result_of
from sre_runner.runs.batch.rows import Row
from sre_runner.runs.interrupts import told_of_interrupts
from sre_runner.runs.open_run import InterruptedRunError
from sre_runner.runs.options import MAX_TEXT, RunOptions
from sre_runner.runs.resume import Further, resume_in_loop
from sre_runner.runs.run import run_in_loop
from sre_runner.runs.shared import Shared
from sre_runner.text.output import secrets_of, shown

FEW_FAILURES = 3
"""Rows that a service fails one after the other before no more are begun; more, where more run at once."""

LOOK_AGAIN = 0.5
"""Seconds between looks whether calls still wait for their turn."""

Ended = Callable[[Result, Record | None, Path | None], object]
"""What is done with every row that ended; the record and the folder of its run, if it has one."""


@dataclass(frozen=True)
class Plan:
    """What every row is run with: the options of all, how many rows at once, and what the least that one needs is."""

    options: RunOptions
    runs: Path
    name: str
    jobs: int
    least: Amount


class Batch:
    """Carries out the rows of a list. `tally` counts what came of them, `stopped` says why not all were begun."""

    def __init__(
        self, plan: Plan, shared: Shared, model: Model, limits: Limits, pool: Pool, manifest: Manifest
    ) -> None:
        self.tally: Tally = manifest.past.tally
        self.stopped = ""
        self.interrupted = False
        self.running = 0
        self._plan = plan
        self._shared = shared
        self._model = model
        self.limits = limits
        self._pool = pool
        self._manifest = manifest
        self._secrets = secrets_of(os.environ)
        self._changed = asyncio.Event()
        self._silent = 0
        self._faults: list[BaseException] = []

    async def carry_out(self, rows: Iterator[Row], ended: Ended) -> None:
        """Take rows until there are no more, or until it is stopped, and wait for those that have begun."""
        reader = Reader(rows)
        tasks: set[asyncio.Task[None]] = set()
        with told_of_interrupts(lambda: self._interrupt(reader)):
            async with aclosing(reader.items()) as items:
                async for row in items:
                    if row.number in self._manifest.past.ended:
                        continue
                    await self._room()
                    if self.stopped:
                        break
                    self.running += 1
                    task = asyncio.create_task(self._row(row, ended))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
                    task.add_done_callback(self._gone)
            while tasks:
                await asyncio.wait(tasks)
        if self._faults:
            raise self._faults[0]

    def _interrupt(self, reader: Reader[Row]) -> None:
        self.interrupted = True
        self._stop("it was interrupted")
        reader.stop()

    def _stop(self, why: str) -> None:
        self.stopped = self.stopped or why
        self._changed.set()

    async def _room(self) -> None:
        """Wait until another row may begin: a seat, calls that do not wait, and room in the budget."""
        while not self.stopped:
            over = self._pool.over(self._plan.least)
            if over and not self.running:
                self._stop(f"the budget has no room for another investigation: {', '.join(over)}")
            elif not over and self.running < self._plan.jobs and not (self.running and self.limits.queued):
                return
            else:
                self._changed.clear()
                waiting = asyncio.ensure_future(self._changed.wait())
                await asyncio.wait({waiting}, timeout=LOOK_AGAIN)
                waiting.cancel()

    def _gone(self, task: asyncio.Task[None]) -> None:
        self.running -= 1
        self._changed.set()
        fault = None if task.cancelled() else task.exception()
        if fault:
            self._faults.append(fault)
            self._stop("its results cannot be kept")

    async def _row(self, row: Row, ended: Ended) -> None:
        share = self._pool.begin(Amount() if row.problem else self._plan.least)
        try:
            result, record, folder = await self._result(row, share)
        finally:
            share.end()
        self._manifest.ended(row, result)
        self._manifest.past.last.pop(row.number, None)
        self.tally.add(result)
        self._hear(result)
        ended(result, record, folder)

    def _hear(self, result: Result) -> None:
        """A service that answers nobody is not asked for the rest of the list."""
        self._silent = 0 if result.status.done else self._silent + (result.exit_code == ExitCode.SERVICE)
        if self._silent >= max(FEW_FAILURES, self._plan.jobs):
            self._stop(f"the model service failed the last {self._silent} investigations")

    async def _result(self, row: Row, share: Share) -> tuple[Result, Record | None, Path | None]:
        begun: list[str] = []

        def listen(entry: Entry) -> None:
            if isinstance(entry.event, RunStarted):
                begun.append(entry.event.run)
                self._manifest.begun(row, entry.event.run)

        try:
            if row.problem:
                raise RunnerError(row.problem, row.hint)
            record, folder = await self._investigated(row, share, listen)
            return result_of(row.number, row.place, record), record, folder
        except InterruptedRunError as error:
            return self._cut_short(row, begun, error)
        except ConfigError as error:
            first = error.problems[0]
            failed = self._failed(row, begun, RunnerError(f"{first.file}: {first.message}", first.hint))
        except RunnerError as error:
            failed = self._failed(row, begun, error)
        except OSError as error:
            failed = self._failed(row, begun, _of_system(error))
        except Exception as error:  # noqa: BLE001 (a fault of ours costs its row, never the others)
            failed = self._failed(row, begun, _FaultError(f"internal error: {type(error).__name__}: {error}"))
        return failed, None, None

    async def _investigated(self, row: Row, share: Share, listen: Callable[[Entry], None]) -> tuple[Record, Path]:
        pace = self.limits.of_run()
        shared = replace(self._shared, model=lambda on_wait: self._model.for_run(on_wait, pace), share=share)
        folder = self._plan.runs / self._manifest.past.begun.get(row.number, ".")
        if (folder / JOURNAL).is_file():
            earlier = self._manifest.past.last.get(row.number)
            if earlier and earlier.run == folder.name:
                self.tally.spend(earlier, back=True)
                self._pool.held -= earlier.spent
            return await resume_in_loop(folder, Further(), shared=shared), folder
        return await run_in_loop(self._options(row), [listen], shared)

    def _options(self, row: Row) -> RunOptions:
        options = self._plan.options
        own = {"batch": self._plan.name, "row": str(row.number)}
        return replace(
            options,
            inputs={**options.inputs, **row.inputs},
            task=options.task if row.task is None else row.task,
            alert=row.alert,
            labels={**options.labels, **row.labels, **own},
            started_at=row.started_at,
        )

    def _cut_short(self, row: Row, begun: list[str], error: RunnerError) -> tuple[Result, Record | None, Path | None]:
        result = self._failed(row, begun, error)
        return replace(result, status=Came.INTERRUPTED, hint=""), None, None

    def _failed(self, row: Row, begun: list[str], error: RunnerError) -> Result:
        message, hint = (shown(text, self._secrets, MAX_TEXT) for text in (error.message, error.hint))
        run = begun[0] if begun else self._manifest.past.begun.get(row.number, "")
        status = Came.FAILED if run or error.exit_code != ExitCode.USAGE else Came.REFUSED
        base = Result(row.number, row.place, status, run=run)
        if run:
            with suppress(RunnerError, OSError):
                base = result_of(row.number, row.place, record_of(self._plan.runs / run))
        return replace(base, status=status, exit_code=int(error.exit_code), problem=message, hint=hint)


class _FaultError(RunnerError):
    exit_code = ExitCode.PARTIAL


def _of_system(error: OSError) -> RunnerError:
    place = f"{error.filename}: " if error.filename else ""
    return _FaultError(f"{place}{error.strerror or error}")
