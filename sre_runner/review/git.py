"""Git as it is asked: without a shell, in English, and without changing anything."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import IO, NamedTuple

from sre_runner.errors import RunnerError
from sre_runner.text.naming import said

_NO_FILE = ("symlink", "dangling", "loop", "notdir")
"""What git says of a link that leads out of the repository, nowhere, in a circle, or through a file."""
TWO_DIRECTORIES = "Two directories can be compared without git: sre-run diff BEFORE AFTER"
_OF_OTHERS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY")
"""Variables that git sets for its hooks, and that would lead to the repository of somebody else."""


class Object(NamedTuple):
    """Something that git keeps: its id, `commit`, `tree` or `blob`, and its size in bytes."""

    id: str
    type: str
    size: int


def next_object(stream: IO[bytes]) -> Object | None:
    """The next answer of `git cat-file --batch-check`; None where it says that there is no such thing."""
    words = os.fsdecode(stream.readline().removesuffix(b"\n")).split(" ")
    if len(words) == 2 and words[0] in _NO_FILE and words[1].isdigit():
        stream.read(int(words[1]) + 1)  # where the link leads, and a newline
        return None
    whole = len(words) == 3 and len(words[0]) >= 40 and words[2].isdigit()
    return Object(words[0], words[1], int(words[2])) if whole else None


def next_content(stream: IO[bytes], blob: str, path: str) -> bytes:
    """The content of a blob, next in a stream of `git cat-file --batch`. Raises `RunnerError` where git lacks it."""
    head = stream.readline().split()
    if len(head) != 3 or head[0] != blob.encode():
        raise lacking(path)
    size = int(head[2])
    content = stream.read(size)
    stream.read(1)
    return content


def lacking(path: str) -> RunnerError:
    """The error that git knows of a file and does not have it."""
    return RunnerError(f"git does not have the content of {said(path)}", "Is this a partial clone? Fetch all of it.")


def command(*arguments: str) -> list[str]:
    """A command of git."""
    return ["git", "--no-pager", *arguments]


def environment() -> dict[str, str]:
    """Git speaks English, asks for nothing and changes nothing."""
    kept = {name: value for name, value in os.environ.items() if name not in _OF_OTHERS}
    return {**kept, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}


def git(folder: Path, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run a command of git in a folder. Raises `RunnerError` where there is no git."""
    try:
        return subprocess.run(  # noqa: S603 - a list of arguments, of which those from outside are ids
            command(*arguments), cwd=folder, env=environment(), input=given, capture_output=True, check=False
        )
    except FileNotFoundError:
        raise RunnerError("git is not installed, or not on the PATH", TWO_DIRECTORIES) from None


def checked(done: subprocess.CompletedProcess[bytes]) -> bytes:
    """What a command printed. Raises `RunnerError` where it failed."""
    if done.returncode:
        raise RunnerError(f"git failed: {reason(done.stderr)}")
    return done.stdout


def reason(stderr: bytes) -> str:
    """The first line of what git says, without its prefix."""
    lines = os.fsdecode(stderr).strip().splitlines() or ["it does not say why"]
    return lines[0].removeprefix("fatal: ")
