"""`replay --with`, `replay --set` and `--reuse`: a recorded run under another configuration."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from kept import cut_to

from sre_runner.cli import main
from sre_runner.journal.facts import counts, total_cost
from sre_runner.journal.file import JOURNAL
from sre_runner.journal.record import record_of
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A copy of the starter configuration that a test may change."""
    for name in ("agents.d", "tools.d", "playbooks", "runbooks"):
        shutil.copytree(ROOT / name, tmp_path / "room" / name)
    return tmp_path / "room"


@pytest.fixture
def playbook(room: Path) -> Path:
    return room / "playbooks" / "payment-gateway.yaml"


@pytest.fixture
def recorded(playbook: Path, tmp_path: Path) -> Path:
    return run(RunOptions(playbook, runs=tmp_path / "recorded", offline=True))[1]


def sre_run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[Any, str, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(each) for each in arguments])
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_another_rule_diverges_only_in_what_it_decides(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = "coordinator.votes.severity.rule=unanimous"
    code, out, err = sre_run(capsys, "replay", recorded, "--set", rule)
    assert code == 1, err
    calls = len(record_of(recorded).calls)
    assert f"{calls - 1} of {calls} recorded calls are the same; it first diverges in conclude." in out
    assert "| severity | P1, by majority: 2 of 2 ballots are for P1 | P1, by unanimous: " in out
    assert '+[{"vote": "severity", "field": "severity_assessment", "rule": "unanimous"' in out
    code, out, _ = sre_run(capsys, "replay", recorded, "--set", rule, "--json")
    told = json.loads(out)
    assert code == 1
    assert [verdict["rule"] for verdict in told["verdicts"]["now"]] == ["unanimous"]
    assert [(each["kind"], each["assignment"]) for each in told["diverges"]] == [("model", "conclude")]
    assert told["conclusion"] is None


def test_what_the_run_was_set_to_stays_set(playbook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = [("specialists", "[log-analyst, k8s-expert]"), ("coordinator.votes.severity.rule", "unanimous")]
    folder = run(RunOptions(playbook, runs=tmp_path / "set", offline=True, settings=settings))[1]
    code, out, err = sre_run(capsys, "replay", folder, "--set", "coordinator.votes.severity.rule=median")
    assert code == 1, err
    calls = len(record_of(folder).calls)
    assert f"{calls - 1} of {calls} recorded calls are the same; it first diverges in conclude." in out


def test_a_rule_that_no_agent_is_told_of_leads_to_the_end(
    room: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    single = room / "playbooks" / "payment-gateway-single.yaml"
    folder = run(RunOptions(single, runs=tmp_path / "single", offline=True))[1]
    vote = "{severity: {field: severity_assessment, options: [P1, P2, P3, P4], rule: median, otherwise: P1}}"
    code, out, err = sre_run(capsys, "replay", folder, "--set", f"coordinator.votes={vote}")
    assert code == 0, err
    assert "and it comes to its end." in out
    assert "| severity | not reached | P1, by median: " in out
    assert "decided by the rule median" in out


def test_another_prompt_diverges_in_every_specialist_that_has_it(
    recorded: Path, room: Path, playbook: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prompt = room / "agents.d" / "log-analyst.yaml"
    change(prompt, "prompt: |", "prompt: |\n  Read the newest lines first.")
    code, out, _ = sre_run(capsys, "replay", recorded, "--with", playbook)
    assert code == 1
    assert "it first diverges in investigate/log-analyst." in out
    assert "It parts from call" in out
    assert "in the system prompt:" in out
    assert "+Read the newest lines first." in out
    _, _, err = sre_run(capsys, "replay", recorded, "--set", "coordinator.max_parallel=2")
    assert "the files have changed since the run; other than then: agent log-analyst" in err


def test_a_tool_that_is_another_now_is_named(
    recorded: Path, room: Path, playbook: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(room / "tools.d" / "kubernetes.yaml", "OOMKilled", "Evicted")
    code, out, _ = sre_run(capsys, "replay", recorded, "--with", playbook, "--config", room)
    assert code == 1
    assert "is the same, but has no answer, or the tool is another now." in out


def test_a_playbook_with_other_agents(recorded: Path, room: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = sre_run(capsys, "replay", recorded, "--with", room / "playbooks" / "payment-gateway-single.yaml")
    assert code == 1
    assert "0 of " in out
    assert "It has no model call of investigate/generalist at all." in out


def test_files_that_are_gone(recorded: Path, room: Path, playbook: Path, capsys: pytest.CaptureFixture[str]) -> None:
    playbook.unlink()
    code, _, err = sre_run(capsys, "replay", recorded, "--set", "coordinator.max_parallel=2")
    assert code == 2
    assert f"{playbook} is no longer there" in err
    assert sre_run(capsys, "replay", recorded)[0] == 0


def test_a_resume_says_what_has_changed(
    recorded: Path, room: Path, playbook: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = (recorded / JOURNAL).read_bytes()
    conclusion = record_of(recorded).conclusion
    cut_to(recorded, [whole[: len(whole) // 2]])
    change(playbook, "rule: majority", "rule: median")
    change(room / "agents.d" / "k8s-expert.yaml", "prompt: |", "prompt: |\n  Hurry.")
    code, _, err = sre_run(capsys, "resume", recorded, "-q")
    assert code == 0, err
    assert "goes on with the configuration of its journal; changed since: playbook, agent k8s-expert" in err
    assert record_of(recorded).conclusion == conclusion
    change(playbook, "rule: median", "rule: nonsense")
    cut_to(recorded, [whole[: len(whole) // 2]])
    code, _, err = sre_run(capsys, "resume", recorded, "-q")
    assert "changed since: the files have problems now (" in err
    assert code == 0


def reuse(
    capsys: pytest.CaptureFixture[str], playbook: Path, recorded: Path, tmp_path: Path, *more: str
) -> tuple[Any, Path]:
    runs = tmp_path / "new"
    code, _, err = sre_run(capsys, playbook, "--offline", "--reuse", recorded, "--runs", runs, *more)
    assert code == 0, err
    assert f"note: Reusing {recorded.name}: of " in err
    (folder,) = runs.iterdir()
    return err, folder


def used_within(err: str, folder: Path) -> tuple[int, int, int]:
    """How many answers a run used, between what was foretold at least and at most."""
    words = err.split("note: Reusing ")[1].split()
    used = sum(call.outcome.reused for call in record_of(folder).calls.values() if call.outcome)
    return int(words[words.index("least") + 1]), used, int(words[words.index("most") + 1])


def test_a_run_that_is_the_same_costs_nothing(
    recorded: Path, playbook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    err, folder = reuse(capsys, playbook, recorded, tmp_path)
    before, after = record_of(recorded), record_of(folder)
    calls = len(before.calls)
    assert f"of {calls} recorded answers, at least {calls} and at most {calls} can be used again" in err
    assert after.conclusion == before.conclusion
    assert after.started.reuses == recorded.name
    assert after.usage().total == 0
    assert total_cost(after).would_be == 0
    assert counts(after, "model").reused == len(before.calls_of("model"))
    shutil.rmtree(recorded)
    assert sre_run(capsys, "replay", folder)[0] == 0, "its own journal has all that it used"


def test_a_run_that_reuses_another_goes_on_reusing_it(
    recorded: Path, playbook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, folder = reuse(capsys, playbook, recorded, tmp_path)
    whole = (folder / JOURNAL).read_bytes().splitlines(keepends=True)
    conclusion = record_of(recorded).conclusion
    for there in (True, False):
        cut_to(folder, whole[: len(whole) // 2])
        if not there:
            shutil.rmtree(recorded)
        code, _, err = sre_run(capsys, "resume", folder)
        assert code == 0, err
        assert record_of(folder).conclusion == conclusion
        assert (record_of(folder).usage().total == 0) == there
        gone = f"{recorded.name} is no longer there: what only it has answered is asked again."
        assert (gone in record_of(folder).notes) != there


def test_what_was_changed_is_asked_again_and_what_follows_from_it(
    recorded: Path, room: Path, playbook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(room / "agents.d" / "log-analyst.yaml", "prompt: |", "prompt: |\n  Read the newest lines first.")
    err, folder = reuse(capsys, playbook, recorded, tmp_path)
    after = record_of(folder)
    reused = {call.request.scope for call in after.calls.values() if call.outcome and call.outcome.reused}
    asked = {call.request.scope for call in after.calls_of("model") if call.outcome and not call.outcome.reused}
    assert reused >= {"plan", "investigate/k8s-expert", "investigate/runbook-advisor"}
    assert "investigate/log-analyst" in asked
    assert "investigate/k8s-expert" not in asked
    least, used, most = used_within(err, folder)
    assert 0 < least <= used <= most < len(record_of(recorded).calls)


def test_a_rehearsal_and_a_model_do_not_mix(
    recorded: Path, playbook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test")
    code, _, err = sre_run(capsys, playbook, "--reuse", recorded, "--runs", tmp_path / "new")
    assert code == 2
    assert "was a rehearsal, and this would be a run on anthropic: their answers do not mix" in err
    assert "Leave --reuse out, or add --offline." in err
    assert not (tmp_path / "new").exists()


def test_a_write_is_made_by_nobody_whose_whitelist_does_not_allow_it(
    room: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    playbook = room / "playbooks" / "triage-to-verification.yaml"
    folder = run(RunOptions(playbook, runs=tmp_path / "wrote", offline=True, allow_every_write=True))[1]
    _, again = reuse(capsys, playbook, folder, tmp_path)
    made = [
        call.outcome.outcome
        for call in record_of(again).calls_of("tool")
        if call.outcome and call.request.name == "rollback_deployment"
    ]
    assert made == ["denied"]


def test_the_forecast_knows_which_writes_may_be_made(
    room: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    playbook = room / "playbooks" / "triage-to-verification.yaml"
    folder = run(RunOptions(playbook, runs=tmp_path / "wrote", offline=True, allow_every_write=True))[1]
    for number, allowed in enumerate(([], ["--allow-write"])):
        err, again = reuse(capsys, playbook, folder, tmp_path / str(number), *allowed)
        least, used, most = used_within(err, again)
        assert least <= used <= most
        assert (used == len(record_of(folder).calls)) == bool(allowed)


def test_a_secret_in_the_configuration_is_refused_before_it_is_recorded(
    room: Path, playbook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_TOKEN", "s3cr3t-of-the-gateway")
    change(room / "agents.d" / "k8s-expert.yaml", "prompt: |", "prompt: |\n  Use s3cr3t-of-the-gateway.")
    code, _, err = sre_run(capsys, playbook, "--offline", "--runs", tmp_path / "new")
    assert code == 2
    assert "the value of the variable GATEWAY_TOKEN is in agents.k8s-expert.prompt" in err
    assert not (tmp_path / "new").exists()


def test_no_secret_comes_into_a_journal_by_an_option(
    playbook: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "s3cr3t-of-the-gateway"
    monkeypatch.setenv("GATEWAY_TOKEN", secret)
    code, _, err = sre_run(
        capsys, playbook, "--offline", "--runs", tmp_path / "new", "--set", f"description=x # {secret}"
    )
    assert code == 2
    assert "the value of the variable GATEWAY_TOKEN is in options.settings[0][1]" in err
    assert not (tmp_path / "new").exists()
    options = ("--label", f"{secret}=x", "--label", f"x={secret}", "--task", f"Look at {secret}.")
    assert sre_run(capsys, playbook, "--offline", "--runs", tmp_path / "new", *options)[0] == 0
    assert not [path for path in (tmp_path / "new").glob("*/*") if secret in path.read_text()]


def test_a_journal_of_another_format(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = recorded / JOURNAL
    journal.write_text(journal.read_text().replace('"format":2', '"format":3', 1))
    code, _, err = sre_run(capsys, "replay", recorded)
    assert code == 3
    assert "has the format 3, and this version of sre-run reads 1 and 2" in err
