"""A run says what it changed: to the agents that come later, and to the person, also where nobody knows the outcome."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from building import (
    CASE,
    ScriptedModel,
    agent,
    answer,
    conclusion,
    configuration,
    report,
    run_engine,
    simulated,
    tool,
    use,
)

from sre_runner.casefile import Write
from sre_runner.journal import facts
from sre_runner.journal.events import RunStarted
from sre_runner.journal.file import Journal
from sre_runner.journal.record import Record
from sre_runner.render.run.markdown import markdown
from sre_runner.runs.replay import replay_with

ANSWERS = (
    simulated({"pod": "hangs"}, timeout=True),
    simulated({"pod": "fails"}, error="not found"),
    simulated({}, ("restarted",)),
)
SOURCE: dict[str, Any] = {
    "tools": {"restart": {"effect": "write"}, "pods": {"effect": "read"}},
    "agents": {"synthesizer": {"role": "synthesizer"}},
}


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.jsonl")
    journal.append(RunStarted("run-1", CASE, SOURCE, "digest", "scripted", {}))
    yield journal
    journal.close()


def restart(pod: str) -> dict[str, Any]:
    return use("restart", {"pod": pod}, f"t-{pod}")


def play(journal: Journal, *pods: str, writes: tuple[str, ...] = ("restart",)) -> tuple[ScriptedModel, Record]:
    """Agent `a` restarts pods at once, then `b` is asked, one after the other."""
    restarts = tool("restart", *ANSWERS, effect="write", timeout=0.2)
    config = configuration(agent("a", tools=["restart"]), agent("b"), tools=[restarts], strategy="sequential")
    model = ScriptedModel(a=[answer(*map(restart, pods)), report()], b=[report()], synthesizer=[conclusion()])
    made, record = run_engine(config, model, journal, allowed_writes=writes)
    model.done()
    again = replay_with(replace(config, source=SOURCE), record)
    assert (again.missed, again.conclusion) == ((), made)
    return model, record


def told(model: ScriptedModel, name: str) -> str:
    return str(model.last_message(name, 0)[0]["text"])


def test_writes_are_told_to_everyone_who_comes_later(journal: Journal) -> None:
    model, record = play(journal, "p1", "fails", "hangs")
    for name in ("b", "synthesizer"):
        assert "<changed>" in told(model, name)
        assert "Take them as made" in told(model, name)
    assert "<changed>" not in told(model, "a")
    found = record.work["investigate/a"].report
    assert found
    assert found.writes == (
        Write("a", "restart", {"pod": "p1"}, "done", "restarted"),
        Write("a", "restart", {"pod": "fails"}, "failed", "not found"),
        Write("a", "restart", {"pod": "hangs"}, "unknown"),
    )


def test_writes_stand_under_the_severity_with_what_came_of_them(journal: Journal) -> None:
    _, record = play(journal, "p1", "fails", "hangs")
    document = markdown(record)
    head, block = document.split("## Changed by this run\n\n")
    assert "**Severity: P1**  \n**Checked:** " in head
    first, second, third = block.split("\n\n")[0].splitlines()
    assert first.startswith('- `restart(pod="p1")`, by a after ')
    assert first.endswith("done: `restarted`")
    assert second.endswith("the tool answered with an error: `not found`")
    assert third.endswith("**nobody knows whether it was done**: no answer came")


def test_without_a_write_nobody_is_told_of_any(journal: Journal) -> None:
    model, record = play(journal, "p1", writes=())
    assert "<changed>" not in told(model, "synthesizer")
    assert facts.writes(record) == []
    document = markdown(record)
    assert "## Changed by this run" not in document
    assert "Changed by this run: nothing." in document
    assert '`restart(pod="p1")`, proposed by a: `sre-run resume run-1 --allow-write restart`' in document
    assert facts.counts(record, "tool").withheld == 1
