"""Real programs: what they say is bounded, and whatever they start is gone when the call is over."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sre_runner.tools.processes import MOST_BYTES, Finished, run

ENV = {"PATH": os.environ["PATH"]}


def ran(tmp_path, *arguments, env=ENV, seconds=20.0, grace=0.5, **more) -> Finished:
    return asyncio.run(run(arguments, env=env, cwd=tmp_path, seconds=seconds, grace=grace, **more))


def shell(tmp_path, script, **more) -> Finished:
    return ran(tmp_path, "sh", "-c", script, **more)


def pid_in(path: Path) -> int:
    """The process id that a script writes to a file."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int(path.read_text())
        time.sleep(0.01)
    raise AssertionError(f"nobody wrote {path}")


def gone(pid: int) -> bool:
    """Whether a process is gone (or is only waited for by init), within a moment."""
    until = time.monotonic() + 3
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


def test_stdout_stderr_and_the_exit_code_are_kept_apart(tmp_path):
    assert shell(tmp_path, "echo out; echo err >&2; exit 3") == Finished("out\n", "err\n", 3)


def test_it_runs_in_the_directory_with_this_environment_and_an_empty_stdin(tmp_path):
    finished = shell(tmp_path, "pwd; cat; env", env={**ENV, "GIVEN": "1"})
    lines = finished.stdout.splitlines()
    assert lines[0] == str(tmp_path)
    assert {line.partition("=")[0] for line in lines[1:]} <= {
        "PATH",
        "GIVEN",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "_",
        "LC_CTYPE",
    }
    assert "GIVEN=1" in lines


def test_arguments_reach_the_program_as_they_are(tmp_path):
    given = ("$(id)", "`id`", "a b", ";", "|", "*", "", "--", "ünï", "'\"\\")
    program = "import sys; print(sys.argv[1:])"
    assert ran(tmp_path, sys.executable, "-c", program, *given).stdout == f"{list(given)}\n"


@pytest.mark.parametrize("arguments", [("/nowhere/at-all",), ("true", "a\0b")])
def test_what_cannot_be_started_is_an_error_and_leaves_nothing_open(tmp_path, arguments):
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises((OSError, ValueError)):
        ran(tmp_path, *arguments)
    assert len(os.listdir("/proc/self/fd")) == before


def test_nothing_stays_open_after_many_calls(tmp_path):
    async def many():
        await run(("true",), env=ENV, cwd=tmp_path, seconds=5)
        before = len(os.listdir("/proc/self/fd"))
        await asyncio.gather(*(run(("echo", "x"), env=ENV, cwd=tmp_path, seconds=20) for _ in range(20)))
        return before, len(os.listdir("/proc/self/fd"))

    before, after = asyncio.run(many())
    assert after == before


def test_bytes_that_are_no_text_are_replaced(tmp_path):
    assert shell(tmp_path, r"printf 'a\377b'").stdout == "a\ufffdb"


def test_output_is_cut_without_half_a_character(tmp_path):
    finished = shell(tmp_path, "printf 'äöü'; printf '12345' >&2", most_bytes=3)
    assert finished == Finished("ä", "123", 0, cut=True)


def test_output_that_just_fits_is_not_cut(tmp_path):
    assert shell(tmp_path, "printf 123", most_bytes=3) == Finished("123", "", 0)


def test_a_large_output_is_cut_and_the_program_let_finish(tmp_path):
    finished = shell(tmp_path, "head -c 50000000 /dev/zero | tr '\\0' x; echo done >&2; exit 4")
    assert (finished.exit_code, finished.stderr, finished.cut) == (4, "done\n", True)
    assert len(finished.stdout) == MOST_BYTES


