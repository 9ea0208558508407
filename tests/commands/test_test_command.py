"""`sre-run test`: cases run, judged and told, on rehearsals and against a loopback server."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from loopback import Loopback, error, reply, use
from markdown_it import MarkdownIt
from programs_run import CONCLUSION, FILES, PROGRAM, SLOW, script

from sre_runner.cli import main
from sre_runner.commands.init import starter
from sre_runner.journal.record import record_of
from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.review.worst_case import worst_case

EXPECT = "expect: {verdicts: {severity: P1}, mentions: [memory]}\n"
Ran = tuple[int, str, str]


@pytest.fixture(autouse=True)
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration of one specialist with a playbook that expects something, and one that does not."""
    idle = FILES["playbooks/checkout.yaml"]
    for name, text in {**FILES, "playbooks/checkout.yaml": idle + EXPECT, "playbooks/idle.yaml": idle}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sre_run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """`sre-run test` with these arguments; against a server that plays a script, or else without any service."""

    def run(*arguments: str, plays: Any = None) -> Ran:
        with Loopback({} if plays is None else plays) as server:
            for name, value in server.environ.items() if plays is not None else ():
                monkeypatch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main(["test", *arguments])
        printed = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, printed.out, printed.err

    return run


def times(count: int, *conclusions: Any) -> dict[str, Any]:
    """The script of so many runs, with their conclusions."""
    made = [reply(use("submit_conclusion", {**CONCLUSION, **each})) for each in conclusions]
    return {"pods": script()["pods"] * count, "lead": made}


def plain(text: str) -> str:
    """Without what depends on the clock, and on how long the engine's words are."""
    return re.sub(r"\$0\.\d{4}", "$…", re.sub(r"\d+\.\d s", "… s", text))


def test_cases_that_pass_are_a_line_each_and_what_expects_nothing_is_named(sre_run: Callable[..., Ran]) -> None:
    code, out, err = sre_run("--jobs", "1", plays=times(1, {}))
    assert code == 0
    assert plain(out) == (
        "skipped idle  it has neither `expect` nor `tests`\n"
        "passed  checkout/default  … s, $…\n"
        "1 passed, 1 skipped in … s; $…\n"
    )
    assert "note: 1 run on the model service will cost money: at most about $" in err
    (folder,) = Path("runs").iterdir()
    assert {path.name for path in folder.iterdir()} == {"journal.jsonl", "conclusion.md", "run.json"}
    assert all(each["holds"] for each in json.loads((folder / "run.json").read_text())["expectations"])
    assert record_of(folder).started.labels == {"case": "default"}


def test_a_case_that_fails_shows_why(sre_run: Callable[..., Ran]) -> None:
    code, out, _ = sre_run(plays=times(1, {"severity": "P3", "incident_summary": "Some \x1b[31mretries."}))
    assert code == 1
    (folder,) = Path("runs").iterdir()
    assert plain(out) == (
        "skipped idle  it has neither `expect` nor `tests`\n"
        "FAILED  checkout/default  … s, $…\n"
        "  expected: the verdict of severity is P1\n"
        "     found: it is P3\n"
        "           - incident_summary: Some \\x1b[31mretries.\n"
        f"  the run: sre-run show {folder}\n"
        "1 failed, 1 skipped in … s; $…\n"
    )
    assert json.loads((folder / "run.json").read_text())["exit_code"] == 1


@pytest.mark.parametrize(("require", "code"), [("2", 0), ("3", 1)])
def test_enough_of_the_trials_have_to_pass(sre_run: Callable[..., Ran], require: str, code: int) -> None:
    plays = times(3, {}, {"severity": "P3"}, {})
    got, out, err = sre_run(
        "--repeat", "3", "--require", require, "--jobs", "1", "playbooks/checkout.yaml", plays=plays
    )
    assert got == code
    assert f"checkout/default  2 of 3 trials passed, {require} must, " in out
    assert ("trial 2 of 3: FAILED" in out) is (code == 1)
    assert "note: 3 runs on the model service" in err
    assert len(list(Path("runs").iterdir())) == 3


