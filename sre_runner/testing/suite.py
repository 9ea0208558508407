"""Cases of playbooks run side by side in one event loop, each of them judged as soon as its trials have ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sre_runner.errors import ExitCode, RunnerError
from sre_runner.journal.costs import total_cost
from sre_runner.journal.record import Record
from sre_runner.models.offline.notice import not_called
from sre_runner.runs.interrupts import told_of_interrupts
from sre_runner.runs.open_run import InterruptedRunError
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run_in_loop
from sre_runner.testing.cases import Judged, PlannedCase, Trial
from sre_runner.testing.expectations.check import Expectation, check

Ended = Callable[[Record, Path, Sequence[Expectation]], object]
"""What is done with every run that was judged."""


@dataclass
class Suite:
    """How the cases are run: `repeat` trials of each, of which `require` must pass, `jobs` of them at a time.

    `judged` is told of each case, `ended` of each run. After the first SIGINT or SIGTERM nothing more begins, and what
    is under way concludes with what is there and is not judged; the second stops it at once.
    """

    judged: Callable[[Judged], object]
    ended: Ended
    config: Path | None = None
    offline: bool = False
    runs: Path | None = None
    repeat: int = 1
    require: int = 1
    jobs: int = 4
    _stopped: bool = field(default=False, init=False)

    def run(self, cases: Sequence[PlannedCase]) -> list[Judged]:
        """Every case with what it came to, in the given order."""
        return asyncio.run(self._run(cases))

    async def _run(self, cases: Sequence[PlannedCase]) -> list[Judged]:
        seats = asyncio.Semaphore(self.jobs)
        with told_of_interrupts(self._stop):
            return list(await asyncio.gather(*(self._judge(case, seats) for case in cases)))

    def _stop(self) -> None:
        self._stopped = True

    async def _judge(self, case: PlannedCase, seats: asyncio.Semaphore) -> Judged:
        trials = await asyncio.gather(*(self._seated(case, seats) for _ in range(self.repeat)))
        judged = Judged(case, tuple(trials), self.require)
        self.judged(judged)
        return judged

    async def _seated(self, case: PlannedCase, seats: asyncio.Semaphore) -> Trial:
        async with seats:
            if self._stopped:
                return Trial(interrupted=True)
            began = time.monotonic()
            trial = await self._trial(case)
            return replace(trial, seconds=time.monotonic() - began, interrupted=self._stopped)

    async def _trial(self, case: PlannedCase) -> Trial:
        options = RunOptions(
            playbook=case.file,
            config=self.config,
            case=case.key,
            settings=case.settings,
            labels={"case": case.name},
            offline=self.offline,
            runs=self.runs,
        )
        try:
            record, folder = await run_in_loop(options)
            return self._ended(case, record, folder)
        except InterruptedRunError as error:
            return Trial(problem=error.message)
        except RunnerError as error:
            return Trial(problem=error.message, code=error.exit_code)
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            return Trial(problem=f"{place}{error.strerror or error}", code=ExitCode.PARTIAL)

    def _ended(self, case: PlannedCase, record: Record, folder: Path) -> Trial:
        """What a run came to; one on which the model service failed says nothing of the playbook."""
        checked = check(case.configuration.playbook.expect, record)
        self.ended(record, folder, checked)
        cost = total_cost(record)
        trial = Trial(
            folder, 0.0, record.usage().total, cost.usd, cost.would_be, tuple(checked), tuple(_not_called(record))
        )
        if record.started.digest != case.configuration.digest:
            return replace(trial, problem="its files were changed while it ran", code=ExitCode.PARTIAL)
        if record.exit_code == ExitCode.SERVICE and record.started.asked_for:
            missing = "; ".join(record.conclusion.missing) if record.conclusion else ""
            return replace(trial, problem=f"no model drew a conclusion: {missing}", code=ExitCode.SERVICE)
        return trial


def _not_called(record: Record) -> Iterator[str]:
    """What kept the offline model from calling tools that it did not call later, either."""
    if record.started.model != "offline":
        return
    agents = {name: work.assignment.agent for name, work in record.work.items()}
    called = {(agents[call.request.scope], call.request.name) for call in record.calls_of("tool")}
    for work in record.work.values():
        for sentence in not_called(work.report.fields) if work.report else ():
            if (work.assignment.agent, sentence.split(" ", 1)[0]) not in called:
                yield f"{work.assignment.agent}: {sentence}"
