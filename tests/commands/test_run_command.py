from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from building import FOUND
from loopback import Loopback, Step, error, reply, use
from programs_run import CONCLUSION, FILES, PROGRAM, SLOW, script
from terminals import plain

from sre_runner.cli import main
from sre_runner.commands.run import conclude
from sre_runner.journal.file import read
from sre_runner.journal.record import fold
from sre_runner.models.offline.notice import REHEARSAL, UNASKED
from sre_runner.testing.expectations.check import Expectation


@pytest.fixture(autouse=True)
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration of one specialist, in the working directory."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sre_run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str, str]]:
    """`sre-run playbooks/checkout.yaml` with these arguments, against a server that plays a script."""

    def run(*arguments: str, plays: Any = None) -> tuple[int, str, str]:
        with Loopback(script() if plays is None else plays) as server:
            for name, value in server.environ.items():
                monkeypatch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main(["playbooks/checkout.yaml", *arguments])
        printed = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, printed.out, printed.err

    return run


def the_run() -> Path:
    (folder,) = Path("runs").iterdir()
    return folder


def test_the_conclusion_goes_to_stdout_and_progress_to_stderr(sre_run: Any) -> None:
    code, out, err = sre_run()
    assert code == 0
    assert out.startswith("# Checkout is down\n")
    for part in (
        "**Severity: P1**",
        "- `status: OOMKilled`: **pods/f1**, c1 `list_pods`",
        "1. Roll back.",
        "Rehearsal",
    ):
        assert (part in out) is (part != "Rehearsal")
    assert re.search(r"^ +\d+\.\ds  pods: turn 1 of \d+$", err, re.MULTILINE)
    assert re.search(r"^ +\d+\.\ds  pods: c1 list_pods\(\)$", err, re.MULTILINE)
    assert err.endswith(f"kept in {the_run()}: journal.jsonl, conclusion.md, run.json\n")


def test_a_run_leaves_its_journal_its_conclusion_and_its_json_for_its_owner(sre_run: Any) -> None:
    _, out, _ = sre_run("--quiet", "--full")
    folder = the_run()
    assert folder.name.startswith("checkout-")
    assert {path.name for path in folder.iterdir()} == {"journal.jsonl", "conclusion.md", "run.json"}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert (folder / "conclusion.md").read_text() == out
    assert "## How it was done" in out
    assert json.loads((folder / "run.json").read_text())["run"] == folder.name
    assert fold(read(folder / "journal.jsonl")).exit_code == 0


def test_json_is_one_object_the_same_as_the_file(sre_run: Any) -> None:
    code, out, _ = sre_run("--json")
    assert code == 0
    assert json.loads(out)["conclusion"]["fields"] == CONCLUSION
    assert out == (the_run() / "run.json").read_text()


def test_quiet_says_nothing_on_stderr(sre_run: Any) -> None:
    assert sre_run("-q")[2] == ""


def test_what_the_options_say_is_what_the_run_has(sre_run: Any, room: Path) -> None:
    given = ["--input", "service=check=out", "--label", "team=payments", "--label", "empty=", "--quiet", "--json"]
    given += ["--started-at", "2026-11-22 14:23+01:00", "--task", "Look.", "--runs", "kept/here", "--config", str(room)]
    _, out, _ = sre_run(*given)
    data = json.loads(out)
    assert data["case"]["inputs"] == {"service": "check=out"}
    assert data["case"]["task"] == "Look."
    assert data["case"]["incident_started_at"] == "2026-11-22T14:23:00+01:00"
    assert data["labels"] == {"team": "payments", "empty": ""}
    assert Path("kept/here", data["run"], "run.json").exists()


def test_a_time_without_an_offset_is_local(
    sre_run: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        _, out, _ = sre_run("--json", "--started-at", "2026-11-22T14:23:00")
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()
    assert json.loads(out)["case"]["incident_started_at"] == "2026-11-22T14:23:00+05:30"


def test_set_changes_the_playbook(sre_run: Any) -> None:
    single = {"pods": [reply(use("list_pods")), reply(use("submit_report", {**FOUND, **CONCLUSION}))]}
    settings = ["--set", "coordinator={strategy: single}", "--set", "description=Changed"]
    code, out, _ = sre_run(*settings, plays=single)
    assert code == 0
    assert out.startswith("# Changed\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--input", "service"], "'service' is not of the form name=value"),
        (["--label", "=x"], "'=x' is not of the form name=value"),
        (["--started-at", "yesterday"], "'yesterday' is not a time in ISO 8601"),
        (["--started-at", "0001-01-01"], "'0001-01-01' is not a time in ISO 8601"),
        (["--runs", "playbooks/checkout.yaml"], "is a file"),
        (["--config", "nowhere"], "does not exist"),
        (["--set", "coordinator.strateggy=single"], "strategy"),
        (["--input", "servce=x"], "service"),
    ],
)
def test_what_cannot_be_used_is_told_before_anything_is_done(sre_run: Any, arguments: list[str], said: str) -> None:
    code, out, err = sre_run(*arguments, plays={})
    assert (code, out) == (2, "")
    assert said in " ".join(err.split())
    assert "Traceback" not in err
    assert not Path("runs").exists()


