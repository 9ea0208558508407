"""`sre-run validate`: what it prints, and what it exits with."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from gone_reader import without_reader

from sre_runner.commands.validate import validate
from sre_runner.errors import ExitCode, RunnerError

CONFIGS = Path(__file__).parents[1] / "configs"


def run(*arguments: str) -> tuple[int, str]:
    """The exit code that the command returns, and its stdout."""
    result: Result = CliRunner().invoke(validate, arguments, standalone_mode=False, catch_exceptions=False)
    if result.exception:
        raise result.exception
    assert result.stderr == ""
    return result.return_value, result.stdout


def test_what_was_checked_is_said_on_one_line_with_the_names_below() -> None:
    assert run(str(CONFIGS / "good" / "everything")) == (
        ExitCode.OK,
        "5 agents, 5 tools in 2 files, 2 playbooks: no problems\n"
        "  agents: alone, lead-planner, logs, pods, synthesizer\n"
        "  tools: search_logs, count_errors, list_pods, describe-pod, restart\n"
        "  playbooks: alone, checkout\n",
    )


def test_of_nothing_no_names_are_said() -> None:
    code, shown = run(str(CONFIGS / "good" / "smallest"))
    assert (code, shown) == (
        ExitCode.OK,
        "1 agent, no tools in no files, 1 playbook: no problems\n  agents: watcher\n  playbooks: watch\n",
    )


def test_problems_are_printed_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CONFIGS / "bad" / "strategies")
    code, shown = run()
    assert code == ExitCode.USAGE
    problems, _, summary = shown.rpartition("\n\n")
    assert f"{problems}\n" == Path("expected.txt").read_text(encoding="utf-8")
    assert summary.startswith("4 agents, 1 tool in 1 file, 5 playbooks: 6 problems\n")


def test_warnings_alone_are_no_failure() -> None:
    code, shown = run("--config", str(CONFIGS / "good" / "unused"))
    assert code == ExitCode.OK
    assert "warning: no agent uses the tool search_logs" in shown
    assert "3 agents, 2 tools in 2 files, 1 playbook: no problems, 4 warnings\n" in shown


def test_only_what_is_named_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CONFIGS / "bad" / "templates")
    assert run("tools.d")[0] == ExitCode.OK
    assert run("playbooks/checkout.yaml", "tools.d")[0] == ExitCode.USAGE


def test_json_has_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CONFIGS / "bad" / "inputs")
    code, shown = run("--format", "json")
    data = json.loads(shown)
    assert code == ExitCode.USAGE
    assert list(data) == ["usable", "problems", "checked"]
    assert data["usable"] is False
    assert data["checked"] == {
        "agents": ["pods", "synthesizer"],
        "tools": {"tools.d/pods.yaml": ["list_pods"]},
        "playbooks": ["checkout"],
    }
    assert data["problems"][0] == {
        "file": "playbooks/checkout.yaml",
        "line": 4,
        "column": 3,
        "severity": "error",
        "message": "`agent` is provided to every prompt, and cannot be an input",
        "hint": "Choose another name.",
    }


def test_json_of_a_good_configuration() -> None:
    code, shown = run("--json", str(CONFIGS / "good" / "smallest"))
    assert code == ExitCode.OK
    assert json.loads(shown) == {
        "usable": True,
        "problems": [],
        "checked": {"agents": ["watcher"], "tools": {}, "playbooks": ["watch"]},
    }
    assert run("--format", "json", str(CONFIGS / "good" / "smallest")) == (code, shown)


def test_a_warning_is_no_error_in_any_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CONFIGS / "good" / "unused")
    code, shown = run("--format", "json")
    assert code == ExitCode.OK
    assert {problem["severity"] for problem in json.loads(shown)["problems"]} == {"warning"}
    code, shown = run("--format", "github")
    assert code == ExitCode.OK
    assert [line.partition(" ")[0] for line in shown.splitlines()[:-1]] == ["::warning"] * 4


PLACE = re.compile(r"^(?P<file>[^:\n ]+):(?:(?P<line>\d+):(?P<col>\d+):)? ", re.MULTILINE)
COMMAND = re.compile(
    r"::error file=(?P<file>[^,]+)(?:,line=(?P<line>\d+),col=(?P<col>\d+))?,title=sre-run validate::.+"
)


@pytest.mark.parametrize("name", sorted(path.name for path in (CONFIGS / "bad").iterdir()))
def test_annotations_stand_at_the_lines_that_the_text_tells(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CONFIGS / "bad" / name)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    expected = [match.groupdict() for match in PLACE.finditer(Path("expected.txt").read_text(encoding="utf-8"))]
    code, shown = run("--format", "github")
    *commands, summary = shown.splitlines()
    assert code == ExitCode.USAGE
    assert [match.groupdict() for line in commands if (match := COMMAND.fullmatch(line))] == expected
    assert len(commands) == len(expected) > 0
    assert re.fullmatch(r"[0-9].*: \d+ problems?(, \d+ warnings?)?", summary)


def test_annotations_are_found_from_the_root_of_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CONFIGS / "bad" / "strategies")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(CONFIGS.parent))
    assert run("--format", "github")[1].startswith(
        "::error file=configs/bad/strategies/playbooks/no-coordinator.yaml,line=2,col=1,title="
    )


def test_in_github_actions_text_is_still_what_nobody_chose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CONFIGS / "bad" / "strategies")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert run() == run("--format", "text")


def test_no_text_of_a_file_is_a_command_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "agents.d").mkdir()
    (tmp_path / "agents.d" / "x\n::set-output name=a::b.yaml").write_text('"::stop\\n::commands": 1\nprompt: x\n')
    code, shown = run("--format", "github")
    assert code == ExitCode.USAGE
    *commands, summary = shown.splitlines()
    assert len(commands) > 1
    for line in commands:
        assert line.startswith("::error file=agents.d/x%0A%3A%3Aset-output name=a%3A%3Ab.yaml,")
    assert summary.startswith("1 agent, ")


@pytest.mark.parametrize(("name", "code"), [("good/everything", ExitCode.PARTIAL), ("bad/strategies", ExitCode.USAGE)])
def test_what_cannot_be_printed_is_told(
    name: str, code: ExitCode, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    full = os.open("/dev/full", os.O_WRONLY)
    with contextlib.suppress(OSError), open(full, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert validate.main([str(CONFIGS / name)], standalone_mode=False) == code
        assert capsys.readouterr().err == "error: the result cannot be printed: No space left on device\n"


def test_a_reader_that_goes_away_changes_no_code() -> None:
    assert without_reader("validate", GOOD) == (ExitCode.OK, "")


def test_where_there_is_no_configuration_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(RunnerError, match=r"no folder agents\.d was found above"):
        run(str(tmp_path))
    with pytest.raises(RunnerError, match="there is no file or folder"):
        run(str(tmp_path / "nothing"))


@pytest.mark.parametrize(
    "name", ["runs", "agents.d/old", "agents.d/old/a.yaml", "agents.d/a.yaml.bak", "agents.d/.a.yaml"]
)
def test_what_would_not_be_looked_at_is_no_success(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("agents.d/old", "runs", "tools.d"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("agents.d/old/a.yaml", "agents.d/a.yaml.bak", "agents.d/.a.yaml", "agents.d/a.yaml"):
        (tmp_path / file).write_text("description: a\nprompt: Look.\n", encoding="utf-8")
    assert run("agents.d", "tools.d") == run("agents.d/a.yaml") == run()
    with pytest.raises(RunnerError, match=f"^{re.escape(name)} is no part of a configuration$"):
        run("agents.d", name)


def test_help_has_examples() -> None:
    _, shown = run("--help")
    assert "sre-run validate playbooks/payment-gateway.yaml" in shown


# --- What is imported -----------------------------------------------------------------------------------------------

IMPORTED = """
import atexit, sys
atexit.register(lambda: print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr))
from sre_runner.cli import main
main()
"""
GOOD, BAD = str(CONFIGS / "good" / "everything"), str(CONFIGS / "bad" / "strategies")
SDK = {"anthropic", "aiohttp", "pydantic", "httpx2"}
OF_RUNS = {*SDK, "asyncio", "rich"}


@pytest.mark.parametrize(
    ("arguments", "unneeded"),
    [
        (["validate", GOOD], {*OF_RUNS, "jsonschema"}),
        (["validate", "--json", GOOD], {*OF_RUNS, "jsonschema"}),
        (["validate", "--format", "github", BAD], OF_RUNS),
        (["validate", BAD], OF_RUNS),
        (["diff", GOOD, GOOD], SDK),
    ],
)
def test_what_is_not_needed_is_not_imported(arguments: list[str], unneeded: set[str]) -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTED, *arguments], capture_output=True, text=True)
    imported = set(done.stderr.splitlines()[-1].split())
    assert {"sre_runner", "yaml"} <= imported
    assert not imported & unneeded
