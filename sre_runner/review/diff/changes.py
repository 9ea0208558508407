"""What a comparison comes to: changes of known kinds, each with its group, its risk, its subject and its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from sre_runner.casefile import Json


class Group(StrEnum):
    """What a change is about, in the order in which a reviewer looks."""

    PRIVILEGE = "privilege"
    COST = "cost"
    BEHAVIOUR = "behaviour"
    DOCUMENTATION = "documentation"


class Risk(StrEnum):
    """How much a change deserves a look; `unknown` is what no rule here speaks of."""

    HIGH = "high"
    UNKNOWN = "unknown"
    MEDIUM = "medium"
    LOW = "low"


class Kind(NamedTuple):
    """The group of a kind of change, its usual risk, and what it says."""

    group: Group
    risk: Risk
    what: str


_P, _C, _B, _D = Group.PRIVILEGE, Group.COST, Group.BEHAVIOUR, Group.DOCUMENTATION
_HIGH, _MEDIUM, _LOW = Risk.HIGH, Risk.MEDIUM, Risk.LOW

KINDS: Mapping[str, Kind] = {
    "tool-added-to-whitelist": Kind(_P, _MEDIUM, "An agent may call one more tool; high where that tool can write."),
    "tool-removed-from-whitelist": Kind(_P, _LOW, "An agent may call one tool less."),
    "effect-read-to-write": Kind(_P, _HIGH, "A tool that only looked can now change something."),
    "effect-write-to-read": Kind(_P, _HIGH, "A tool that needed `--allow-write` is now called without it."),
    "write-tool-added": Kind(_P, _MEDIUM, "There is a new tool that can write."),
    "agent-with-write-tools-added": Kind(_P, _HIGH, "There is a new agent, and it has tools that can write."),
    "agent-with-write-tools-joins": Kind(_P, _HIGH, "An agent with tools that can write joins a playbook."),
    "reach-widened": Kind(_P, _HIGH, "A live tool or a server reaches or is given more, or something else."),
    "reach-narrowed": Kind(_P, _LOW, "A live tool or a server reaches or is given less."),
    "live-added": Kind(_P, _HIGH, "A tool that was only simulated can now look at a real system."),
    "live-removed": Kind(_P, _LOW, "A tool can no longer look at a real system."),
    "live-tool-added": Kind(_P, _MEDIUM, "There is a new tool that can look at a real system."),
    "argument-loosened": Kind(_P, _HIGH, "An argument in a command or request admits more, or may be left out."),
    "server-claim-changed": Kind(_P, _HIGH, "What a server says of its tool, and agents read: description or schema."),
    "server-added": Kind(_P, _MEDIUM, "There is a new server that live tools can name."),
    "server-removed": Kind(_P, _LOW, "A server is gone."),
    "backend-changed": Kind(_P, _HIGH, "A playbook looks at real systems; low where it only rehearses again."),
    "left-out-tool-used-again": Kind(_P, _MEDIUM, "A playbook has a tool again; high where that can write."),
    "tool-left-out": Kind(_P, _LOW, "A playbook goes on without one tool more."),
    "secret-pattern-removed": Kind(_P, _HIGH, "What a pattern masked now reaches models and journals."),
    "secret-pattern-changed": Kind(_P, _HIGH, "A pattern of secrets masks something else."),
    "secret-pattern-added": Kind(_P, _LOW, "One more pattern of secrets is masked."),
    "secret-added": Kind(_P, _HIGH, "What looks like a secret stands in a file, and so reaches models and journals."),
    "secret-removed": Kind(_P, _LOW, "What looks like a secret was taken out; it is still in the history."),
    "worst-case-changed": Kind(_C, _LOW, "The most that a run can take; medium above 1.1 times, high from 2 times on."),
    "max-iterations-changed": Kind(_C, _MEDIUM, "The turns of an agent; low where there are fewer."),
    "agent-timeout-changed": Kind(_C, _LOW, "The seconds that an assignment may take."),
    "tool-timeout-changed": Kind(_C, _LOW, "The seconds until a call is given up."),
    "max-output-changed": Kind(_C, _MEDIUM, "The most of a tool's answer that a model is shown; low where it is less."),
    "model-changed": Kind(_C, _MEDIUM, "Another model answers."),
    "max-tokens-changed": Kind(_C, _MEDIUM, "The length of a reply; low where it is less."),
    "effort-changed": Kind(_C, _MEDIUM, "How much the model thinks."),
    "price-changed": Kind(_C, _LOW, "What the configuration says that tokens cost."),
    "budget-changed": Kind(_C, _MEDIUM, "A limit of a run; high where it is gone, low where it is tighter."),
    "budget-mode-changed": Kind(_C, _HIGH, "Whether the budget is enforced; low where it is again."),
    "max-parallel-changed": Kind(_C, _LOW, "How many agents work at the same time."),
    "rounds-changed": Kind(_C, _MEDIUM, "The rounds of a debate; low where there are fewer."),
    "feedback-changed": Kind(_C, _MEDIUM, "Rounds of reviews, and follow-ups; low where there are fewer."),
    "agent-joins-playbook": Kind(_C, _MEDIUM, "An agent without write tools joins a playbook."),
    "agent-leaves-playbook": Kind(_B, _MEDIUM, "An agent is no longer in a playbook."),
    "specialists-reordered": Kind(_B, _MEDIUM, "The order of specialists, where they work one after the other."),
    "agent-added": Kind(_B, _LOW, "There is a new agent, without tools that can write."),
    "agent-removed": Kind(_B, _MEDIUM, "An agent is gone."),
    "agent-renamed": Kind(_B, _LOW, "An agent has another name; what names it follows."),
    "role-changed": Kind(_B, _HIGH, "What an agent is for."),
    "prompt-changed": Kind(_B, _MEDIUM, "The rendered prompt of an agent, word by word."),
    "prompt-template-changed": Kind(_D, _LOW, "A template that every playbook renders as before, or in other lines."),
    "agent-description-changed": Kind(_B, _MEDIUM, "What the planner reads of an agent when it delegates."),
    "report-field-added": Kind(_B, _LOW, "A report has one more field."),
    "report-field-removed": Kind(_B, _MEDIUM, "A report has one field less."),
    "report-field-changed": Kind(_B, _MEDIUM, "A field of a report has another schema."),
    "tool-added": Kind(_B, _LOW, "There is a new tool that only looks."),
    "tool-removed": Kind(_B, _MEDIUM, "A tool is gone."),
    "tool-renamed": Kind(_B, _LOW, "A tool has another name; whitelists that name it follow."),
    "tool-description-changed": Kind(_B, _MEDIUM, "What the model reads when it chooses a tool."),
    "argument-added": Kind(_B, _LOW, "A tool takes one more argument; medium where it must be given."),
    "argument-removed": Kind(_B, _MEDIUM, "A tool takes one argument less."),
    "argument-changed": Kind(_B, _MEDIUM, "An argument of a tool has another schema."),
    "input-schema-changed": Kind(_B, _MEDIUM, "What holds for all arguments of a tool."),
    "simulated-answers-changed": Kind(_B, _LOW, "What a simulated tool answers, or how it queries its rows."),
    "live-settings-changed": Kind(_B, _LOW, "How a live tool's answer is read, or how long a server may take."),
    "data-changed": Kind(_B, _LOW, "The rows that simulated tools query."),
    "playbook-added": Kind(_B, _LOW, "There is a new playbook."),
    "playbook-removed": Kind(_B, _MEDIUM, "A playbook is gone."),
    "playbook-renamed": Kind(_B, _LOW, "A playbook has another name."),
    "playbook-description-changed": Kind(_D, _LOW, "What people read of a playbook."),
    "task-changed": Kind(_B, _MEDIUM, "The rendered task of a playbook, word by word."),
    "task-template-changed": Kind(_D, _LOW, "A task that is rendered as before, or in other lines."),
    "input-added": Kind(_B, _LOW, "A playbook has one more input."),
    "input-removed": Kind(_B, _MEDIUM, "A playbook has one input less."),
    "alert-paths-changed": Kind(_B, _MEDIUM, "Where in an alert the task, the labels or the start of a run are."),
    "input-changed": Kind(_B, _MEDIUM, "The value of an input where the run gives none."),
    "strategy-changed": Kind(_B, _HIGH, "How the specialists work together."),
    "stop-when-changed": Kind(_B, _MEDIUM, "What ends a pipeline early."),
    "vote-added": Kind(_B, _MEDIUM, "A vote is taken."),
    "vote-removed": Kind(_B, _HIGH, "A vote is no longer taken."),
    "vote-changed": Kind(_B, _HIGH, "A vote's rule, options, voters, weights or quorum, or what decides otherwise."),
    "test-added": Kind(_B, _LOW, "A playbook has one more case."),
    "test-removed": Kind(_B, _HIGH, "A playbook has one case less."),
    "test-changed": Kind(_B, _MEDIUM, "A case has other inputs, or another task."),
    "expectation-weakened": Kind(_B, _MEDIUM, "Less is expected: a lower threshold, a text or a tool less."),
    "expectation-removed": Kind(_B, _HIGH, "Nothing of a kind, or nothing at all, is expected any more."),
    "expectation-changed": Kind(_B, _MEDIUM, "Something else is expected, such as another verdict."),
    "expectation-strengthened": Kind(_B, _LOW, "More is expected."),
    "key-changed": Kind(_B, Risk.UNKNOWN, "A key that no rule here speaks of."),
}  # fmt: skip
"""Every kind of change, by its id, which stays."""

WEAKENED = ("expectation-weakened", "expectation-removed", "expectation-changed", "test-removed")
"""The kinds after which a run may pass that did not before."""

ORDER = {risk: place for place, risk in enumerate(Risk)}
GROUPS = {group: place for place, group in enumerate(Group)}


@dataclass(frozen=True)
class Subject:
    """What changed: an `agent`, a `tool`, a `playbook`, a `server`, a secret's `pattern`, a `data` set or a `file`, by
    its name; `was` is its name in BASE, where that was another."""

    kind: str
    name: str
    was: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Place:
    """Where it stands: in HEAD or, where it is gone, in BASE. The line counts from 1; 0 is the file as a whole."""

    file: str
    line: int
    side: Literal["base", "head"] = "head"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


Piece = tuple[Literal["=", "-", "+"], str]
"""Words that are in both texts, only in the old, or only in the new one."""


@dataclass(frozen=True)
class Words:
    """What differs in a text, as `playbooks` render it; none where it is the text itself. `more` is how many other
    playbooks use it, of which no words were compared."""

    playbooks: tuple[str, ...]
    pieces: tuple[Piece, ...]
    more: int = 0


@dataclass(frozen=True)
class Change:
    """One change. `before` and `after` are plain data, None where there is none; `playbooks` are those it touches.

    The sentence is plain text, in which names and values are safe to show.
    """

    kind: str
    risk: Risk
    subject: Subject
    sentence: str
    before: Json = None
    after: Json = None
    playbooks: tuple[str, ...] = ()
    place: Place | None = None
    words: tuple[Words, ...] = ()

    @property
    def group(self) -> Group:
        """What it is about."""
        return KINDS[self.kind].group

    @property
    def weakens(self) -> bool:
        """Whether a run may pass now that did not before."""
        return self.kind in WEAKENED

    @property
    def rank(self) -> tuple[int, int]:
        """Where it goes in a list: by group, the most risk first."""
        return GROUPS[self.group], ORDER[self.risk]
