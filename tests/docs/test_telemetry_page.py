"""docs/telemetry.md: its command sends a trace and metrics, and it knows every attribute and metric of ours."""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from pages import ROOT, fences, first_cells, shell

from sre_runner.journal.record import record_of
from sre_runner.telemetry import names
from sre_runner.telemetry.content import ASKED

PAGE = ROOT / "docs" / "telemetry.md"
ENDPOINT = "http://localhost:4318"


@contextmanager
def backend() -> Iterator[tuple[str, dict[str, list[bytes]]]]:
    """The address of a server that takes OTLP over HTTP, and what it was sent, by path."""
    taken: dict[str, list[bytes]] = {}

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            packed = self.headers.get("Content-Encoding") == "gzip"
            taken.setdefault(self.path, []).append(gzip.decompress(body) if packed else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", taken
        finally:
            server.shutdown()
            thread.join()


def test_its_command_sends_the_trace_that_the_run_names(tmp_path: Path) -> None:
    (script,) = fences(PAGE, "bash")
    assert ENDPOINT in script
    shell("sre-run init .", tmp_path)
    with backend() as (address, taken):
        shell(script.replace(ENDPOINT, address), tmp_path)
        assert set(taken) == {"/v1/traces"}
        shell(script.replace(ENDPOINT, address).replace("OTEL_METRICS_EXPORTER=none", "X=1"), tmp_path)
    found = [
        span
        for body in taken["/v1/traces"]
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    runs = {(span.trace_id.hex(), span.span_id.hex()) for span in found if span.name.startswith("invoke_workflow")}
    records = [record_of(folder) for folder in (tmp_path / "runs").iterdir()]
    assert {(record.trace.trace_id, record.trace.span_id) for record in records if record.trace} == runs
    assert len(runs) == 2
    assert {span.name.split()[0] for span in found} == {
        "invoke_workflow",
        "invoke_agent",
        "chat",
        "execute_tool",
    }
    measured = {
        metric.name
        for body in taken["/v1/metrics"]
        for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }
    assert {"sre_run.runs", "sre_run.run.duration"} <= measured <= set(first_cells(PAGE))


def test_it_has_every_name_of_ours_and_no_other() -> None:
    text = PAGE.read_text(encoding="utf-8")
    attributes = {value for name, value in vars(names).items() if name.isupper() and str(value).startswith("sre_run.")}
    metrics = {"sre_run.cost", "sre_run.runs", "sre_run.run.duration"}
    assert set(re.findall(r"`(sre_run\.[\w.]+)`", text)) == attributes | metrics
    assert ASKED in text
    assert {names.OPT_IN, names.LATEST} <= set(re.findall(r"\w+", text))
