"""Resume and replay of the shipped playbooks, from their folders: the same conclusion, no finished call made again."""

from __future__ import annotations

import asyncio
import fcntl
import itertools
import json
import os
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from sre_runner.journal.events import JournalError
from sre_runner.journal.file import JOURNAL, Journal, read
from sre_runner.journal.record import fold, record_of
from sre_runner.journal.recorded import ReplayError
from sre_runner.runs.options import RunOptions
from sre_runner.runs.replay import replay
from sre_runner.runs.resume import is_whole, resume
from sre_runner.runs.run import run

PLAYBOOKS = Path(__file__).parents[1].parent / "playbooks"
NAMES = sorted(path.stem for path in PLAYBOOKS.glob("*.yaml"))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A finished rehearsal of every playbook."""
    room = tmp_path_factory.mktemp("runs")
    simulated = (("backend", "simulated"),)
    return {
        name: run(RunOptions(PLAYBOOKS / f"{name}.yaml", settings=simulated, runs=room, offline=True))[1]
        for name in NAMES
    }


def cut(folder: Path, tmp_path: Path, size: int) -> Path:
    """A copy of a run, of whose journal so many bytes are left."""
    copy = tmp_path / folder.name
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    (copy / JOURNAL).write_bytes((folder / JOURNAL).read_bytes()[:size])
    return copy


@pytest.mark.parametrize("name", NAMES)
def test_a_replay_concludes_the_same_to_the_byte(runs: dict[str, Path], name: str) -> None:
    record = record_of(runs[name])
    again = replay(record)
    assert json.dumps(fields(again)) == json.dumps(fields(record.conclusion))
    assert again == record.conclusion


def fields(conclusion: Any) -> Any:
    return dict(conclusion.fields)


@pytest.mark.no_cover
@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_playbook_goes_on_wherever_it_stopped(runs: dict[str, Path], tmp_path: Path, name: str) -> None:
    whole = (runs[name] / JOURNAL).read_bytes()
    done = record_of(runs[name])
    ends = [place + 1 for place, byte in enumerate(whole) if byte == ord("\n")]
    for end in ends[1::13]:
        copy = cut(runs[name], tmp_path, end)
        before = record_of(copy)
        resumed = resume(copy)
        assert resumed.conclusion == done.conclusion
        served = ("answer", "refused")
        answered = [call for call in before.calls.values() if call.outcome and call.outcome.outcome in served]
        assert len(resumed.calls) - len(before.calls) == len(done.calls) - len(answered)
        assert is_whole(resumed, {})


@pytest.mark.no_cover
def test_a_torn_last_line_is_cut_off(runs: dict[str, Path], tmp_path: Path) -> None:
    whole = (runs["payment-gateway"] / JOURNAL).read_bytes()
    ends = [place + 1 for place, byte in enumerate(whole) if byte == ord("\n")]
    for start, end in list(itertools.pairwise(ends))[::40]:
        for torn in (start + 1, (start + end) // 2, end - 1):
            copy = cut(runs["payment-gateway"], tmp_path, torn)
            assert resume(copy).conclusion == record_of(runs["payment-gateway"]).conclusion
            assert len(list(read(copy / JOURNAL))) > 0


def test_within_the_header_nothing_was_recorded(runs: dict[str, Path], tmp_path: Path) -> None:
    for size in (0, 1, 100):
        with pytest.raises(JournalError, match="nothing was recorded"):
            resume(cut(runs["payment-gateway"], tmp_path, size))


def test_a_broken_line_in_the_middle_is_named(runs: dict[str, Path], tmp_path: Path) -> None:
    copy = cut(runs["payment-gateway"], tmp_path, 10**9)
    lines = (copy / JOURNAL).read_bytes().split(b"\n")
    lines[4] = lines[4][:-3]
    (copy / JOURNAL).write_bytes(b"\n".join(lines))
    with pytest.raises(JournalError, match=rf"{JOURNAL}:5: not a journal entry"):
        resume(copy)


def test_a_second_writer_is_refused(runs: dict[str, Path], tmp_path: Path) -> None:
    copy = cut(runs["payment-gateway"], tmp_path, (runs["payment-gateway"] / JOURNAL).stat().st_size // 2)
    first = Journal(copy / JOURNAL, reopen=True)
    with pytest.raises(JournalError, match="is being written by another process"):
        resume(copy)
    first.close()
    assert resume(copy).conclusion


def test_a_whole_run_is_left_as_it_is(runs: dict[str, Path]) -> None:
    before = (runs["payment-gateway"] / JOURNAL).read_bytes()
    assert resume(runs["payment-gateway"]).conclusion
    assert (runs["payment-gateway"] / JOURNAL).read_bytes() == before


def test_a_replay_of_half_a_run_names_the_call_that_is_missing(runs: dict[str, Path], tmp_path: Path) -> None:
    copy = cut(runs["payment-gateway"], tmp_path, (runs["payment-gateway"] / JOURNAL).stat().st_size // 2)
    with pytest.raises(ReplayError, match=r"the journal has no such (model|tool) call of "):
        replay(record_of(copy))


def test_syncing_goes_on_beside_the_run(tmp_path: Path) -> None:
    async def whole() -> None:
        journal = Journal(tmp_path / JOURNAL)
        syncing = asyncio.create_task(journal.keep_synced(0.001))
        await asyncio.sleep(0.02)
        syncing.cancel()
        await asyncio.wait({syncing})
        journal.sync()
        journal.close()

    asyncio.run(whole())
    with pytest.raises(JournalError, match="nothing was recorded"):
        fold(read(tmp_path / JOURNAL))


def test_a_write_that_was_withheld_is_no_write_that_had_started(runs: dict[str, Path], tmp_path: Path) -> None:
    whole = (runs["triage-to-verification"] / JOURNAL).read_bytes().splitlines(keepends=True)
    wanted = (b'"event":"call_started"', b'"kind":"tool"', b'"name":"rollback_deployment"')
    place = next(number for number, line in enumerate(whole) if all(part in line for part in wanted))
    copy = cut(runs["triage-to-verification"], tmp_path, len(b"".join(whole[: place + 1])))
    assert resume(copy).conclusion == record_of(runs["triage-to-verification"]).conclusion


def test_who_looks_for_an_instant_whether_a_run_goes_on_does_not_stop_it(runs: dict[str, Path], tmp_path: Path) -> None:
    copy = cut(runs["payment-gateway"], tmp_path, 10**9)
    looking = os.open(copy / JOURNAL, os.O_RDONLY)
    fcntl.flock(looking, fcntl.LOCK_SH)
    timer = threading.Timer(0.02, os.close, [looking])
    timer.start()
    Journal(copy / JOURNAL, reopen=True).close()
    timer.join()
