"""`sre-run freeze`: every strategy, writes, models, faults; the frozen run comes to the same, and its test passes."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from loopback import Loopback, reply, use
from sealing import sealed
from team import PLAYBOOK, finding, submit

from sre_runner.cli import main
from sre_runner.commands.freeze import _move
from sre_runner.config.loading import validate
from sre_runner.documents.yaml.document import parse
from sre_runner.documents.yaml.writing import written
from sre_runner.journal.file import JOURNAL
from sre_runner.journal.record import Record
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run

ROOM = PLAYBOOK.parents[1]
SHIPPED = sorted((ROOM / "playbooks").glob("*.yaml"))
EXAMPLE = ROOM / "examples" / "playbooks" / "expired-certificate.yaml"


def sre_run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[Any, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def answers(record: Record) -> Mapping[tuple[str, str], tuple[Any, ...]]:
    """What every tool call was answered, by its assignment and its number in the conversation."""
    return {
        (call.request.scope, call.request.label): (
            call.request.name,
            call.request.request,
            call.outcome and call.outcome.outcome,
            call.outcome and call.outcome.tool_answer,
        )
        for call in record.calls_of("tool")
    }


@pytest.mark.parametrize("playbook", [*SHIPPED, EXAMPLE], ids=lambda path: path.stem)
def test_the_frozen_rehearsal_concludes_the_same(
    playbook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    simulated = (("backend", "simulated"),)
    record, folder = run(RunOptions(playbook, settings=simulated, runs=tmp_path / "runs", offline=True))
    frozen = tmp_path / "incidents" / "frozen"
    code, out, err = sre_run(capsys, "freeze", str(folder), str(frozen))
    assert (code, out) == (0, f"{frozen / 'playbooks' / playbook.name}\n"), err
    assert "Rehearsed offline: the same conclusion." in err
    assert [path.name for path in frozen.parent.iterdir()] == ["frozen"], "nothing is left beside it"
    assert not validate([frozen]).problems
    again, _ = run(RunOptions(frozen / "playbooks" / playbook.name, runs=tmp_path / "again", offline=True))
    assert answers(again) == answers(record)
    assert again.conclusion == record.conclusion
    code, out, err = sre_run(capsys, "test", str(frozen), "--offline")
    assert code == 0, out + err


def test_a_run_that_made_a_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    playbook = PLAYBOOK.with_name("triage-to-verification.yaml")
    record, folder = run(RunOptions(playbook, runs=tmp_path / "runs", offline=True, allow_every_write=True))
    assert any(call.request.name == "rollback_deployment" and call.request.made for call in record.calls_of("tool"))
    frozen = tmp_path / "frozen"
    frozen.mkdir()
    code, _, err = sre_run(capsys, "freeze", str(folder), str(frozen))
    assert code == 0, err
    text = (frozen / "playbooks" / playbook.name).read_text(encoding="utf-8")
    assert "rollback_deployment" not in text.split("tools_called")[1].split("\n\n")[0]
    options = RunOptions(frozen / "playbooks" / playbook.name, runs=tmp_path / "again", offline=True)
    again, _ = run(RunOptions(options.playbook, runs=options.runs, offline=True, allow_every_write=True))
    assert answers(again) == answers(record)
    assert again.conclusion == record.conclusion
    assert sre_run(capsys, "test", str(frozen), "--offline")[0] == 0


FLAKY = """\
tools:
  list_pods:
    description: List pods.
    input_schema: {type: object, properties: {namespace: {type: string}}}
    timeout: 0.2
    simulated:
      answers:
        - in_turn: [{timeout: true}, {error: connection refused}, {return: "pod api-1 OOMKilled {{ x }}\\n\\u200b"}]
  get_events:
    description: Events.
    input_schema: {type: object, properties: {namespace: {type: string}, after: {type: object}}}
    simulated:
      answers:
        - when: {namespace: other}
          no_data: "No resources found."
        - asked_by: second
          return: Killing container
        - return: {events: [Back-off, {count: 3}]}
  drain_node:
    description: Drain a node.
    effect: write
    input_schema: {type: object, properties: {node: {type: string}}}
    simulated: {answers: [{return: drained}]}
