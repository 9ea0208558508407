"""Values of statements in a whole run: sent back once, marked where they stand, and the same in a replay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from building import CASE, ScriptedModel, agent, answer, conclusion, configuration, report, run_engine, tool, use

from sre_runner.journal.events import RunStarted
from sre_runner.journal.file import Journal
from sre_runner.render.run.markdown import markdown
from sre_runner.runs.replay import replay_with

SOURCE: dict[str, Any] = {"tools": {"pods": {"effect": "read"}}, "agents": {"synthesizer": {"role": "synthesizer"}}}

CITES = conclusion(root_cause={"statement": "The disk.", "evidence": [{"finding": "a/f1"}]})


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append(RunStarted("run-1", CASE, SOURCE, "digest", "scripted", {}))
    yield journal
    journal.close()


WRONG = {"statement": "It restarted 48 times.", "evidence": [{"call": "c1", "quote": "status: OOMKilled"}]}


def test_values_that_nothing_shows_go_back_once_and_are_marked(journal: Journal) -> None:
    config = configuration(agent("a", tools=["pods"]), tools=[tool("pods")])
    steps = [answer(use("pods")), report(findings=[WRONG]), report(findings=[WRONG])]
    model = ScriptedModel(a=steps, synthesizer=[CITES])
    made, record = run_engine(config, model, journal)
    model.done()
    (finding,) = record.reports()["a"].findings
    assert (finding.doubt, [each.text for each in finding.unseen]) == ("", ["48 times"])
    sent = [asked for name, asked in model.requests if name == "a"][-1]
    assert "findings[0].statement has values that nothing it cites shows: 48 times." in str(sent.messages[-1])
    assert "48 times (not seen)" in markdown(record)
    assert replay_with(replace(config, source=SOURCE), record).conclusion == made


def test_a_run_from_before_values_were_checked_replays_as_it_was(journal: Journal) -> None:
    config = replace(configuration(agent("a", tools=["pods"]), tools=[tool("pods")]), values_checked=False)
    short = {**WRONG, "evidence": [{"call": "c1", "quote": "OOM"}]}
    model = ScriptedModel(a=[answer(use("pods")), report(findings=[short])], synthesizer=[CITES])
    made, record = run_engine(config, model, journal)
    model.done()
    (finding,) = record.reports()["a"].findings
    assert (finding.doubt, finding.unseen) == ("", ())
    assert replay_with(replace(config, source=SOURCE, values_checked=True), record).conclusion == made
