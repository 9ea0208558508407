"""The file that a batch leaves in its folder, a line for every row that began or ended, and from which it goes on."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sre_runner.casefile import Json
from sre_runner.errors import ExitCode, RunnerError
from sre_runner.runs.batch.results import Result, Tally, read_result
from sre_runner.runs.batch.rows import Row
from sre_runner.text.strict_json import read

MANIFEST = "batch.jsonl"
FORMAT = 1


@dataclass
class Past:
    """What a manifest says of its rows. `ended` has the digests of those that are done, `begun` the runs of those that
    are not, `last` what these came to so far; `tally` counts the former, and what the latter have spent."""

    ended: dict[int, str] = field(default_factory=dict)
    begun: dict[int, str] = field(default_factory=dict)
    last: dict[int, Result] = field(default_factory=dict)
    digests: dict[int, str] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)

    def changed(self, row: Row) -> bool:
        """Whether the row is not what it was when it began or ended."""
        known = self.ended.get(row.number) or self.digests.get(row.number)
        return known is not None and known != row.digest

    def _take(self, line: Mapping[str, Json]) -> None:
        number = int(line["row"])
        if line["event"] == "begun":
            self.begun[number], self.digests[number] = str(line["run"]), str(line["digest"])
            return
        result = read_result(line["result"])
        before = self.last.pop(number, None)
        if before and before.run == result.run:
            self.tally.spend(before, back=True)
        if result.status.done:
            self.begun.pop(number, None)
            self.digests.pop(number, None)
            self.ended[number] = str(line["digest"])
            self.tally.add(result)
        else:
            self.last[number], self.digests[number] = result, str(line["digest"])
            self.tally.spend(result)


class Manifest:
    """An open manifest, which no other process writes: its header, and what it had before."""

    def __init__(self, file: IO[bytes], header: Mapping[str, Json], past: Past) -> None:
        self._file = file
        self.header = header
        self.past = past

    def begun(self, row: Row, run: str) -> None:
        """The run of a row has its folder."""
        self._write({"event": "begun", "row": row.number, "digest": row.digest, "run": run})

    def ended(self, row: Row, result: Result) -> None:
        """A row came to something."""
        self._write({"event": "ended", "row": row.number, "digest": row.digest, "result": result.to_json()})

    def _write(self, line: Mapping[str, Json]) -> None:
        self._file.write(_line(line))

    def close(self) -> None:
        """Let go of the file, all of it on disk."""
        if not self._file.closed:
            os.fsync(self._file.fileno())
            self._file.close()


def create(folder: Path, header: Mapping[str, Json]) -> Manifest:
    """A new manifest in a folder."""
    opened = os.open(folder / MANIFEST, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    manifest = Manifest(_locked(os.fdopen(opened, "r+b", buffering=0), folder), header, Past())
    manifest._write({"event": "batch_started", "format": FORMAT, **header})
    return manifest


def reopen(folder: Path) -> Manifest:
    """The manifest of a folder, to go on with. A last line that was not finished is cut off.

    Raises `RunnerError` where there is none, where it is none, or where another process writes it.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise RunnerError(f"{folder} is no batch: it has no {MANIFEST}", "Name the folder that `sre-run batch` made.")
    file = _locked(path.open("r+b", buffering=0), folder)
    try:
        header, past = _read(file)
    except (ValueError, KeyError, TypeError) as error:
        file.close()
        raise _BrokenError(f"{path} cannot be read: {error}") from None
    return Manifest(file, header, past)


class _BrokenError(RunnerError):
    exit_code = ExitCode.PARTIAL


def _locked(file: IO[bytes], folder: Path) -> IO[bytes]:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise RunnerError(f"the batch in {folder} is running", "Wait for its end, or stop it.") from None
    return file


def _read(file: IO[bytes]) -> tuple[Mapping[str, Json], Past]:
    lines = _whole_lines(file)
    header = next(lines, {})
    if header.get("event") != "batch_started" or header.get("format") != FORMAT:
        raise ValueError("it does not begin with the header of a batch")
    past = Past()
    for line in lines:
        past._take(line)
    return header, past


def _whole_lines(file: IO[bytes]) -> Iterator[Mapping[str, Json]]:
    end = 0
    with open(os.dup(file.fileno()), "rb") as reading:
        for line in reading:
            if not line.endswith(b"\n"):
                break
            end += len(line)
            yield read(line.decode())
    file.truncate(end)
    file.seek(end)


def _line(data: Mapping[str, Json]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace") + b"\n"
