"""Real git repositories for tests, made by `git fast-import`: many commits in one process."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *arguments: str, given: bytes = b"") -> str:
    """The output of a git command that succeeds, in a neutral environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environ = {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, env=environ, input=given, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def repository(folder: Path, branches: Mapping[str, Mapping[str, str | bytes]], links: Mapping[str, str] = {}) -> Path:
    """A repository with a commit of these files on each branch; the first is the parent of the others.

    `links` are symbolic links of every commit: where each leads, by its path.
    """
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "--initial-branch", next(iter(branches), "main"))
    stream = b""
    for number, (branch, files) in enumerate(branches.items(), start=1):
        stream += f"commit refs/heads/{branch}\nmark :{number}\ncommitter T <t@example.com> {number} +0000\n".encode()
        stream += b"data 1\nx\n" + (b"from :1\ndeleteall\n" if number > 1 else b"")
        for path, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            stream += f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n"
        for path, target in links.items():
            stream += f"M 120000 inline {path}\ndata {len(target.encode())}\n{target}\n".encode()
    git(folder, "fast-import", "--quiet", given=stream)
    if branches:
        git(folder, "reset", "-q", "--hard")
    return folder
