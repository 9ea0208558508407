"""docs/ci.md, the workflow beside it and .pre-commit-hooks.yaml: what they run is there, and nothing hostile is run."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from pages import fences, first_cells, keys

from sre_runner.cli import command
from sre_runner.render.problems import workflow_commands

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "ci.md"
WORKFLOW = ROOT / "docs" / "sre-run.github-workflow.yml"
CONFIGS = ROOT / "tests" / "configs"
PROGRAMS = Path(sys.executable).parent

Step = dict[str, Any]


@pytest.fixture(scope="module")
def workflow() -> dict[str, Any]:
    """All scalars as text: `on` is a key and not a truth."""
    read: dict[str, Any] = yaml.load(WORKFLOW.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return read


@pytest.fixture(scope="module")
def steps(workflow: dict[str, Any]) -> list[Step]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def script(workflow: dict[str, Any], job: str, name: str) -> Step:
    (found,) = (step for step in workflow["jobs"][job]["steps"] if step.get("name", "").startswith(name))
    return dict(found)


def bash(text: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """A step as GitHub runs it."""
    path = os.pathsep.join([str(PROGRAMS), os.environ["PATH"]])
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text]
    environ = {**os.environ, "PATH": path, **environ}
    return subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False)


def git(folder: Path, *arguments: str) -> str:
    command = [
        "git",
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.com",
        "-c",
        "init.defaultBranch=main",
        *arguments,
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


# --- The workflow ---------------------------------------------------------------------------------------------------


def test_it_is_a_workflow() -> None:
    command = [PROGRAMS / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(WORKFLOW)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_it_has_no_more_rights_than_it_needs(workflow: dict[str, Any], steps: list[Step]) -> None:
    assert list(workflow["on"]) == ["pull_request"]
    assert workflow["permissions"] == {}
    rights = {name: job["permissions"] for name, job in workflow["jobs"].items()}
    assert rights == {"check": {"contents": "read"}, "comment": {"pull-requests": "write"}}
    writing = workflow["jobs"]["comment"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in writing["if"]
    assert not any("checkout" in step.get("uses", "") or "sre-run " in step.get("run", "") for step in writing["steps"])
    (checkout,) = (step for step in steps if "checkout" in step.get("uses", ""))
    assert checkout["with"]["persist-credentials"] == "false"
    assert "secrets." not in WORKFLOW.read_text(encoding="utf-8")


def test_actions_are_pinned(steps: list[Step]) -> None:
    used = [step["uses"] for step in steps if "uses" in step]
    assert len(used) == 5
    for action in used:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", action)
        assert re.search(rf"{action} # v\d+\.\d+\.\d+\n", WORKFLOW.read_text(encoding="utf-8"))


def test_nothing_is_put_into_a_script(steps: list[Step], tmp_path: Path) -> None:
    for step in steps:
        assert "${{" not in step.get("run", "")
        assert bash(f"bash -n <<'EOF'\n{step.get('run', '')}\nEOF", tmp_path).stderr == ""


def test_pip_runs_where_no_file_of_the_pull_request_is_a_module(workflow: dict[str, Any]) -> None:
    assert script(workflow, "check", "Install")["working-directory"] == "${{ runner.temp }}"


def test_what_it_runs_is_there_and_takes_these_options(steps: list[Step], tmp_path: Path) -> None:
    lines = [line for step in steps for line in re.findall(r"sre-run [^>|\n]*", step.get("run", ""))]
    assert [line.split()[1] for line in lines] == ["validate", "diff", "test"]
    for line in lines:
        _, verb, *arguments = shlex.split(line.replace("$RUNNER_TEMP", str(tmp_path)))
        with command(verb).make_context(verb, arguments) as parsed:
            assert isinstance(parsed, click.Context)


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository as GitHub checks it out: the merge of a pull request that gives an agent a tool it should not have,
    as shallow as the workflow asks for."""
    origin, clone = tmp_path_factory.mktemp("origin"), tmp_path_factory.mktemp("clone")
    shutil.copytree(CONFIGS / "good" / "everything", origin, dirs_exist_ok=True)
    git(origin, "init", "--quiet")
    git(origin, "add", ".")
    git(origin, "commit", "--quiet", "-m", "base")
    git(origin, "switch", "--quiet", "-c", "change")
    agent = origin / "agents.d" / "logs.yml"
    text, count = re.subn(r"^tools: \[", "tools: [restart, ", agent.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert count == 1
    agent.write_text(text, encoding="utf-8")
    git(origin, "commit", "--quiet", "-a", "-m", "change")
    git(origin, "switch", "--quiet", "main")
    git(origin, "merge", "--quiet", "--no-ff", "-m", "merge", "change")
    git(clone, "clone", "--quiet", "--depth=2", origin.as_uri(), "repository")
    return clone / "repository"


def test_the_steps_find_and_show_what_a_pull_request_changes(
    workflow: dict[str, Any], merged: Path, tmp_path: Path
) -> None:
    (tmp_path / "temp").mkdir()
    summary = tmp_path / "summary.md"
    environ = {"RUNNER_TEMP": str(tmp_path / "temp"), "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_ACTIONS": "true"}
    done = bash(script(workflow, "check", "Validate")["run"], merged, GITHUB_WORKSPACE=str(merged), **environ)
    assert (done.returncode, done.stderr) == (0, "")
    done = bash(script(workflow, "check", "Diff")["run"], merged, **environ)
    assert done.returncode == 0, done.stderr
    kept = (tmp_path / "temp" / "diff" / "diff.md").read_text(encoding="utf-8")
    assert "restart" in kept
    assert summary.read_text(encoding="utf-8") == kept


GH = """\
#!/bin/sh
printf '%s\\n' "$@" ---- >> calls.txt
for each in "$@"; do
  case "$each" in body=@*) cat "${each#body=@}" > posted.md ;; --jq) cat ids.txt ;; esac
done
"""
"""Stands for GitHub's program: it notes its arguments, and keeps the body that it is given as a file."""

HOSTILE = '`touch pwned` $(touch pwned) "; touch pwned #\n::error::x\n@file %s \\0 <!-- -->\n'


@pytest.mark.parametrize(
    ("there", "method", "path"),
    [("", "POST", "repos/o/r/issues/7/comments"), ("31\n32\n", "PATCH", "repos/o/r/issues/comments/31")],
)
def test_the_diff_becomes_one_comment_and_never_a_command(
    workflow: dict[str, Any], tmp_path: Path, there: str, method: str, path: str
) -> None:
    step = script(workflow, "comment", "Comment")
    mark = step["env"]["MARK"]
    (tmp_path / "diff.md").write_text(HOSTILE, encoding="utf-8")
    done = comment(step, tmp_path, there)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "posted.md").read_text(encoding="utf-8") == f"{mark}\n{HOSTILE}"
    asked, sent = (tmp_path / "calls.txt").read_text(encoding="utf-8").split("----\n")[:2]
    assert "repos/o/r/issues/7/comments" in asked.splitlines()
    assert sent.splitlines() == ["api", "--silent", "--method", method, path, "--field", "body=@comment.md"]
    assert not (tmp_path / "pwned").exists()


