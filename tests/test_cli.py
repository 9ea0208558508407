from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from gone_reader import without_reader

from sre_runner.cli import COMMANDS, DEBUG, carry_out, main
from sre_runner.errors import ConfigError, ExitCode, Problem, RunnerError, ServiceError
from sre_runner.journal.events import JournalError

Printed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def sre_run(capsys: pytest.CaptureFixture[str]) -> Printed:
    """`sre-run` with these arguments, in this process: exit code, stdout, stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        printed = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, printed.out, printed.err

    return run


def fail(error: BaseException) -> Callable[[], int]:
    def action() -> int:
        raise error

    return action


def test_help_names_the_commands_with_examples_and_the_exit_codes(sre_run: Printed) -> None:
    code, out, err = sre_run("--help")
    assert (code, err) == (0, "")
    assert "sre-run playbooks/payment-gateway.yaml " in out
    for command in COMMANDS:
        assert f"\n  {command} " in out
    for exit_code in ExitCode:
        assert f"\n  {exit_code.value:>5}  " in out
    assert sre_run("-h")[1] == out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(sre_run: Printed, command: str) -> None:
    code, out, _ = sre_run(command, "--help")
    assert code == 0
    assert f"Examples:\n    sre-run {command if command != 'run' else 'playbooks/'}" in out
    assert max(map(len, out.splitlines())) <= 110
    for unlike in ("INTEGER", " DIR ", "\u2026", "--set NAME"):
        assert unlike not in out.partition("Examples:")[0]


def test_the_version_is_told(sre_run: Printed) -> None:
    assert sre_run("--version")[:2] == (0, "sre-run, version 0.1.0\n")


def test_without_arguments_help_goes_to_stderr(sre_run: Printed) -> None:
    code, out, err = sre_run()
    assert (code, out) == (2, "")
    assert "Commands:" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["vaildate"], "'vaildate' is neither a command nor a playbook. Did you mean validate?"),
        (
            ["zzz"],
            f"'zzz' is neither a command nor a playbook. The commands are {', '.join(COMMANDS)}.",
        ),
        (["nowhere.yaml"], "'nowhere.yaml' does not exist"),
        (["run", "nowhere.yaml"], "'nowhere.yaml' does not exist"),
        (["--offline", "nowhere.yaml"], "'nowhere.yaml' does not exist"),
        (["run"], "Missing argument 'PLAYBOOK'"),
        (["--allow-write", "nowhere.yaml"], "'nowhere.yaml' does not exist"),
        (["--allow-write", "--offline"], "Missing argument 'PLAYBOOK'"),
        (["--allow-write", "--", "nowhere.yaml"], "'nowhere.yaml' does not exist"),
        (["run", "--offlin"], "No such option '--offlin'. Did you mean '--offline'?"),
        (["init"], "Missing argument 'DIRECTORY'"),
    ],
)
def test_usage_errors_are_told_on_stderr_and_exit_with_2(sre_run: Printed, arguments: list[str], said: str) -> None:
    code, out, err = sre_run(*arguments)
    assert (code, out) == (2, "")
    assert said in " ".join(err.split())


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (RunnerError("no", "do this"), 2, "error: no\nhint: do this\n"),
        (RunnerError("no \x1b[2J"), 2, "error: no \\x1b[2J\n"),
        (ServiceError("no key"), 4, "error: no key\n"),
        (JournalError("disk full"), 3, "error: disk full\n"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (click.Abort(), 130, "interrupted\n"),
        (SystemExit(1), 3, ""),
        (PermissionError(13, "Permission denied", "/runs"), 2, "error: /runs: Permission denied\n"),
        (OSError(28, "No space left on device"), 3, "error: No space left on device\n"),
        (OSError("odd"), 3, "error: odd\n"),
    ],
)
def test_a_failure_has_one_message_and_its_exit_code(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: int, said: str
) -> None:
    assert carry_out(fail(error)) == code
    assert capsys.readouterr() == ("", said)


def test_problems_of_the_configuration_are_all_told(capsys: pytest.CaptureFixture[str]) -> None:
    problems = [Problem("a.yaml", 2, 3, "wrong", "do this", "ab: cd"), Problem("b.yaml", 1, 1, "worse")]
    assert carry_out(fail(ConfigError(problems))) == 2
    err = capsys.readouterr().err
    assert err.index("a.yaml:2:3: wrong\n") < err.index("b.yaml:1:1: worse\n")
    assert "hint: do this" in err
    assert err.endswith("\nerror: 2 problems in the configuration\n")


def test_an_internal_error_is_one_message_and_its_traceback_for_who_asks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert carry_out(fail(ZeroDivisionError("oops"))) == 3
    err = capsys.readouterr().err
    assert err.startswith("internal error: ZeroDivisionError: oops\nhint: ")
    assert "Traceback" not in err
    monkeypatch.setenv(DEBUG, "1")
    carry_out(fail(ZeroDivisionError("oops")))
    assert capsys.readouterr().err.startswith("Traceback")


def test_nothing_slow_is_imported_for_help() -> None:
    program = (
        "import sys\nfrom sre_runner.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({name.split('.')[0] for name in sys.modules}"
        " & {'anthropic', 'rich', 'jinja2', 'jsonschema', 'yaml', 'aiohttp', 'asyncio'}), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


@pytest.mark.parametrize("arguments", [["--help"], ["init", "--help"]])
def test_a_reader_that_goes_away_gets_no_traceback(arguments: list[str]) -> None:
    assert without_reader(*arguments) == (ExitCode.PARTIAL, "")


def test_a_full_disk_behind_stdout_is_told() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    with open("/dev/full", "w", encoding="utf-8") as full:
        program = [sys.executable, "-c", "from sre_runner.cli import main; main(['--version'])"]
        done = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (3, "error: No space left on device\n")


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_closed_streams_are_no_failure(tmp_path: Path, closed: tuple[int, ...]) -> None:
    program = [sys.executable, "-c", "from sre_runner.cli import main; main(['init', 'room'])"]
    shell = ["sh", "-c", f'exec "$@" {" ".join(f"{number}>&-" for number in closed)}', "sh"]
    done = subprocess.run([*shell, *program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert bool(done.stdout) == (1 not in closed)


def test_what_an_encoding_lacks_is_escaped(tmp_path: Path) -> None:
    folder = tmp_path / "r\u00e9union\u2026"
    (folder / "agents.d").mkdir(parents=True)
    (folder / "agents.d" / "planner.yaml").touch()
    program = [sys.executable, "-c", "import sys; from sre_runner.cli import main; main(sys.argv[1:])", "init", folder]
    environ = {**os.environ, "PYTHONUTF8": "1", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(program, capture_output=True, text=True, env=environ, check=False)
    assert done.returncode == 2
    assert "r\\xe9union\\u2026/agents.d/planner.yaml" in done.stderr
