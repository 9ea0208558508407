"""What is going on in a run, folded from its events as they happen, and told as plain lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TextIO

from sre_runner.journal.events import (
    AssignmentFinished,
    AssignmentStarted,
    CallFinished,
    CallStarted,
    Concluded,
    Entry,
    Noted,
    RunStarted,
)
from sre_runner.journal.facts import call_text, part, shortened
from sre_runner.models.offline.notice import REHEARSAL, not_called
from sre_runner.text.output import printable

TEXT_LIMIT = 300
"""Characters of one message."""


@dataclass
class Working:
    """One assignment under way.

    `agent` says who, and on which part of the run where it is not its first. `started` and `finished` are seconds
    since the run's start; `tools` are the calls in flight, by number; `tokens` are all of its model calls', cached
    ones included.
    """

    agent: str
    cap: int | None
    started: float
    turn: int = 0
    tokens: int = 0
    calls: int = 0
    asking: bool = False
    tools: dict[int, str] = field(default_factory=dict)
    result: str = ""
    findings: int | None = None
    finished: float | None = None
    part: str = ""

    @property
    def turn_text(self) -> str:
        """The turn out of how many; the repair turn stands outside the cap."""
        if self.cap is None or not self.turn:
            return str(self.turn)
        return f"{self.turn} of {self.cap}" if self.turn <= self.cap else f"{self.turn} (repair)"

    @property
    def doing(self) -> str:
        """What it is at, in a few words."""
        if self.result:
            return self.result
        return ", ".join(dict.fromkeys(self.tools.values())) or ("asking the model" if self.asking else "")


class Progress:
    """The state of a run, kept up to date by its events, and `say`, which is given each line worth telling.

    A line is (seconds since the start, who, what): text that is safe to print.
    """

    def __init__(self, say: Callable[[float, str, str], None]) -> None:
        self.work: dict[str, Working] = {}
        self.rehearsal = False
        self.ended: float | None = None
        self._budget: Mapping[str, float | None] = {}
        self._model_calls = 0
        self._say = say
        self._caps: dict[str, int] = {}
        self._agents: set[str] = set()
        self._started: dict[int, CallStarted] = {}
        self._told: set[str] = set()

    def take(self, entry: Entry) -> None:
        """Follow one event."""
        at, event = entry.at, entry.event
        match event:
            case RunStarted():
                self.rehearsal = event.model == "offline"
                agents = event.configuration.get("agents", {})
                self._budget = event.configuration.get("playbook", {}).get("budget") or {}
                self._caps = {name: agent.get("max_iterations") for name, agent in agents.items()}
                live = event.configuration.get("playbook", {}).get("backend") == "live"
                self._tell(at, "run", f"{event.run}, on {'live systems' if live else 'simulated tools'}")
            case AssignmentStarted(assignment):
                agent = assignment.agent
                who = f"{agent} ({part(assignment)})" if agent in self._agents else agent
                self._agents.add(agent)
                self.work[assignment.id] = Working(
                    printable(who), self._caps.get(agent), at, part=printable(part(assignment))
                )
            case CallStarted():
                self._call_started(at, event)
            case CallFinished():
                self._call_finished(at, event)
            case AssignmentFinished(report):
                working = self.work[report.assignment]
                if working.result:
                    self._tell(at, working.agent, "its findings were judged again, as what they cite has changed")
                    return
                working.result, working.finished = str(report.status), at
                working.findings = len(report.findings) if report.findings else None
                for question in not_called(report.fields) if self.rehearsal else ():
                    self._tell(at, working.agent, question)
                self._tell(at, working.agent, _ended(working, report.problem, told=report.problem in self._told))
            case Noted(text):
                self._tell(at, "note", text)
            case Concluded(conclusion):
                self.ended = at
                self._tell(at, "run", "concluded, in part" if conclusion.partial else "concluded")

    def state(self, elapsed: float) -> str:
        """One line on the run as a whole: its phase, who is at work, and what is used of the budget."""
        works = list(self.work.values())
        active = [each for each in works if not each.result]
        phase = ", ".join(dict.fromkeys(each.part for each in active))
        phase = "concluded" if self.ended is not None else phase or ("between waves" if works else "starting")
        used = {
            "tokens": sum(each.tokens for each in works),
            "model_calls": self._model_calls,
            "seconds": elapsed,
        }
        counts = f"{len(active)} at work, {len(works) - len(active)} done"
        return " · ".join([phase, counts, *(self._used(name, amount) for name, amount in used.items())])

    def _used(self, name: str, amount: float) -> str:
        """So much, of how much where the budget has a limit."""
        limit = self._budget.get(name)
        of = f" of {limit:,.0f}" if isinstance(limit, int | float) else ""
        return f"{amount:,.0f}{of} {name.replace('_', ' ')}"

    def _call_started(self, at: float, event: CallStarted) -> None:
        self._started[event.call] = event
        working = self.work[event.scope]
        if event.kind == "model":
            working.turn += 1
            working.asking = True
            self._model_calls += 1
            spent = f", {working.tokens:,} tokens so far" if working.tokens else ""
            self._tell(at, working.agent, f"turn {working.turn_text}{spent}")
        else:
            working.calls += 1
            working.tools[event.call] = printable(shortened(event.name, 40))
            self._tell(at, working.agent, f"{event.label} {call_text(event.name, event.request)}")

    def _call_finished(self, at: float, event: CallFinished) -> None:
        started = self._started[event.call]
        working = self.work[started.scope]
        if started.kind == "model":
            working.asking = False
            working.turn -= event.outcome == "denied"
            self._model_calls -= event.outcome == "denied"
            working.tokens += event.model_answer.usage.total if event.model_answer and not event.reused else 0
        working.tools.pop(event.call, None)
        unusual = _unusual(event)
        if unusual:
            name = f"{started.label} {shortened(started.name, 40)}" if started.label else "model"
            self._tell(at, working.agent, f"{name}: {unusual}")
        if event.hint and event.hint not in self._told:
            self._tell(at, "hint", event.hint)
        if event.outcome == "failed":
            self._told |= {event.hint, event.error.partition(": ")[2]}

    def _tell(self, at: float, who: str, what: str) -> None:
        self._say(at, printable(who), printable(shortened(" ".join(what.split()), TEXT_LIMIT)))


def _unusual(event: CallFinished) -> str:
    """What is worth telling of an outcome; "" of an ordinary answer."""
    tool = event.tool_answer
    if event.outcome == "denied":
        return "blocked: needs --allow-write" if tool else f"denied: no room in the budget: {event.error}"
    if event.outcome != "answer":
        return f"{event.outcome}{': ' if event.error else ''}{event.error}"
    if event.reused:
        return "reused"
    return "" if tool is None else "an error" if tool.is_error else "no data" if tool.no_data else ""


def _ended(working: Working, problem: str, *, told: bool = False) -> str:
    seconds = (working.finished or 0.0) - working.started
    turns = f"{working.turn} turn{'s' if working.turn != 1 else ''}"
    calls = f", {working.calls} tool call{'s' if working.calls != 1 else ''}" if working.calls else ""
    done = f"{turns}{calls}, {working.tokens:,} tokens, {seconds:.1f} s"
    if problem and told:
        return f"{working.result}, as above ({done})"
    return f"{working.result}: {problem} ({done})" if problem else f"{working.result}: {done}"


class Lines:
    """Progress as plain lines, for a stream that is no terminal. A listener of the journal and a context manager."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._broken = False
        self._progress = Progress(self._line)

    def __call__(self, entry: Entry) -> None:
        """Tell of one event."""
        if isinstance(entry.event, RunStarted) and entry.event.model == "offline":
            self.print(REHEARSAL)
        self._progress.take(entry)

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress.rehearsal:
            self.print(REHEARSAL)

    def print(self, text: str) -> None:
        """A line of its own. A stream that was closed is no reason to lose a run: nothing more is told."""
        if self._broken:
            return
        try:
            print(text, file=self._stream, flush=True)
        except OSError:
            self._broken = True

    def _line(self, at: float, who: str, what: str) -> None:
        self.print(f"{at:7.1f}s  {who}: {what}")
