"""Whoever listens to a journal does so for every command that makes runs; the trace of each is in its journal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from kept import PLAYBOOK, events
from opentelemetry import trace
from receiver import Receiver, told

from sre_runner.cli import main
from sre_runner.journal.events import Entry, Traced
from sre_runner.journal.file import JOURNAL, Journal, read
from sre_runner.journal.record import record_of
from sre_runner.runs.listeners import attached

Told = list[tuple[Traced, Mapping[str, Any]]]
"""The ids and the attributes of the spans of runs, in the order in which they ended."""


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Receiver:
    """What this process is configured to report to."""
    receiver = Receiver()
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", receiver.tracers)  # its setter works once in a process
    return receiver


def traced(receiver: Receiver) -> Told:
    spans = [(span.get_span_context(), told(span)) for span in receiver.of("invoke_workflow")]
    return [(Traced(f"{at.trace_id:032x}", f"{at.span_id:016x}"), attributes) for at, attributes in spans if at]


def sre_run(*arguments: str) -> None:
    with pytest.raises(SystemExit):
        main(arguments)


@pytest.mark.parametrize(
    ("command", "runs"),
    [
        (["run", str(PLAYBOOK), "--offline"], 1),
        (["compare", str(PLAYBOOK), "--vary", "coordinator.strategy=sequential", "--offline"], 2),
        (["test", str(PLAYBOOK), "--repeat", "2", "--jobs", "2", "--offline"], 2),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_every_run_is_traced_and_names_its_trace(
    tmp_path: Path, receiver: Receiver, command: list[str], runs: int
) -> None:
    sre_run(*command, "--runs", str(tmp_path))
    records = [record_of(folder) for folder in tmp_path.iterdir()]
    found = {record.started.run: record.trace for record in records}
    assert found == {attributes["sre_run.run.id"]: ids for ids, attributes in traced(receiver)}
    assert len(set(found.values())) == runs


def test_a_resume_has_a_trace_of_its_own_which_is_the_one_that_is_shown(
    tmp_path: Path, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    single = str(PLAYBOOK.with_name("payment-gateway-single.yaml"))
    limited = ["--set", "budget={model_calls: 4}", "--set", "coordinator.votes={}"]
    sre_run("run", single, "--offline", "--runs", str(tmp_path), *limited)
    (folder,) = tmp_path.iterdir()
    sre_run("resume", str(folder), "--budget", "model_calls=40")
    spans = traced(receiver)
    happened = [entry.event for entry in read(folder / JOURNAL)]
    assert [event for event in happened if isinstance(event, Traced)] == [ids for ids, _ in spans]
    assert [attributes.get("sre_run.resumed", False) for _, attributes in spans] == [False, True]
    last = spans[1][0]
    assert json.loads((folder / "run.json").read_text())["trace"] == asdict(last)
    capsys.readouterr()
    sre_run("show", str(folder), "--full")
    assert f"Trace: {last.trace_id}, span {last.span_id}" in capsys.readouterr().out


def test_a_resume_that_is_refused_is_not_traced(tmp_path: Path, receiver: Receiver) -> None:
    happened = [*events("r-1", severity=None, exit_code=None)[:3]]
    with attached((), resumed=True) as listening:
        for entry in map(Entry, range(3), happened):
            listening.everyone[0](entry)
    assert not receiver.spans


def test_its_own_listeners_are_told_first(receiver: Receiver) -> None:
    with attached([print]) as listening:
        assert listening.everyone == (print, listening.telemetry)


def test_without_a_tracing_system_there_are_no_others(tmp_path: Path) -> None:
    with attached([print]) as listening:
        assert listening.everyone == (print,)
        journal = Journal(tmp_path / JOURNAL)
        listening.begin(journal)
        assert not journal.entries
        journal.close()
