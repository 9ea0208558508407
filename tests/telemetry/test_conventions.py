"""Every name that is sent, against the published registries."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from loopback import Loopback
from opentelemetry.semconv.schemas import Schemas
from receiver import PLAYBOOK, Receiver, rehearse, told
from test_end_to_end import scripts

from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run
from sre_runner.telemetry import names

REGISTRY: Any = import_module("opentelemetry.semconv._incubating.attributes.gen_ai_attributes")
METRICS: Any = import_module("opentelemetry.semconv._incubating.metrics.gen_ai_metrics")

# v1.41.0: docs/gen-ai/gen-ai-agent-spans.md, gen-ai-spans.md and anthropic.md of open-telemetry/semantic-conventions.
# Span kinds and required and conditionally required attributes are of those pages; the names are compared below with
# the registry that PyPI's opentelemetry-semantic-conventions is generated from.
SPANS: dict[str, tuple[str, set[str], set[str]]] = {
    "invoke_workflow": ("INTERNAL", {"gen_ai.operation.name", "gen_ai.workflow.name"}, set()),
    "invoke_agent": (
        "INTERNAL",
        {
            "gen_ai.operation.name",
            "gen_ai.provider.name",
            "gen_ai.agent.name",
            "gen_ai.agent.description",
            "gen_ai.conversation.id",
            "gen_ai.request.model",
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.output_tokens",
        },
        {"error.type"},
    ),
    "chat": (
        "CLIENT",
        {
            "gen_ai.operation.name",
            "gen_ai.provider.name",
            "gen_ai.request.model",
            "gen_ai.request.max_tokens",
            "gen_ai.conversation.id",
            "gen_ai.agent.name",
            "gen_ai.response.model",
            "gen_ai.response.finish_reasons",
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.output_tokens",
        },
        {"error.type", "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_creation.input_tokens"},
    ),
    "execute_tool": (
        "INTERNAL",
        {
            "gen_ai.operation.name",
            "gen_ai.tool.name",
            "gen_ai.tool.type",
            "gen_ai.tool.description",
            "gen_ai.tool.call.id",
            "gen_ai.agent.name",
        },
        {"error.type"},
    ),
}
CONTENT = {
    "invoke_workflow": {"gen_ai.input.messages", "gen_ai.output.messages"},
    "invoke_agent": set(),
    "chat": {
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.system_instructions",
        "gen_ai.tool.definitions",
    },
    "execute_tool": {"gen_ai.tool.call.arguments", "gen_ai.tool.call.result"},
}
# v1.41.0: docs/gen-ai/gen-ai-metrics.md. Name: instrument, unit, attributes.
MEASURED = {
    "gen_ai.client.operation.duration": (
        "Histogram",
        "s",
        {"gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model", "gen_ai.response.model"},
    ),
    "gen_ai.client.token.usage": (
        "Histogram",
        "{token}",
        {
            "gen_ai.operation.name",
            "gen_ai.provider.name",
            "gen_ai.request.model",
            "gen_ai.response.model",
            "gen_ai.token.type",
        },
    ),
}
# v0.1.0 of open-telemetry/semantic-conventions-genai: CHANGELOG.md, docs/gen-ai/client-inference.md, execute-tool.md
# and gen-ai-metrics.md. No package on PyPI has these yet.
LATEST = {
    "gen_ai.client.inference.duration": "s",
    "gen_ai.client.inference.usage.input_tokens": "{token}",
    "gen_ai.client.inference.usage.output_tokens": "{token}",
    "gen_ai.client.inference.usage.cache_read.input_tokens": "{token}",
    "gen_ai.client.inference.usage.cache_write.input_tokens": "{token}",
    "gen_ai.invoke_agent.duration": "s",
    "gen_ai.execute_tool.duration": "s",
}
OURS = {"sre_run.runs": "{run}", "sre_run.cost": "{USD}", "sre_run.run.duration": "s"}


def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]) -> Receiver:
    """The shipped playbook through the real SDK of the model service."""
    receiver = Receiver()
    with Loopback(scripts()) as server:
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        run(RunOptions(PLAYBOOK, runs=tmp_path), [receiver.listener(environ)])
    return receiver


def registered(module: Any) -> set[str]:
    return {value for name, value in vars(module).items() if name.startswith("GEN_AI_") and isinstance(value, str)}


def test_the_tables_are_of_the_registry() -> None:
    required = {name for _, always, sometimes in SPANS.values() for name in always | sometimes}
    content = {name for found in CONTENT.values() for name in found}
    assert (required | content) - {"error.type"} <= registered(REGISTRY)
    assert {name for *_, found in MEASURED.values() for name in found} <= registered(REGISTRY)
    assert set(MEASURED) <= registered(METRICS)
    assert {value.value for value in REGISTRY.GenAiOperationNameValues} >= set(SPANS)
    assert "anthropic" in {value.value for value in REGISTRY.GenAiProviderNameValues}
    assert names.ERROR == import_module("opentelemetry.semconv.attributes.error_attributes").ERROR_TYPE
    assert names.V1_41.schema in {schema.value for schema in Schemas}


def test_spans_have_the_names_and_attributes_of_the_conventions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = served(tmp_path, monkeypatch, {})
    subject = {"invoke_workflow": "gen_ai.workflow.name", "invoke_agent": "gen_ai.agent.name"}
    subject |= {"chat": "gen_ai.request.model", "execute_tool": "gen_ai.tool.name"}
    assert {told(span)["gen_ai.operation.name"] for span in receiver.spans} == set(SPANS)
    for span in receiver.spans:
        operation = told(span)["gen_ai.operation.name"]
        kind, always, sometimes = SPANS[operation]
        theirs = {name for name in told(span) if not name.startswith("sre_run.")}
        assert always <= theirs <= always | sometimes, span.name
        assert span.kind.name == kind
        assert span.name == f"{operation} {told(span)[subject[operation]]}"
        assert told(span)["sre_run.run.id"]
        assert span.instrumentation_scope
        assert span.instrumentation_scope.schema_url == names.V1_41.schema
    assert {told(span)["gen_ai.provider.name"] for span in receiver.of("chat")} == {"anthropic"}


@pytest.mark.parametrize("value", ["true", "SPAN_ONLY", "SPAN_AND_EVENT"])
def test_content_has_the_attributes_of_the_conventions(tmp_path: Path, value: str) -> None:
    receiver = Receiver()
    rehearse(receiver.listener({"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": value}), tmp_path)
    for operation, expected in CONTENT.items():
        _, always, sometimes = SPANS[operation]
        found = {name for span in receiver.of(operation) for name in told(span)}
        assert {name for name in found if not name.startswith("sre_run.")} - always - sometimes == expected


def test_metrics_have_the_names_units_and_attributes_of_the_conventions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics = served(tmp_path, monkeypatch, {}).metrics
    assert {name: metric.unit for name, metric in metrics.items()} == {
        **{name: unit for name, (_, unit, _) in MEASURED.items()},
        **OURS,
    }
    for name, (instrument, _, attributes) in MEASURED.items():
        assert type(metrics[name].data).__name__ == instrument
        for point in metrics[name].data.data_points:
            assert set(point.attributes) == attributes
    duration, tokens = (metrics[name].data.data_points[0].explicit_bounds for name in MEASURED)
    assert (duration[0], duration[-1], len(duration)) == (0.01, 81.92, 14)
    assert (tokens[0], tokens[-1], len(tokens)) == (1, 67_108_864, 14)


def test_the_newer_conventions_are_spoken_where_they_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver = served(tmp_path, monkeypatch, {"OTEL_SEMCONV_STABILITY_OPT_IN": "http, gen_ai_latest_experimental"})
    units = {name: metric.unit for name, metric in receiver.metrics.items()}
    cached = {name for name in LATEST if ".cache_" in name}
    assert {name: unit for name, unit in {**LATEST, **OURS}.items() if name not in cached}.items() <= units.items()
    assert set(units) <= {*LATEST, *OURS}
    (workflow,) = receiver.of("invoke_workflow")
    assert told(workflow)["gen_ai.agent.name"] == "payment-gateway"
    assert "gen_ai.workflow.name" not in told(workflow)
    assert all("gen_ai.provider.name" not in told(span) for span in receiver.of("invoke_agent"))
