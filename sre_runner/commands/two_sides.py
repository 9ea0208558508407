"""Which two configurations a comparison is of: directories, revisions of the repository, or what is here now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sre_runner.config.directory import FOLDERS, absolute, shown
from sre_runner.config.loading import find_directory
from sre_runner.errors import Problem, RunnerError
from sre_runner.review.revisions import Repository
from sre_runner.text.naming import said

if TYPE_CHECKING:
    from sre_runner.review.diff.difference import Difference

HERE = "working tree"


@dataclass(frozen=True)
class Chosen:
    """One side: what it is called, the directory that is read, and the one whose files people know these as."""

    label: str
    root: Path
    known: Path

    def told(self, text: str) -> str:
        """A text with the paths that people know."""
        if self.root == self.known:
            return text
        prefix = shown(self.known)
        return text.replace(f"{shown(self.root)}/", "" if prefix == "." else f"{prefix}/")


def two_sides(
    base: str | None, head: str | None, config: Path | None, temporary: Path
) -> tuple[Chosen, Chosen, list[str]]:
    """Both sides and what a person should know of them; revisions are written into the `temporary` folder.

    Left out, `base` is where the work here went apart from the default branch, and `head` is the working tree.
    `A...B` is where A and B went apart, and B; without B, the working tree. Raises `RunnerError`.
    """
    if base and ".." in base and head is None and not _is_configuration(base):
        return _range(base, config, temporary)
    if head is not None and _is_configuration(head):
        new = _directory(head)
    else:
        new = _revision(head, config, temporary) if head is not None else _here(config)
    if base is None:
        return _forked(None, new, "HEAD", temporary)
    if _is_configuration(base):
        return _directory(base), new, []
    old = _revision(base, config or (new.known if head is None else None), temporary)
    return old, new, _empty(old)


def _range(text: str, config: Path | None, temporary: Path) -> tuple[Chosen, Chosen, list[str]]:
    """`A...B`, or `A..B`, of which both ends may be left out."""
    sign = "..." if "..." in text else ".."
    one, _, other = text.partition(sign)
    new = _revision(other, config, temporary) if other else _here(config)
    if sign == "...":
        return _forked(one or None, new, other or "HEAD", temporary)
    old = _revision(one or "HEAD", new.known, temporary)
    return old, new, _empty(old)


def _forked(branch: str | None, new: Chosen, other: str, temporary: Path) -> tuple[Chosen, Chosen, list[str]]:
    """Where a branch, or else the default one, and another revision went apart."""
    repository = Repository.of(new.known)
    name = branch or repository.default_branch()
    commit = repository.merge_base(repository.commit(name), repository.commit(other))
    old = _extracted(repository, commit, f"merge base with {name}", temporary)
    return old, new, _empty(old)


def _is_configuration(text: str) -> bool:
    """Whether a word names a directory with a configuration, and so is no revision."""
    path = Path(text)
    return any((path / folder).is_dir() for folder in FOLDERS.values())


def _directory(text: str) -> Chosen:
    root = absolute(Path(text))
    return Chosen(text, root, root)


def _here(config: Path | None) -> Chosen:
    root = find_directory(Path(), config)
    return Chosen(HERE, root, root)


def _revision(name: str, config: Path | None, temporary: Path) -> Chosen:
    try:
        repository = Repository.of(find_directory(Path(), config))
        return _extracted(repository, repository.commit(name), name, temporary)
    except RunnerError:
        if not Path(name).is_dir():
            raise
        hint = "Give the folder that holds agents.d and tools.d."
        raise RunnerError(f"{said(name)} is no revision, and has no folder agents.d", hint) from None


def _extracted(repository: Repository, commit: str, name: str, temporary: Path) -> Chosen:
    root = temporary / f"side-{len(list(temporary.iterdir()))}"
    root.mkdir()
    repository.extract(commit, root)
    return Chosen(f"{name} ({commit[:10]})", root, repository.folder)


def _empty(side: Chosen) -> list[str]:
    """That a side holds nothing at all."""
    if any((side.root / folder).is_dir() for folder in FOLDERS.values()):
        return []
    return [f"{side.label} has no configuration in {shown(side.known)}, so that everything is new"]


def as_known(difference: Difference, base: Chosen, head: Chosen) -> Difference:
    """The difference with the paths that people know."""
    sides = {"base": base, "head": head}

    def problems(found: Sequence[Problem], side: Chosen) -> tuple[Problem, ...]:
        return tuple(
            replace(each, file=side.told(each.file), message=side.told(each.message), hint=side.told(each.hint))
            for each in found
        )

    changes = tuple(
        replace(each, place=replace(each.place, file=sides[each.place.side].told(each.place.file)))
        if each.place
        else each
        for each in difference.changes
    )
    return replace(
        difference,
        changes=changes,
        base_problems=problems(difference.base_problems, base),
        head_problems=problems(difference.head_problems, head),
    )