def test_a_problem_in_a_file_is_told_with_its_place(sre_run: Any, room: Path) -> None:
    (room / "agents.d" / "pods.yaml").write_text("description: Pods.\nprompt: You.\ntols: [list_pods]\n")
    code, out, err = sre_run(plays={})
    assert (code, out) == (2, "")
    assert "agents.d/pods.yaml:3:1: " in err
    assert "tols: [list_pods]\n" in err


EXPECT = "expect: {verdicts: {severity: P1}, mentions: [memory], tools_called: [list_pods], min_findings_verified: 1}\n"


def expecting(room: Path, expect: str) -> None:
    with (room / "playbooks" / "checkout.yaml").open("a") as file:
        file.write(expect)


def test_check_tells_each_expectation_and_keeps_them_in_the_json(sre_run: Any, room: Path) -> None:
    expecting(room, EXPECT)
    code, out, err = sre_run("--check", "--json", "--quiet")
    assert code == 0
    assert err == (
        "ok: the conclusion is complete\nok: the verdict of severity is P1\nok: the conclusion mentions 'memory'\n"
        "ok: list_pods is called\nok: at least 100% of the findings are verified\n"
    )
    data = json.loads(out)
    assert [each["holds"] for each in data["expectations"]] == [True] * 5
    assert {each["found"] for each in data["expectations"]} == {None}
    assert data["exit_code"] == 0


def test_an_expectation_that_does_not_hold_exits_with_1(sre_run: Any, room: Path) -> None:
    expecting(room, EXPECT.replace("P1", "P3"))
    code, out, err = sre_run("--check")
    assert code == 1
    assert out.startswith("# Checkout is down\n")
    assert "\nFAILED: the verdict of severity is P3, but it is P1\n" in err
    assert "\nok: the conclusion mentions 'memory'\n" in err
    data = json.loads((the_run() / "run.json").read_text())
    assert (data["exit_code"], data["status"]) == (1, "complete")
    assert data["expectations"][1] == {
        "expected": "the verdict of severity is P3",
        "holds": False,
        "found": "it is P1",
        "evidence": ["incident_summary: Checkout is down."],
    }


def test_an_unverified_finding_fails_the_check_for_it_and_is_marked(sre_run: Any, room: Path) -> None:
    expecting(room, EXPECT)
    lie = {"statement": "The disk is full.", "evidence": [{"call": "c1", "quote": "No space left"}]}
    lying = [reply(use("list_pods")), *[reply(use("submit_report", {**FOUND, "findings": [lie]}))] * 2]
    code, out, err = sre_run("--check", plays={**script(), "pods": lying})
    assert code == 1
    assert "FAILED: at least 100% of the findings are verified, but 0 of 1 are\n" in err
    assert "**pods/f1** (**unverified**)" in out
    whole = (the_run() / "conclusion.md").read_text()
    assert "**pods/f1** (**unverified: the quote does not stand in the answer of c1**)" in whole


def test_what_is_expected_is_not_checked_without_being_asked(sre_run: Any, room: Path) -> None:
    expecting(room, EXPECT.replace("P1", "P3"))
    code, out, err = sre_run("--json")
    assert code == 0
    assert "FAILED" not in err
    assert json.loads(out)["expectations"] is None


def test_a_partial_conclusion_goes_before_a_check_that_failed(sre_run: Any, room: Path) -> None:
    expecting(room, EXPECT.replace("P1", "P3"))
    (room / "agents.d" / "more.yaml").write_text("description: More.\nprompt: You fail.\ntools: [list_pods]\n")
    failing = {**script(), "you fail": [reply({"type": "text", "text": "I cannot."}, stop="refusal")]}
    code, _, err = sre_run("--check", "--set", "specialists=[pods, more]", plays=failing)
    assert code == 3
    assert "FAILED: the verdict of severity is P3, but it is P1" in err


def test_a_check_of_a_playbook_that_expects_nothing_says_so(sre_run: Any) -> None:
    code, out, err = sre_run("--check", "--quiet", "--json")
    assert (code, err) == (0, "note: --check has nothing to do, as the playbook has no `expect`\n")
    assert json.loads(out)["expectations"] == []


