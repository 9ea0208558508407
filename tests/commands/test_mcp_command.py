"""`sre-run mcp`: lists, compares and writes an MCP server's tools."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pages import ROOT, first_cells, keys

from sre_runner.cli import cli
from sre_runner.config.loading import validate
from sre_runner.errors import ExitCode, RunnerError

SERVER = Path(__file__).parents[1] / "tools" / "mcp_server.py"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("agents.d", "tools.d"):
        (tmp_path / name).mkdir()
    command = json.dumps([sys.executable, str(SERVER), "stdio"])
    text = f"servers: {{sdk: {{mcp: {{command: {command}}}}}}}\ntools:\n  other:\n    description: x\n"
    answers = "    input_schema: {type: object}\n    simulated: {answers: [{return: 1}]}\n"
    Path("tools.d/servers.yaml").write_text(text + answers, encoding="utf-8")
    return tmp_path


def run(line: str) -> Result:
    return CliRunner().invoke(cli, ["mcp", *shlex.split(line)], standalone_mode=False)


def refusal(line: str) -> str:
    result = run(line)
    assert isinstance(result.exception, RunnerError), result.exception
    assert result.stdout == ""
    return f"{result.exception.message} {result.exception.hint}"


def test_list_write_and_compare(here: Path) -> None:
    listed = run("sdk echo")
    assert listed.return_value == ExitCode.OK
    assert listed.stdout.splitlines()[2].split() == ["echo", "read", "-", "-"]
    written = run("sdk echo fails --write tools.d/new-tools.yaml")
    assert (written.return_value, written.stdout) == (ExitCode.OK, "tools.d/new-tools.yaml\n")
    assert "tools: [echo, fails]   # in agents.d" in written.stderr
    path = Path("tools.d/new-tools.yaml")
    assert path.read_text(encoding="utf-8").startswith(
        "# yaml-language-server: $schema=../.schemas/tools.schema.json\n"
    )
    assert validate([path]).tools == {"tools.d/new-tools.yaml": ("echo", "fails")}
    assert not [problem for problem in validate([path]).problems if not problem.warning]
    same = run("sdk --diff")
    assert (same.return_value, same.stdout) == (ExitCode.OK, "")
    assert "Every tool of the files is as sdk offers it." in same.stderr
    path.write_text(path.read_text(encoding="utf-8").replace("Say it again.", "Say it."), encoding="utf-8")
    differs = run("sdk --diff")
    assert differs.return_value == ExitCode.CHECK
    assert "-Say it.\n+Say it again.\n" in differs.stdout
    assert run("sdk").return_value == ExitCode.OK
    assert json.loads(run("sdk --diff --json").stdout)["changed"] is True


def test_nothing_is_overwritten_nor_written_elsewhere(here: Path) -> None:
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    assert "servers.yaml is there already" in refusal("sdk echo --write tools.d/servers.yaml")
    assert "is not a YAML file in tools.d" in refusal("sdk echo --write elsewhere.yaml")
    assert "is not a YAML file in tools.d" in refusal("sdk echo --write tools.d/../agents.d/x.yaml")
    assert "is not a YAML file in tools.d" in refusal("sdk echo --write tools.d/x.txt")
    assert "is no name for" in refusal("sdk echo --write tools.d/Big.yaml")
    assert "needs the tools to write" in refusal("sdk --write tools.d/x.yaml")
    assert "does not offer `nah`" in refusal("sdk echo nah --write tools.d/x.yaml")
    assert "there is no MCP server `none`" in refusal("none")
    assert run("sdk echo --diff --write tools.d/x.yaml").exception
    assert {path: path.read_bytes() for path in here.rglob("*") if path.is_file()} == before


def test_secrets_of_the_environment_are_masked(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_TOKEN", "Say it again.")
    assert "Say it again." not in run("sdk echo --json").stdout


def test_the_page_has_every_key_of_the_json(here: Path) -> None:
    assert run("sdk echo --write tools.d/x.yaml").return_value == 0
    data: Any = json.loads(run("sdk echo --json").stdout)
    found = [key for key in dict.fromkeys(keys(data)) if not key.startswith("tools[].input_schema.")]
    assert found == first_cells(ROOT / "docs" / "mcp.md")


def test_without_the_extra(here: Path) -> None:
    (here / "mcp.py").write_text("raise ImportError('no')\n", encoding="utf-8")
    program = "import sys; from sre_runner.cli import main; main(['mcp', 'sdk'])"
    environ = {**os.environ, "PYTHONPATH": f"{here}{os.pathsep}{os.environ['PYTHONPATH']}"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=here, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == ExitCode.USAGE
    assert "need the extra `mcp`, which is not installed\nhint: Install it: pip install 'sre-run[mcp]'" in done.stderr
