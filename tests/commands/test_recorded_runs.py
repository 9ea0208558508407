"""`resume`, `replay` and `vote`: what they print, what they exit with, and that nothing finished is paid for twice."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from kept import cut_to
from loopback import Loopback, reply, text
from sealing import sealed
from team import PLAYBOOK, scripts

from sre_runner.cli import main
from sre_runner.errors import ServiceError
from sre_runner.journal.file import JOURNAL, read
from sre_runner.journal.record import fold, record_of
from sre_runner.models.offline.notice import BRIEFLY, REHEARSAL
from sre_runner.runs.options import RunOptions
from sre_runner.runs.resume import resume
from sre_runner.runs.run import run

ROOM = str(PLAYBOOK.parents[1])


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(RunOptions(PLAYBOOK, runs=tmp_path_factory.mktemp("runs"), offline=True))[1]


@pytest.fixture
def stopped(rehearsed: Path, tmp_path: Path) -> Path:
    """The same run, killed in the middle of a line."""
    folder = tmp_path / rehearsed.name
    folder.mkdir()
    whole = (rehearsed / JOURNAL).read_bytes()
    (folder / JOURNAL).write_bytes(whole[: len(whole) * 2 // 3])
    return folder


def sre_run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[Any, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def test_resume_goes_on_and_prints_the_conclusion(
    stopped: Path, rehearsed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = sre_run(capsys, "resume", str(stopped))
    assert code == 0, err
    assert "**Severity: P1**" in out
    assert record_of(stopped).conclusion == record_of(rehearsed).conclusion
    assert json.loads((stopped / "run.json").read_text())["status"] == "complete"


def test_a_whole_run_has_nothing_to_resume(rehearsed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (rehearsed / JOURNAL).read_bytes()
    code, out, err = sre_run(capsys, "resume", str(rehearsed), "--json", "-q")
    assert (code, json.loads(out)["run"]) == (0, rehearsed.name)
    assert "there is nothing to resume" in err
    assert (rehearsed / JOURNAL).read_bytes() == before


def test_replay_says_that_it_comes_to_the_same(rehearsed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = sre_run(capsys, "replay", str(rehearsed))
    assert code == 0
    assert "the same conclusion" in err
    assert "**Severity: P1**" in out


def test_a_replay_that_would_have_to_call_names_the_call(stopped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = sre_run(capsys, "replay", str(stopped))
    assert (code, out) == (1, "")
    assert "the journal has no such" in err


@pytest.mark.parametrize("options", [[], ["--json"], ["--set", "description=another"]])
def test_a_replay_that_cannot_be_printed_is_no_other_conclusion(
    rehearsed: Path, options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    full = os.open("/dev/full", os.O_WRONLY)
    with contextlib.suppress(OSError), open(full, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        code, _, err = sre_run(capsys, "replay", str(rehearsed), *options)
        assert code == 3
        assert "the result cannot be printed: No space left on device" in err


@pytest.mark.parametrize("verb", ["resume", "replay", "vote"])
def test_a_folder_that_is_no_run(verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = sre_run(capsys, verb, str(tmp_path))
    assert code == 2
    assert "is no run: it has no journal.jsonl" in err


@pytest.mark.parametrize(
    "verb",
    [["resume"], ["replay"], ["vote"], [str(PLAYBOOK), "--offline", "--reuse"], ["diff", ROOM, ROOM, "--replay"]],
    ids=["resume", "replay", "vote", "reuse", "diff"],
)
def test_a_journal_that_makes_no_sense(
    verb: list[str], rehearsed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    no_number = '{"event":"call_finished","at":1,"call":[],"outcome":"answer"}\n'
    lines = (rehearsed / JOURNAL).read_text().splitlines()
    (tmp_path / JOURNAL).write_bytes(sealed([*lines, no_number]))
    code, out, err = sre_run(capsys, *verb, str(tmp_path))
    assert (code, out) == (3, "")
    assert re.match(rf"error: {re.escape(str(tmp_path / JOURNAL))}:\d+: not a journal entry: ", err)


def test_diff_takes_a_run_as_every_other_command_does(
    rehearsed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = (str(ROOM), str(ROOM))
    for runs, word in (("--runs", "last"), ("--runs", rehearsed.name)):
        code, out, err = sre_run(capsys, "diff", *sides, runs, str(rehearsed.parent), "--replay", word, "--json")
        assert code == 0, err
        assert [each["name"] for each in json.loads(out)["results"]] == [rehearsed.name]
    monkeypatch.setenv("SRE_RUN_RUNS", str(rehearsed.parent))
    assert sre_run(capsys, "diff", *sides, "--replay", "last")[0] == 0
    code, _, err = sre_run(capsys, "diff", *sides, "--replay", f"{rehearsed.name}x")
    assert (code, f"Did you mean `{rehearsed.name}`?" in err) == (2, True)


def test_votes_are_taken_again_by_every_rule(rehearsed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = sre_run(capsys, "vote", str(rehearsed))
    assert code == 0
    assert "| **majority** | P1 | 2 of 2 ballots are for P1 |" in out
    assert "| median | P1 |" in out
    assert out.startswith(f"> **{REHEARSAL}**\n\n")
    assert out.endswith(f"\n\n> **{REHEARSAL}**\n")
    code, out, _ = sre_run(capsys, "vote", str(rehearsed), str(rehearsed), "--json")
    rows = json.loads(out)
    assert list(rows[0]) == page_keys("The JSON of vote")
    assert all(row["rehearsal"] is True for row in rows)
    assert len(rows) == 14
    assert [row["rule"] for row in rows if row["decided"]] == ["majority"] * 2


def test_rehearsals_among_runs_with_a_model_are_named(rehearsed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = rehearsed.with_name("with-a-model")
    shutil.copytree(rehearsed, other)
    header, *rest = (other / JOURNAL).read_text(encoding="utf-8").splitlines(keepends=True)
    header = json.dumps({**json.loads(header), "model": "anthropic"})
    (other / JOURNAL).write_bytes(sealed([header, *rest]))
    _, out, _ = sre_run(capsys, "vote", str(rehearsed), str(other))
    assert out.count(f"> **{BRIEFLY} {rehearsed.name}**\n") == 2
    assert "Rehearsal" not in sre_run(capsys, "vote", str(other))[1]
    shutil.rmtree(other)


def page_keys(section: str) -> list[str]:
    """The keys that a section of docs/past-runs.md describes."""
    page = (PLAYBOOK.parents[1] / "docs" / "past-runs.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `(\w+)` \|", page.split(f"## {section}\n")[1].split("\n## ")[0], re.MULTILINE)


def test_the_json_of_a_replay_under_another_configuration_is_as_the_page_describes_it(
    rehearsed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for setting in ("coordinator.votes.severity.rule=median", "coordinator.strategy=sequential"):
        told = json.loads(sre_run(capsys, "replay", str(rehearsed), "--set", setting, "--json")[1])
        assert list(told) == page_keys("The JSON of a replay under another configuration")
        assert told["notice"] == told["closing_notice"] == REHEARSAL
        for verdicts in told["verdicts"].values():
            assert [list(verdict) for verdict in verdicts] == [["vote", "rule", "value", "reason"]]
        out = sre_run(capsys, "replay", str(rehearsed), "--set", setting)[1]
        assert out.startswith(f"> **{REHEARSAL}**\n\n# ")
        assert out.endswith(f"\n\n> **{REHEARSAL}**\n")


def test_runs_without_votes(rehearsed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    playbook = PLAYBOOK.with_name("payment-gateway-single.yaml")
    folder = run(RunOptions(playbook, runs=tmp_path, offline=True, settings=[("coordinator.votes", "{}")]))[1]
    assert sre_run(capsys, "vote", str(folder))[:2] == (0, "No votes were recorded in these runs.\n")


def test_a_run_with_a_model_never_goes_on_as_a_rehearsal(stopped: Path) -> None:
    lines = (stopped / JOURNAL).read_text().splitlines()[:-1]
    lines[0] = lines[0].replace('"model":"offline"', '"model":"anthropic"')
    (stopped / JOURNAL).write_bytes(sealed(lines))
    with pytest.raises(ServiceError):
        resume(stopped)


def test_a_write_that_had_started_is_never_silently_repeated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    playbook = PLAYBOOK.with_name("triage-to-verification.yaml")
    options = RunOptions(playbook, runs=tmp_path, offline=True, allow_every_write=True)
    folder = run(options)[1]
    lines = (folder / JOURNAL).read_text().splitlines(keepends=True)
    wanted = ('"kind":"tool"', '"name":"rollback_deployment"')
    place = next(number for number, line in enumerate(lines) if all(part in line for part in wanted))
    cut_to(folder, lines[: place + 1])
    code, _, err = sre_run(capsys, "resume", str(folder))
    assert code == 2
    assert "nobody knows whether it was done: rollback_deployment" in err
    for assumed in ("done", "not-done"):
        copy = tmp_path / assumed
        shutil.copytree(folder, copy)
        code, _, err = sre_run(capsys, "resume", str(copy), "--assume", assumed, "--allow-write", "rollback_deployment")
        assert code == 0, err
        made = [c for c in fold(read(copy / JOURNAL)).calls_of("tool") if c.request.name == "rollback_deployment"]
        assert len(made) == (1 if assumed == "done" else 2)
        lines = (copy / JOURNAL).read_text().splitlines(keepends=True)
        cut_to(copy, lines[:-2])
        assert sre_run(capsys, "resume", str(copy))[0] == 0, "it is known now"


def test_a_write_that_was_withheld_is_made_where_a_resume_allows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    playbook = PLAYBOOK.with_name("triage-to-verification.yaml")
    folder = run(RunOptions(playbook, runs=tmp_path, offline=True))[1]
    code, _, err = sre_run(capsys, "resume", str(folder), "--allow-write", "list_pods")
    assert code == 2
    assert "`list_pods` is no write tool" in err
    for _ in range(2):
        code, _, err = sre_run(capsys, "resume", str(folder), "--allow-write", "rollback_deployment", "-q")
        assert code == 0, err
        record = record_of(folder)
        writes = [call for call in record.calls_of("tool") if call.request.name == "rollback_deployment"]
        assert [call.outcome and call.outcome.outcome for call in writes] == ["denied", "answer"]
        assert record.conclusion
        assert not record.conclusion.proposals
    assert "there is nothing to resume" in err
    assert sre_run(capsys, "replay", str(folder))[0] == 0


def test_a_run_that_was_killed_pays_only_for_what_was_in_flight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = scripts()
    with Loopback({**usual, "You conclude the investigation": [reply(text("never comes")).after(60)]}) as server:
        program = "from sre_runner.cli import main; main()"
        command = [sys.executable, "-c", program, str(PLAYBOOK), "--runs", str(tmp_path), "-q"]
        with subprocess.Popen(command, env={**os.environ, **server.environ}) as process:
            deadline = time.monotonic() + 60
            while not server.of("You conclude the investigation"):
                assert time.monotonic() < deadline
                time.sleep(0.02)
            process.send_signal(signal.SIGKILL)
    (folder,) = tmp_path.iterdir()
    with Loopback({"You conclude": usual["You conclude the investigation"]}) as second:
        for name, value in second.environ.items():
            monkeypatch.setenv(name, value)
        record = resume(folder)
    assert record.exit_code == 0
    assert len(second.requests) == 1
    assert record.conclusion
    assert record.conclusion.by_model


def test_a_run_that_ended_at_its_budget_goes_on_with_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    single = PLAYBOOK.with_name("payment-gateway-single.yaml")
    settings = [("budget", "{model_calls: 4}"), ("coordinator.votes", "{}")]
    folder = run(RunOptions(single, runs=tmp_path, offline=True, settings=settings))[1]
    before = record_of(folder)
    denied = [call for call in before.calls_of("model") if call.outcome and call.outcome.outcome == "denied"]
    assert denied
    code, _, err = sre_run(capsys, "resume", str(folder), "--budget", "model_calls=40", "-q")
    assert code == 0, err
    made = [call for call in record_of(folder).calls_of("model") if call.outcome and call.outcome.outcome == "answer"]
    assert len(made) > len(before.calls_of("model")) - len(denied)


@pytest.mark.parametrize("limit", ["tokens", "tokens=", "tokens=none", "tokens=0", "turns=3", "usd=inf", "usd=nan"])
def test_what_is_no_limit_is_refused(rehearsed: Path, limit: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = sre_run(capsys, "resume", str(rehearsed), "--budget", limit)
    assert code == 2
    assert "no limit" in err or "no number above 0" in err
