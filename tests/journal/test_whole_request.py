from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kept import PLAYBOOK
from loopback import Loopback, error, reply, text, thinking, use
from team import finding, scripts, submit, unmarked

from sre_runner.casefile import Case
from sre_runner.errors import RunnerError
from sre_runner.journal.events import CallFinished, CallStarted, RunStarted
from sre_runner.journal.file import JOURNAL, read
from sre_runner.journal.record import Record, fold
from sre_runner.journal.whole_request import whole_request
from sre_runner.runs.options import RunOptions
from sre_runner.runs.resume import resume
from sre_runner.runs.run import run

SETTINGS = ("model", "max_tokens", "effort", "system", "tools", "messages")


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(RunOptions(PLAYBOOK, runs=tmp_path_factory.mktemp("runs"), offline=True))[1]


def record_of(folder: Path) -> Record:
    return fold(read(folder / JOURNAL))


def rebuilt(record: Record) -> dict[tuple[str, str, int], Any]:
    """The whole requests of all model calls that were sent, by what names a call."""
    made = [call for call in record.calls_of("model") if call.request.request]
    return {
        (call.request.scope, call.request.digest, call.request.occurrence): whole_request(record, call) for call in made
    }


def plain(request: Any) -> str:
    """What counts of a request, of ours or as it was sent."""
    body = unmarked(request) if isinstance(request, Mapping) else {name: getattr(request, name) for name in SETTINGS}
    system = body["system"] if isinstance(body["system"], str) else body["system"][0]["text"]
    return json.dumps({"system": system, **{name: body[name] for name in ("model", "max_tokens", "tools", "messages")}})


def test_what_was_sent_over_the_wire_is_rebuilt_from_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = {"type": "hologram", "data": [1, 2.5, None]}
    blocks = (thinking("hm", signature="s"), odd, text("I look."), use("list_pods", {"namespace": "payments"}))
    unproven = submit(findings=[finding("Killed.", "c1", "this is nowhere")])
    asked = [{"agent": "k8s-expert", "request": "Look again.", "priority": "high"}]
    changed = {
        "Kubernetes expert": [reply(*blocks), reply(text("And now?")), unproven, submit(findings=[]), submit()],
        "runbook advisor": [error(400)],
        "You review": [submit(followups=asked)],
        "You conclude": [submit(root_cause={"statement": "x", "evidence": [{"finding": "log-analyst/f1"}]})],
    }
    script = scripts(**changed)
    del script["You conclude the investigation"]
    with Loopback(script) as server:
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        record, _ = run(RunOptions(PLAYBOOK, runs=tmp_path))
    assert [work.assignment.id for work in record.work.values()][-2:] == ["followup-1/k8s-expert", "conclude"]
    ours = rebuilt(record).values()
    assert sorted(map(plain, ours)) == sorted(plain(request.body) for request in server.requests)
    assert len(server.requests) > 9


@pytest.mark.parametrize("part", [0.45, 0.6, 0.8])
def test_after_a_resume_it_is_what_an_undisturbed_run_would_have_sent(
    rehearsed: Path, tmp_path: Path, part: float
) -> None:
    whole = (rehearsed / JOURNAL).read_bytes()
    (tmp_path / JOURNAL).write_bytes(whole[: int(len(whole) * part)])
    begun = {call.request.digest for call in record_of(tmp_path).calls_of("model")}
    resumed = resume(tmp_path)
    assert rebuilt(resumed) == rebuilt(record_of(rehearsed))
    assert len(begun) < len(resumed.calls_of("model"))


def test_a_call_that_the_budget_denied_was_not_sent_and_what_follows_it_was(tmp_path: Path) -> None:
    single = PLAYBOOK.with_name("payment-gateway-single.yaml")
    settings = [("budget", "{model_calls: 4}"), ("coordinator.votes", "{}")]
    record, _ = run(RunOptions(single, runs=tmp_path, offline=True, settings=settings))
    denied = [call for call in record.calls_of("model") if call.outcome and call.outcome.outcome == "denied"]
    assert denied
    with pytest.raises(RunnerError, match="was not sent"):
        whole_request(record, denied[0])
    # What was added to a message when the budget had no room for more is in the request.
    assert any("submit_report" in json.dumps(request.messages[-1]) for request in rebuilt(record).values())
    assert len(rebuilt(record)) + len(denied) == len(record.calls_of("model"))


def test_only_a_call_of_a_model_has_more_than_its_own_request(rehearsed: Path) -> None:
    record = record_of(rehearsed)
    with pytest.raises(RunnerError, match="its request is whole already"):
        whole_request(record, record.calls_of("tool")[0])


def test_nothing_is_made_up_where_a_step_is_missing_or_was_changed(rehearsed: Path) -> None:
    def changed(event: Any) -> Any:
        if isinstance(event, CallFinished) and event.model_answer:
            said = ({"type": "text", "text": "something else"},)
            return replace(event, model_answer=replace(event.model_answer, content=said))
        return event

    entries = list(read(rehearsed / JOURNAL))
    first = {}
    for entry in entries:
        if isinstance(entry.event, CallStarted) and "system" in entry.event.request:
            first[entry.event.scope] = entry.event.call
    lost = first["investigate/k8s-expert"]
    for kept in (
        [replace(entry, event=changed(entry.event)) for entry in entries],
        [entry for entry in entries if getattr(entry.event, "call", None) != lost],
    ):
        record = fold(kept)
        later = [call for call in record.calls_of("model", "investigate/k8s-expert") if call.request.call != lost]
        with pytest.raises(RunnerError, match="cannot be rebuilt"):
            whole_request(record, later[0])


def test_a_configuration_that_cannot_be_used_is_told(rehearsed: Path) -> None:
    record = record_of(rehearsed)
    case = Case("t", {}, "now")
    record.started = RunStarted("r", case, {"playbook": {}, "agents": {}, "tools": {}}, "d", "offline", {})
    with pytest.raises(RunnerError):
        whole_request(record, record.calls_of("model")[0])
