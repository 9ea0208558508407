"""`runs`, `show` and `rm`: what they print, ask, remove, and exit with."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kept import NOON, PLAYBOOK, days, keep

from sre_runner.cli import main
from sre_runner.commands.runs import STATUSES
from sre_runner.journal.file import JOURNAL, Journal
from sre_runner.runs.listing import State
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run

PROGRAM = [sys.executable, "-c", "from sre_runner.cli import main; main()"]


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(RunOptions(PLAYBOOK, runs=tmp_path_factory.mktemp("runs"), offline=True))[1]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    folder.mkdir()
    return folder


@pytest.fixture
def sre_run(runs: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """`sre-run VERB --runs RUNS …`: exit code, stdout, stderr."""

    def carried_out(verb: str, *arguments: str) -> tuple[Any, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([verb, "--runs", str(runs), *arguments])
        return ended.value.code, *capsys.readouterr()

    return carried_out


def three(runs: Path) -> None:
    now = datetime.now(UTC)
    keep(runs, "new", now - days(1), labels={"team": "a"})
    keep(runs, "middle", now - days(10), severity="P1")
    keep(runs, "old", now - days(40), severity=None, exit_code=130)


def test_there_are_no_runs(sre_run: Any, runs: Path) -> None:
    assert sre_run("runs") == (0, "", f"There are no runs in {runs}.\n")
    assert sre_run("runs", "--json")[1] == "[]\n"
    keep(runs, "a")
    assert sre_run("runs", "--playbook", "b") == (0, "", f"None of the 1 runs in {runs} is such a run.\n")


def test_runs_are_listed_and_narrowed(sre_run: Any, runs: Path) -> None:
    three(runs)
    code, out, err = sre_run("runs")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == ["run", "new", "middle", "old"]
    for options, names in (
        (["--since", "15d"], ["new", "middle"]),
        (["--status", "interrupted"], ["old"]),
        (["--severity", "P1", "--severity", "P2"], ["new", "middle"]),
        (["--label", "team=a", "--playbook", "payments"], ["new"]),
        (["--limit", "0"], ["new", "middle", "old"]),
        (["--limit", "3"], ["new", "middle", "old"]),
    ):
        code, out, err = sre_run("runs", "--json", *options)
        assert (code, [each["run"] for each in json.loads(out)], err) == (0, names, "")


def test_the_newest_are_listed_where_there_are_more(sre_run: Any, runs: Path) -> None:
    three(runs)
    _, out, err = sre_run("runs", "--limit", "2")
    assert [line.split()[0] for line in out.splitlines()] == ["run", "new", "middle"]
    assert err == "These are the newest 2; --limit lists more, --limit 0 all.\n"


@pytest.mark.parametrize("option", [("--limit", "9" * 30), ("--limit", "-1"), ("--severity", "SEV1")])
def test_what_no_list_can_be_narrowed_by(sre_run: Any, runs: Path, option: tuple[str, str]) -> None:
    three(runs)
    code, out, err = sre_run("runs", *option)
    assert (code, out) == (2, "")
    assert f"Invalid value for '{option[0]}'" in err


def test_every_status_can_be_asked_for() -> None:
    assert list(STATUSES) == [state.value for state in State]


def test_a_run_is_shown_with_all_its_parts(sre_run: Any, rehearsed: Path) -> None:
    code, out, err = sre_run("show", str(rehearsed), "--full")
    assert (code, err) == (0, "")
    titles = [line for line in out.splitlines() if line.startswith("## ")]
    assert titles[-3:] == ["## How it was done", "## Timeline", "## Calls"]
    assert "## Votes" in titles
    assert out.startswith("> **Rehearsal")
    assert out.count("> **Rehearsal") == 2
    assert out.rstrip().endswith("would conclude.**")


def test_a_run_is_shown_on_one_screen(sre_run: Any, rehearsed: Path) -> None:
    code, out, err = sre_run("show", str(rehearsed))
    assert (code, err) == (0, "")
    assert [line[3:] for line in out.splitlines() if line.startswith("## ")] == [
        "Impact",
        "Root cause",
        "Immediate actions",
    ]
    assert out.count("> **Rehearsal") == 1
    assert out.endswith(f"All of it: `sre-run show {rehearsed.name} --full`\n")
    _, resumed, _ = sre_run("resume", str(rehearsed))
    assert resumed == out
    assert "## How it was done" in sre_run("resume", str(rehearsed), "--full")[1]


@pytest.mark.parametrize(
    ("options", "titles"),
    [
        (["--votes"], ["Votes"]),
        (["--timeline"], ["Timeline"]),
        (["--calls", "--timeline"], ["Timeline", "Calls"]),
        (["--votes", "--calls"], ["Votes", "Calls"]),
    ],
)
def test_only_the_parts_that_were_asked_for(
    sre_run: Any, rehearsed: Path, options: list[str], titles: list[str]
) -> None:
    _, out, _ = sre_run("show", str(rehearsed), *options)
    assert [line[3:] for line in out.splitlines() if line.startswith("## ")] == titles


def test_the_conclusion_is_the_one_that_the_run_printed(sre_run: Any, rehearsed: Path) -> None:
    from sre_runner.journal.record import record_of
    from sre_runner.render.run.markdown import markdown

    assert sre_run("show", str(rehearsed), "--conclusion", "--votes")[1] == markdown(record_of(rehearsed))
    with_calls = sre_run("show", str(rehearsed), "--conclusion", "--calls")[1]
    assert with_calls.index("## How it was done") < with_calls.index("## Calls")


def test_the_json_of_a_run(sre_run: Any, rehearsed: Path) -> None:
    code, out, _ = sre_run("show", "--json", str(rehearsed))
    data = json.loads(out)
    assert (code, data["run"], data["status"]) == (0, rehearsed.name, "complete")


def test_a_call_is_shown_whole(sre_run: Any, rehearsed: Path) -> None:
    _, out, _ = sre_run("show", str(rehearsed), "--json")
    model = max(call["call"] for call in json.loads(out)["calls"] if call["kind"] == "model")
    _, out, _ = sre_run("show", str(rehearsed), "--call", str(model), "--whole")
    assert f"# Call {model} of {rehearsed.name}" in out
    assert "## Whole request" in out
    _, out, _ = sre_run("show", str(rehearsed), "--call", str(model), "--whole", "--json")
    assert json.loads(out)["whole_request"]["messages"]
    _, out, _ = sre_run("show", str(rehearsed), "--call", str(model), "--json")
    assert json.loads(out)["whole_request"] is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--json", "--votes"], "--votes selects a part of the document"),
        (["--call", "1", "--calls"], "--calls selects a part"),
        (["--whole"], "say which with --call N"),
        (["--full", "--votes"], "--full shows everything"),
        (["--call", "9999"], "this run has no call 9999\nhint: They are numbered up to"),
        (["--call", "0"], "0 is not in the range"),
    ],
)
def test_what_cannot_be_shown(sre_run: Any, rehearsed: Path, options: list[str], said: str) -> None:
    code, out, err = sre_run("show", str(rehearsed), *options)
    assert (code, out) == (2, "")
    assert said in err


def test_a_run_without_a_conclusion_says_how_it_ended(sre_run: Any, runs: Path) -> None:
    folder = keep(runs, "a", severity=None, exit_code=130)
    code, out, err = sre_run("show", "a")
    assert code == 0
    assert "**No conclusion was reached.**" in out
    assert err == (
        f"{folder} has no conclusion: it ended with exit code 130.\nhint: sre-run resume {folder} goes on with it\n"
    )
    assert sre_run("show", "a", "--votes")[2].endswith("No votes were recorded in this run.\n")
    (folder / JOURNAL).write_bytes((folder / JOURNAL).read_bytes()[:-5])
    assert "it was killed" in sre_run("show", "last", "--json")[2]


def test_a_run_that_is_going_on_is_shown_as_far_as_it_came(sre_run: Any, runs: Path) -> None:
    journal = Journal(keep(runs, "a", severity=None, exit_code=None) / JOURNAL, reopen=True)
    code, out, err = sre_run("show", "a", "--timeline")
    journal.close()
    assert (code, err) == (0, f"{runs / 'a'} is running; this is how far it has come.\n")
    assert "investigate/a" in out


def test_a_broken_journal_is_told(sre_run: Any, runs: Path) -> None:
    (keep(runs, "a") / JOURNAL).write_text("x\n")
    code, out, err = sre_run("show", "a")
    assert (code, out) == (3, "")
    assert "a/journal.jsonl:1: not a journal entry" in err
    (runs / "a" / JOURNAL).unlink()
    assert sre_run("show", "a")[0] == 2


def _rest(terminal: int) -> bytes:
    """What comes next out of a terminal that nobody writes to any more."""
    try:
        return os.read(terminal, 10_000)
    except OSError:  # how Linux says that it is the end
        return b""


def left(runs: Path) -> list[str]:
    return sorted(path.name for path in runs.iterdir())


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        (["--older-than", "30d"], ["middle", "new"]),
        (["--keep", "1"], ["new"]),
        (["--older-than", "5d", "--keep", "2"], ["middle", "new"]),
        (["--older-than", "30d", "--keep", "1"], ["middle", "new"]),
        (["--older-than", "0d"], []),
    ],
)
def test_retention(sre_run: Any, runs: Path, options: list[str], kept: list[str]) -> None:
    three(runs)
    code, out, err = sre_run("rm", *options, "--dry-run")
    assert (code, err, left(runs)) == (0, "", ["middle", "new", "old"])
    code, removed, told = sre_run("rm", *options, "--yes")
    assert (code, left(runs)) == (0, kept)
    assert told.strip() == out.strip()
    assert {Path(line.split()[1]).name for line in removed.splitlines()} == {"middle", "new", "old"} - {*kept}
    assert f"{3 - len(kept)} run" in out.splitlines()[-1]


def test_retention_leaves_what_is_running_broken_or_has_other_files(sre_run: Any, runs: Path) -> None:
    three(runs)
    journal = Journal(runs / "old" / JOURNAL, reopen=True)
    (runs / "middle" / "notes.txt").write_text("mine")
    (keep(runs, "torn") / JOURNAL).write_text('{"event":"run_started","at":0,"ru')
    code, out, err = sre_run("rm", "--older-than", "0d", "--yes")
    journal.close()
    assert (code, out, left(runs)) == (0, f"removed {runs / 'new'}\n", ["middle", "old", "torn"])
    assert f"{runs / 'old'} stays: it is running\n" in err
    assert f"{runs / 'middle'} stays: it has what sre-run did not write: notes.txt\n" in err


def test_runs_are_removed_by_name(sre_run: Any, runs: Path) -> None:
    three(runs)
    code, out, _ = sre_run("rm", "old", str(runs / "new"), "old", "--yes")
    assert (code, left(runs)) == (0, ["middle"])
    assert out == f"removed {runs / 'old'}\nremoved {runs / 'new'}\n"


def test_nothing_goes_where_one_that_was_named_cannot(sre_run: Any, runs: Path) -> None:
    three(runs)
    (runs / "link").symlink_to(runs / "old")
    code, out, err = sre_run("rm", "old", "link", "--yes")
    assert (code, out, left(runs)) == (2, "", ["link", "middle", "new", "old"])
    assert f"error: nothing was removed, as\n{runs / 'link'}: it is a symbolic link\n" in err


def test_a_run_with_a_broken_journal_goes_only_with_yes(sre_run: Any, runs: Path) -> None:
    (keep(runs, "torn") / JOURNAL).write_text('{"event":"run_started","at":0,"ru')
    code, _, err = sre_run("rm", "torn")
    assert (code, left(runs)) == (2, ["torn"])
    assert f"{runs / 'torn'}: nothing was recorded\nhint: With --yes" in err
    assert "torn" in sre_run("rm", "torn", "--dry-run")[1]
    assert sre_run("rm", "torn", "--yes")[0] == 0
    assert left(runs) == []


@pytest.mark.parametrize("arguments", [[], ["old", "--keep", "1"], ["--yes"], ["old", "--older-than", "1d"]])
def test_either_names_or_retention(sre_run: Any, runs: Path, arguments: list[str]) -> None:
    three(runs)
    code, _, err = sre_run("rm", *arguments)
    assert (code, len(left(runs))) == (2, 3)
    assert "not both" in err


def test_there_is_nothing_to_remove(sre_run: Any, runs: Path) -> None:
    three(runs)
    assert sre_run("rm", "--keep", "3") == (0, "", f"Nothing in {runs} is to be removed.\n")


def test_without_a_terminal_nothing_goes_without_yes(sre_run: Any, runs: Path) -> None:
    three(runs)
    code, out, err = sre_run("rm", "old")
    assert (code, out, len(left(runs))) == (2, "", 3)
    assert "say --yes" in err
    assert err.index("old") < err.index("say --yes")


@pytest.mark.parametrize(("answer", "kept"), [("y", 2), ("n", 3), ("", 3)])
def test_a_person_at_a_terminal_is_asked(
    sre_run: Any, runs: Path, monkeypatch: pytest.MonkeyPatch, answer: str, kept: int
) -> None:
    three(runs)
    ours, theirs = pty.openpty()
    monkeypatch.setenv("TERM", "xterm")
    with os.fdopen(os.dup(theirs)) as keys, os.fdopen(theirs, "w") as screen:
        monkeypatch.setattr(sys, "stdin", keys)
        monkeypatch.setattr(sys, "stderr", screen)
        os.write(ours, f"{answer}\n".encode())
        code, out, _ = sre_run("rm", "--older-than", "30d")
    # What was written to a terminal comes out bit by bit; all of it is there once nobody holds it any more.
    said = b"".join(iter(lambda: _rest(ours), b"")).decode()
    os.close(ours)
    assert (code, len(left(runs))) == (0, kept)
    assert out == (f"removed {runs / 'old'}\n" if answer == "y" else "")
    assert said.index("old") < said.index("Remove this run? [y/N]:")
    assert ("Nothing was removed." in said) == (answer != "y")


def test_who_interrupts_the_question_keeps_the_runs(runs: Path) -> None:
    three(runs)
    ours, theirs = pty.openpty()
    command = [*PROGRAM, "rm", "--runs", str(runs), "--keep", "0"]
    with subprocess.Popen(
        command,
        stdin=theirs,
        stderr=theirs,
        stdout=subprocess.PIPE,
        env={**os.environ, "TERM": "xterm"},
        start_new_session=True,
    ) as process:
        said = b""
        while b"Remove these 3 runs? [y/N]:" not in said:
            said += os.read(ours, 1000)
        out = None
        while out is None:  # Python's `input` loses a signal that comes while it flushes stderr
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                out, _ = process.communicate(timeout=1)
    assert out == b""
    os.close(ours)
    os.close(theirs)
    assert (process.returncode, len(left(runs))) == (130, 3)


def test_what_goes_although_nobody_can_be_told(sre_run: Any, runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    three(runs)
    for verb, *options in (("runs",), ("show", "old"), ("rm", "old", "--dry-run"), ("rm", "old", "--yes")):
        full = os.open("/dev/full", os.O_WRONLY)
        with contextlib.suppress(OSError), open(full, "w", encoding="utf-8") as stream:
            monkeypatch.setattr(sys, "stdout", stream)
            code, _, err = sre_run(verb, *options)
            assert code == 3, verb
            assert "the result cannot be printed: No space left on device" in err
    assert left(runs) == ["middle", "new"]


def test_a_run_that_does_not_go_is_told_and_the_others_go(sre_run: Any, runs: Path) -> None:
    now = datetime.now(UTC)
    keep(runs, "a" * 250, now - days(3))  # its name is too long to be put out of the way
    keep(runs, "b", now - days(4))
    code, out, err = sre_run("rm", "--older-than", "1d", "--yes")
    assert (code, out, left(runs)) == (3, f"removed {runs / 'b'}\n", ["a" * 250])
    assert f"error: {runs / ('a' * 250)}: File name too long" in err


def test_who_interrupts_the_removal_finds_whole_runs(runs: Path) -> None:
    for number in range(400):
        keep(runs, f"r{number:03}", NOON - days(number))
    command = [*PROGRAM, "rm", "--runs", str(runs), "--keep", "0", "--yes"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("removed ")
        process.send_signal(signal.SIGINT)
        removed = process.stdout.readlines()
    assert process.returncode == 130
    there = left(runs)
    assert 0 < len(there) <= 400 - 1 - len(removed)
    assert all(len(list((runs / name).iterdir())) == 3 for name in there)
    assert not any(name.startswith(".") for name in there)