@pytest.fixture
def writing(room: Path) -> dict[str, Any]:
    """The specialist has a tool that writes, and what is played calls it."""
    tools, agent = room / "tools.d" / "pods.yaml", room / "agents.d" / "pods.yaml"
    restart = (
        "  restart:\n    description: Restart.\n    input_schema: {type: object, properties: {pod: {type: string}}}\n"
    )
    tools.write_text(f"{tools.read_text()}{restart}    effect: write\n    simulated: {{answers: [{{return: done}}]}}\n")
    agent.write_text(agent.read_text().replace("[list_pods]", "[list_pods, restart]"))
    calls = use("list_pods"), use("restart", {"pod": "checkout-1"})
    return {**script(), "pods": [reply(*calls), reply(use("submit_report", FOUND))]}


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ([], False),
        (["--allow-write"], True),
        (["--allow-write", "--quiet"], True),
        (["--allow-write=restart"], True),
        (["--allow-write", "restart", "--allow-write=restart"], True),
    ],
)
def test_a_write_is_proposed_and_made_only_where_it_was_allowed(
    sre_run: Any, writing: Any, given: list[str], written: bool
) -> None:
    code, out, err = sre_run(*given, plays=writing)
    assert code == 0
    assert (
        '- **Not executed, needs your approval:** `restart(pod="checkout-1")`, proposed by pods: '
        f"`sre-run resume {the_run().name} --allow-write restart`" in out
    ) is not written
    assert ('## Changed by this run\n\n- `restart(pod="checkout-1")`: done' in out) is written
    assert ("Changed by this run: nothing." in out) is not written
    whole = (the_run() / "conclusion.md").read_text()
    assert ('- `restart(pod="checkout-1")`, by pods after ' in whole) is written
    assert ("Tool calls: 2 (1 withheld)" in whole) is not written
    assert ("pods: c2 restart: blocked: needs --allow-write" in err) is not written
    output = [call["output"] for call in json.loads((the_run() / "run.json").read_text())["calls"] if call["label"]][1]
    assert (output["text"] == "done") is written


@pytest.mark.parametrize("before", [["--allow-write"], ["--quiet", "--allow-write"], ["run", "--allow-write"]])
def test_allow_write_does_not_take_the_playbook_for_a_tool(
    writing: Any, before: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Loopback(writing) as server:
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main([*before, "playbooks/checkout.yaml"])
    assert ended.value.code == 0
    assert "withheld" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--allow-write=restrat"], "`restrat` is no write tool of an agent of checkout hint: Did you mean `restart`?"),
        (["--allow-write=list_pods"], "`list_pods` is no write tool of an agent of checkout"),
        (["--allow-write="], "'' is not the name of a tool"),
        (["--allow-write=a b"], "'a b' is not the name of a tool"),
    ],
)
def test_a_write_that_cannot_be_allowed_is_told(sre_run: Any, writing: Any, given: list[str], said: str) -> None:
    code, out, err = sre_run(*given, plays={})
    assert (code, out) == (2, "")
    assert said in " ".join(err.split())
    assert not Path("runs").exists()


def test_a_specialist_that_fails_makes_the_conclusion_partial(sre_run: Any, room: Path) -> None:
    (room / "agents.d" / "more.yaml").write_text("description: More.\nprompt: You fail.\ntools: [list_pods]\n")
    failing = {**script(), "you fail": [reply({"type": "text", "text": "I cannot."}, stop="refusal")]}
    code, out, err = sre_run("--set", "specialists=[pods, more]", plays=failing)
    assert code == 3
    assert "**This conclusion is partial:**" in out
    assert "## Missing or unverified\n\n- more (investigate/more) failed" in out
    assert "concluded, in part" in err


def test_credentials_that_are_refused_leave_a_conclusion_without_a_model(sre_run: Any) -> None:
    code, out, err = sre_run(plays={"pods": [error(401, "invalid x-api-key")]})
    assert code == 4
    assert "No model drew this conclusion" in out
    assert "- What may help: Check ANTHROPIC_API_KEY" in out
    lines = err.splitlines()
    assert [line for line in lines if line.startswith("error: ")] == lines[-2:-1]
    assert lines[-2].startswith("error: the model service answered 401 authentication_error, request req_")
    assert lines[-1].startswith("hint: Check ANTHROPIC_API_KEY")
    code, out, err = sre_run("--json", "--quiet", plays={"pods": [error(404, "no such model")]})
    data = json.loads(out)
    assert data["conclusion"]["hints"] == [data["assignments"][0]["hint"]] == [data["calls"][0]["hint"]]
    assert "no such model" in err
    assert data["assignments"][0]["hint"] in err


def test_without_any_sign_of_credentials_it_is_a_rehearsal_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "playbooks/checkout.yaml"])
    printed = capsys.readouterr()
    assert ended.value.code == 4
    assert printed.err.endswith(f"{UNASKED}\n")
    assert printed.out.startswith(f"> **{REHEARSAL}**")
    assert printed.err.startswith(REHEARSAL)


