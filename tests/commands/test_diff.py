"""`sre-run diff`: which two sides it takes, what it prints, and what it exits with."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from changed_room import ROOM, Edit, edited, write
from click.testing import CliRunner, Result
from git_repository import git, needs_git, repository

from sre_runner.commands.diff import FAIL_ON, RESULT, diff
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.render.diff.text import NOTHING

WIDER: Edit = ("agents.d/pods.yaml", "get_events]", "get_events, restart_pod]")
WORDS: Edit = ("agents.d/pods.yaml", "and nothing else.", "and why.")


def run(*arguments: str | Path, code: int = ExitCode.OK) -> Result:
    """The command's result in this process."""
    result = CliRunner().invoke(diff, list(map(str, arguments)), standalone_mode=False, catch_exceptions=False)
    if result.exception:
        raise result.exception
    assert result.return_value == code, result.output
    return result


def data(*arguments: str | Path, code: int = ExitCode.OK) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*arguments, "--json", code=code).stdout)
    return found


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("sides")
    return write(folder / "before", ROOM), write(folder / "after", edited([WIDER, WORDS]))


@pytest.fixture
def branches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository on a branch that widened a whitelist, while main changed a prompt; in its folder `ops`."""
    whole = {"main": ROOM, "wider": edited([WIDER]), "ahead": edited([WORDS])}
    inside = {branch: {f"ops/{name}": text for name, text in files.items()} for branch, files in whole.items()}
    room = repository(tmp_path / "repository", inside) / "ops"
    git(room, "checkout", "-q", "wider")
    git(room, "branch", "-f", "main", "ahead")
    monkeypatch.chdir(room)
    return room


def subjects(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(change["kind"], change["subject"]["name"]) for change in found["changes"]]


@needs_git
def test_left_out_it_is_what_this_branch_changed_and_what_is_not_committed(branches: Path) -> None:
    wider = [("tool-added-to-whitelist", "pods")]
    found = data()
    assert subjects(found) == wider
    assert found["base"].startswith("merge base with main (")
    assert found["head"] == "working tree"
    assert found["changes"][0]["place"] == {"file": "agents.d/pods.yaml", "line": 5, "side": "head"}
    (branches / "agents.d" / "judge.yaml").unlink()
    assert ("agent-removed", "judge") in subjects(data(code=ExitCode.USAGE))
    assert subjects(data("main...wider")) == wider
    assert subjects(data("main...", code=ExitCode.USAGE)) != wider


@needs_git
def test_revisions_are_compared_as_they_are(branches: Path) -> None:
    there = [("tool-added-to-whitelist", "pods"), ("prompt-changed", "pods")]
    back = [("tool-removed-from-whitelist", "pods"), ("prompt-changed", "pods")]
    assert subjects(data("main", "wider")) == subjects(data("main..wider")) == there
    assert subjects(data("main")) == subjects(data("main..")) == there
    assert subjects(data("..main")) == back
    assert subjects(data("HEAD")) == []
    removed = data("wider", "main")["changes"][0]
    assert removed["place"] == {"file": "agents.d/pods.yaml", "line": 5, "side": "base"}
    assert data("main", "wider")["base"].startswith("main (")


@needs_git
def test_from_elsewhere_the_folder_is_named(
    branches: Path, sides: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(branches.parent)
    found = data("main", "wider", "--config", "ops")
    assert found["changes"][0]["place"]["file"] == "ops/agents.d/pods.yaml"
    assert subjects(data("--config", "ops")) == [("tool-added-to-whitelist", "pods")]
    assert subjects(data("wider", sides[1], "--config", "ops")) == [("prompt-changed", "pods")]
    assert subjects(data(sides[1], "--config", "ops")) == [("prompt-changed", "pods")]
    assert subjects(data(sides[0], "wider", "--config", "ops")) == [("tool-added-to-whitelist", "pods")]


@needs_git
def test_a_configuration_that_is_new_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = repository(tmp_path, {"main": {"README.md": "x"}})
    write(room, ROOM)
    monkeypatch.chdir(room)
    result = run("HEAD")
    assert "has no configuration in ., so that everything is new" in result.stderr
    assert "agent-with-write-tools-added" in result.stdout


@needs_git
def test_what_is_not_there_is_told_with_a_hint(branches: Path, tmp_path: Path) -> None:
    for wrong in ("nope", "--output=x", "-x"):
        with pytest.raises(RunnerError, match="there is no revision"):
            run("--", wrong)
    assert not (branches / "x").exists()
    (tmp_path / "no-room").mkdir()
    with pytest.raises(RunnerError, match=r"is no revision, and has no folder agents\.d"):
        run(tmp_path / "no-room")
    with pytest.raises(RunnerError, match="there is no revision"):
        run("nope...wider")


def test_directories_need_no_git(sides: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert len(data(*sides)["changes"]) == 2
    monkeypatch.chdir(sides[1])
    assert len(data(sides[0])["changes"]) == 2
    with pytest.raises(RunnerError, match="git is not installed"):
        run()


def test_no_change_says_so(sides: tuple[Path, Path]) -> None:
    assert NOTHING in run(sides[0], sides[0], "--fail-on", "any").stdout
    assert NOTHING in run(sides[0], sides[0], "--format", "markdown").stdout
    found = data(sides[0], sides[0], "--rehearse")
    assert (found["changes"], found["failed"], found["results"], found["playbooks"]) == ([], [], [], [])


@pytest.mark.parametrize(
    ("edit", "failing"),
    [
        (WIDER, {"privilege", "high", "any"}),
        (("agents.d/pods.yaml", ", get_events]", "]"), {"any"}),
        (("agents.d/pods.yaml", "max_iterations: 5", "max_iterations: 6"), {"cost", "any"}),
        (("agents.d/pods.yaml", "max_iterations: 5", "max_iterations: 4"), {"any"}),
        (WORDS, {"behaviour", "any"}),
        (("playbooks/outage.yaml", "verified: 0.9", "verified: 0.5"), {"weakened", "behaviour", "any"}),
        (("playbooks/outage.yaml", "A service is down.", "It is down."), {"any"}),
    ],
)
def test_a_gate_fails_on_what_it_is_asked_to(
    edit: Edit, failing: set[str], sides: tuple[Path, Path], tmp_path: Path
) -> None:
    after = write(tmp_path, edited([edit]))
    for word in (word for word in FAIL_ON if word != RESULT):
        code = ExitCode.CHECK if word in failing else ExitCode.OK
        result = run(sides[0], after, "--fail-on", word, code=code)
        assert result.stderr == (f"failed: {word}\n" if code else "")
    every = [part for word in FAIL_ON if word != RESULT for part in ("--fail-on", word)]
    assert set(data(sides[0], after, *every, code=ExitCode.CHECK)["failed"]) == failing


def test_problems_of_head_go_before_a_gate_and_those_of_base_do_not(sides: tuple[Path, Path], tmp_path: Path) -> None:
    broken = write(tmp_path, edited([("agents.d/pods.yaml", "max_iterations: 5", "max_iterations: many")]))
    result = run(sides[0], broken, "--fail-on", "any", code=ExitCode.USAGE)
    assert "Problems in HEAD" in result.stdout
    assert "pods.yaml:6:17:" in result.stdout
    result = run(broken, sides[0])
    assert "Problems in BASE" in result.stdout
    assert data(broken, sides[0])["problems"]["base"][0]["line"] == 6


def test_the_result_of_rehearsals_is_a_gate_as_well(sides: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(click.UsageError, match="--rehearse"):
        run(*sides, "--fail-on", "result")
    strict = write(tmp_path, edited([("playbooks/outage.yaml", "[list_pods]", "[list_pods, count_logs]")]))
    base = write(tmp_path / "base", edited([("playbooks/outage.yaml", "[list_pods]", "[list_pods, search_logs]")]))
    found = data(base, strict, "--rehearse")
    assert {each["name"] for each in found["results"]} == {"outage/default", "outage/other-region"}
    impossible = write(
        tmp_path / "head", edited([("playbooks/outage.yaml", "must_not_mention: [", "must_not_mention: [down, ")])
    )
    result = run(sides[0], impossible, "--rehearse", "--fail-on", "result", code=ExitCode.CHECK)
    assert "fails now:" in result.stdout
    assert result.stderr == "failed: result\n"
    assert "Rehearsal: no LLM took part" in run(sides[0], impossible, "--rehearse", "--format", "markdown").stdout


def test_a_secret_of_the_environment_is_masked(
    sides: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", "s3cr3t-value-of-this-test")
    after = write(tmp_path, edited([("agents.d/pods.yaml", "and nothing else.", "and s3cr3t-value-of-this-test")]))
    for format_ in ("text", "markdown", "json"):
        printed = run(sides[0], after, "--format", format_).stdout
        assert "s3cr3t-value" not in printed
        assert "secret of the environment" in printed


def test_a_reader_that_cannot_be_written_to_is_no_success(
    sides: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    assert diff.main([str(sides[0]), str(sides[1])], standalone_mode=False) == ExitCode.PARTIAL


def test_neither_the_sdk_nor_jsonschema_is_imported(sides: tuple[Path, Path]) -> None:
    code = (
        "import sys\nfrom sre_runner.cli import main\n"
        "for format_ in ('text', 'markdown', 'json'):\n"
        "    try:\n        main([*sys.argv[1:], '--format', format_])\n"
        "    except SystemExit as ended:\n        assert ended.code == 0\n"
        "names = {name.split('.')[0] for name in sys.modules}\n"
        "assert not names & {'anthropic', 'aiohttp', 'httpx', 'jsonschema'}, names\n"
    )
    subprocess.run([sys.executable, "-c", code, "diff", *map(str, sides)], check=True, stdout=subprocess.DEVNULL)
