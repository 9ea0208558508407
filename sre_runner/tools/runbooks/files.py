"""The Markdown files of a folder, read with care: only regular files that are really in it, and not too many."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sre_runner.errors import RunnerError
from sre_runner.text.naming import said

SUFFIXES = (".md", ".markdown")
MAX_FILE = 1_000_000
"""Bytes of a runbook."""
MAX_FILES = 5_000
MAX_TOTAL = 30_000_000
"""Bytes of all runbooks of a folder."""
MAX_DEPTH = 20
"""Folders below one another."""


@dataclass(frozen=True)
class Found:
    """A Markdown file of the folder, not read yet. `name` is its path from there, with slashes; `path` has no links."""

    name: str
    path: Path
    size: int
    mtime_ns: int


@dataclass(frozen=True)
class Skipped:
    """A Markdown file that is not searched, and why."""

    name: str
    reason: str


def find(folder: Path) -> tuple[tuple[Found, ...], tuple[Skipped, ...]]:
    """The Markdown files below a folder by name, and those that are refused. Hidden files and folders are left out.

    Raise `RunnerError` where the folder cannot be read.
    """
    try:
        root = folder.resolve(strict=True)
        os.scandir(root).close()
    except (OSError, RuntimeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "links in a circle"
        raise RunnerError(f"the folder of runbooks {said(str(folder))} cannot be read: {reason}") from None
    found: list[Found] = []
    skipped: list[Skipped] = []
    inodes: set[tuple[int, int]] = set()
    total = 0
    for name in sorted(_names(root)):
        taken = _looked_at(root, name, inodes)
        if taken is None:
            continue
        if isinstance(taken, Skipped):
            skipped.append(taken)
        elif len(found) == MAX_FILES or total + taken.size > MAX_TOTAL:
            skipped.append(Skipped(name, f"at most {MAX_FILES:,} files and {MAX_TOTAL:,} bytes are read"))
        else:
            found.append(taken)
            total += taken.size
    return tuple(found), tuple(skipped)


def text_of(found: Found) -> str | Skipped:
    """The text of a file, wrong bytes replaced; why not, where it has changed into something that is not read."""
    try:
        # A path without links that has one now was changed after it was found.
        file = os.open(found.path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        with open(file, "rb") as stream:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                return Skipped(found.name, "it is not a regular file")
            raw = stream.read(MAX_FILE + 1)
    except OSError as error:
        return Skipped(found.name, f"it cannot be read: {error.strerror}")
    return _decoded(raw) if len(raw) <= MAX_FILE else Skipped(found.name, f"it is larger than {MAX_FILE:,} bytes")


def _names(root: Path) -> Iterator[str]:
    """The paths of Markdown files below a folder; links to folders are not followed."""
    waiting = [("", 0)]
    while waiting:
        below, depth = waiting.pop()
        try:
            with os.scandir(root / below) as entries:
                for entry in entries:
                    name = f"{below}{entry.name}"
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        if depth < MAX_DEPTH:
                            waiting.append((f"{name}/", depth + 1))
                    elif entry.name.lower().endswith(SUFFIXES):
                        yield name
        except OSError:  # a folder that may not be read, or is gone
            continue


def _looked_at(root: Path, name: str, inodes: set[tuple[int, int]]) -> Found | Skipped | None:
    """A file as it is found; None where it is there already under another name."""
    try:
        path = (root / name).resolve(strict=True)
        status = path.stat()
    except (OSError, RuntimeError):
        return Skipped(name, "it is a link that leads nowhere")
    if not path.is_relative_to(root):
        return Skipped(name, "it is a link that leads out of the folder")
    if not stat.S_ISREG(status.st_mode):
        return Skipped(name, "it is not a regular file")
    if status.st_size > MAX_FILE:
        return Skipped(name, f"it is larger than {MAX_FILE:,} bytes")
    inode = (status.st_dev, status.st_ino)
    if inode in inodes:
        return None
    inodes.add(inode)
    return Found(name, path, status.st_size, status.st_mtime_ns)


def _decoded(raw: bytes) -> str:
    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = raw.decode("utf-16" if wide else "utf-8-sig", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")
