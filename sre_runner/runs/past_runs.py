"""The runs of a folder: which there are, how each stands, which of them retention lets go, and how one is removed."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import shutil
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sre_runner.errors import RunnerError
from sre_runner.journal.answers import FOLDER as ANSWERS
from sre_runner.journal.events import JournalError, RunStarted
from sre_runner.journal.file import JOURNAL, read
from sre_runner.journal.record import record_of, sound
from sre_runner.runs.listing import Listed, State, listed

HEADER = b'{"event":"run_started",'
"""How every journal of ours begins, also one that is broken later."""

_SEQUENCE = re.compile(rb'\{"event":"run_started","at":[0-9.e+-]+,"sequence":(\d{1,15}),')
"""It stands at the beginning of a header, so that the highest of very many is found quickly."""

_ANSWER = re.compile(r"[0-9]+\.txt")

_NUMBERED = re.compile(r"-\d{8}-\d{6}-(\d{1,9})$")


@dataclass(frozen=True)
class Found:
    """A run of a folder, by its journal's first line.

    Where that cannot be read, `problem` says why, `begun` is when the journal was last written, and the rest is not
    known.
    """

    folder: Path
    begun: datetime
    playbook: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    sequence: int = 0

    @property
    def order(self) -> tuple[bool, int, datetime, int]:
        """What the runs of a folder are sorted by, the oldest first: as they were numbered; without a number, which
        old ones lack, by when they began, and in the same second by the number in the name."""
        numbered = _NUMBERED.search(self.folder.name)
        return self.sequence > 0, self.sequence, self.begun, int(numbered[1]) if numbered else 1


@dataclass(frozen=True)
class Wanted:
    """Which runs to list; what is left empty wants all."""

    playbook: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    statuses: Sequence[str] = ()
    severities: Sequence[str] = ()

    def may_be(self, found: Found) -> bool:
        """Whether the journal's first line leaves it open."""
        return (
            self.playbook in (None, found.playbook)
            and all(found.labels.get(name) == value for name, value in self.labels.items())
            and (self.since is None or found.begun >= self.since)
        )

    def fits(self, run: Listed) -> bool:
        """Whether what the whole journal says is wanted as well."""
        return (not self.statuses or run.status in self.statuses) and (
            not self.severities or run.severity in self.severities
        )


