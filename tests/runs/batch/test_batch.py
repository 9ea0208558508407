"""A batch holds what is in flight, whatever the length of its list."""

from __future__ import annotations

import gc
import io
from pathlib import Path
from typing import Any

from many import configuration, list_of

from sre_runner.journal.record import Record
from sre_runner.runs.batch.limits import Rates
from sre_runner.runs.batch.opening import begin
from sre_runner.runs.batch.rows import Row
from sre_runner.runs.batch.wishes import Wishes
from sre_runner.runs.options import RunOptions

JOBS = 3


def test_no_more_rows_and_records_are_held_than_run_at_once(tmp_path: Path) -> None:
    playbook = configuration(tmp_path)
    incidents = list_of(tmp_path, [f"s{number}" for number in range(60)])
    most: dict[type, int] = {Record: 0, Row: 0}

    def held(kind: type) -> int:
        gc.collect()
        return sum(type(each) is kind for each in gc.get_objects())

    before = {kind: held(kind) for kind in most}  # other tests of this process may keep some

    def ended(*_: Any) -> None:
        for kind in most:
            most[kind] = max(most[kind], held(kind) - before[kind])

    options = RunOptions(playbook, offline=True, runs=tmp_path / "runs")
    wishes = Wishes(options, tmp_path / "runs", str(incidents), jobs=JOBS, rates=Rates(calls=2))
    outcome = begin(wishes, io.StringIO, lambda *_: None, ended)
    assert outcome.tally.statuses == {"complete": 60}
    assert outcome.exit_code == 0
    assert 1 <= most[Record] <= 2 * JOBS
    assert 1 <= most[Row] <= 2 * JOBS
