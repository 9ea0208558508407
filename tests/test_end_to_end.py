"""The shipped playbook through the real SDK, against a scripted server of the Messages API, faults included."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from loopback import Loopback, Step, cut, dropped, error, raw, reply, text, thinking, use
from team import AGENTS, PLAYBOOK, finding, scripts, submit, unmarked

from sre_runner.config.sources import configuration as from_source
from sre_runner.investigation.door import ESTIMATED
from sre_runner.journal.costs import total_cost
from sre_runner.journal.file import read
from sre_runner.journal.record import Record, fold
from sre_runner.models.anthropic import AnthropicModel
from sre_runner.models.faults import HINTS
from sre_runner.models.kinds import MODEL_KINDS
from sre_runner.models.patience import Patience
from sre_runner.runs.open_run import paid
from sre_runner.runs.options import RunOptions
from sre_runner.runs.replay import replay
from sre_runner.runs.resume import resume
from sre_runner.runs.run import run


def investigate(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *settings: tuple[str, str]
) -> Record:
    for name, value in server.environ.items():
        monkeypatch.setenv(name, value)
    record, folder = run(RunOptions(PLAYBOOK, runs=tmp_path / "runs", settings=settings))
    assert fold(read(folder / "journal.jsonl")) == record
    assert server.environ["ANTHROPIC_API_KEY"] not in (folder / "journal.jsonl").read_text()
    return record


def problem(record: Record, agent: str) -> str:
    report = record.work[f"investigate/{agent}"].report
    assert report
    return report.problem


def test_an_undisturbed_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback(scripts()) as server:
        record = investigate(server, tmp_path, monkeypatch)
    assert record.exit_code == 0
    assert not record.rehearsal
    assert record.conclusion
    assert record.conclusion.by_model
    assert record.conclusion.fields["root_cause"]["statement"] == "A batch job loads everything into memory."
    assert list(record.work) == ["plan", *(f"investigate/{name}" for name in AGENTS), "review-1", "conclude"]
    assert len(record.calls_of("model")) == len(server.requests) == 9
    assert record.usage().total > 0
    for request in server.requests:
        assert "tool_choice" not in request.body
        assert request.body["model"] == "claude-sonnet-5-5"


def test_the_synthesizer_reads_every_report_and_the_planner_every_description(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Loopback(scripts()) as server:
        investigate(server, tmp_path, monkeypatch)
    (planning,) = server.of("You lead the investigation")
    assert all(name in planning.last[0]["text"] for name in AGENTS)
    (concluding,) = server.of("You conclude the investigation")
    assert "k8s-expert/f1" in concluding.last[0]["text"]
    assert "The heap is exhausted." in concluding.last[0]["text"]


def test_everything_before_stands_unchanged_in_every_next_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = {"type": "hologram", "data": {"x": [1, 2.5, None]}, "later": None}
    blocks = (thinking("hm", signature="sig"), unknown, text("I look."), use("list_pods", {"namespace": "payments"}))
    found = submit(findings=[finding("Killed.", "c2", "Container exceeded 512Mi")])
    changed = {"Kubernetes expert": [reply(*blocks), reply(use("get_events", {"namespace": "payments"})), found]}
    with Loopback(scripts(**changed)) as server:
        investigate(server, tmp_path, monkeypatch)
    first, second, third = (unmarked(request.body) for request in server.of("Kubernetes expert"))
    assert third["messages"][: len(second["messages"])] == second["messages"]
    assert second["messages"][: len(first["messages"])] == first["messages"]
    assert first["system"] == third["system"]
    assert first["tools"] == third["tools"]
    sent = second["messages"][1]["content"]
    assert sent[1] == unknown
    assert sent[0]["signature"] == "sig"


@pytest.mark.parametrize(
    "faults",
    [
        [error(429, retry_after=0)],
        [error(429)],
        [error(529), error(500)],
        [dropped()],
        [cut(reply(text("never arrives")))],
        [raw(b'{"broken', 200, "application/json")],
    ],
    ids=["429 with retry-after", "429 without", "529 and 500", "dropped", "cut in the middle", "broken JSON"],
)
def test_faults_that_pass_are_retried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: list[Step]) -> None:
    usual = scripts()
    with Loopback({**usual, "log analyst": [*faults, *usual["log analyst"]]}) as server:
        record = investigate(server, tmp_path, monkeypatch)
    assert record.exit_code == 0
    assert len(server.of("log analyst")) == len(faults) + 2
    assert len(record.calls_of("model", "investigate/log-analyst")) == 2
    assert record.notes, "the person is told of the wait"


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([error(400, "max_tokens is too large")], "max_tokens is too large"),
        ([error(404, "no such model")], "no such model"),
        ([error(429, retry_after=86_400)], "86"),
        ([reply(text("I cannot help with that."), stop="refusal")], "the model refused to answer"),
        ([reply(text("one"), stop="end_turn"), reply(text("two"), stop="end_turn")], "answered without a report"),
        ([reply(text("…"), stop="max_tokens"), reply(text("…"), stop="max_tokens")], "cut off at max_tokens"),
        ([submit(confidence=7), submit(confidence=8)], "its report was not accepted: confidence"),
        ([raw(b"<html>hello</html>", 200, "text/html")] * 3, ""),
    ],
    ids=["400", "404", "retry-after of a day", "refusal", "no report", "cut off", "broken report", "html"],
)
def test_what_does_not_pass_costs_one_specialist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: list[Any], says: str
) -> None:
    cites_k8s = {"statement": "Memory.", "evidence": [{"finding": "k8s-expert/f1"}]}
    changed = {"log analyst": steps, "You conclude the investigation": [submit(root_cause=cites_k8s, evidence=[])]}
    with Loopback(scripts(**changed)) as server:
        record = investigate(server, tmp_path, monkeypatch)
    assert record.exit_code == 3
    assert record.conclusion
    assert record.conclusion.by_model
    (missing,) = record.conclusion.missing
    assert missing.startswith("log-analyst (investigate/log-analyst) ")
    assert says in problem(record, "log-analyst")


def test_a_broken_report_then_a_good_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = scripts()["runbook advisor"]
    changed = {"runbook advisor": [usual[0], submit(severity_assessment="very bad"), submit(findings=[])]}
    with Loopback(scripts(**changed)) as server:
        record = investigate(server, tmp_path, monkeypatch)
    assert record.exit_code == 0
    repair = server.of("runbook advisor")[2].last
    assert repair[0]["is_error"] is True
    assert "severity_assessment" in json.dumps(repair)


def test_a_tool_outside_the_whitelist_and_bad_arguments_come_back_as_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = reply(use("list_pods", {"namespace": "payments"}), use("search_runbooks", {"question": "x"}))
    with Loopback(scripts(**{"runbook advisor": [calls, submit(findings=[])]})) as server:
        record = investigate(server, tmp_path, monkeypatch)
    outcomes = [call.outcome.outcome for call in record.calls_of("tool", "investigate/runbook-advisor") if call.outcome]
    assert outcomes == ["refused", "refused"]
    refused, bad = (block["content"][0]["text"] for block in server.of("runbook advisor")[1].last)
    assert "list_pods is not one of your tools" in refused
    assert "does not fit its input_schema" in bad
    assert record.exit_code == 0


def test_missing_usage_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = scripts()["log analyst"]
    first = reply(use("search_logs", {"level": "ERROR"}), usage=None)
    with Loopback(scripts(**{"log analyst": [first, usual[1]]})) as server:
        record = investigate(server, tmp_path, monkeypatch)
    assert record.exit_code == 0


@pytest.mark.parametrize("status", [401, 403])
def test_credentials_that_are_refused_end_the_run_at_the_first_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    with Loopback({"You lead the investigation": [error(status, "invalid key")]}) as server:
        record = investigate(server, tmp_path, monkeypatch)
    assert len(server.requests) == len(record.calls) == 1
    assert record.exit_code == 4
    assert record.conclusion
    assert not record.conclusion.by_model
    kind = {401: "authentication_error", 403: "permission_error"}[status]
    assert record.conclusion.hints == (HINTS[kind],)
    for name in AGENTS:
        assert "invalid key" in problem(record, name)
    assert replay(record) == record.conclusion


def test_credentials_that_are_refused_later_keep_what_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are given up at once, and what was found is concluded without a model; a resume goes on from there."""
    usual = scripts()
    lead, k8s, log = "You lead the investigation", "Kubernetes expert", "log analyst"
    refused = {
        lead: usual[lead],
        k8s: usual[k8s],
        log: [usual[log][0], error(401, "expired").after(0.3)],
        "runbook advisor": [usual["runbook advisor"][0], error(429, retry_after=30)],
    }
    with Loopback(refused) as server:
        record = investigate(server, tmp_path, monkeypatch)
    assert (record.exit_code, record.seconds < 10) == (4, True)
    assert record.conclusion
    assert [item["finding"] for item in record.conclusion.fields["evidence"]] == ["k8s-expert/f1"]
    assert "expired" in problem(record, "log-analyst")
    assert "expired" in problem(record, "runbook-advisor"), "its wait was ended"
    assert list(record.work)[-1] == "conclude"
    assert replay(record) == record.conclusion
    (folder,) = (tmp_path / "runs").iterdir()
    rest = {
        log: [usual[log][1]],
        "runbook advisor": [usual["runbook advisor"][1]],
        "You review": usual["You review"],
        "You conclude the investigation": usual["You conclude the investigation"],
    }
    with Loopback(rest, strict=False) as server:
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        resumed = resume(folder)
    assert resumed.exit_code == 0
    assert resumed.conclusion
    assert resumed.conclusion.hints == ()