def test_a_disk_that_does_not_take_the_conclusion_still_has_it_printed(
    sre_run: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _, out, _ = sre_run("--quiet")
    record = fold(read(the_run() / "journal.jsonl"))
    failed = [Expectation("x is called", False, "called were: none")]
    assert conclude(record, tmp_path / "gone", "screen", quiet=False, checked=failed) == 3
    capsys.readouterr()
    assert conclude(record, tmp_path / "gone", "screen", quiet=False) == 3
    printed = capsys.readouterr()
    assert printed.out == out
    missing = tmp_path / "gone" / "conclusion.md"
    assert printed.err == (
        f"error: {missing} cannot be written: No such file or directory. The conclusion is printed all the same.\n"
    )


def test_a_full_disk_behind_stdout_is_told(sre_run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        code, _, err = sre_run()
    assert code == 3
    assert err.endswith("error: the result cannot be printed: No space left on device\n")
    assert "**Severity: P1**" in (the_run() / "conclusion.md").read_text()


def test_readers_that_go_away_cost_nothing(sre_run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pipes = [os.pipe(), os.pipe()]
    for name, (reading, writing) in zip(("stdout", "stderr"), pipes, strict=True):
        os.close(reading)
        monkeypatch.setattr(sys, name, os.fdopen(writing, "w"))
    streams = (sys.stdout, sys.stderr)
    assert sre_run()[0] == 0
    assert "**Severity: P1**" in (the_run() / "conclusion.md").read_text()
    for stream in streams:
        stream.close()  # what was left has been let go, so that Python does not fail at exit


def test_on_a_terminal_progress_is_a_table_and_the_conclusion_is_rendered(
    sre_run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    main_end, other = pty.openpty()
    parts: list[bytes] = []

    def read_all() -> None:
        while True:
            try:
                parts.append(os.read(main_end, 65536))
            except OSError:
                return

    reader = threading.Thread(target=read_all)
    reader.start()
    for name, value in (("TERM", "xterm-256color"), ("COLUMNS", "80"), ("LINES", "40")):
        monkeypatch.setenv(name, value)
    for name in ("CI", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    with os.fdopen(other, "w") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        monkeypatch.setattr(sys, "stderr", terminal)
        code, _, _ = sre_run()
    reader.join()
    os.close(main_end)
    text = b"".join(parts).decode()
    words = plain(text)
    assert code == 0
    assert re.search(r"pods +2 of \d+ +completed", words)
    assert "\x1b[1;36mkubectl rollout undo deployment/checkout" in text
    assert "**" not in words
    assert words.index("completed") < words.index("Severity: P1")
    assert (the_run() / "conclusion.md").read_text().startswith("# Checkout is down\n")


def interrupted(environ: dict[str, str], *moments: str) -> tuple[int, str, str]:
    """A run that is sent SIGINT each time that its stderr has such a text."""
    command = [*PROGRAM, "playbooks/checkout.yaml"]
    with subprocess.Popen(command, stdout=-1, stderr=-1, env=environ, text=True) as process:
        assert process.stderr
        assert process.stdout
        said = ""
        for moment in moments:
            while moment not in said:
                line = process.stderr.readline()
                assert line, said
                said += line
            process.send_signal(signal.SIGINT)
        out, rest = process.communicate(timeout=30)
    return process.returncode, out, said + rest


@pytest.mark.parametrize(
    ("moments", "answer", "code", "concluded"),
    [
        (["c1 wait"], reply(use("submit_conclusion", CONCLUSION)), 3, True),
        (["c1 wait", "lead: turn 1"], reply(use("submit_conclusion", CONCLUSION)).after(25), 130, False),
    ],
)
def test_ctrl_c_once_concludes_with_what_is_there_and_twice_exits(
    room: Path, moments: list[str], answer: Step, code: int, concluded: bool
) -> None:
    for name, text in SLOW.items():
        (room / name).write_text(text)
    playbook = room / "playbooks" / "checkout.yaml"
    playbook.write_text(playbook.read_text().replace("[pods]", "[pods, slow]").replace("parallel", "sequential"))
    with Loopback({**script(answer), "slow": [reply(use("wait"))]}) as server:
        ended, out, err = interrupted({**os.environ, **server.environ}, *moments)
    assert ended == code, err
    assert "Traceback" not in err
    assert ("## Missing or unverified\n\n- slow (investigate/slow) failed" in out) is concluded
    assert ("interrupted, without a conclusion" in err) is not concluded
    record = fold(read(the_run() / "journal.jsonl"))
    assert record.exit_code == code
    assert (the_run() / "conclusion.md").exists() is concluded
