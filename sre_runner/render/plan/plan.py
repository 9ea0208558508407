"""What a run of a playbook would do, before any call: for people as Markdown, for machines as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from sre_runner.casefile import Json
from sre_runner.coordination.expectations.reading import plain
from sre_runner.coordination.expectations.table import EXPECT
from sre_runner.journal.facts import shortened
from sre_runner.render.blocks import Blocks, bullets, section, table
from sre_runner.render.escape import code_block, code_span, inline, paragraphs
from sre_runner.render.plan.graph import graph_of
from sre_runner.render.plan.mermaid import mermaid
from sre_runner.render.plan.openings import Opening, openings
from sre_runner.render.plan.reach import as_json, lines, reached, reaches
from sre_runner.render.plan.steps import steps
from sre_runner.render.run.nested import nested
from sre_runner.review.worst_case import WorstCase, model_of, worst_case
from sre_runner.specs import AgentSpec, Configuration, ToolSpec

FORMAT = 1
"""Version of the object; a key that changes its meaning or goes away raises it, a new key does not."""
NUMBER = ",.12g"
"""How a limit is written."""
FIRST_LINES, MOST_OF_A_LINE = 6, 500
"""Lines, and characters of each, of a prompt that is not shown as a whole."""


def to_json(configuration: Configuration) -> dict[str, Json]:
    """The plan as plain data, prompts as a whole. The keys are always there; what is not known is null."""
    playbook = configuration.playbook
    graph = graph_of(configuration)
    worst = worst_case(configuration)
    return {
        "format": FORMAT,
        "playbook": playbook.name,
        "description": playbook.description,
        "inputs": dict(playbook.inputs),
        "task": playbook.task,
        "strategy": playbook.coordinator.strategy,
        "steps": steps(configuration),
        "agents": [_agent(configuration, opening) for opening in openings(configuration)],
        "tools": [_tool(configuration, spec) for spec in configuration.tools.values()],
        "reach": [as_json(each) for each in reached(configuration)],
        "votes": [asdict(vote) for vote in playbook.coordinator.votes],
        "budget": asdict(playbook.budget),
        "expect": plain(playbook.expect, EXPECT),
        "graph": {"stages": [asdict(each) for each in graph.stages], "edges": [asdict(each) for each in graph.edges]},
        "mermaid": mermaid(graph),
        "worst_case": {**asdict(worst), "agents": [{"agent": name, **asdict(at)} for name, at in worst.agents.items()]},
        "configuration_digest": configuration.digest,
    }


def _agent(configuration: Configuration, opening: Opening) -> dict[str, Json]:
    spec = configuration.agents[opening.agent]
    return {
        "agent": spec.name,
        "role": str(spec.role),
        "description": spec.description,
        "model": asdict(model_of(configuration, spec)),
        "tools": list(spec.tools),
        "max_iterations": spec.max_iterations,
        "timeout": spec.timeout,
        "system": opening.system,
        "blocks": list(opening.blocks),
        "message": opening.message or None,
        "prompt_tokens": opening.tokens,
    }


def _tool(configuration: Configuration, spec: ToolSpec) -> dict[str, Json]:
    return {
        "tool": spec.name,
        "description": spec.description,
        "effect": spec.effect,
        "withheld": spec.effect == "write",
        "backend": configuration.playbook.backend,
        "reaches": reaches(configuration, spec),
        "agents": _users(configuration, spec),
        "timeout": spec.timeout,
        "max_output": spec.max_output,
    }


def markdown(configuration: Configuration, *, whole: bool = False) -> str:
    """The plan as a Markdown document, with a newline at its end; `whole` shows every prompt to its last line."""
    return "\n\n".join(block for block in _document(configuration, whole) if block) + "\n"


def _document(configuration: Configuration, whole: bool) -> Blocks:
    playbook = configuration.playbook
    yield f"# Plan of {inline(playbook.name)}"
    yield paragraphs(playbook.description)
    yield "Nothing was called. This is what a run would do, and the most that it could take."
    if playbook.backend == "live":
        yield "**Live tools:** a run looks at real systems."
    yield from section("Task", paragraphs(playbook.task), _inputs(playbook.inputs))
    numbered = (f"{number}. {inline(step)}" for number, step in enumerate(steps(configuration), start=1))
    yield from section("Steps", "\n".join(numbered), code_block(mermaid(graph_of(configuration)), "mermaid"))
    yield from section("Agents", _agents(configuration))
    yield from section("Tools", *_tools(configuration))
    if reach := list(lines(configuration)):
        yield from section("What it can reach", bullets(reach))
    yield from section("Budget", _budget(configuration))
    yield from section("Expectations", _expectations(configuration))
    yield from section("Worst case", *_worst(worst_case(configuration)))
    yield from section("Prompts", *_prompts(openings(configuration), whole))


def _inputs(inputs: Mapping[str, str]) -> str:
    return (
        table(["input", "value"], [[inline(name), inline(value)] for name, value in inputs.items()]) if inputs else ""
    )


def _agents(configuration: Configuration) -> str:
    titles = ["agent", "role", "model", "turns", "seconds", "tools"]
    rows = [_agent_cells(configuration, configuration.agents[each.agent]) for each in openings(configuration)]
    return table(titles, rows, numbers=titles[3:5])


def _agent_cells(configuration: Configuration, spec: AgentSpec) -> list[str]:
    model = model_of(configuration, spec)
    effort = f", effort {model.effort}" if model.effort else ""
    tools = [_marked(configuration.tools[name]) for name in spec.tools]
    return [
        inline(spec.name),
        str(spec.role),
        inline(f"{model.name}{effort}, at most {model.max_tokens:,} tokens a reply"),
        str(spec.max_iterations),
        f"{spec.timeout:g}",
        inline(", ".join(tools) or "none"),
    ]


def _marked(spec: ToolSpec) -> str:
    return f"{spec.name} (write)" if spec.effect == "write" else spec.name


def _tools(configuration: Configuration) -> Iterator[str]:
    titles = ["tool", "effect", "answered by", "agents"]
    rows = [
        [
            inline(spec.name),
            "**write, withheld**" if spec.effect == "write" else spec.effect,
            inline(reaches(configuration, spec)),
            inline(", ".join(_users(configuration, spec))),
        ]
        for spec in configuration.tools.values()
    ]
    yield table(titles, rows) if rows else "None."
    writes = [spec.name for spec in configuration.tools.values() if spec.effect == "write"]
    if writes:
        options = ", ".join(code_span(f"--allow-write {name}") for name in writes)
        yield f"What is withheld is not called, but proposed to a person, unless the run is given {options}."


def _users(configuration: Configuration, spec: ToolSpec) -> list[str]:
    return [agent.name for agent in configuration.agents.values() if spec.name in agent.tools]


def _budget(configuration: Configuration) -> str:
    limits = asdict(configuration.playbook.budget)
    mode = limits.pop("mode")
    given = [f"{name}: {limit:{NUMBER}}" for name, limit in limits.items() if limit is not None]
    told = "What goes over it is only told." if mode == "audit" else "No turn that would break it is made."
    return bullets([*given, told]) if given else "No limits."


def _expectations(configuration: Configuration) -> str:
    expected = {name: value for name, value in plain(configuration.playbook.expect, EXPECT).items() if value}
    return nested(_plain(expected)) if expected else "None: `--check` has nothing to do."


def _plain(value: Json) -> Json:
    """The data with what is empty left out, and tuples as lists."""
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items() if item not in (None, (), {}, "")}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _worst(worst: WorstCase) -> Iterator[str]:
    titles = ["agent", "assignments", "turns", "model calls", "tokens", "US dollars"]
    rows = [
        [inline(name), str(at.assignments), str(at.turns), str(at.model_calls), f"{at.tokens:,}", _dollars(at.usd)]
        for name, at in worst.agents.items()
    ]
    total = ["**the run**", "", "", f"**{worst.model_calls}**", f"**{worst.tokens:,}**", f"**{_dollars(worst.usd)}**"]
    yield table(titles, [*rows, total], numbers=titles[1:])
    limits = ", ".join(f"{name} {limit:{NUMBER}}" for name, limit in worst.bounds.items())
    yield f"What the budget lets through at most: {inline(limits)}." if limits else ""
    yield bullets(worst.assumptions)


def _dollars(usd: float | None) -> str:
    return "unknown" if usd is None else f"{usd:.2f}"


def _prompts(opened: Sequence[Opening], whole: bool) -> Iterator[str]:
    for opening in opened:
        yield f"### {inline(opening.agent)}"
        yield "System prompt:"
        yield code_block(_shown(opening.system, whole), "text")
        if opening.message:
            yield f"First message, with which its prompt has about {opening.tokens:,} tokens:"
            yield code_block(_shown(opening.message, whole), "text")
        else:
            yield f"Its first message depends on what others say: {inline(', '.join(opening.blocks))}."


def _shown(text: str, whole: bool) -> str:
    lines = text.strip("\n").split("\n")
    if whole:
        return "\n".join(lines)
    left = len(lines) - FIRST_LINES
    first = [shortened(line, MOST_OF_A_LINE) for line in lines[:FIRST_LINES]]
    return "\n".join([*first, *([f"… {left} more lines, which --prompts shows"] if left > 0 else [])])