def test_a_service_that_is_not_there_costs_the_run_one_patience(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planner, second planner, specialists: one after the other they would each wait for as long."""
    with Loopback({}) as server:
        pass

    def impatient(on_wait: Callable[[str], None]) -> AnthropicModel:
        return AnthropicModel(api_key="test", base_url=server.url, patience=Patience(connecting=0.5), on_wait=on_wait)

    monkeypatch.setitem(cast("dict[str, Any]", MODEL_KINDS), "anthropic", impatient)
    record = investigate(server, tmp_path, monkeypatch)
    assert 0.5 <= record.seconds < 3
    assert [outcome.outcome for call in record.calls_of("model") if (outcome := call.outcome)] == ["failed"] * 5
    assert "review-1" not in record.work
    assert record.exit_code == 4
    assert record.conclusion
    assert record.conclusion.hints == (HINTS["connection"],)
    assert replay(record) == record.conclusion


@pytest.mark.parametrize("usage", [..., None, {"input_tokens": 0, "output_tokens": 0}, {"input_tokens": 10**400}])
def test_a_budget_binds_where_the_service_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, usage: Any
) -> None:
    asks = lambda request: reply(use("get_events", {"namespace": "payments"}), usage=usage)  # noqa: E731
    settings = [
        ("specialists", "[generalist]"),
        ("coordinator", "{strategy: single}"),
        ("model", "{name: claude-sonnet-5-5, max_tokens: 500}"),
        ("budget", "{tokens: 45000, usd: 1}"),
    ]
    with Loopback({"alone with an incident": asks}) as server:
        record = investigate(server, tmp_path, monkeypatch, *settings)
    assert "no room" in problem(record, "generalist")
    assert record.usage().total > 1000
    assert [note for note in record.notes if "does not count all tokens" in note] == [ESTIMATED]
    assert record.estimated()
    cost = total_cost(record)
    assert cost.usd
    assert cost.estimated
    assert replay(record) == record.conclusion
    assert paid(from_source(record.started.configuration), record).tokens == record.usage().total


def test_single_needs_no_coordinator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = [
        reply(use("get_events", {"namespace": "payments"})),
        submit(findings=[finding("Killed.", "c1", "Container exceeded 512Mi")], root_cause=cites("f1"), evidence=[]),
    ]
    settings = [("specialists", "[generalist]"), ("coordinator", "{strategy: single}")]
    with Loopback({"alone with an incident": alone}) as server:
        record = investigate(server, tmp_path, monkeypatch, *settings)
    assert record.exit_code == 0
    assert list(record.work) == ["investigate/generalist"]
    assert record.work["investigate/generalist"].report
    assert record.work["investigate/generalist"].report.status == "completed"


def cites(*findings: str) -> dict[str, Any]:
    return {"statement": "It is memory.", "evidence": [{"finding": name} for name in findings]}


def test_no_key_of_the_environment_is_used_by_accident() -> None:
    assert not [name for name in os.environ if name.startswith("ANTHROPIC_")]
