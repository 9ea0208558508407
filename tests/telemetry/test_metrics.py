"""Tokens, durations, dollars and runs, as they are recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from kept import events
from receiver import Receiver, points, still, tell

from sre_runner.casefile import ModelAnswer, Usage
from sre_runner.journal.events import CallFinished, CallStarted, Event, RunStarted
from sre_runner.models.prices import cost

USAGE = Usage(10, 5, 200, 30)
ANSWER = ModelAnswer((), "end_turn", USAGE, "claude-haiku-4-5")


def measured(finished: CallFinished, *, made: bool = True, model: str = "anthropic", **environ: str) -> Receiver:
    """A run with one model call, which took half a second and ends like that."""
    usual = events("r-1", model=model)
    started = CallStarted(1, "model", "investigate/a", "d", 1, "claude-haiku-4-5", {}, "", made)
    receiver = Receiver()
    told: list[Event] = [*usual[:2], started, finished, *usual[4:]]
    tell(receiver.listener(environ, clock=still()), told)
    return receiver


def test_a_call_is_measured_and_priced() -> None:
    metrics = measured(CallFinished(1, "answer", ANSWER)).metrics
    tokens = {found["gen_ai.token.type"]: value for found, value in points(metrics, "gen_ai.client.token.usage")}
    assert tokens == {"input": 240, "output": 5}
    ((found, seconds),) = points(metrics, "gen_ai.client.operation.duration")
    assert seconds == 0.5
    assert found == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "anthropic",
        "gen_ai.request.model": "claude-haiku-4-5",
        "gen_ai.response.model": "claude-haiku-4-5",
    }
    ((found, dollars),) = points(metrics, "sre_run.cost")
    assert dollars == pytest.approx(cost(USAGE, "claude-haiku-4-5"))
    assert found == {
        "sre_run.playbook": "payments",
        "gen_ai.agent.name": "a",
        "gen_ai.request.model": "claude-haiku-4-5",
    }


def test_a_run_is_counted_with_its_outcome() -> None:
    metrics = measured(CallFinished(1, "answer", ANSWER)).metrics
    ran = {"sre_run.playbook": "payments", "sre_run.rehearsal": False, "sre_run.outcome": "ok"}
    assert points(metrics, "sre_run.runs") == [({**ran, "sre_run.severity": "P2"}, 1)]
    assert points(metrics, "sre_run.run.duration") == [(ran, 3.0)]


def test_a_failure_has_its_duration_and_its_error_type() -> None:
    metrics = measured(CallFinished(1, "failed", error="overloaded_error: later")).metrics
    ((found, _),) = points(metrics, "gen_ai.client.operation.duration")
    assert found["error.type"] == "overloaded_error"
    assert "gen_ai.client.token.usage" not in metrics
    assert "sre_run.cost" not in metrics


@pytest.mark.parametrize(
    ("finished", "made"),
    [
        (CallFinished(1, "answer", ANSWER, reused=True), False),
        (CallFinished(1, "denied", error="no room"), False),
    ],
)
def test_what_was_not_called_is_not_measured(finished: CallFinished, made: bool) -> None:
    assert set(measured(finished, made=made).metrics) == {"sre_run.runs", "sre_run.run.duration"}


def test_a_rehearsal_takes_no_tokens_and_costs_nothing() -> None:
    metrics = measured(CallFinished(1, "answer", ANSWER), model="offline").metrics
    assert set(metrics) == {"gen_ai.client.operation.duration", "sre_run.runs", "sre_run.run.duration"}
    ((found, _),) = points(metrics, "gen_ai.client.operation.duration")
    assert found["gen_ai.provider.name"] == "sre_run.offline"


def test_an_estimate_is_priced_and_is_no_count_of_tokens() -> None:
    metrics = measured(CallFinished(1, "answer", replace(ANSWER, estimated=True))).metrics
    assert "gen_ai.client.token.usage" not in metrics
    assert points(metrics, "sre_run.cost")


def test_the_newer_conventions_count_tokens_by_cache() -> None:
    metrics = measured(
        CallFinished(1, "answer", ANSWER), OTEL_SEMCONV_STABILITY_OPT_IN="gen_ai_latest_experimental"
    ).metrics
    usage = "gen_ai.client.inference.usage"
    counted = {name: points(metrics, f"{usage}.{name}")[0][1] for name in ("input_tokens", "output_tokens")}
    assert counted == {"input_tokens": 240, "output_tokens": 5}
    assert points(metrics, f"{usage}.cache_read.input_tokens")[0][1] == 200
    assert points(metrics, f"{usage}.cache_write.input_tokens")[0][1] == 30
    durations = {found["gen_ai.operation.name"]: found for found, _ in points(metrics, "gen_ai.invoke_agent.duration")}
    assert set(durations) == {"invoke_agent", "invoke_workflow"}
    assert durations["invoke_workflow"]["gen_ai.agent.name"] == "payments"


def test_a_price_of_the_configuration_goes_before_the_table() -> None:
    begun, *others = events("r-1")
    assert isinstance(begun, RunStarted)
    model = {"name": "own", "price": {"input": 1_000_000, "output": 0, "cache_read": 0, "cache_write": 0}}
    playbook = {**begun.configuration["playbook"], "model": model}
    receiver = Receiver()
    tell(receiver.listener(clock=still()), [replace(begun, configuration={"playbook": playbook}), *others])
    assert points(receiver.metrics, "sre_run.cost")[0][1] == pytest.approx(1_000_000)
