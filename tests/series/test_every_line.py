"""Resume from every place at which a journal can be cut off: after each line, and at three places within each, for
every shipped playbook."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from pathlib import Path

import pytest
from killing import is_answered, named, told

from sre_runner.journal.events import CallStarted, JournalError
from sre_runner.journal.file import JOURNAL, read
from sre_runner.journal.record import Record, record_of
from sre_runner.runs.options import RunOptions
from sre_runner.runs.resume import WriteUnknownError, is_whole, resume
from sre_runner.runs.run import run

PLAYBOOKS = sorted((Path(__file__).parents[2] / "playbooks").glob("*.yaml"))


def places(whole: bytes) -> tuple[list[int], list[int]]:
    """Sizes of what is left of a journal: those within the header, and those after it, ends of lines and torn ones."""
    ends = [0, *(place + 1 for place, byte in enumerate(whole) if byte == ord("\n"))]
    torn = [(start + 1, (start + end) // 2, end - 1, end) for start, end in itertools.pairwise(ends)]
    return [0, *torn[0][:3]], [torn[0][3], *itertools.chain(*torn[1:])]


def resumed(folder: Path) -> Record:
    """The record of a resumed rehearsal. Where a write had begun, resume asks what became of it, and only there."""
    try:
        return resume(folder)
    except WriteUnknownError:
        last = list(read(folder / JOURNAL))[-1].event
        assert isinstance(last, CallStarted)
        assert last.name == "rollback_deployment"
        return resume(folder, assume="not-done")


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda path: path.stem)
def test_a_run_is_resumed_from_every_place(playbook: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    done, original = run(RunOptions(playbook, settings=(("backend", "simulated"),), runs=tmp_path, offline=True))
    whole = (original / JOURNAL).read_bytes()
    usual = Counter(name for name, _ in named(done))
    assert set(usual.values()) == {1}
    folder = tmp_path / "cut"
    folder.mkdir()
    within_header, after_it = places(whole)
    for size in within_header:
        (folder / JOURNAL).write_bytes(whole[:size])
        with pytest.raises(JournalError, match="nothing was recorded"):
            resume(folder)
        assert (folder / JOURNAL).read_bytes() == whole[:size]
    for size in after_it:
        (folder / JOURNAL).write_bytes(whole[:size])
        before = record_of(folder)
        after = resumed(folder)
        assert after.conclusion == done.conclusion, size
        assert after.exit_code == done.exit_code, size
        again = Counter(name for name, call in named(before) if not is_answered(call) and not is_whole(before, {}))
        assert Counter(name for name, _ in named(after)) == usual + again, size
        if size in (after_it[0], after_it[len(after_it) // 2]):
            told(f"  {playbook.stem}: {size} of {len(whole)} bytes")
    told(f"{playbook.stem}: {len(after_it)} resumes, {time.monotonic() - began:.0f} s")