def test_the_worst_that_it_may_cost_is_told_before(room: Path, sre_run: Callable[..., Ran]) -> None:
    from sre_runner.config.loading import load

    (room / "playbooks" / "checkout.yaml").write_text(FILES["playbooks/checkout.yaml"] + EXPECT + "budget: {usd: 2}\n")
    worst = worst_case(load(room / "playbooks" / "checkout.yaml")).usd
    assert worst is not None
    assert worst < 2
    _, _, err = sre_run("--repeat", "2", "--jobs", "1", plays=times(2, {}, {}))
    assert f"at most about ${2 * worst:.2f}\n" in err
    model = "model: {name: qwen3}\n"
    (room / "playbooks" / "checkout.yaml").write_text(FILES["playbooks/checkout.yaml"] + EXPECT + model)
    _, out, err = sre_run(plays=times(1, {}))
    assert "at most about $0.00 and what has no known price\n" in err
    assert out.endswith("; $0.0000 and what has no known price\n")


def test_a_service_that_fails_is_no_failure_of_the_playbook(sre_run: Callable[..., Ran]) -> None:
    refused = [error(400, "no such model")]
    code, out, _ = sre_run("--jobs", "1", plays={"pods": refused})
    assert code == 4
    assert "ERROR   checkout/default" in out
    assert "no model drew a conclusion: " in out


def test_a_run_that_cannot_begin_leaves_the_others_alone(room: Path, sre_run: Callable[..., Ran]) -> None:
    (room / "runs").write_text("a file", encoding="utf-8")
    code, out, _ = sre_run("--offline", "--runs", "runs/inside")
    assert code == 3
    assert "ERROR   checkout/default" in out
    assert "\n  runs/inside: Not a directory\n" in out


def test_a_file_that_changes_while_it_is_tested_is_told(room: Path, sre_run: Callable[..., Ran]) -> None:
    playbook = room / "playbooks" / "checkout.yaml"

    def change(request: Any) -> Any:
        playbook.write_text(playbook.read_text(encoding="utf-8") + "model: claude-opus-5-5\n", encoding="utf-8")
        return reply(use("submit_conclusion", CONCLUSION))

    plays = {"pods": script()["pods"] * 2, "lead": [change, reply(use("submit_conclusion", CONCLUSION))]}
    code, out, _ = sre_run("--repeat", "2", "--jobs", "1", "playbooks/checkout.yaml", plays=plays)
    assert code == 3
    assert "trial 2 of 2: ERROR\n    its files were changed while it ran" in out


def test_a_partial_conclusion_fails_unless_it_is_expected(room: Path, sre_run: Callable[..., Ran]) -> None:
    (room / "agents.d" / "more.yaml").write_text("description: More.\nprompt: You fail.\n", encoding="utf-8")
    playbook = room / "playbooks" / "checkout.yaml"
    text = playbook.read_text(encoding="utf-8").replace("[pods]", "[pods, more]")
    for expect, code in ((EXPECT, 1), ("expect: {status: partial}\n", 0)):
        playbook.write_text(text.replace(EXPECT, expect), encoding="utf-8")
        plays = {**times(1, {}), "you fail": [error(400, "no")]}
        got, out, _ = sre_run("playbooks/checkout.yaml", plays=plays)
        assert got == code, out
        assert ("expected: the conclusion is complete\n     found: it is partial\n" in out) is (code == 1)


def test_problems_and_wrong_options_are_told_before_anything_runs(room: Path, sre_run: Callable[..., Ran]) -> None:
    for arguments, said in (
        (["--repeat", "2", "--require", "3"], "--require 3 is more than --repeat 2"),
        (["--case", "defalt"], "no playbook here has a case `defalt`"),
        (["playbooks/idle.yaml"], "nothing is expected of playbooks/idle.yaml"),
        (["nowhere.yaml"], "there is no file or folder nowhere.yaml"),
        (["--junit", "playbooks/checkout.yaml/report.xml"], "playbooks/checkout.yaml: File exists"),
    ):
        code, out, err = sre_run("--offline", *arguments)
        assert (code, out) == (2, ""), arguments
        assert said in err
    (room / "playbooks" / "idle.yaml").write_text("task: x\nspecialists: [podz]\n", encoding="utf-8")
    code, out, err = sre_run("--offline")
    assert (code, out) == (2, "")
    assert "playbooks/idle.yaml:2:15: there is no agent `podz`" in err
    assert not Path("runs").exists()