def find(runs: Path) -> list[Found]:
    """The runs in a folder, newest first; what has no journal is passed over. None where it is none."""
    try:
        with os.scandir(runs) as entries:
            folders = [runs / entry.name for entry in entries if not entry.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return []
    found = []
    for folder in sorted(folders):
        with contextlib.suppress(OSError):  # no run, or one that was removed meanwhile
            found.append(found_at(folder))
    return sorted(found, key=lambda each: each.order, reverse=True)


def last_sequence(runs: Path) -> int:
    """The highest number of a folder's runs; 0 where none has one. Only the beginning of each header is read."""
    last = 0
    with os.scandir(runs) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                file = os.open(os.path.join(entry.path, JOURNAL), os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
                try:
                    match = _SEQUENCE.match(os.read(file, 200))
                finally:
                    os.close(file)
                last = max(last, int(match[1]) if match else 0)
    return last


def found_at(folder: Path) -> Found:
    """What the first line of a folder's journal says of the run; raise `OSError` where there is no journal."""
    path = folder / JOURNAL
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise FileNotFoundError(errno.ENOENT, "no journal", str(path))
    written = datetime.fromtimestamp(status.st_mtime).astimezone()
    try:
        with sound(path):
            first = next(read(path), None)
            if first is None:
                raise JournalError("nothing was recorded")
            if not isinstance(first.event, RunStarted):
                raise JournalError("the journal does not begin with run_started")
            return _of_header(folder, first.event)
    except RunnerError as error:
        return Found(folder, written, problem=error.message)


def _of_header(folder: Path, header: RunStarted) -> Found:
    begun = datetime.fromisoformat(header.began_at or header.case.started_at).astimezone()
    labels = {str(name): str(value) for name, value in header.labels.items()}
    playbook = str(header.configuration.get("playbook", {}).get("name", ""))
    return Found(folder, begun, playbook, labels, sequence=header.sequence)


def look(found: Found) -> Listed:
    """What a list says of a run, its whole journal read; never raises for what stands in it."""
    begun = _begun(found)
    if found.problem:
        return begun
    path = found.folder / JOURNAL
    try:
        with sound(path):
            # Before it is read: a run that ends meanwhile must not seem to have been killed.
            running = is_being_written(path)
            return listed(record_of(found.folder), begun, running=running)
    except RunnerError as error:
        return _begun(found, error.message)


def listing(found: Iterable[Found], wanted: Wanted) -> Iterator[Listed]:
    """The runs that are wanted, in the order given; no journal is read further than it takes to know."""
    for each in found:
        if wanted.may_be(each):
            run = look(each)
            if wanted.fits(run):
                yield run


def is_being_written(path: Path) -> bool:
    """Whether a live process writes the journal. A writer that is there does not notice the question."""
    file = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def outdated(
    found: Sequence[Found], now: datetime, older_than: timedelta | None = None, keep: int | None = None
) -> list[Found]:
    """Of runs that are newest first, those that retention lets go: started before `older_than`, and not among the
    newest `keep`; without one of these only the other counts.

    Runs whose header cannot be read are neither counted nor let go.
    """
    if older_than is None and keep is None:
        return []
    runs = [each for each in found if not each.problem][keep or 0 :]
    return [each for each in runs if older_than is None or now - each.begun > older_than]


def obstacle(folder: Path, ours: Collection[str]) -> str:
    """Why a folder must not be removed: it is no run's, has what sre-run did not write (files that are not `ours`), or
    is being written. "" if it may be."""
    if folder.is_symlink():
        return "it is a symbolic link"
    if not folder.is_dir() or (folder / JOURNAL).is_symlink() or not (folder / JOURNAL).is_file():
        return f"it is no run: it has no {JOURNAL}"
    entries = sorted(folder.iterdir())
    others = [path.name for path in entries if path.name not in ours or _is_strange(path)]
    if others:
        return f"it has what sre-run did not write: {', '.join(others[:3])}{', …' if len(others) > 3 else ''}"
    with (folder / JOURNAL).open("rb") as file:
        if not file.read(len(HEADER)).startswith(HEADER):
            return f"its {JOURNAL} does not begin with the header of a run of sre-run"
    return "it is running" if is_being_written(folder / JOURNAL) else ""


def _is_strange(path: Path) -> bool:
    """Whether what has a name of ours is not what we write: a folder, or one with other things than whole answers."""
    if path.is_symlink() or not path.is_dir():
        return path.name == ANSWERS and not path.is_symlink()
    inside = [*path.iterdir()] if path.name == ANSWERS else [path]
    return any(each.is_symlink() or each.is_dir() or not _ANSWER.fullmatch(each.name) for each in inside)


def remove(folder: Path, ours: Collection[str]) -> None:
    """Remove a run's folder, of which these files are `ours`: as a whole, or not at all.

    Raises `RunnerError` where something stands against it, `OSError` where the system does not let go of it.
    """
    against = obstacle(folder, ours)
    if against:
        raise RunnerError(f"{folder} is not removed: {against}")
    folder = folder.resolve()
    with _held(folder / JOURNAL):
        # Out of the way first, so that nobody ever finds half a run.
        aside = folder.with_name(f".removed-{os.getpid()}-{folder.name}")
        try:
            folder.rename(aside)
            shutil.rmtree(aside)
        except KeyboardInterrupt:
            shutil.rmtree(aside, ignore_errors=True)
            raise


@contextlib.contextmanager
def _held(path: Path) -> Iterator[None]:
    """Keep a journal from being written meanwhile; raise `RunnerError` where it is."""
    file = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise RunnerError(f"{path.parent} is not removed: it is running") from error
    finally:
        os.close(file)


def _begun(found: Found, problem: str = "") -> Listed:
    return Listed(
        run=found.folder.name,
        folder=str(found.folder),
        started_at=None if found.problem else found.begun.isoformat(),
        playbook=found.playbook,
        labels=found.labels,
        status=State.BROKEN,
        problem=problem or found.problem,
    )
