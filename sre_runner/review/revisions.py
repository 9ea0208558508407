"""Revisions of a git repository: which one is meant, and a configuration as it stands there, without a checkout."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from sre_runner.config.directory import FOLDERS, MAX_TEXT_FILE, SUFFIXES, Directory
from sre_runner.config.sources import WORLDS
from sre_runner.documents.yaml.document import MOST_BYTES
from sre_runner.errors import RunnerError
from sre_runner.review.git import (
    TWO_DIRECTORIES,
    Object,
    checked,
    command,
    environment,
    git,
    lacking,
    next_content,
    next_object,
    reason,
)
from sre_runner.text.naming import nearest, said
from sre_runner.tools.backends.table import backend_of

DEFAULT_BRANCHES = ("origin/HEAD", "main", "master", "origin/main", "origin/master")
"""What is taken for the default branch: the first of these that there is."""
NOT_FOLLOWED = "a link that leads to no file of the repository"
"""Where a link leads that stands for one; nothing has this name."""

_FLAT = frozenset({FOLDERS["agent"], FOLDERS["playbook"]})
"""Folders of which only YAML files right in them are read."""
_LINK = "120000"
"""The mode of a symbolic link in a tree."""
_FOLLOWED = "--follow-symlinks"


class _Entry(NamedTuple):
    """A file of a tree: its path from a folder of the configuration, and its content's id and size in bytes; "" for a
    link that is not followed."""

    folder: str
    path: str
    blob: str
    size: int


@dataclass(frozen=True)
class Repository:
    """The repository of a configuration directory, which is the folder `prefix` of it ("" or ending with a slash)."""

    folder: Path
    prefix: str

    @classmethod
    def of(cls, folder: Path) -> Repository:
        """The repository that a folder is in; raise `RunnerError` where there is none, or no git."""
        done = git(folder, "rev-parse", "--show-prefix")
        if done.returncode:
            why = reason(done.stderr)
            if "not a git repository" in why:
                raise RunnerError(f"{folder} is in no git repository", TWO_DIRECTORIES)
            raise RunnerError(f"git cannot use the repository of {folder}: {why}", TWO_DIRECTORIES)
        return cls(folder, os.fsdecode(done.stdout.removesuffix(b"\n")))

    def commit(self, revision: str) -> str:
        """The id of the commit that a revision names; raise `RunnerError` where there is none."""
        found = self._commit(revision)
        if found:
            return found
        if not self._commit("HEAD"):
            raise RunnerError("the repository has no commit yet", TWO_DIRECTORIES)
        names = self._lines("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags")
        near = nearest(revision, names[:1000])
        hint = f"Did you mean {said(near)}?" if near else "It is neither a revision nor a configuration directory."
        if self._shallow():
            hint += " The clone is shallow: with more of the history (`fetch-depth: 0`) it may be there."
        raise RunnerError(f"there is no revision {said(revision)}", hint)

    def default_branch(self) -> str:
        """The name of the default branch; raise `RunnerError` where it cannot be told."""
        found = self._asked([f"{name}^{{commit}}" for name in DEFAULT_BRANCHES])
        for name, each in zip(DEFAULT_BRANCHES, found, strict=True):
            if each:
                return name
        if not self._commit("HEAD"):
            raise RunnerError("the repository has no commit yet", TWO_DIRECTORIES)
        there = ", ".join(DEFAULT_BRANCHES)
        raise RunnerError(
            f"there is no default branch: none of {there}", "Name what to compare with: sre-run diff BASE"
        )

    def merge_base(self, one: str, other: str) -> str:
        """The id of the commit from which two commits, by their ids, went apart; raise `RunnerError` where none is
        known."""
        done = git(self.folder, "merge-base", one, other)
        if done.returncode == 0:
            return os.fsdecode(done.stdout.split()[0])
        message = f"{one[:10]} and {other[:10]} have no commit in common"
        if self._shallow():
            hint = "The clone is shallow. Fetch the history: git fetch --unshallow, or `fetch-depth: 0` in a workflow."
            raise RunnerError(f"{message} that is known here", hint)
        raise RunnerError(message, "Name both sides: sre-run diff BASE HEAD")

    def extract(self, commit: str, target: Path) -> bool:
        """Write the configuration of a commit, by its id, into an empty folder; whether there is any.

        Links are followed inside the repository; others, and files that are too large to be read, are written as what
        is refused when it is read. The folders that tools name come with it.
        """
        found = self._extract(commit, list(FOLDERS.values()), target)
        self._extract(commit, _named(target), target)
        return found

    def _extract(self, commit: str, folders: Sequence[str], target: Path) -> bool:
        trees = self._asked([f"{commit}:{self.prefix}{folder}".rstrip("/") for folder in folders], _FOLLOWED)
        entries = [
            entry
            for folder, tree in zip(folders, trees, strict=True)
            if tree and tree.type == "tree"
            for entry in self._entries(commit, folder, tree.id)
        ]
        wanted: dict[Path, _Entry] = {}
        for entry in entries:
            path = target / entry.folder / entry.path
            if path in wanted or path.is_symlink() or path.exists():  # of a folder inside of another one
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            limit = MOST_BYTES if path.suffix in SUFFIXES else MAX_TEXT_FILE
            if not entry.blob:
                path.symlink_to(NOT_FOLLOWED)
            elif entry.size > limit:
                with path.open("xb") as file:
                    file.truncate(limit + 1)
            else:
                wanted[path] = entry
        self._write(wanted)
        return bool(entries)

    def _entries(self, commit: str, folder: str, tree: str) -> Iterator[_Entry]:
        """The files of a folder of the configuration that can be read from there."""
        links: list[str] = []
        for line in checked(git(self.folder, "ls-tree", "-r", "-z", "-l", "--full-tree", tree)).split(b"\0")[:-1]:
            head, _, name = line.partition(b"\t")
            path, (mode, kind, blob, size) = os.fsdecode(name), os.fsdecode(head).split()
            parts = path.split("/")
            deep = len(parts) > 1 or Path(path).suffix not in SUFFIXES
            if not {"", ".", ".."}.isdisjoint(parts) or (deep and folder in _FLAT):
                continue
            if mode == _LINK:
                links.append(path)
            elif kind == "blob":
                if not size.isdigit():
                    raise lacking(path)
                yield _Entry(folder, path, blob, int(size))
        followed = self._asked([f"{commit}:{self.prefix}{folder}/{path}" for path in links], _FOLLOWED)
        for path, found in zip(links, followed, strict=True):
            inside = found is not None and found.type == "blob"
            yield _Entry(folder, path, found.id if found and inside else "", found.size if found and inside else 0)

    def _write(self, entries: Mapping[Path, _Entry]) -> None:
        """Write the contents of files, as git gives them one after the other."""
        if not entries:
            return
        with tempfile.TemporaryFile() as names:
            names.write("".join(f"{entry.blob}\n" for entry in entries.values()).encode())
            names.seek(0)
            with subprocess.Popen(  # noqa: S603 - a list of arguments
                command("cat-file", "--batch"),
                cwd=self.folder,
                env=environment(),
                stdin=names,
                stdout=subprocess.PIPE,
            ) as process:
                assert process.stdout is not None
                for path, entry in entries.items():
                    with path.open("xb") as file:
                        file.write(next_content(process.stdout, entry.blob, entry.path))

    def _commit(self, revision: str) -> str | None:
        """The id of a commit; None where there is none of that name."""
        (found,) = self._asked([f"{revision}^{{commit}}"]) if revision.strip() else (None,)
        return found.id if found and found.type == "commit" else None

    def _asked(self, names: Sequence[str], *options: str) -> list[Object | None]:
        """What there is under each of the names, which go in as data, so that none is ever an option."""
        sent = [name for name in names if not {"\n", "\0"} & set(name)]
        given = b"".join(os.fsencode(name) + b"\n" for name in sent)
        done = git(self.folder, "cat-file", "--batch-check", *options, given=given) if sent else None
        stream = BytesIO(done.stdout if done else b"")
        found = {name: next_object(stream) for name in sent}
        return [found.get(name) for name in names]

    def _lines(self, *arguments: str) -> list[str]:
        return os.fsdecode(git(self.folder, *arguments).stdout).splitlines()

    def _shallow(self) -> bool:
        return self._lines("rev-parse", "--is-shallow-repository") == ["true"]


def _named(target: Path) -> list[str]:
    """The folders, inside of the configuration, that the tools of an extracted one name."""
    directory = Directory(target)
    found = [
        PurePosixPath(folder).as_posix().removeprefix(".")
        for family in directory.tools
        for name in family.names("tools")
        for world in WORLDS
        if (data := family.sound("tools", name, world))
        for folder in backend_of(world, data).folders(data)
    ]
    # A path that is absolute or leads upwards is a problem, and is not followed.
    return [each for each in dict.fromkeys(found) if not each.startswith("/") and ".." not in each.split("/")]
