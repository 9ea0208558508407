"""A budget of seconds holds while a reply with very many calls or findings is worked through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from building import REPORT
from loopback import Loopback, Step, reply, use
from test_agent import texts

from sre_runner.coordination.reports import MOST_FINDINGS
from sre_runner.journal.record import Record
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run

MANY = 10_000
SECONDS = 5


def concluding(**changes: Any) -> dict[str, Any]:
    cause = {"statement": "Memory.", "evidence": [{"finding": "f1"}]}
    conclusion = {
        "severity": "P1",
        "incident_summary": "It is down.",
        "root_cause": cause,
        "evidence": [],
        "immediate_actions": [{"action": "Roll back."}],
        "long_term_fix": "Stream.",
        "communication": "We are on it.",
    }
    return {**REPORT, **conclusion, **changes}


def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *steps: Step) -> tuple[Record, Loopback]:
    settings = [("budget", f"{{seconds: {SECONDS}}}")]
    room = tmp_path / "room"
    for folder in ("agents.d", "tools.d", "playbooks"):
        (room / folder).mkdir(parents=True)
    (room / "agents.d" / "asked.yaml").write_text("description: x\nprompt: asked\ntools: [list_pods]\n")
    (room / "tools.d" / "pods.yaml").write_text(
        "tools:\n  list_pods:\n    description: Lists pods.\n    input_schema: {type: object}\n"
        "    simulated: {answers: [{return: 'cart OOMKilled'}]}\n"
    )
    (room / "playbooks" / "p.yaml").write_text("task: x\nspecialists: [asked]\ncoordinator: {strategy: single}\n")
    with Loopback({"asked": list(steps)}, strict=False) as server:  # checking so much would take its time
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        record, _ = run(RunOptions(room / "playbooks" / "p.yaml", runs=tmp_path / "runs", settings=settings))
    return record, server


@pytest.mark.no_cover
@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")  # 10,000 results are more than 1 MiB
def test_of_very_many_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = reply(*(use("list_pods", {"n": number}) for number in range(MANY)))
    record, server = play(tmp_path, monkeypatch, calls, reply(use("submit_report", concluding())))
    assert record.seconds < SECONDS
    assert record.conclusion
    assert record.conclusion.by_model
    assert "Not run: at most 64 calls" in texts(server.requests[1].last)


@pytest.mark.no_cover
def test_of_very_many_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [{"statement": "It is killed.", "evidence": [{"call": "c1", "quote": "cart OOMKilled"}]}] * MANY
    report = reply(use("submit_report", concluding(findings=found)))
    record, _ = play(tmp_path, monkeypatch, reply(use("list_pods")), report)
    assert record.seconds < SECONDS
    assert record.conclusion
    assert record.conclusion.by_model
    assert record.verified() == (MOST_FINDINGS, MOST_FINDINGS)