@pytest.mark.parametrize(
    ("script", "seconds", "expected"),
    [
        ("head -c 50000000 /dev/zero & head -c 50000000 /dev/zero >&2; wait", 30, (0, False)),
        ("yes & yes >&2", 1.5, (-signal.SIGTERM, True)),
    ],
)
def test_memory_stays_bounded_at_50_mb_and_at_an_endless_output(tmp_path, script, seconds, expected):
    program = f"""
import asyncio, os, resource
from pathlib import Path
from sre_runner.tools.processes import run
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
async def ran(script, seconds):
    return await run(("sh", "-c", script), env={ENV!r}, cwd=Path({str(tmp_path)!r}), seconds=seconds, grace=0.5)
async def main():  # what asyncio.run returns is also put into a message
    await ran("echo warm", 5)
    before = peak()
    got = await ran({script!r}, {seconds})
    print(peak() - before, int(got.exit_code), got.timed_out, got.cut, len(got.stdout), len(got.stderr))
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    kilobytes, *rest = done.stdout.split()
    assert rest == [*map(str, map(int, expected[:1])), str(expected[1]), "True", str(MOST_BYTES), str(MOST_BYTES)]
    assert int(kilobytes) < 45_000  # stdout and stderr of 8 MiB, as bytes and as text, with room to grow


def test_a_program_that_does_not_end_is_stopped_with_what_it_said(tmp_path):
    started = time.monotonic()
    finished = shell(tmp_path, "echo before; sleep 60", seconds=1.0)
    assert (finished.stdout, finished.timed_out, finished.exit_code) == ("before\n", True, -signal.SIGTERM)
    assert time.monotonic() - started < 5


def test_one_that_will_not_stop_is_killed_after_the_grace_period(tmp_path):
    finished = shell(tmp_path, "trap '' TERM; echo ready; while :; do sleep 0.1; done", seconds=1.0)
    assert (finished.stdout, finished.timed_out, finished.exit_code) == ("ready\n", True, -signal.SIGKILL)


def test_one_that_stops_itself_may_say_why(tmp_path):
    finished = shell(tmp_path, "trap 'echo bye; exit 7' TERM; while :; do sleep 0.1; done", seconds=1.0)
    assert (finished.stdout, finished.timed_out, finished.exit_code) == ("bye\n", True, 7)


SLEEPER = "sleep 300 & echo $! > sleeper; "


@pytest.mark.parametrize(
    ("rest", "seconds"),
    [
        ("exit 0", 20),  # it ends, and leaves a child that holds its stdout
        ("kill -9 $$", 20),  # it is killed
        ("wait", 1.0),  # it times out
        ("trap '' TERM; wait; sleep 300", 1.0),
    ],
)
def test_children_are_gone_afterwards(tmp_path, rest, seconds):
    started = time.monotonic()
    shell(tmp_path, SLEEPER + rest, seconds=seconds)
    assert gone(pid_in(tmp_path / "sleeper"))
    assert time.monotonic() - started < 5


def test_children_of_children_are_gone_although_the_child_was_killed(tmp_path):
    script = "sh -c 'sleep 300 & echo $! > sleeper; kill -9 $$' & wait; echo over"
    assert shell(tmp_path, script).stdout == "over\n"
    assert gone(pid_in(tmp_path / "sleeper"))


@pytest.mark.parametrize(("rest", "seconds"), [("", 20), ("time.sleep(300)", 2.0)])
def test_children_in_groups_of_their_own_are_gone_as_well(tmp_path, rest, seconds):
    program = f"""
import pathlib, subprocess, time
job = subprocess.Popen(["sleep", "300"], process_group=0)  # as a shell with job control does
pathlib.Path("sleeper").write_text(str(job.pid))
{rest}
"""
    ran(tmp_path, sys.executable, "-W", "ignore", "-c", program, seconds=seconds)
    assert gone(pid_in(tmp_path / "sleeper"))


def test_a_daemon_that_holds_the_output_open_delays_nothing_for_long(tmp_path):
    started = time.monotonic()
    finished = shell(
        tmp_path, "setsid sh -c 'echo $$ > daemon; exec sleep 30' & while ! [ -s daemon ]; do :; done; echo x"
    )
    assert finished.stdout == "x\n"
    assert time.monotonic() - started < 5
    os.kill(pid_in(tmp_path / "daemon"), signal.SIGKILL)


@pytest.mark.parametrize("script", ["wait", "trap '' TERM; wait; sleep 300"])
def test_a_cancelled_call_ends_when_all_is_gone(tmp_path, script):
    async def cancelled():
        call = asyncio.create_task(run(("sh", "-c", SLEEPER + script), env=ENV, cwd=tmp_path, seconds=60, grace=0.3))
        await asyncio.to_thread(pid_in, tmp_path / "sleeper")
        call.cancel()
        await asyncio.sleep(0.05)
        call.cancel()  # an impatient caller
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(cancelled())
    assert gone(pid_in(tmp_path / "sleeper"))


@pytest.mark.parametrize("steps", range(6))
def test_a_call_that_is_cancelled_while_it_starts_leaves_nothing(tmp_path, steps):
    async def cancelled():
        call = asyncio.create_task(
            run(("sh", "-c", "echo $$ > shell; exec sleep 300"), env=ENV, cwd=tmp_path, seconds=60, grace=0.3)
        )
        for _ in range(steps):
            await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(cancelled())
    if (tmp_path / "shell").exists() and (tmp_path / "shell").read_text():
        assert gone(pid_in(tmp_path / "shell"))


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_stops_all_of_it(tmp_path, times):
    program = f"""
import asyncio
from pathlib import Path
from sre_runner.tools.processes import run
script = "trap '' TERM INT; {SLEEPER} wait; sleep 300"
asyncio.run(run(("sh", "-c", script), env={ENV!r}, cwd=Path({str(tmp_path)!r}), seconds=60, grace=1.0))
"""
    child = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL)
    sleeper = pid_in(tmp_path / "sleeper")
    for _ in range(times):
        child.send_signal(signal.SIGINT)
        time.sleep(0.2)
    assert child.wait(10) != 0
    assert gone(sleeper)
