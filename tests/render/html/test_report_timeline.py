from __future__ import annotations

import pytest
from sample import followed_up, team

from sre_runner.casefile import Assignment
from sre_runner.journal.record import WorkRecord
from sre_runner.render.html.links import Links
from sre_runner.render.html.timeline import critical_path, timeline


def work(name: str, started: float, finished: float | None) -> WorkRecord:
    return WorkRecord(Assignment(name, name, (), {}), started, finished)


def test_the_critical_path_goes_back_from_what_ended_last() -> None:
    works = [work("plan", 0, 1), work("a", 1, 5), work("b", 1, 3), work("c", 5, 6), work("open", 5, None)]
    assert [each.assignment.id for each in critical_path(works)] == ["plan", "a", "c"]
    assert critical_path([work("open", 0, None)]) == []


def test_every_assignment_is_a_row_and_every_call_a_bar() -> None:
    record = team().fold()
    drawn = timeline(record, Links(record))
    assert [row.label for row in drawn.rows] == list(record.work)
    assert sum(len(row.bars) for row in drawn.rows) == len(record.calls)
    assert {bar.kind for row in drawn.rows for bar in row.bars} == {"turn", "tool", "bad"}
    assert [wave.name for wave in drawn.waves] == ["plan", "investigate", "conclude"]
    assert [row.label for row in drawn.rows if row.critical] == ["plan", "investigate/log-analyst", "conclude"]


@pytest.mark.parametrize("count", range(1, 12))
def test_a_run_that_goes_on_is_drawn_up_to_now(count: int) -> None:
    journal = followed_up()
    journal.entries = journal.entries[:count]
    record = journal.fold()
    drawn = timeline(record, Links(record))
    for each in (*drawn.rows, *(bar for row in drawn.rows for bar in row.bars)):
        assert 0 <= float(each.x.rstrip("%")) <= 100
        assert 0 < float(each.width.rstrip("%")) <= 100
    assert drawn.ticks[0].words.startswith("0")
