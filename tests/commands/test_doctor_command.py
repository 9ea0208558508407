"""`sre-run doctor`: what it prints, and what it exits with; what it looks at is tested in tests/runs/doctor."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pages import ROOT, fences

from sre_runner.cli import cli, command
from sre_runner.commands.init import init
from sre_runner.errors import ExitCode


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    assert CliRunner().invoke(init, [str(tmp_path)], standalone_mode=False).return_value == 0
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["doctor", *arguments], standalone_mode=False)


def add(program: str) -> None:
    text = f"tools:\n  t:\n    description: x\n    input_schema: {{type: object}}\n    live: {{command: [{program}]}}\n"
    Path("tools.d/own.yaml").write_text(text, encoding="utf-8")


def test_all_is_well(here: Path) -> None:
    add("ls")
    playbook = next(Path("playbooks").glob("*.yaml"))
    for arguments in (["--offline"], [str(playbook), "--offline"], ["--offline", "--config", "."]):
        result = run(*arguments)
        assert result.exception is None
        assert re.match(r"ok    configuration +\S", result.stdout)
    assert re.search(r"^ok    program ls +/\S+ls$", run("--offline").stdout, re.MULTILINE)


def test_what_is_missing_is_an_exit_code(here: Path) -> None:
    add("no-such-program")
    result = run("--offline")
    assert result.return_value == ExitCode.CHECK
    assert "      hint: Install no-such-program.\n" in result.stdout
    data = json.loads(run("--offline", "--json").stdout)
    failed = [check["subject"] for check in data["checks"] if check["level"] == "fail"]
    assert "program no-such-program" in failed
    assert (data["ready"], data["fail"]) == (False, len(failed))


def test_without_credentials_it_fails(here: Path) -> None:
    result = run()
    assert result.return_value == ExitCode.CHECK
    assert re.search(r"^fail  credentials +no credentials", result.stdout, re.MULTILINE)


def test_nothing_is_written(here: Path) -> None:
    before = sorted(here.rglob("*"))
    run("--offline")
    assert sorted(here.rglob("*")) == before


def test_the_page_shows_what_could_be_printed() -> None:
    (shown,) = (block for block in fences(ROOT / "docs" / "doctor.md", "text") if block.startswith("ok "))
    *lines, total = shown.splitlines()
    counts = {level: sum(line.startswith(f"{level:4}  ") for line in lines) for level in ("ok", "warn", "fail")}
    assert total == ", ".join(f"{count} {level}" for level, count in counts.items())


@pytest.mark.parametrize("page", ["doctor.md", "mcp.md"])
def test_the_commands_of_the_pages_are_right(here: Path, page: str) -> None:
    Path("playbooks/live-triage.yaml").touch()
    lines = "".join(fences(ROOT / "docs" / page, "text")).splitlines()
    commands = [shlex.split(line.partition("|")[0], comments=True)[1:] for line in lines if line.startswith("sre-run ")]
    assert len(commands) >= 4
    for verb, *arguments in commands:
        command(verb).make_context(verb, arguments).close()
