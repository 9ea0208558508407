"""The graph of each strategy's team: its stages, what follows what, what goes back and what is skipped."""

from __future__ import annotations

from dataclasses import replace

import pytest
from building import agent, configuration, tool

from sre_runner.coordination.strategies.table import STRATEGIES
from sre_runner.render.plan.graph import Edge, Graph, graph_of
from sre_runner.render.plan.steps import steps
from sre_runner.specs import Configuration, CoordinatorSpec, FeedbackSpec, Role, VoteSpec

SEVERITY = VoteSpec("severity", "severity_assessment", ("P1", "P2"), "weighted", "P1", {"b": 2}, 2)
P4 = {"severity_assessment": ("P3", "P4"), "noise": (True,)}


def team(strategy: str, *names: str, planner: bool = False, **changes: object) -> Configuration:
    made = configuration(
        *(agent(name) for name in names or ("a", "b", "c")),
        strategy=strategy,
        planner=planner,
        synthesizer=strategy != "single",
    )
    coordinator: CoordinatorSpec = replace(made.playbook.coordinator, **changes)  # type: ignore[arg-type]
    leads = {"reviewer": coordinator.reviewer, "judge": coordinator.judge}
    agents = {name: agent(name, Role(role)) for role, name in leads.items() if name}
    return replace(made, agents={**made.agents, **agents}, playbook=replace(made.playbook, coordinator=coordinator))


def stages(graph: Graph) -> list[tuple[str, ...]]:
    return [tuple(node.name for node in stage.nodes) for stage in graph.stages]


def of_kind(graph: Graph, kind: str) -> list[tuple[str, str, str]]:
    return [(edge.source, edge.target, edge.label) for edge in graph.edges if edge.kind == kind]


def test_a_planned_team_in_parallel_with_a_reviewer_and_a_vote() -> None:
    config = team(
        "parallel",
        planner=True,
        reviewer="critic",
        feedback=FeedbackSpec(2, 1, "high"),
        votes=(SEVERITY,),
        max_parallel=2,
    )
    graph = graph_of(config)
    assert stages(graph) == [
        ("case",),
        ("planner",),
        ("a", "b", "c"),
        ("critic",),
        ("vote: severity",),
        ("synthesizer",),
        ("conclusion",),
    ]
    assert of_kind(graph, "next") == [
        ("case", "agent:planner", ""),
        ("agent:planner", "stage:parallel", ""),
        ("stage:parallel", "agent:critic", ""),
        ("agent:critic", "vote:severity", ""),
        ("vote:severity", "agent:synthesizer", ""),
        ("agent:synthesizer", "conclusion", ""),
    ]
    back = "at most 1 follow-up of priority high or above, up to 2 rounds"
    assert of_kind(graph, "back") == [("agent:critic", "stage:parallel", back)]
    assert of_kind(graph, "skip") == []
    assert steps(config) == [
        "planner chooses the specialists that the case needs and gives each its part. It has 2 attempts; without a "
        "plan everyone is given the whole task.",
        "a, b and c investigate, at most 2 at the same time.",
        f"critic looks for gaps in the reports: {back}.",
        "Vote severity: over severity_assessment; rule weighted, otherwise P1; weights b 2; quorum 2; options P1, P2.",
        "synthesizer draws the conclusion from the reports.",
    ]
    assert graph.description == " ".join(steps(config))


def test_a_pipeline_is_a_chain_that_may_end_early() -> None:
    graph = graph_of(team("pipeline", parameters={"stop_when": {"a": P4, "c": P4}}, votes=(SEVERITY,)))
    assert of_kind(graph, "next")[-2:] == [("agent:a", "agent:b", "report"), ("agent:b", "agent:c", "report")]
    # After the last there is nothing to skip.
    assert of_kind(graph, "skip") == [("agent:a", "vote:severity", "severity_assessment: P3 or P4 and noise: True")]
    assert "After a the pipeline ends where its report says severity_assessment: P3 or P4 and noise: True." in (
        graph.description
    )


def test_specialists_in_sequence_hand_nothing_on() -> None:
    graph = graph_of(team("sequential"))
    assert of_kind(graph, "next")[-2:] == [("agent:a", "agent:b", ""), ("agent:b", "agent:c", "")]


def test_a_debate_goes_back_for_its_rounds_and_ends_with_the_judge() -> None:
    graph = graph_of(team("debate", parameters={"rounds": 3}, judge="arbiter"))
    assert stages(graph)[2:] == [("positions",), ("arbiter",), ("synthesizer",), ("conclusion",)]
    assert of_kind(graph, "back") == [("rounds", "stage:debate", "those of the others")]
    assert "in up to 3 rounds: after the first" in graph.description
    once = graph_of(team("debate", parameters={"rounds": 1}, judge="arbiter"))
    assert of_kind(once, "back") == []
    assert "take positions, all at the same time, in one round." in once.description


def test_one_alone_has_no_frame() -> None:
    graph = graph_of(team("single", "a"))
    assert stages(graph) == [("case",), ("a",), ("conclusion",)]
    assert graph.edges == (Edge("case", "agent:a"), Edge("agent:a", "conclusion"))
    assert graph.description == "a investigates alone; its report is the conclusion."


def test_a_box_says_the_role_where_the_name_does_not_and_which_tools_write() -> None:
    tools = [tool("look"), tool("restart", effect="write")]
    config = configuration(agent("a", tools=["look", "restart"]), agent("b", tools=["look"]), agent("c"), tools=tools)
    config = replace(config, agents={**config.agents, "synthesizer": agent("synthesizer", Role.SYNTHESIZER)})
    (work,) = (stage for stage in graph_of(config).stages if stage.framed)
    assert [node.lines for node in work.nodes] == [("2 tools, 1 of them can write",), ("1 tool",), ()]
    named = graph_of(team("debate", judge="arbiter"))
    assert [stage.nodes[0].lines for stage in named.stages[-3:]] == [("judge",), (), ()]


def test_every_end_of_an_edge_is_drawn() -> None:
    graph = graph_of(
        team("pipeline", reviewer="reviewer", feedback=FeedbackSpec(), votes=(SEVERITY, replace(SEVERITY, name="x")))
    )
    drawn = {stage.id for stage in graph.stages} | {node.id for stage in graph.stages for node in stage.nodes}
    assert {end for edge in graph.edges for end in (edge.source, edge.target)} <= drawn


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_begins_with_the_case_and_ends_with_the_conclusion(strategy: str) -> None:
    graph = graph_of(team(strategy, "a"))
    assert stages(graph)[0] == ("case",)
    assert stages(graph)[-1] == ("conclusion",)
