"""What the YAML says, checked and frozen: agents, tools, playbooks and their configuration as a whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from sre_runner.errors import Problem

World = Literal["simulated", "live"]
"""Which systems a run looks at: none, in rehearsal, or real ones."""


class Role(StrEnum):
    """What an agent is for; it decides the base of its report."""

    SPECIALIST = "specialist"
    PLANNER = "planner"
    REVIEWER = "reviewer"
    SYNTHESIZER = "synthesizer"
    JUDGE = "judge"


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens. `cache_write` and `cache_read` are of the input."""

    input: float
    output: float
    cache_write: float
    cache_read: float


@dataclass(frozen=True)
class ModelSpec:
    """Which model answers. `max_tokens` bounds one reply; `effort` is the API's `output_config.effort`."""

    name: str
    max_tokens: int = 4000
    effort: str | None = None
    price: Price | None = None


@dataclass(frozen=True)
class AgentSpec:
    """One file of `agents.d`.

    `prompt` is an unrendered template. `report` maps the names of this agent's own report fields to their
    JSON Schemas. `max_iterations` caps the turns of an assignment, `timeout` its seconds.
    """

    name: str
    role: Role
    description: str
    prompt: str
    tools: tuple[str, ...]
    max_iterations: int
    report: Mapping[str, Any]
    timeout: float
    model: ModelSpec | None = None


@dataclass(frozen=True)
class ToolSpec:
    """One entry of `tools` in a file of `tools.d`.

    `input_schema` is JSON Schema 2020-12. `max_output` is in characters: what is longer is cut before the model first
    sees it. `timeout` is in seconds. `simulated` and `live` are what its backends read (`tools/backends.py`); a tool
    has one of them, or both; a built-in one has none.
    """

    name: str
    description: str
    input_schema: Mapping[str, Any]
    effect: Literal["read", "write"]
    simulated: Mapping[str, Any] | None = None
    live: Mapping[str, Any] | None = None
    timeout: float = 30.0
    max_output: int = 30_000

    @property
    def built_in(self) -> bool:
        """Whether the engine itself answers."""
        return self.simulated is None and self.live is None

    def backend(self, world: World) -> Mapping[str, Any] | None:
        """What answers in a world; None where nothing does."""
        return self.live if world == "live" else self.simulated


@dataclass(frozen=True)
class FeedbackSpec:
    """How often the reviewer looks for gaps, how many follow-ups a round carries out, and from which priority on."""

    rounds: int = 1
    max_followups: int = 2
    min_priority: str = "low"


@dataclass(frozen=True)
class VoteSpec:
    """One entry of `votes`. `options` go from most to least severe; `otherwise` is `most_severe`, `plurality` or an
    option; `quorum` counts cast ballots. `voters` are the specialists that vote; empty for all that have the field."""

    name: str
    field: str
    options: tuple[str, ...]
    rule: str
    otherwise: str
    weights: Mapping[str, float] = dataclasses.field(default_factory=dict)
    quorum: int = 0
    voters: tuple[str, ...] = ()


@dataclass(frozen=True)
class CoordinatorSpec:
    """How the specialists work together. `planner` is None where everyone gets the whole task.

    `parameters` are what the strategy's own mapping says, but for the agents that it names; `judge` is one of those.
    """

    strategy: str
    planner: str | None
    synthesizer: str | None
    max_parallel: int = 8
    reviewer: str | None = None
    feedback: FeedbackSpec | None = None
    votes: tuple[VoteSpec, ...] = ()
    judge: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class BudgetSpec:
    """Limits of a run; None where there is none. `mode` is `enforce`, or `audit`, which only reports."""

    tokens: float | None = None
    usd: float | None = None
    model_calls: float | None = None
    seconds: float | None = None
    mode: str = "enforce"


@dataclass(frozen=True)
class Mention:
    """A text that is looked for in a conclusion or report, in any case; in one field of it where `field` is given."""

    text: str
    field: str | None = None


@dataclass(frozen=True)
class ExpectSpec:
    """What a run of the playbook should come to; it is checked only where that is asked for.

    `values` are by key (`coordination.expectations.table` has all of them), each as that key reads it: lists are
    tuples, texts are a `Mention`, what is expected of a specialist is an `ExpectSpec`. A key that says what its absence
    says is not there.
    """

    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CaseSpec:
    """One entry of `tests`. `inputs` replace some of the playbook's; `task` is unrendered, None is the playbook's."""

    name: str
    expect: ExpectSpec
    inputs: Mapping[str, str] = field(default_factory=dict)
    task: str | None = None


@dataclass(frozen=True)
class AlertPaths:
    """The key `alert` of a playbook: the paths that find the task, the labels and the start in an alert.

    None stands for what is not stated: then the task is the playbook's, and labels and start are those that the kind of
    alert is known to have.
    """

    task: str | None = None
    labels: Mapping[str, str] | None = None
    started_at: str | None = None


@dataclass(frozen=True)
class Playbook:
    """One file of `playbooks`, with `--set`, `--input` and `--task` already applied; `task` is rendered.

    `alert` is the payload that the run is about, bounded and masked, or None. `backend` says which systems its tools
    look at; the tools `without` which it goes on are on no whitelist.
    """

    name: str
    description: str
    inputs: Mapping[str, str]
    task: str
    specialists: tuple[str, ...]
    coordinator: CoordinatorSpec
    model: ModelSpec
    budget: BudgetSpec = BudgetSpec()
    expect: ExpectSpec = ExpectSpec()
    tests: tuple[CaseSpec, ...] = ()
    alert_paths: AlertPaths = AlertPaths()
    alert: Any = None
    backend: World = "simulated"
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Configuration:
    """All that one run needs, every name resolved.

    `agents` has the agents that the playbook reaches, `tools` what they may call, `servers` where these may go, and
    `secrets` patterns of what is masked in what they answer, by name.
    `source` is the same as plain data (`{playbook: {...}, agents: {name: ...}, tools: {name: ...}, servers: ...}`),
    from which it can be built again without the files; `digest` is the SHA-256 of its canonical JSON.
    `directory` is the configuration's, None where it is not known; `places` says where in it a tool or a server stands.
    `values_checked` is false only for runs that were recorded before values of statements were checked: they are
    followed as they were.
    """

    playbook: Playbook
    agents: Mapping[str, AgentSpec]
    tools: Mapping[str, ToolSpec]
    source: Mapping[str, Any] = field(repr=False)
    digest: str = ""
    servers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    directory: Path | None = field(default=None, compare=False)
    places: Mapping[tuple[str, str], Problem] = field(default_factory=dict, repr=False, compare=False)
    values_checked: bool = True
