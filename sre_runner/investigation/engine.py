"""`investigate()`: drives the coordinator's generator and carries out its waves, many assignments at a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import replace

from sre_runner.casefile import Assignment, Case, Conclusion, Proposal, Report, Status, Wave
from sre_runner.coordination.claims.seen import Index, case_index
from sre_runner.coordination.coordinator import coordinate
from sre_runner.coordination.evidence.findings import judged_again, known_of
from sre_runner.coordination.evidence.statements import Told, findings_told
from sre_runner.investigation.agent import Work, open_conversation
from sre_runner.investigation.conversation import Conversation
from sre_runner.investigation.door import Door
from sre_runner.journal.events import AssignmentFinished, AssignmentStarted, Concluded, JournalError
from sre_runner.journal.recorded import ReplayError
from sre_runner.models.model import ModelError
from sre_runner.specs import AgentSpec, Configuration, Role

FAR_AWAY = 10.0**7
"""Seconds; the event loop takes no infinity."""


class Stop:
    """Asks a run to conclude with what is there; `why` says what for, in words."""

    def __init__(self) -> None:
        self.why = ""
        self._event = asyncio.Event()

    def set(self, why: str) -> None:
        """Ask; the first reason counts."""
        self.why = self.why or why
        self._event.set()

    def is_set(self) -> bool:
        """Whether somebody asked."""
        return self._event.is_set()

    async def wait(self) -> None:
        """Until somebody asks."""
        await self._event.wait()


async def investigate(configuration: Configuration, case: Case, door: Door, stop: Stop) -> Conclusion:
    """Carry out a whole investigation and return its conclusion.

    Once `stop` is set, work under way is given up and the conclusion is drawn from what is there. Raises
    `JournalError` where the journal cannot be written, and `ReplayError` where a replay diverges; nothing else ends a
    run early.
    """
    engine = _Engine(configuration, door, stop)
    engine.case = case_index(case, configuration.agents) if configuration.values_checked else None
    generator = coordinate(configuration, case)
    soon = min(door.admission.seconds_to_conclusion(), FAR_AWAY)
    alarm = asyncio.get_running_loop().call_later(soon, stop.set, "the time budget was nearly used up")
    try:
        wave = next(generator)
        while True:
            wave = generator.send(await engine.carry_out(wave))
    except StopIteration as end:
        conclusion: Conclusion = replace(end.value, proposals=engine.proposals())
        if conclusion.partial:
            conclusion = replace(conclusion, hints=tuple(engine.hints))
    finally:
        alarm.cancel()
    door.journal.append_new(Concluded(conclusion, tuple(engine.assignments)))
    door.journal.sync()
    return conclusion


class _Engine:
    def __init__(self, configuration: Configuration, door: Door, stop: Stop) -> None:
        self.assignments: list[str] = []
        self.hints: dict[str, None] = {}
        self.case: Index | None = None
        self._recorded = door.recorded
        self._configuration = configuration
        self._door = door
        self._journal = door.journal
        self._stop = stop
        self._seats = asyncio.Semaphore(configuration.playbook.coordinator.max_parallel)
        self._conversations: dict[str, Conversation] = {}
        self._latest: dict[str, Report] = {}
        self._turns: dict[str, int] = {}
        self._proposals: list[Proposal] = []

    def proposals(self) -> tuple[Proposal, ...]:
        """What every report proposed, each once."""
        made = self._proposals
        return tuple(proposal for place, proposal in enumerate(made) if proposal not in made[:place])

    async def carry_out(self, wave: Wave) -> Sequence[Report]:
        """The wave's reports, in its order. Where a replay diverges in several assignments, the first says so."""
        self.assignments += [assignment.id for assignment in wave]
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._with_a_seat(assignment)) for assignment in wave]
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from failures
        done = [task.result() for task in tasks]
        missed = [each for each in done if isinstance(each, ReplayError)]
        if missed:
            missed[0].also = tuple(missed[1:])
            raise missed[0]
        reports = [each for each in done if isinstance(each, Report)]
        # Only now, so that nobody cites what was found beside it: that would depend on who came first.
        for report in reports:
            self._proposals += report.proposals
            self.hints |= {report.hint: None} if report.hint else {}
            if report.status is Status.COMPLETED:
                self._latest[report.agent] = report
        self._judge_again()
        return [self._latest[each.agent] if each.status is Status.COMPLETED else each for each in reports]

    def _judge_again(self) -> None:
        """Judge the latest reports by each other: what was cited may have been withdrawn, or have become unverified."""
        before = list(self._latest.values())
        for old, new in zip(before, judged_again(before), strict=True):
            if new != old:
                self._latest[new.agent] = new
                self._journal.append_new(AssignmentFinished(new, self._turns[new.assignment]))

    async def _with_a_seat(self, assignment: Assignment) -> Report | ReplayError:
        async with self._seats:
            agent = self._configuration.agents[assignment.agent]
            if agent.role is Role.SYNTHESIZER:
                self._door.admission.begin_conclusion()
            self._journal.append_new(AssignmentStarted(assignment))
            try:
                report, turns = await self._reported(assignment, agent)
            except ReplayError as error:
                return error
            self._turns[assignment.id] = turns
            self._journal.append_new(AssignmentFinished(report, turns))
            return report

    async def _reported(self, assignment: Assignment, agent: AgentSpec) -> tuple[Report, int]:
        """The report of one assignment, and how many turns it took."""
        decided = self._recorded.reports.get(assignment.id)
        answered = self._recorded.answered.get(assignment.id) == assignment
        if self._stop.is_set() and agent.role is not Role.SYNTHESIZER and not answered:
            return self._given_up(assignment, f"{self._stop.why} before it began"), 0
        reports = [*self._latest.values()]
        told = Told(self.case, findings_told(reports)) if self.case else None
        work = Work(assignment, agent, self._conversation(assignment), self._door, known_of(reports), told)
        before = work.conversation
        if decided:
            await self._follow(work)
            report = decided
        else:
            report = await self._in_time(work, agent, answered)
            report = replace(report, proposals=tuple(work.proposals), notes=tuple(work.notes))
        if work.conversation is not before:
            replaced = [name for name, conversation in self._conversations.items() if conversation is before]
            self._conversations |= dict.fromkeys(replaced, work.conversation)
        report = replace(report, writes=self._door.writes_of(assignment.id))
        self._door.admission.close(assignment.id)
        return report, 0 if decided else work.turns

    async def _follow(self, work: Work) -> None:
        """Take the recorded turns of work whose report is known: what continues it begins with what they said."""
        with contextlib.suppress(Exception):  # whatever ended it then, its report says so
            await work.report()

    def _conversation(self, assignment: Assignment) -> Conversation:
        """The conversation that this assignment continues, or a new one."""
        continued = self._conversations.get(assignment.continues or "")
        conversation = continued or open_conversation(self._configuration, assignment)
        self._conversations[assignment.id] = conversation
        return conversation

    async def _in_time(self, work: Work, agent: AgentSpec, answered: bool) -> Report:
        """The work's report; a failed one where it takes too long, is interrupted, or breaks.

        What was `answered` before is only read again, which no budget of time and no interruption stops. In a replay
        the journal says what took too long, and no clock does.
        """
        task = asyncio.create_task(work.report())
        interrupted = asyncio.create_task(self._stop.wait())
        watched = {task} if agent.role is Role.SYNTHESIZER or answered else {task, interrupted}
        left = agent.timeout if answered else self._door.admission.seconds_left()
        timeout = min(agent.timeout, left)
        try:
            limit = None if self._recorded.replay or answered else timeout
            await asyncio.wait(watched, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        finally:
            finished = task.done()
            for each in (task, interrupted):
                each.cancel()
            await asyncio.wait({task, interrupted})
        if self._door.refused:
            self._stop.set("the model service refuses the credentials")
        if not finished:
            why = self._stop.why if self._stop.is_set() else f"no report within {timeout:.3g} seconds"
            return self._given_up(work.assignment, why)
        return _result(task, work.assignment)

    def _given_up(self, assignment: Assignment, why: str) -> Report:
        """The report of work that was not begun or not ended; refused credentials are why, whatever else there is."""
        refused = self._door.refused
        return _failed(assignment, refused.message, refused.hint) if refused else _failed(assignment, why)


def _result(task: asyncio.Task[Report], assignment: Assignment) -> Report:
    """The outcome of finished work. A fault of ours costs this assignment like any other, the journal's the run."""
    match task.exception():
        case None:
            return task.result()
        case (JournalError() | ReplayError()) as error:
            raise error
        case ModelError() as error:
            return _failed(assignment, error.message, error.hint)
        case error:
            return _failed(assignment, f"internal error: {type(error).__name__}: {error}")


def _failed(assignment: Assignment, problem: str, hint: str = "") -> Report:
    return Report(assignment.id, assignment.agent, Status.FAILED, problem=problem, hint=hint)
