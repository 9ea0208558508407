"""Whether a run's folder is as it was written: its journal by the seals, its copies by the digest that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sre_runner.journal.changes import Change, changes_of
from sre_runner.journal.events import JournalError
from sre_runner.journal.file import JOURNAL, whole_lines
from sre_runner.journal.record import Record, examined
from sre_runner.journal.seals import seal_of

COPIES: Mapping[str, re.Pattern[bytes]] = {
    "conclusion.md": re.compile(rb"^- Journal: [0-9,]+ lines, digest ([0-9a-f]{64})$", re.MULTILINE),
    "run.json": re.compile(rb'^  "journal_digest": "([0-9a-f]{64})",?$', re.MULTILINE),
}
"""What is made from a journal, and how each names the digest of the journal that it was made from."""


class Standing(StrEnum):
    """How a journal stands. `UNSEALED` is one of format 1, in which no change of a line can be seen."""

    INTACT = "intact"
    CHANGED = "changed"
    UNSEALED = "unsealed"
    BROKEN = "broken"


class Signed(StrEnum):
    """What the signatures of a journal say. `UNCHECKED` are those for which there is no key here."""

    NO = "no"
    UNCHECKED = "unchecked"
    YES = "yes"


@dataclass(frozen=True)
class Verified:
    """What is known of one run. `digest` is the seal of the last line; `problem` says why a journal cannot be read."""

    folder: Path
    standing: Standing
    lines: int
    digest: str
    signed: Signed
    changes: tuple[Change, ...]
    problem: str = ""


def verified(folder: Path, key: bytes = b"") -> Record:
    """The record of a run with every change that its journal and its copies show; signatures are checked with a `key`.

    Raises `RunnerError` where there is no record: the folder is no run, or its entries do not fit together.
    """
    record = examined(folder, key)
    record.changes = (*record.changes, *_of_copies(folder, list(whole_lines(folder / JOURNAL))))
    return record


def verify(folder: Path, key: bytes = b"") -> Verified:
    """How a run's folder stands; raises `RunnerError` where it is none."""
    problem = ""
    try:
        changes = verified(folder, key).changes
        lines = list(whole_lines(folder / JOURNAL))
    except JournalError as error:
        lines = _lines_of(folder / JOURNAL)
        changes, problem = (*changes_of(lines, key), *_of_copies(folder, lines)), error.message
    last = seal_of(lines[-1]) if lines else None
    sealed = any(map(seal_of, lines))
    if changes:
        standing = Standing.CHANGED
    elif problem:
        standing = Standing.BROKEN
    else:
        standing = Standing.INTACT if sealed else Standing.UNSEALED
    unsigned = last is None or not last.signature
    signed = Signed.NO if unsigned else Signed.YES if key else Signed.UNCHECKED
    return Verified(folder, standing, len(lines), last.seal if last else "", signed, changes, problem)


def _lines_of(path: Path) -> list[bytes]:
    try:
        return list(whole_lines(path))
    except OSError:
        return []


def _of_copies(folder: Path, lines: Sequence[bytes]) -> Iterator[Change]:
    """Copies that name a digest which no line of the journal has: it was cut off since, or is another."""
    for name, pattern in COPIES.items():
        try:
            named = pattern.findall((folder / name).read_bytes())
        except OSError:
            continue
        # From the end: it is the last one, unless the run was resumed since.
        seals = (seal.seal for seal in map(seal_of, reversed(lines)) if seal)
        if named and named[-1].decode() not in seals:
            text = f"{name} is of another journal, or lines after line {len(lines)} were dropped"
            yield Change(len(lines), "copy", text)