def test_json_and_junit_say_the_same(sre_run: Callable[..., Ran]) -> None:
    code, out, err = sre_run("--offline", "--json", "--junit", "made/here/report.xml", "--case", "default")
    data = json.loads(out)
    assert data["exit_code"] == code == 0
    assert data["notice"] == data["closing_notice"] == REHEARSAL
    assert err.splitlines()[0] == err.splitlines()[-1] == REHEARSAL
    assert "passed  checkout/default" in err
    (case,) = data["cases"]
    assert (case["file"], case["outcome"], case["trials"][0]["usd"]) == ("playbooks/checkout.yaml", "passed", 0)
    assert case["trials"][0]["would_be_usd"] > 0
    root = Xml.parse("made/here/report.xml").getroot()
    assert [each.get("name") for each in root.iter("testcase")] == ["default"]


def test_a_report_that_cannot_be_written_is_told_and_is_no_success(room: Path, sre_run: Callable[..., Ran]) -> None:
    def remove(request: Any) -> Any:
        (room / "report.xml").unlink()
        (room / "report.xml").mkdir()
        return reply(use("submit_conclusion", CONCLUSION))

    code, out, err = sre_run("--junit", "report.xml", plays={**times(1), "lead": [remove]})
    assert code == 3
    assert "1 passed" in out
    assert "error: report.xml cannot be written: Is a directory\n" in err


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_lines_that_cannot_be_printed_are_told_once_and_are_no_success(options: list[str]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    with open("/dev/full", "w", encoding="utf-8") as full:
        command = [*PROGRAM, "test", "--offline", *options]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr.count("the result cannot be printed: No space left on device") == 1


def test_every_case_that_is_shipped_passes_without_an_llm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sre_run: Callable[..., Ran]
) -> None:
    """Only those of `tests`: what the playbooks themselves expect is rehearsed elsewhere."""
    root = tmp_path / "shipped"
    for name, text in starter().items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    code, out, _ = sre_run("--offline", "--case", "false-alarm", str(root))
    assert code == 0, out
    assert "passed  triage-to-verification/false-alarm" in out
    assert out.startswith(REHEARSAL)
    assert out.endswith(f"{REHEARSAL}\n")


def interrupted(environ: dict[str, str], *arguments: str) -> Ran:
    """A test that is sent SIGINT where its first case was told, and again where it has said so in a journal."""
    command = [*PROGRAM, "test", "--jobs", "2", *arguments]
    with subprocess.Popen(command, stdout=-1, stderr=-1, env=environ, text=True) as process:
        assert process.stdout
        said = ""
        while "passed" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        process.send_signal(signal.SIGINT)
        wait_for("Interrupted: concluding", "slow")
        process.send_signal(signal.SIGINT)
        rest, err = process.communicate(timeout=30)
    return process.returncode, said + rest, err


def wait_for(words: str, playbook: str) -> None:
    end = time.monotonic() + 20
    while not any(words in path.read_text() for path in Path("runs").glob(f"{playbook}-*/journal.jsonl")):
        assert time.monotonic() < end
        time.sleep(0.05)


def slow_room(room: Path) -> None:
    """A second playbook, one of whose specialists waits."""
    for name, text in SLOW.items():
        (room / name).write_text(text, encoding="utf-8")
    text = (room / "playbooks" / "checkout.yaml").read_text(encoding="utf-8")
    text = text.replace("[pods]", "[pods, slow]").replace("parallel", "sequential")
    (room / "playbooks" / "slow.yaml").write_text(text, encoding="utf-8")


def any_number_of_runs(last: float) -> dict[str, Any]:
    """A script for runs at the same time; every conclusion but the first takes so many seconds."""
    first, second = script()["pods"]
    conclude = reply(use("submit_conclusion", CONCLUSION))
    conclusions = iter([conclude])
    return {
        "pods": lambda request: first if len(request.body["messages"]) == 1 else second,
        "slow": lambda _: reply(use("wait")),
        "lead": lambda _: next(conclusions, conclude.after(last)),
    }


def test_ctrl_c_reports_what_has_ended_and_judges_nothing_else(room: Path) -> None:
    """Twice, in a process of its own: once is enough below."""
    slow_room(room)
    with Loopback(any_number_of_runs(last=25)) as server:
        paths = ("playbooks/checkout.yaml", "playbooks/slow.yaml", "--junit", "report.xml")
        code, out, err = interrupted({**os.environ, **server.environ}, *paths)
    assert code == 130, err
    assert "passed  checkout/default" in out
    assert "interrupted slow/default" in out
    assert "1 passed, 1 interrupted in" in out
    root = Xml.parse("report.xml").getroot()
    assert [root.get(key) for key in ("tests", "failures", "errors")] == ["2", "0", "1"]
    assert "Traceback" not in err