"""
EVENTS = use("get_events", {"after": {"seen": [1, "x"]}}, "t3")
SCRIPTS = {
    "first agent": [
        reply(use("list_pods", {}, "t1"), use("drain_node", {"node": "n1"}, "t2"), EVENTS),
        reply(use("list_pods", {}, "t4"), use("get_events", {"namespace": "other"}, "t5"), use("nothing", {}, "t6")),
        reply(use("list_pods", {"namespace": 5}, "t7"), use("list_pods", {}, "t8")),
        submit(
            severity_assessment="P2", findings=[finding("A pod was OOMKilled.", "c8", "pod api-1 OOMKilled {{ x }}")]
        ),
    ],
    "second agent": [reply(EVENTS), submit(severity_assessment="P2", findings=[])],
    # Twice: the cause has a name that nothing shows, and is sent back once.
    "synthesizer": [
        submit(
            severity="P2",
            root_cause={"statement": "api-1 was OOMKilled by qwx-9.", "evidence": [{"finding": "first/f1"}]},
            evidence=[],
        ),
    ]
    * 2,
}


@pytest.fixture
def flaky(tmp_path: Path) -> Path:
    """A configuration with a tool that fails in all ways, and its playbook."""
    root = tmp_path / "room"
    for folder in ("agents.d", "tools.d", "playbooks"):
        (root / folder).mkdir(parents=True)
    for name, role, tools in (
        ("first", "specialist", "[list_pods, get_events, drain_node]"),
        ("second", "specialist", "[get_events]"),
        ("end", "synthesizer", "[]"),
    ):
        prompt = "synthesizer" if name == "end" else f"{name} agent"
        text = f"role: {role}\ndescription: Knows.\nprompt: {prompt}\ntools: {tools}\n"
        (root / "agents.d" / f"{name}.yaml").write_text(text)
    (root / "tools.d" / "all.yaml").write_text(FLAKY, encoding="utf-8")
    playbook = root / "playbooks" / "flaky.yaml"
    playbook.write_text("task: Look.\nspecialists: [first, second]\ncoordinator: {synthesizer: end}\n")
    return playbook


def by_model(playbook: Path, runs: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Record, Path]:
    with Loopback(SCRIPTS) as server:
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        made = run(RunOptions(playbook, runs=runs))
    for name in server.environ:
        monkeypatch.delenv(name)
    return made


def test_the_same_model_is_answered_the_same(
    flaky: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record, folder = by_model(flaky, tmp_path / "runs", monkeypatch)
    outcomes = [made[2] for made in answers(record).values() if made[0] == "list_pods"]
    assert outcomes == ["timeout", "answer", "refused", "answer"]
    frozen = tmp_path / "frozen"
    code, _, err = sre_run(capsys, "freeze", str(folder), str(frozen))
    assert code == 0, err
    again, _ = by_model(frozen / "playbooks" / flaky.name, tmp_path / "again", monkeypatch)
    assert answers(again) == answers(record)
    assert again.conclusion == record.conclusion
    assert not validate([frozen]).problems
    assert sre_run(capsys, "test", str(frozen), "--offline")[0] == 0


def test_what_the_rehearsal_does_not_meet_is_left_out_and_told(
    flaky: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, folder = by_model(flaky, tmp_path / "runs", monkeypatch)
    _, _, err = sre_run(capsys, "freeze", str(folder), str(tmp_path / "frozen"))
    text = (tmp_path / "frozen" / "playbooks" / flaky.name).read_text(encoding="utf-8")
    assert "Rehearsed offline: another conclusion (severity " in err
    assert "left out of `expect`: the verdict of severity is P2: it is P" in err
    assert "# The offline rehearsal does not meet: the verdict of severity is P2: it is P" in text
    assert "severity: P2" not in text.split("expect:")[1]
    assert "tools_called: [" in text.split("expect:")[1]
    assert "qwx-9" not in text, "no tool spoke of it"


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Path:
    playbook = PLAYBOOK.with_name("payment-gateway-single.yaml")
    return run(RunOptions(playbook, runs=tmp_path_factory.mktemp("runs"), offline=True))[1]


def test_a_run_without_a_conclusion_is_refused(
    single: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stopped = tmp_path / "stopped"
    stopped.mkdir()
    whole = (single / JOURNAL).read_bytes()
    (stopped / JOURNAL).write_bytes(whole[: len(whole) // 2])
    code, out, err = sre_run(capsys, "freeze", str(stopped), str(tmp_path / "frozen"))
    assert (code, out) == (2, "")
    assert "has no conclusion" in err
    assert f"hint: Finish it first: sre-run resume {stopped}" in err
    assert not (tmp_path / "frozen").exists()


@pytest.mark.parametrize("taken", ["file-in-it", "file", "dangling"])
def test_nothing_is_overwritten(taken: str, single: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "frozen"
    if taken == "file-in-it":
        target.mkdir()
        (target / "notes").write_text("mine")
    elif taken == "file":
        target.write_text("mine")
    else:
        target.symlink_to(tmp_path / "gone")
    before = sorted(tmp_path.rglob("*"))
    code, out, err = sre_run(capsys, "freeze", str(single), str(target))
    assert (code, out) == (2, "")
    assert taken == "file" or "is not an empty directory" in err
    assert sorted(tmp_path.rglob("*")) == before


def test_a_secret_of_the_environment_is_not_frozen(
    single: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLUSTER_PASSWORD", "payment-gw-def34")
    code, _, err = sre_run(capsys, "freeze", str(single), str(tmp_path / "frozen"))
    assert code == 2
    assert "the value of the variable CLUSTER_PASSWORD is in" in err
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_written(single: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = sre_run(capsys, "freeze", str(single), str(tmp_path / "file" / "below"))
    assert code == 2
    assert err.startswith("error: ")
    assert "journal" not in err


def test_a_tampered_journal(single: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(single, tmp_path / "run")
    text = (tmp_path / "run" / JOURNAL).read_text(encoding="utf-8")
    changed = text.replace('"label":"c1"', '"label":"zz"')
    (tmp_path / "run" / JOURNAL).write_text(changed, encoding="utf-8")
    code, _, err = sre_run(capsys, "freeze", str(tmp_path / "run"), str(tmp_path / "frozen"))
    assert (code, "was changed" in err) == (3, True)
    (tmp_path / "run" / JOURNAL).write_bytes(sealed(changed.splitlines()))
    code, _, err = sre_run(capsys, "freeze", str(tmp_path / "run"), str(tmp_path / "frozen"))
    assert (code, "is not a journal that sre-run wrote" in err) == (3, True)
    assert not (tmp_path / "frozen").exists()


def test_a_resumed_run(single: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = (single / JOURNAL).read_bytes()
    for part in (3, 5, 7):
        folder = tmp_path / f"cut-{part}"
        folder.mkdir()
        (folder / JOURNAL).write_bytes(whole[: len(whole) * part // 8])
        assert sre_run(capsys, "resume", str(folder))[0] == 0
        code, _, err = sre_run(capsys, "freeze", str(folder), str(tmp_path / f"frozen-{part}"))
        assert (code, "the same conclusion" in err) == (0, True)


def test_a_file_that_cannot_be_moved_takes_the_others_back(tmp_path: Path) -> None:
    root, target = tmp_path / "made", tmp_path / "target"
    for folder in (root / "a", root / "b", target / "b" / "in the way"):
        folder.mkdir(parents=True)
    with pytest.raises(OSError, match="not empty"):
        _move(root, target)
    assert sorted(path.name for path in root.iterdir()) == ["a", "b"]
    assert [path.name for path in target.iterdir()] == ["b"]


def test_a_run_on_an_alert(flaky: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = flaky.read_text().replace("Look.", '"{{ service }} fails"\ninputs: {service: {alert: commonLabels.service}}')
    flaky.write_text(text)
    alert = {"labels": {"service": "api {{ x }}", "alertname": "Down"}, "startsAt": "2026-11-22T14:00:00Z"}
    record, folder = run(RunOptions(flaky, runs=tmp_path / "runs", offline=True, alert=[alert]))
    frozen = tmp_path / "frozen"
    assert sre_run(capsys, "freeze", str(folder), str(frozen))[0] == 0
    again, _ = run(RunOptions(frozen / "playbooks" / flaky.name, runs=tmp_path / "again", offline=True))
    for part in ("task", "inputs", "alert", "incident_started_at"):
        assert getattr(again.started.case, part) == getattr(record.started.case, part)
    assert again.started.labels == record.started.labels
    assert answers(again) == answers(record)
    assert again.conclusion == record.conclusion
    assert sre_run(capsys, "test", str(frozen), "--offline")[0] == 0


def test_a_start_that_no_alert_has_is_in_the_next_step(
    flaky: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    started = "2026-11-22T14:00:00+00:00"
    _, folder = run(RunOptions(flaky, runs=tmp_path / "runs", offline=True, started_at=started))
    _, _, err = sre_run(capsys, "freeze", str(folder), str(tmp_path / "frozen"))
    assert f"--offline --started-at {started}\n" in err


def test_the_entries_on_the_page_are_valid(tmp_path: Path) -> None:
    page = (ROOM / "docs" / "freeze.md").read_text(encoding="utf-8")
    answers = parse(page.split("```yaml\n")[1].split("```")[0], "page").data["answers"]
    pods = {"properties": {"namespace": {"type": "string"}, "selector": {"type": "object"}}, "type": "object"}
    tool = {"description": "Pods.", "input_schema": pods, "simulated": {"answers": answers}}
    for folder in ("agents.d", "tools.d"):
        (tmp_path / folder).mkdir()
    (tmp_path / "tools.d" / "all.yaml").write_text(written({"tools": {"list_pods": tool}}), encoding="utf-8")
    assert [problem.message for problem in validate([tmp_path]).problems if not problem.warning] == []
