"""Revisions of real repositories: which commit is meant, what is written of it, and what is said without one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from git_repository import git, needs_git, repository

from sre_runner.config.directory import MAX_TEXT_FILE, Directory
from sre_runner.documents.yaml.document import MOST_BYTES
from sre_runner.errors import RunnerError
from sre_runner.review.revisions import NOT_FOLLOWED, Repository

pytestmark = needs_git

AGENT = "description: Pods.\nprompt: Look.\n"
FILES: dict[str, str | bytes] = {"agents.d/pods.yaml": AGENT, "agents.d/notes.txt": "no", "agents.d/deep/x.yaml": "no"}


def written(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def test_a_configuration_is_written_as_it_stands_in_a_commit(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        **{f"ops/{name}": text for name, text in FILES.items()},
        "ops/tools.d/logs.yaml": "tools: {}\n",
        "ops/tools.d/texts/a b\tc.txt": b"\xff\x00raw\n",
        "ops/playbooks/down.yml": "task: x\n",
        "ops/README.md": "no",
        "agents.d/elsewhere.yaml": "no",
    }
    room = repository(tmp_path / "repository", {"main": files}) / "ops"
    (room / "agents.d" / "pods.yaml").write_text("changed: here\n")
    found = Repository.of(room)
    assert found.prefix == "ops/"
    target = tmp_path / "target"
    target.mkdir()
    assert found.extract(found.commit("main"), target)
    names = {"agents.d/pods.yaml", "tools.d/logs.yaml", "tools.d/texts/a b\tc.txt", "playbooks/down.yml"}
    assert written(target) == names
    assert (target / "agents.d" / "pods.yaml").read_text() == AGENT
    assert (target / "tools.d" / "texts" / "a b\tc.txt").read_bytes() == b"\xff\x00raw\n"
    assert git(room, "status", "--porcelain") == "M ops/agents.d/pods.yaml"


def test_a_commit_without_a_configuration_gives_nothing(tmp_path: Path) -> None:
    room = repository(tmp_path / "repository", {"main": {"README.md": "x"}})
    found = Repository.of(room)
    target = tmp_path / "target"
    target.mkdir()
    assert not found.extract(found.commit("HEAD"), target)
    assert written(target) == set()


def test_links_are_followed_inside_the_repository_only(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("description: outside\nprompt: outside\n")
    files: dict[str, str | bytes] = {
        "shared/pods.yaml": AGENT,
        "shared/tools/a.yaml": "tools: {}\n",
        "ops/agents.d/a.yaml": AGENT,
    }
    links = {
        "ops/agents.d/pods.yaml": "../../shared/pods.yaml",
        "ops/agents.d/out.yaml": "../../../secret.yaml",
        "ops/agents.d/root.yaml": "/etc/hostname",
        "ops/agents.d/circle.yaml": "circle.yaml",
        "ops/agents.d/folder.yaml": "../../shared",
        "ops/tools.d": "../shared/tools",
    }
    room = repository(tmp_path / "repository", {"main": files}, links) / "ops"
    found = Repository.of(room)
    target = tmp_path / "target"
    target.mkdir()
    found.extract(found.commit("main"), target)
    assert (target / "agents.d" / "pods.yaml").read_text() == AGENT
    assert not (target / "agents.d" / "pods.yaml").is_symlink()
    assert (target / "tools.d" / "a.yaml").read_text() == "tools: {}\n"
    for name in ("out", "root", "circle", "folder"):
        path = target / "agents.d" / f"{name}.yaml"
        assert os.readlink(path) == NOT_FOLLOWED
        file = Directory(target).agent(name)
        assert file
        assert "there is no such file" in file.problems[0].message


def test_files_that_are_too_large_are_refused_where_they_are_read(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "agents.d/large.yaml": b"x" * (MOST_BYTES + 100),
        "tools.d/large.txt": b"x" * (MAX_TEXT_FILE + 100),
    }
    room = repository(tmp_path / "repository", {"main": files})
    found = Repository.of(room)
    target = tmp_path / "target"
    target.mkdir()
    found.extract(found.commit("main"), target)
    file = Directory(target).agent("large")
    assert file
    assert "more than 5,000,000 bytes" in file.problems[0].message
    with pytest.raises(RunnerError, match="too large"):
        Directory(target).text("large.txt")


def test_what_git_hands_to_its_hooks_does_not_lead_to_another_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = repository(tmp_path / "one", {"main": FILES})
    other = repository(tmp_path / "other", {"main": {"README.md": "x"}})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    assert Repository.of(one).commit("main") == git(one, "rev-parse", "main")


@pytest.mark.parametrize(
    "name", ["--upload-pack=touch x", "-x", "--", "", " ", "a\nmain", "main\0", "nope", "HEAD:README.md"]
)
def test_a_name_is_never_an_option_and_never_two(tmp_path: Path, name: str) -> None:
    found = Repository.of(repository(tmp_path / "repository", {"main": FILES}))
    with pytest.raises(RunnerError, match="there is no revision"):
        found.commit(name)
    assert {path.name for path in found.folder.iterdir()} == {".git", "agents.d"}


def test_revisions_are_named_as_git_takes_them(tmp_path: Path) -> None:
    room = repository(tmp_path / "repository", {"main": FILES, "other": {**FILES, "README.md": "x"}})
    git(room, "tag", "-a", "v1", "-m", "first", "other")
    found = Repository.of(room)
    assert found.commit("v1") == found.commit("other") == found.commit("other^{commit}")
    assert found.commit("other^") == found.commit("main") == found.commit("HEAD")
    assert found.commit(found.commit("main")[:10]) == found.commit("main")
    with pytest.raises(RunnerError) as error:
        found.commit("othr")
    assert error.value.hint == "Did you mean `other`?"


def test_the_default_branch_is_the_first_that_there_is(tmp_path: Path) -> None:
    room = repository(tmp_path / "repository", {"trunk": FILES})
    found = Repository.of(room)
    with pytest.raises(RunnerError, match="no default branch") as error:
        found.default_branch()
    assert "sre-run diff BASE" in error.value.hint
    for name in ("refs/remotes/origin/master", "refs/remotes/origin/main", "refs/heads/master", "refs/heads/main"):
        git(room, "update-ref", name, "HEAD")
        assert found.default_branch() == name.removeprefix("refs/heads/").removeprefix("refs/remotes/")
    git(room, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/master")
    assert found.default_branch() == "origin/HEAD"


def test_where_two_branches_went_apart(tmp_path: Path) -> None:
    room = repository(tmp_path / "repository", {"main": FILES, "one": {"a": "1"}, "two": {"a": "2"}})
    found = Repository.of(room)
    one, two, main = (found.commit(name) for name in ("one", "two", "main"))
    assert found.merge_base(one, two) == main
    alone = git(room, "commit-tree", "-m", "alone", f"{main}^{{tree}}")
    with pytest.raises(RunnerError, match="no commit in common") as error:
        found.merge_base(one, alone)
    assert "name both sides" in error.value.hint.lower()


def test_a_shallow_clone_says_what_to_fetch(tmp_path: Path) -> None:
    whole = repository(tmp_path / "whole", {"main": FILES, "one": {"a": "1"}, "two": {"a": "2"}})
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth", "1", "--no-single-branch", f"file://{whole}", str(shallow))
    found = Repository.of(shallow)
    with pytest.raises(RunnerError) as error:
        found.merge_base(found.commit("origin/one"), found.commit("origin/two"))
    assert "fetch-depth: 0" in error.value.hint
    with pytest.raises(RunnerError) as error:
        found.commit("origin/one~1")
    assert "fetch-depth: 0" in error.value.hint


def test_what_is_said_without_a_commit_a_repository_or_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = Repository.of(repository(tmp_path / "empty", {}))
    for ask in (lambda: empty.commit("main"), empty.default_branch):
        with pytest.raises(RunnerError, match="no commit yet"):
            ask()
    with pytest.raises(RunnerError, match="in no git repository") as error:
        Repository.of(tmp_path)
    assert "sre-run diff BEFORE AFTER" in error.value.hint
    broken = tmp_path / "broken"
    (broken / ".git").mkdir(parents=True)
    (broken / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (broken / ".git" / "objects").mkdir()
    (broken / ".git" / "refs").mkdir()
    (broken / ".git" / "config").write_text("[core\n")
    with pytest.raises(RunnerError, match="git cannot use the repository"):
        Repository.of(broken)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RunnerError, match="git is not installed"):
        Repository.of(tmp_path)


@pytest.mark.parametrize("broken", [b"", b"x\x01K\xca\xc9OR04f", None])
def test_a_content_that_git_does_not_have_is_told(tmp_path: Path, broken: bytes | None) -> None:
    room = repository(tmp_path / "repository", {"main": FILES})
    found = Repository.of(room)
    commit, blob = found.commit("main"), git(room, "rev-parse", "main:agents.d/pods.yaml")
    loose = room / ".git" / "objects" / blob[:2] / blob[2:]
    loose.unlink()
    if broken is not None:
        loose.write_bytes(broken)
    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises(RunnerError, match=r"does not have the content of `pods\.yaml`"):
        found.extract(commit, target)


def test_the_folders_that_tools_name_come_with_the_configuration(tmp_path: Path) -> None:
    """Without them, a tool of runbooks would be a problem of every revision, and could not be rehearsed."""
    entry = "{{description: Runbooks., input_schema: {{type: object, properties: {{query: {{type: string}}}}}}, {}}}"
    folders = {"one": "runbooks", "two": "docs/deep", "three": "docs", "four": "../secrets", "five": "tools.d/texts"}
    tools = {name: entry.format(f"simulated: {{runbooks: {{folder: {folder}}}}}") for name, folder in folders.items()}
    files = {
        "ops/agents.d/a.yaml": "description: A.\nprompt: P.\n",
        "ops/tools.d/books.yaml": "tools:\n" + "".join(f"  {name}: {text}\n" for name, text in tools.items()),
        "ops/tools.d/texts/t.md": "# T\n",
        "ops/runbooks/team/a.md": "# A\n",
        "ops/docs/b.md": "# B\n",
        "ops/docs/deep/c.md": "# C\n",
        "ops/other/d.md": "# D\n",
        "secrets/e.md": "# E\n",
    }
    found = Repository.of(repository(tmp_path / "repository", {"main": files}) / "ops")
    target = tmp_path / "target"
    target.mkdir()
    assert found.extract(found.commit("main"), target)
    assert {path.relative_to(target).as_posix() for path in target.rglob("*.md")} == {
        *("runbooks/team/a.md", "docs/b.md", "docs/deep/c.md", "tools.d/texts/t.md")
    }
    assert (target / "docs/deep/c.md").read_text(encoding="utf-8") == "# C\n"
    assert not (tmp_path / "secrets").exists()