def test_a_diff_that_is_too_long_for_a_comment_is_cut_between_characters(
    workflow: dict[str, Any], tmp_path: Path
) -> None:
    step = script(workflow, "comment", "Comment")
    (tmp_path / "diff.md").write_text("x" + "é" * 100_000, encoding="utf-8")
    done = comment(step, tmp_path, "")
    assert done.returncode == 0
    posted = (tmp_path / "posted.md").read_text(encoding="utf-8")
    assert len(posted.encode()) < 65_536
    assert re.fullmatch(r".*\nxé{29999}\n\nThis is not all of it: .*\n", posted)


def comment(step: Step, folder: Path, there: str) -> subprocess.CompletedProcess[str]:
    (folder / "ids.txt").write_text(there)
    programs = folder / "programs"
    programs.mkdir()
    (programs / "gh").write_text(GH)
    (programs / "gh").chmod(0o755)
    environ = {name: value for name, value in step["env"].items() if "${{" not in value}
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    return bash(f"PATH={shlex.quote(path)}\n{step['run']}", folder, GITHUB_REPOSITORY="o/r", NUMBER="7", **environ)


# --- pre-commit -----------------------------------------------------------------------------------------------------


def test_the_hook_checks_the_whole_configuration(tmp_path: Path) -> None:
    """As pre-commit calls it: the entry and its arguments, no files, in the root of the repository."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert {"id", "name", "entry", "language"} <= set(hook)
    assert (hook["language"], hook["pass_filenames"], hook["always_run"]) == ("python", False, True)
    shutil.copytree(CONFIGS / "good" / "everything", tmp_path / "room")
    for arguments, cwd in (([], tmp_path / "room"), (["--config", "room"], tmp_path)):
        assert hooked(hook, arguments, cwd).returncode == 0
    (tmp_path / "room" / "agents.d" / "pods.yaml").unlink()
    done = hooked(hook, [], tmp_path / "room")
    assert done.returncode == 2
    assert "there is no agent `pods`" in done.stdout


def hooked(hook: dict[str, Any], arguments: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return bash(shlex.join([*shlex.split(hook["entry"]), *hook.get("args", []), *arguments]), cwd)


def test_the_page_names_the_hook_that_there_is() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (example,) = (yaml.safe_load(text) for text in fences(PAGE, "yaml"))
    (repository,) = example["repos"]
    assert [each["id"] for each in repository["hooks"]] == [hook["id"]]
    source = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["env"]["SRE_RUN"]
    assert source == f"sre-run @ git+{repository['repo']}@{repository['rev']}"
    assert repository["rev"] == "COMMIT"  # to be filled in: a version would have to be a tag that there is


# --- The page -------------------------------------------------------------------------------------------------------


def test_its_annotation_and_the_keys_of_its_json_are_real(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CONFIGS / "bad" / "unknown-names")
    done = bash("sre-run validate --format json || true", Path.cwd())
    data = json.loads(done.stdout)
    assert set(first_cells(PAGE)) >= {key for key in keys(data) if not key.startswith("checked.tools.")}
    assert {cell for cell in first_cells(PAGE) if re.fullmatch(r"[a-z\[\].]+", cell)} <= {*keys(data)}
    from sre_runner.config.loading import validate

    first = workflow_commands(validate().problems[:1], Path.cwd())
    assert first in fences(PAGE, "text")[0]


def test_every_command_it_names_takes_these_arguments() -> None:
    for line in "".join(fences(PAGE, "text")).splitlines():
        if line.startswith("sre-run "):
            _, verb, *arguments = shlex.split(re.split(r"\s{2,}", line)[0])
            command(verb).make_context(verb, arguments).close()


WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize("path", [*WORKFLOWS, WORKFLOW], ids=lambda path: path.name)
def test_actions_are_pinned_by_digest_with_the_version_beside_it(path: Path) -> None:
    used = re.findall(r"uses: (.*)", path.read_text(encoding="utf-8"))
    assert used
    for each in used:
        assert re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)


def test_everything_that_is_installed_is_locked_by_its_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)
    locked = {re.split(r"[=\[ ;]", entry)[0].lower() for entry in entries}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["dev"]]
    names = {re.split(r"[\[<>=~! ;]", each)[0].lower() for each in wanted}
    assert names <= locked
    assert all(re.search(r"<\d", each) for each in project["build-system"]["requires"])


def test_the_runs_and_the_report_of_the_tests_are_kept(workflow: dict[str, Any]) -> None:
    """Also where a case fails, which is when they are wanted."""
    test, kept = script(workflow, "check", "Test"), script(workflow, "check", "Keep the runs")
    folder = "$RUNNER_TEMP/tests"
    assert f'--junit "{folder}/junit.xml"' in test["run"]
    assert f'--runs "{folder}/runs"' in test["run"]
    assert "--format github" in test["run"]
    assert kept["if"] == "${{ !cancelled() }}"
    assert kept["with"]["path"] == "${{ runner.temp }}/tests"
