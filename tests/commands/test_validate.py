"""`sre-run validate`: what it prints, and what it exits with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sre_runner.cli import COMMANDS
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
    assert "3 agents, 2 tools in 2 files, 1 playbook: no problems, 3 warnings\n" in shown


def test_only_what_is_named_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CONFIGS / "bad" / "templates")
    assert run("tools.d")[0] == ExitCode.OK
    assert run("playbooks/checkout.yaml", "tools.d")[0] == ExitCode.USAGE


def test_json_has_all_of_it() -> None:
    code, shown = run("--json", str(CONFIGS / "bad" / "inputs"))
    data = json.loads(shown)
    assert code == ExitCode.USAGE
    assert data["usable"] is False
    assert data["agents"] == ["pods", "synthesizer"]
    assert list(data["tools"].values()) == [["list_pods"]]
    assert data["playbooks"] == ["checkout"]
    first = data["problems"][0]
    assert Path(first.pop("file")).name == "checkout.yaml"
    assert first == {
        "line": 4,
        "column": 3,
        "message": "`agent` is provided to every prompt, and cannot be an input",
        "hint": "Choose another name.",
        "source": "  agent: me",
        "warning": False,
    }


def test_json_of_a_good_configuration() -> None:
    code, shown = run("--json", str(CONFIGS / "good" / "smallest"))
    assert code == ExitCode.OK
    assert json.loads(shown) == {
        "usable": True,
        "problems": [],
        "agents": ["watcher"],
        "tools": {},
        "playbooks": ["watch"],
    }


def test_where_there_is_no_configuration_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(RunnerError, match=r"no folder agents\.d was found above"):
        run(str(tmp_path))
    with pytest.raises(RunnerError, match="there is no file or folder"):
        run(str(tmp_path / "nothing"))


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


@pytest.mark.parametrize(
    ("verb", "arguments", "unneeded"),
    [
        ("validate", [GOOD], {"jsonschema"}),
        ("validate", ["--json", GOOD], {"jsonschema"}),
        ("validate", [BAD], set()),
        *([("diff", [GOOD, GOOD], set())] if "diff" in COMMANDS else []),
    ],
)
def test_what_only_runs_need_is_not_imported(verb: str, arguments: list[str], unneeded: set[str]) -> None:
    done = subprocess.run([sys.executable, "-c", IMPORTED, verb, *arguments], capture_output=True, text=True)
    imported = set(done.stderr.splitlines()[-1].split())
    assert {"sre_runner", "yaml"} <= imported
    assert not imported & ({"anthropic", "aiohttp", "pydantic", "httpx2", "asyncio", "rich"} | unneeded)
