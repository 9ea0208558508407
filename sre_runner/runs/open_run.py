"""A run that has its journal, carried to its end: engine, door, signals, exit code."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

from sre_runner.casefile import Case, Usage
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.investigation.budget import Admission
from sre_runner.investigation.door import Door
from sre_runner.investigation.engine import Stop, investigate
from sre_runner.investigation.pool import Share
from sre_runner.investigation.terms import Beyond, Terms
from sre_runner.journal.events import Noted, RunFinished
from sre_runner.journal.file import Journal
from sre_runner.journal.record import Record, fold
from sre_runner.models.estimates import Amount, amount, conclusion_amount
from sre_runner.models.model import Model
from sre_runner.runs.interrupts import told_of_interrupts
from sre_runner.specs import Configuration
from sre_runner.tools.backends.answering import tools_of
from sre_runner.tools.backends.connections import Connections


class InterruptedRunError(RunnerError):
    """The person asked twice to stop; the journal has everything up to then."""

    exit_code = ExitCode.INTERRUPTED


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
