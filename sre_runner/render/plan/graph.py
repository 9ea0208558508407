"""A playbook's team as a graph: who comes after whom, what goes back, and where it may end early."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from sre_runner.coordination.strategies.strategy import Edges
from sre_runner.coordination.strategies.table import STRATEGIES
from sre_runner.render.plan.steps import feedback_text, steps, vote_texts
from sre_runner.specs import Configuration, Playbook, Role


@dataclass(frozen=True)
class Node:
    """One box: its name, and a line each of what is known of it. `kind` is a role, `vote`, `round` or `end`."""

    id: str
    kind: str
    name: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stage:
    """The nodes of one step, beside each other or, as a `chain`, one after the other.

    A stage of one node is drawn as that node, without a frame.
    """

    name: str
    nodes: tuple[Node, ...]
    chain: bool = False

    @property
    def framed(self) -> bool:
        """Whether it is drawn as a frame around its nodes."""
        return len(self.nodes) > 1

    @property
    def id(self) -> str:
        """What an edge to or from the stage names."""
        return f"stage:{self.name}" if self.framed else self.nodes[0].id


@dataclass(frozen=True)
class Edge:
    """From one node or stage to another. `kind` is `next`, `back` to an earlier one, or `skip` past some."""

    source: str
    target: str
    label: str = ""
    kind: Literal["next", "back", "skip"] = "next"


@dataclass(frozen=True)
class Graph:
    """`stages` from first to last; `description` says all of it in sentences."""

    title: str
    description: str
    stages: tuple[Stage, ...]
    edges: tuple[Edge, ...]


def graph_of(configuration: Configuration) -> Graph:
    """The graph of a playbook's team."""
    playbook = configuration.playbook
    before = [Stage("case", (Node("case", "end", "case"),)), *_leads(configuration, playbook.coordinator.planner)]
    work = _work(configuration)
    after = list(_after(configuration))
    edges = tuple(_edges(playbook, before, work, after))
    return Graph(playbook.name, " ".join(steps(configuration)), (*before, work, *after), edges)


def _work(configuration: Configuration) -> Stage:
    playbook = configuration.playbook
    strategy = STRATEGIES[playbook.coordinator.strategy]
    specialists = tuple(_agent(configuration, name) for name in playbook.specialists)
    return Stage(strategy.name, specialists, chain=strategy.in_a_row)


def _after(configuration: Configuration) -> Iterator[Stage]:
    coordinator = configuration.playbook.coordinator
    again = _drawn(configuration.playbook).again
    if again:
        yield Stage("rounds", (Node("rounds", "round", again.name, (again.line,)),))
    yield from _leads(configuration, coordinator.reviewer)
    votes = tuple(
        Node(f"vote:{vote.name}", "vote", f"vote: {vote.name}", tuple(vote_texts(vote))) for vote in coordinator.votes
    )
    if votes:
        yield Stage("votes", votes)
    yield from _leads(configuration, coordinator.judge)
    yield from _leads(configuration, coordinator.synthesizer)
    yield Stage("conclusion", (Node("conclusion", "end", "conclusion"),))


def _leads(configuration: Configuration, name: str | None) -> Iterator[Stage]:
    if name:
        yield Stage(name, (_agent(configuration, name),))


def _agent(configuration: Configuration, name: str) -> Node:
    agent = configuration.agents[name]
    role = [] if agent.role is Role.SPECIALIST or name == agent.role else [str(agent.role)]
    tools = len(agent.tools)
    writes = sum(configuration.tools[tool].effect == "write" for tool in agent.tools)
    counted = f"{tools} tool{'s' * (tools != 1)}" + (f", {writes} of them can write" if writes else "")
    return Node(f"agent:{name}", str(agent.role), name, (*role, *([counted] if tools else [])))


def _edges(playbook: Playbook, before: Sequence[Stage], work: Stage, after: Sequence[Stage]) -> Iterator[Edge]:
    coordinator, drawn = playbook.coordinator, _drawn(playbook)
    for one, other in pairwise((*before, work, *after)):
        yield Edge(one.id, other.id)
    if work.chain:
        for node, following in pairwise(work.nodes):
            yield Edge(node.id, following.id, drawn.passed)
    for name, conditions in drawn.ends.items():
        yield Edge(f"agent:{name}", after[0].id, conditions, "skip")
    if drawn.again:
        yield Edge("rounds", work.id, drawn.again.back, "back")
    if coordinator.reviewer and coordinator.feedback:
        yield Edge(f"agent:{coordinator.reviewer}", work.id, feedback_text(coordinator.feedback), "back")


def _drawn(playbook: Playbook) -> Edges:
    return STRATEGIES[playbook.coordinator.strategy].edges(playbook)