def test_after_ctrl_c_what_is_under_way_concludes_and_nothing_more_begins(sre_run: Callable[..., Ran]) -> None:
    conclude = reply(use("submit_conclusion", CONCLUSION))

    def stop(request: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return conclude.after(0.2)

    plays = {"pods": script()["pods"] * 2, "lead": [conclude, stop]}
    code, out, _ = sre_run("--repeat", "3", "--require", "2", "--jobs", "1", "playbooks/checkout.yaml", plays=plays)
    assert code == 130
    assert "interrupted checkout/default  1 of 3 trials passed, 2 must" in out
    assert "trial 2 of 3: interrupted\n    interrupted before it could be judged\n    the run: sre-run show" in out
    assert "trial 3 of 3: interrupted\n    not begun, as the tests were interrupted\n" in out
    assert len(list(Path("runs").iterdir())) == 2


def test_ctrl_c_twice_stops_a_run_at_once(sre_run: Callable[..., Ran]) -> None:
    def stop(request: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        wait_for("Interrupted: concluding", "checkout")
        os.kill(os.getpid(), signal.SIGINT)
        return reply(use("submit_conclusion", CONCLUSION)).after(0.5)

    code, out, _ = sre_run("playbooks/checkout.yaml", plays={**times(1), "lead": [stop]})
    assert code == 130
    assert "interrupted checkout/default" in out
    assert "1 interrupted in" in out


HOSTILE = "expect: {mentions: ['::error::owned', '%0A::stop-commands::x', '| cell', '<b>']}\n"


def failing(text: str = HOSTILE) -> None:
    Path("playbooks/checkout.yaml").write_text(FILES["playbooks/checkout.yaml"] + text, encoding="utf-8")


def test_github_marks_the_case_at_its_line(sre_run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failing(f"tests:\n  other:\n    {HOSTILE}")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path.parent))
    code, out, err = sre_run("--offline", "--format", "github")
    assert code == 1
    (error,) = [line for line in out.splitlines() if line.startswith("::error")]
    line = Path("playbooks/checkout.yaml").read_text(encoding="utf-8").splitlines().index("  other:") + 1
    assert error.startswith(f"::error file={tmp_path.name}/playbooks/checkout.yaml,line={line},title=sre-run test::")
    assert "checkout/other: failed%0Aexpected: the conclusion mentions" in error
    assert "%250A%3A%3Astop" not in error
    assert "%250A::stop-commands" in error
    assert all(line.startswith(("::error ", "::notice ")) for line in out.splitlines()[:-1])
    assert "1 failed, 1 skipped" in out.splitlines()[-1]
    assert "FAILED  checkout/other" in err  # the lines, as they come


def test_markdown_has_a_table_and_why(sre_run: Any) -> None:
    failing()
    code, out, _ = sre_run("--offline", "--format", "markdown", "--repeat", "2", "--require", "1")
    assert code == 1
    assert out.startswith("> **Rehearsal")
    assert "| checkout/default | failed | 0 of 2, 1 must |" in out
    assert "| idle | skipped |" in out
    assert "## checkout/default: failed" in out
    assert "trial 1 of 2: FAILED" in out
    html = MarkdownIt().enable("table").render(out)
    assert "<b>" not in html
    assert html.count("<td>checkout/default</td>") == 1


def test_junit_and_json_are_one_document_on_stdout(sre_run: Any) -> None:
    failing()
    code, out, err = sre_run("--offline", "--format", "junit")
    assert code == 1
    root = Xml.fromstring(out)
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    assert "FAILED  checkout/default" in err
    assert json.loads(sre_run("--offline", "--format", "json")[1])["counts"]["failed"] == 1
    assert json.loads(sre_run("--offline", "--json")[1])["counts"]["failed"] == 1


def test_what_passes_is_not_marked(sre_run: Any) -> None:
    failing("expect: {status: complete}\n")
    code, out, _ = sre_run("--offline", "--format", "github")
    assert code == 0
    assert "::error" not in out
