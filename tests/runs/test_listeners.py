"""Whoever listens to a journal does so for every command that makes runs; the trace of each is in its journal."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from kept import PLAYBOOK

from sre_runner.journal.events import Traced
from sre_runner.journal.file import JOURNAL, read
from sre_runner.journal.record import record_of
from sre_runner.runs.listeners import attached

COMMANDS = """
import contextlib, io, json, sys
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sre_runner.cli import main

exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
for arguments in json.loads(sys.argv[1]):
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
        main(arguments)
told = [(span.context, dict(span.attributes)) for span in exporter.get_finished_spans()]
workflows = [(at, attributes) for at, attributes in told if attributes["gen_ai.operation.name"] == "invoke_workflow"]
print(json.dumps([(at.trace_id, at.span_id, attributes) for at, attributes in workflows]))
"""


def told(folder: Path, *commands: list[str]) -> list[tuple[str, str, dict[str, Any]]]:
    """Ids and attributes of the spans of all runs that these commands make, in the order in which they ended."""
    given = [[*command, "--runs", "runs"] for command in commands]
    process = [sys.executable, "-W", "error", "-c", COMMANDS, json.dumps(given)]
    done = subprocess.run(process, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return [(f"{trace:032x}", f"{span:016x}", attributes) for trace, span, attributes in json.loads(done.stdout)]


@pytest.mark.parametrize(
    ("command", "runs"),
    [
        (["run", str(PLAYBOOK), "--offline"], 1),
        (["compare", str(PLAYBOOK), "--vary", "coordinator.strategy=sequential", "--offline"], 2),
        (["test", str(PLAYBOOK), "--repeat", "2", "--jobs", "2", "--offline"], 2),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_every_run_is_traced_and_names_its_trace(tmp_path: Path, command: list[str], runs: int) -> None:
    traced = {attributes["sre_run.run.id"]: (trace, span) for trace, span, attributes in told(tmp_path, command)}
    records = [record_of(folder) for folder in (tmp_path / "runs").iterdir()]
    found = {record.started.run: record.trace for record in records}
    assert found == {run: Traced(*ids) for run, ids in traced.items()}
    assert len(set(found.values())) == runs


def test_a_resume_has_a_trace_of_its_own_which_is_the_one_that_is_shown(tmp_path: Path) -> None:
    single = str(PLAYBOOK.with_name("payment-gateway-single.yaml"))
    limited = ["--set", "budget={model_calls: 4}", "--set", "coordinator.votes={}"]
    spans = told(tmp_path, ["run", single, "--offline", *limited], ["resume", "last", "--budget", "model_calls=40"])
    (folder,) = (tmp_path / "runs").iterdir()
    events = [entry.event for entry in read(folder / JOURNAL)]
    assert [event for event in events if isinstance(event, Traced)] == [Traced(*ids) for *ids, _ in spans]
    assert [attributes.get("sre_run.resumed", False) for *_, attributes in spans] == [False, True]
    assert record_of(folder).trace == Traced(*spans[1][:2])
    assert json.loads((folder / "run.json").read_text())["trace"] == {"trace_id": spans[1][0], "span_id": spans[1][1]}


def test_without_a_tracing_system_there_are_no_others() -> None:
    own = [print]
    with attached(own) as listening:
        assert listening.everyone == (print,)
        assert listening.telemetry is None
