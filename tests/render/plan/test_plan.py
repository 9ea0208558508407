"""The plan: every part of a playbook in it, prompts as a run sends them, and hostile text as text."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from building import CASE, ScriptedModel, agent, conclusion, configuration, plan, report, run_engine, tool
from markdown_it import MarkdownIt

from sre_runner.config.loading import load
from sre_runner.journal.events import RunStarted
from sre_runner.journal.file import Journal
from sre_runner.models.estimates import prompt_tokens
from sre_runner.render.plan.graph import graph_of
from sre_runner.render.plan.mermaid import mermaid
from sre_runner.render.plan.openings import START, openings
from sre_runner.render.plan.plan import markdown, to_json
from sre_runner.render.run.export import dump
from sre_runner.review.worst_case import worst_case
from sre_runner.specs import BudgetSpec, Configuration, ModelSpec

PLAYBOOKS = Path(__file__).parents[3] / "playbooks"


@pytest.fixture(scope="module")
def shipped() -> Configuration:
    return load(PLAYBOOKS / "payment-gateway.yaml")


def changed(config: Configuration, **changes: Any) -> Configuration:
    return replace(config, playbook=replace(config.playbook, **changes))


def section(document: str, name: str) -> str:
    return document.split(f"\n## {name}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("planner", [True, False])
def test_the_first_requests_are_those_of_a_run(planner: bool, tmp_path: Path) -> None:
    tools = [tool("look"), tool("restart", effect="write")]
    config = configuration(agent("a", tools=["look", "restart"]), agent("b"), tools=tools, planner=planner)
    script = {"planner": [plan("a", "b")]} if planner else {}
    model = ScriptedModel(**script, a=[report()], b=[report()], synthesizer=[conclusion()])
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append(RunStarted("run", CASE, {}, "digest", "scripted", {}))
    run_engine(config, model, journal)
    journal.close()
    sent = dict(reversed(model.requests))
    found = openings(config)
    assert [each.agent for each in found] == list(dict.fromkeys(name for name, _ in model.requests))
    for each in found:
        request = sent[each.agent]
        assert each.system == request.system
        known = each.agent == "planner" if planner else each.agent in ("a", "b")
        assert bool(each.message) == (each.tokens is not None) == known
        text = request.messages[0]["content"][0]["text"]
        for label in each.blocks:
            assert f"<{label}>" in text
        if known:
            assert each.message.replace(START, CASE.started_at) == text
            difference = len(START) - len(CASE.started_at)
            assert each.tokens == pytest.approx(prompt_tokens(request) + difference / 3, abs=1)


def test_the_markdown_has_every_part_in_its_order(shipped: Configuration) -> None:
    document = markdown(shipped)
    headings = [line for line in document.split("\n") if line.startswith("## ")]
    expected = ["Task", "Steps", "Agents", "Tools", "Budget", "Expectations", "Worst case", "Prompts"]
    assert headings == [f"## {name}" for name in expected]
    assert mermaid(graph_of(shipped)) in document
    worst = worst_case(shipped)
    assert f"| **the run** |  |  | **{worst.model_calls}** | **{worst.tokens:,}** | **{worst.usd:.2f}** |" in document
    assert all(sentence in document for sentence in worst.assumptions)
    assert "tokens: 400,000" in section(document, "Budget")
    assert "- P1" in section(document, "Expectations") or "severity: P1" in section(document, "Expectations")
    agents = section(document, "Agents")
    assert [row.split(" | ")[0].strip("| ") for row in agents.strip().split("\n")[2:]] == [
        *("planner", "k8s-expert", "log-analyst", "runbook-advisor", "reviewer", "synthesizer")
    ]


def test_write_tools_are_marked_as_withheld() -> None:
    document = markdown(load(PLAYBOOKS / "triage-to-verification.yaml"))
    tools = section(document, "Tools")
    assert "| rollback_deployment | **write, withheld** | simulated | remediation |" in tools
    assert "unless the run is given `--allow-write rollback_deployment`" in tools
    assert "rollback_deployment (write)" in section(document, "Agents")


def test_prompts_are_cut_unless_they_are_asked_for(shipped: Configuration) -> None:
    short, whole = markdown(shipped), markdown(shipped, whole=True)
    assert "more lines, which --prompts shows" in short
    assert "--prompts" not in whole
    for opening in openings(shipped):
        assert opening.system.strip() in whole
        assert opening.message.strip() in whole
        assert opening.system.strip() not in short
    assert "Its first message depends on what others say: case, reports, votes, missing, assignment." in short


def test_a_long_line_of_a_prompt_is_cut_too() -> None:
    config = changed(configuration(agent("a")), task="x" * 5000)
    assert "x" * 5000 not in section(markdown(config), "Prompts")
    assert "x" * 5000 in section(markdown(config, whole=True), "Prompts")


def test_what_is_not_there_is_said() -> None:
    document = markdown(configuration(agent("a"), agent("b")))
    assert section(document, "Tools").strip() == "None."
    assert section(document, "Budget").strip() == "No limits."
    assert section(document, "Expectations").strip() == "None: `--check` has nothing to do."
    assert "What the budget" not in document


def test_budgets_and_models_are_told_as_they_are() -> None:
    config = configuration(agent("a", model=ModelSpec("of-nobody", 1000, "high")), agent("b"))
    enforced = markdown(changed(config, budget=BudgetSpec(tokens=1_000_000, usd=0.5)))
    assert "- tokens: 1,000,000\n- usd: 0.5\n- No turn that would break it is made." in enforced
    assert "What the budget lets through at most: tokens 1,000,000, usd 0.5." in enforced
    assert "of-nobody, effort high, at most 1,000 tokens a reply" in enforced
    assert "**unknown**" in enforced
    audited = markdown(changed(config, budget=BudgetSpec(seconds=60, mode="audit")))
    assert "- seconds: 60\n- What goes over it is only told." in audited
    assert "What the budget" not in audited


def test_hostile_text_stays_text() -> None:
    words = "# Fake\n\n```\n<img src=x onerror=alert(1)>\n## Worst case\n[a](javascript:alert(1)) | x |\x1b[31m"
    config = configuration(agent("a"), agent("b"))
    config = replace(config, agents={**config.agents, "a": replace(config.agents["a"], prompt=words)})
    hostile = changed(config, description=words, task=words, inputs={"x": words})
    for whole in (True, False):
        document = markdown(hostile, whole=whole)
        assert "\x1b" not in document
        tokens = MarkdownIt().enable("table").parse(document)
        headings = [tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "heading_open"]
        assert headings[0] == "Plan of checkout"
        assert not any("Fake" in heading for heading in headings)
        assert headings.count("Worst case") == 1
        inside = [child for token in tokens for child in token.children or ()]
        assert not any(child.type in ("link_open", "html_inline", "image") for child in inside)
        assert not any(token.type == "html_block" for token in tokens)


def test_the_json_has_everything(shipped: Configuration) -> None:
    data = json.loads(dump(to_json(shipped)))
    assert data["playbook"] == "payment-gateway"
    assert data["strategy"] == "parallel"
    assert data["mermaid"] == mermaid(graph_of(shipped))
    assert [each["agent"] for each in data["agents"]] == [each.agent for each in openings(shipped)]
    assert [each["system"] for each in data["agents"]] == [each.system for each in openings(shipped)]
    assert data["agents"][-1]["message"] is None
    assert data["agents"][0]["prompt_tokens"] > 500
    assert {each["tool"] for each in data["tools"]} == set(shipped.tools)
    worst = worst_case(shipped)
    assert (data["worst_case"]["model_calls"], data["worst_case"]["tokens"]) == (worst.model_calls, worst.tokens)
    assert {each["agent"]: each["tokens"] for each in data["worst_case"]["agents"]} == {
        name: at.tokens for name, at in worst.agents.items()
    }
    assert data["configuration_digest"] == shipped.digest
