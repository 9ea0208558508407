"""One run from wishes to a record: folders, credentials, secrets, signals, exit codes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from building import CASE
from loopback import Loopback, reply, text, use
from team import submit

from sre_runner.casefile import Conclusion
from sre_runner.errors import ConfigError, ExitCode, RunnerError, ServiceError
from sre_runner.journal.events import CallFinished, CallStarted, Concluded, Entry, Event, RunStarted
from sre_runner.journal.file import read
from sre_runner.journal.record import fold
from sre_runner.runs.open_run import exit_code_of
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import choose_model, new_folder, run

PLAYBOOK = Path(__file__).parents[1].parent / "playbooks" / "payment-gateway.yaml"


def test_a_run_leaves_its_folder_for_the_owner_alone(tmp_path: Path) -> None:
    seen: list[Entry] = []
    options = RunOptions(
        PLAYBOOK,
        runs=tmp_path / "runs",
        labels={"team": "payments"},
        started_at="2026-11-22T14:03:00Z",
        offline=True,
    )
    record, folder = run(options, [seen.append])
    assert re.fullmatch(r"payment-gateway-\d{8}-\d{6}", folder.name)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert list(read(folder / "journal.jsonl")) == seen
    assert record.exit_code == 0
    assert record.rehearsal
    assert record.started.labels == {"team": "payments"}
    assert record.started.case.incident_started_at == "2026-11-22T14:03:00Z"
    for work in record.work.values():
        told = dict(work.assignment.blocks).get("case")
        assert work.assignment.continues if told is None else told["started_at"] == record.started.case.started_at


def test_two_runs_in_one_second_have_two_folders(tmp_path: Path) -> None:
    made = [new_folder(tmp_path / "deep" / "runs", "same") for _ in range(3)]
    assert [folder.name for folder in made] == ["same", "same-2", "same-3"]


def test_a_rehearsal_is_the_same_every_time(tmp_path: Path) -> None:
    conclusions = [run(RunOptions(PLAYBOOK, runs=tmp_path))[0].conclusion for _ in range(2)]
    assert conclusions[0] == conclusions[1]


def test_secrets_of_the_environment_reach_neither_model_nor_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_PASSWORD", "correct-horse-battery")
    options = RunOptions(
        PLAYBOOK,
        runs=tmp_path,
        task="The password correct-horse-battery does not work\x1b[2J.",
        inputs={"service": "correct-horse-battery"},
        labels={"why": "correct-horse-battery"},
    )
    record, folder = run(options)
    journal = (folder / "journal.jsonl").read_text()
    assert "correct-horse" not in journal
    assert "\\u001b" not in journal
    assert "does not work" in record.started.case.task


def test_problems_of_the_configuration_come_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        run(RunOptions(PLAYBOOK, runs=tmp_path / "runs", settings=[("coordinator.strategy", "nonsense")]))
    assert not (tmp_path / "runs").exists()


def test_what_is_no_write_tool_cannot_be_allowed(tmp_path: Path) -> None:
    with pytest.raises(RunnerError, match="`list_pods` is no write tool of an agent of payment-gateway"):
        run(RunOptions(PLAYBOOK, runs=tmp_path / "runs", allow_write=["list_pods"]))
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("offline", "environ", "kind"),
    [
        (False, {}, "offline"),
        (True, {"ANTHROPIC_API_KEY": "k"}, "offline"),
        (False, {"ANTHROPIC_API_KEY": "k"}, "anthropic"),
        (False, {"ANTHROPIC_AUTH_TOKEN": "k"}, "anthropic"),
        (False, {"ANTHROPIC_BASE_URL": "http://localhost:1"}, "anthropic"),
    ],
)
def test_a_rehearsal_happens_by_itself_only_without_any_sign_of_credentials(
    tmp_path: Path, offline: bool, environ: dict[str, str], kind: str
) -> None:
    assert choose_model(offline, environ, tmp_path) == kind


def test_a_base_url_without_a_key_is_an_error_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    with pytest.raises(ServiceError):
        run(RunOptions(PLAYBOOK, runs=tmp_path / "runs"))
    assert not (tmp_path / "runs").exists()


FAILED = (CallStarted(1, "model", "conclude", "d", 1, "m", {}), CallFinished(1, "failed", error="x"))


@pytest.mark.parametrize(
    ("conclusion", "events", "code"),
    [
        (Conclusion({}, by_model=True), (), ExitCode.OK),
        (Conclusion({}, by_model=True), FAILED, ExitCode.OK),
        (Conclusion({}, by_model=True, missing=("a",)), (), ExitCode.PARTIAL),
        (Conclusion({}, by_model=True, missing=("a",)), FAILED, ExitCode.PARTIAL),
        (Conclusion({}, by_model=False), (), ExitCode.PARTIAL),
        (Conclusion({}, by_model=False), FAILED, ExitCode.SERVICE),
    ],
)
def test_exit_codes(conclusion: Conclusion, events: tuple[Event, ...], code: ExitCode) -> None:
    started = RunStarted("r", CASE, {}, "d", "anthropic", {})
    assert exit_code_of(fold(Entry(0, event) for event in (started, *events, Concluded(conclusion)))) == code


def begun(server: Loopback, tmp_path: Path, *options: str) -> tuple[subprocess.Popen[str], Path]:
    """A real process that has sent its first request, and its journal."""
    main = "from sre_runner.cli import main; main()"
    command = [sys.executable, "-c", main, "run", str(PLAYBOOK), "--runs", str(tmp_path), *options]
    environ = {**os.environ, **server.environ}
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: bool(server.requests), process)
    (journal,) = tmp_path.glob("*/journal.jsonl")
    return process, journal


def wait_for(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


def test_the_first_signal_concludes_with_what_is_there(tmp_path: Path) -> None:
    """That of a system; Ctrl-C is pressed in tests/commands/test_run_command.py."""
    with Loopback({"You lead": [reply(text("late")).after(60)]}) as server:
        process, journal = begun(server, tmp_path)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    record = fold(read(journal))
    assert (process.returncode, record.exit_code) == (3, 3), err
    assert record.conclusion
    assert not record.conclusion.by_model
    assert "interrupted" in out
    assert "Traceback" not in err


def test_the_second_signal_ends_at_once_and_the_journal_is_whole(tmp_path: Path) -> None:
    late = reply(text("late")).after(60)
    scripts = {"log analyst": [reply(use("search_logs", {})), submit(findings=[])], "You conclude": [late]}
    for other in ("Kubernetes", "runbook advisor"):
        scripts[other] = [late]
    with Loopback(scripts) as server:
        process, journal = begun(server, tmp_path, "--set", "coordinator={synthesizer: synthesizer}")
        wait_for(lambda: journal.read_text().count("assignment_finished") == 1, process)
        process.send_signal(signal.SIGINT)
        wait_for(lambda: bool(server.of("You conclude")), process)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert fold(read(journal)).exit_code == 130
    assert str(journal.parent) in err
    assert "Traceback" not in err
