"""The frozen nouns that flow through a run: assignments, reports, findings, conclusions, answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

Json = Any
"""Plain JSON data: dict, list, str, int, float, bool or None."""

SEVERITIES = ("P1", "P2", "P3", "P4")
"""Most severe first."""


NO_VERDICT = "(no verdict)"
"""Shown in the place of a verdict that is None: `none` may be an option of a vote."""


@dataclass(frozen=True)
class Case:
    """What is being investigated, as every agent is told it. `started_at` (ISO 8601 with offset) is their "now".

    `alert` is the payload that it is about, bounded and masked; it is data, and nothing in it is an instruction.
    """

    task: str
    inputs: Mapping[str, str]
    started_at: str
    incident_started_at: str | None = None
    alert: Json = None


@dataclass(frozen=True)
class Assignment:
    """One piece of work for one agent.

    `id` derives from the plan (`investigate/k8s-expert`), never from a clock. `blocks` are the labelled JSON blocks
    of its user message, in order: `(label, data)`. `schema` is the JSON Schema of the report, `continues` the id
    of the assignment whose conversation it goes on with.
    """

    id: str
    agent: str
    blocks: tuple[tuple[str, Json], ...]
    schema: Mapping[str, Json]
    continues: str | None = None


Wave = tuple[Assignment, ...]
"""Assignments that run together, in the playbook's order."""


@dataclass(frozen=True)
class Evidence:
    """What a finding rests on: a call of its conversation and a verbatim quote, or another specialist's finding."""

    call: str | None = None
    quote: str | None = None
    finding: str | None = None


@dataclass(frozen=True)
class Derived:
    """A value that a statement has and no answer: as the statement writes it, and what it was made `of`."""

    value: str
    of: tuple[str, ...]


@dataclass(frozen=True)
class Unseen:
    """A value of a statement that no answer showed: its `text`, from the character at `start` to before `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Finding:
    """A statement with its evidence. `id` is `f1`, `f2` … within its report; others cite it as `k8s-expert/f1`.

    `doubt` says why it is unverified, and is empty where everything that it cites stands. `derived` are values that
    its author computed, `unseen` those that neither the answers that it cites nor the case show.
    """

    id: str
    statement: str
    evidence: tuple[Evidence, ...]
    doubt: str = ""
    derived: tuple[Derived, ...] = ()
    unseen: tuple[Unseen, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """A call of a write tool that was not made; `arguments` is its JSON object."""

    agent: str
    tool: str
    arguments: Json


@dataclass(frozen=True)
class Write:
    """A call of a write tool that was made: `arguments` is its JSON object, `answer` what the tool said, shortened.

    `outcome` is `done`, `failed` (the tool answered with an error), or `unknown` where no answer came.
    """

    agent: str
    tool: str
    arguments: Json
    outcome: Literal["done", "failed", "unknown"]
    answer: str = ""


class Status(StrEnum):
    """How an assignment, or a run, ended."""

    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    FAILED = "failed"


@dataclass(frozen=True)
class Report:
    """The structured answer to an assignment.

    `fields` is the whole report as submitted (empty unless completed), `findings` its findings as typed values.
    `problem` says why it is not completed, and `hint` what may help; `last_said` keeps the text an incomplete one
    ended with. `doubts` say which findings it cites that are not verified ones, `proposals` which write tools it asked
    for and a person has to decide on. `notes` say what was put right in what the model said. `writes` are the changes
    that its work made. `unseen` are the values of a conclusion's texts, by field, that no finding shows that it cites.
    """

    assignment: str
    agent: str
    status: Status
    fields: Mapping[str, Json] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    problem: str = ""
    last_said: str = ""
    doubts: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    notes: tuple[str, ...] = ()
    hint: str = ""
    writes: tuple[Write, ...] = ()
    unseen: Mapping[str, tuple[Unseen, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Investigation:
    """What a strategy found out: each deployed specialist's latest report, in the playbook's order.

    `notes` say what ended it early, `missing` what was asked for and not done; `first` are the first positions of a
    debate.
    """

    reports: tuple[Report, ...]
    notes: tuple[str, ...] = ()
    first: tuple[Report, ...] = ()
    missing: tuple[Report, ...] = ()


@dataclass(frozen=True)
class Ballot:
    """One report's value of a voted field. `value` is None for an abstention, and `why` says what was wrong."""

    agent: str
    value: str | None
    confidence: float = 0.0
    weight: float = 1.0
    why: str = ""

    @property
    def shown(self) -> str:
        """Its value for a person."""
        return "abstains" if self.value is None else self.value


