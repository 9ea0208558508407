"""Who gets a listener and who pays for one, each in a process of its own; and what a broken SDK does to a run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from receiver import PLAYBOOK, Receiver, rehearse

from sre_runner.telemetry.attaching import listener

RUN = f"""
from pathlib import Path
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run
record, _ = run(RunOptions(Path({str(PLAYBOOK)!r}), runs=Path("runs"), offline=True))
assert record.exit_code == 0
import sys
loaded = [name for name, module in sys.modules.items() if module and name.partition(".")[0] == "opentelemetry"]
print(record.trace is not None, any(name.startswith("opentelemetry.sdk") for name in loaded), len(loaded))
"""


def ran(tmp_path: Path, before: str = "", hidden: Sequence[str] = (), **environ: str) -> list[str]:
    """What a run in a process of its own says, in which some packages cannot be imported."""
    hide = f"import sys; sys.modules.update(dict.fromkeys({list(hidden)!r}))\n" if hidden else ""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "TRACE"))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", hide + before + RUN],
        cwd=tmp_path,
        env={**clean, **environ},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_unless_somebody_configured_it_nothing_is_imported(tmp_path: Path) -> None:
    assert ran(tmp_path) == ["False", "False", "0"]


def test_without_the_package_a_run_is_what_it_was(tmp_path: Path) -> None:
    said = ran(tmp_path, hidden=("opentelemetry",), OTEL_PYTHON_TRACER_PROVIDER="sdk_tracer_provider")
    assert said[:2] == ["False", "False"]


def test_with_the_api_and_no_sdk_nobody_listens(tmp_path: Path) -> None:
    """And nothing but the API is imported, which is there already."""
    listening, sdk, _ = ran(tmp_path, "import opentelemetry.trace, opentelemetry.metrics\n")
    assert (listening, sdk) == ("False", "False")
    assert ran(tmp_path, "import opentelemetry.trace\n", ("opentelemetry.sdk",))[:2] == ["False", "False"]


def test_nobody_listens_where_nobody_imported_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "opentelemetry.trace")
    assert listener({}) is None


def test_an_sdk_that_cannot_be_loaded_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_PYTHON_TRACER_PROVIDER", "nowhere")
    assert listener() is None
    assert "the run is not traced" in caplog.text


def test_an_sdk_that_cannot_be_loaded_costs_no_run(tmp_path: Path) -> None:
    assert ran(tmp_path, OTEL_PYTHON_TRACER_PROVIDER="nowhere")[:2] == ["False", "False"]
    assert ran(tmp_path, "import opentelemetry.trace\n", OTEL_PYTHON_METER_PROVIDER="nowhere")[:2] == ["False", "False"]


CONFIGURED = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor
import io
sent = io.StringIO()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(out=sent)))
trace.set_tracer_provider(provider)
"""


def test_a_configured_sdk_just_works(tmp_path: Path) -> None:
    assert ran(tmp_path, CONFIGURED)[:2] == ["True", "True"]


def test_a_switched_off_sdk_costs_no_run(tmp_path: Path) -> None:
    assert ran(tmp_path, CONFIGURED, OTEL_SDK_DISABLED="true")[:2] == ["False", "True"]


class Broken(SpanProcessor):
    def on_start(self, span: Span, parent_context: object = None) -> None:
        raise RuntimeError("no room")

    def on_end(self, span: ReadableSpan) -> None:
        raise RuntimeError("no room")


def test_a_fault_of_the_sdk_is_told_once_and_costs_no_run(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    receiver = Receiver()
    receiver.tracers.add_span_processor(Broken())
    listener = receiver.listener()
    record, _ = rehearse(listener, tmp_path)
    listener.close()
    assert record.exit_code == 0
    assert len(caplog.records) == 1
    assert "the run goes on without it" in caplog.text
