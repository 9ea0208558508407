"""`sre-run plan` and `sre-run graph`: what they print, in which format, with the options of `run`."""

from __future__ import annotations

import errno
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import click
import pytest
from click.testing import CliRunner

from sre_runner.cli import main
from sre_runner.commands.graph import FORMATS, graph
from sre_runner.commands.plan import plan
from sre_runner.commands.run import run
from sre_runner.errors import ConfigError, ExitCode

PLAYBOOK = str(Path(__file__).parents[2] / "playbooks" / "payment-gateway.yaml")


def output(command: click.Command, *arguments: str) -> str:
    """The stdout of a command that succeeds and says nothing else."""
    result = CliRunner().invoke(command, [PLAYBOOK, *arguments], standalone_mode=False, catch_exceptions=False)
    if result.exception:
        raise result.exception
    assert (result.return_value, result.stderr) == (ExitCode.OK, "")
    return result.stdout


def test_a_plan_calls_nothing_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert output(plan).startswith("# Plan of payment-gateway\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [plan, graph])
def test_what_decides_a_run_decides_its_plan(command: click.Command) -> None:
    shared = {each.name: each for each in run.params}
    for each in command.params:
        if each.name in shared and each.name != "as_json":
            assert each is shared[each.name]
    given = ("--set", "coordinator.strategy=single", "--set", "specialists=[generalist]")
    assert "generalist" in output(command, *given)
    with pytest.raises(ConfigError):
        output(command, "--set", "specialists=[nobody]")


def test_inputs_and_task_are_rendered_and_secrets_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", "s3cr3t-value-of-this-test")
    data = json.loads(
        output(plan, "--json", "--input", "service=checkout", "--input", "namespace=s3cr3t-value-of-this-test")
    )
    assert "checkout" in data["task"]
    assert "checkout" in data["agents"][0]["message"]
    assert "s3cr3t" not in json.dumps(data)
    assert json.loads(output(plan, "--json", "--task", "Look."))["task"] == "Look."


def test_whole_prompts_are_shown_where_they_are_asked_for() -> None:
    assert "which --prompts shows" in output(plan)
    assert "which --prompts shows" not in output(plan, "--prompts")


def test_the_formats_of_a_graph() -> None:
    plain = output(graph)
    assert plain.startswith("flowchart TD\n")
    assert output(graph, "--format", "mermaid") == plain
    assert output(graph, "--format", "markdown") == f"```mermaid\n{plain}```\n"
    assert ElementTree.fromstring(output(graph, "--format", "svg")).tag.endswith("svg")


@pytest.mark.parametrize(
    ("name", "more", "format_"),
    [
        ("team.svg", [], "svg"),
        ("TEAM.SVG", [], "svg"),
        ("team.md", [], "markdown"),
        ("team.mmd", [], "mermaid"),
        ("team.md", ["--format", "svg"], "svg"),
    ],
)
def test_a_file_is_written_in_the_format_that_it_is_named_for(
    name: str, more: list[str], format_: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    assert output(graph, "--output", str(path), *more) == ""
    assert path.read_text(encoding="utf-8") == output(graph, "--format", format_)
    assert format_ in FORMATS


class _Full(io.StringIO):
    """A stream on a disk that is full."""

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(("command", "arguments"), [(plan, []), (plan, ["--json"]), (graph, [])])
def test_a_result_that_cannot_be_printed_is_a_failure(
    command: click.Command, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", _Full())
    assert command.main([PLAYBOOK, *arguments], standalone_mode=False) == ExitCode.PARTIAL


@pytest.mark.parametrize("name", ["team.png", "team.PDF", "team", "team.svg.txt"])
def test_an_ending_that_is_not_written_is_an_error_with_the_list(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["graph", str(PLAYBOOK), "--output", str(tmp_path / name)])
    assert ended.value.code == 2
    err = capsys.readouterr().err
    assert all(part in err for part in ("'--output'", ".mmd", ".svg", ".md", "--format mermaid|markdown|svg"))
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    ("name", "beginning"),
    [("a.mmd", "flowchart"), ("a.MD", "```mermaid"), ("a.svg", "<svg"), ("a.mermaid", "flowchart")],
)
def test_the_ending_says_the_format(name: str, beginning: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["graph", str(PLAYBOOK), "--output", str(tmp_path / name)])
    assert ended.value.code == 0
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(beginning)


def test_a_format_that_is_named_goes_into_any_file(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["graph", str(PLAYBOOK), "--output", str(tmp_path / "team.txt"), "--format", "mermaid"])
    assert ended.value.code == 0
    assert (tmp_path / "team.txt").read_text(encoding="utf-8").startswith("flowchart")