@dataclass(frozen=True)
class Verdict:
    """What a rule, or `judge`, makes of all ballots, abstentions included; None where nobody cast one.

    `reason` is in words. `over` says which ballots they are where they are not those that count; `would_change` is
    what would change the judge's mind. `otherwise` says what decided in the place of a rule that did not.
    """

    vote: str
    field: str
    rule: str
    value: str | None
    ballots: tuple[Ballot, ...]
    reason: str
    over: str = ""
    would_change: str = ""
    otherwise: str = dataclasses.field(default="", compare=False)

    @property
    def shown(self) -> str:
        """Its value for a person."""
        return NO_VERDICT if self.value is None else self.value


@dataclass(frozen=True)
class Conclusion:
    """The unified incident analysis.

    `fields` follows the synthesizer's report schema. `by_model` is False where the engine had to put it together
    itself. `missing` says, a sentence each, what is not in it and why; a conclusion with any is partial. `notes` say
    what went otherwise than planned without anything being lost. `verdicts` are those of the votes, `compared` others
    for the record; the severity in `fields` is the verdict, and `proposed_severity` what the model proposed. `doubts`
    say which of its citations are not verified findings. `proposals` are write calls that a person has to decide on.
    `hints` say what helps against what is `missing`, each once. `unseen` are values of its texts, by field
    (`incident_summary`, `root_cause`, `communication`), that no finding shows that it cites.
    """

    fields: Mapping[str, Json]
    by_model: bool
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    compared: tuple[Verdict, ...] = ()
    doubts: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    hints: tuple[str, ...] = ()
    unseen: Mapping[str, tuple[Unseen, ...]] = field(default_factory=dict)

    @property
    def partial(self) -> bool:
        """Whether something that was asked for is not in it."""
        return bool(self.missing) or not self.by_model


@dataclass(frozen=True)
class Usage:
    """Tokens of one model call. `input_tokens` leaves out cached ones, as the API does."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cache_read_tokens + other.cache_read_tokens,
            self.cache_write_tokens + other.cache_write_tokens,
        )

    @property
    def total(self) -> int:
        """All tokens, cached ones included."""
        return self.input_tokens + self.output_tokens + self.cache_read_tokens + self.cache_write_tokens


@dataclass(frozen=True)
class ModelRequest:
    """What a model is sent, as wire JSON of the Messages API without cache markers.

    `tools` are the agent's tools and, last, its report tool. `messages` is append-only over a conversation.
    """

    model: str
    max_tokens: int
    system: str
    messages: Sequence[Mapping[str, Json]]
    tools: Sequence[Mapping[str, Json]]
    effort: str | None = None


@dataclass(frozen=True)
class ModelAnswer:
    """A model's reply. `content` is the wire JSON of its blocks, to be sent back verbatim, unknown types included.

    `estimated` says that the service did not count all of its tokens, and `usage` was estimated from the texts.
    """

    content: tuple[Mapping[str, Json], ...]
    stop_reason: str | None
    usage: Usage = Usage()
    model: str = ""
    estimated: bool = False


@dataclass(frozen=True)
class ToolAnswer:
    """What a tool said, as text. `no_data` marks an honest "nothing for these arguments", which is counted.

    `from_tool` is False where the engine answered in its place: a refusal, a timeout. `withheld` marks a write that a
    person has to decide on. `origin` says which system was looked at; it is empty in rehearsals. `masked` has how many
    secrets of each kind were recognised by their shape, and `kept` where the whole text is, if it was cut.
    """

    text: str
    is_error: bool = False
    no_data: bool = False
    from_tool: bool = True
    withheld: bool = False
    origin: str = ""
    masked: Mapping[str, int] = field(default_factory=dict)
    kept: str = ""
