from __future__ import annotations

from sample import Journal, followed_up, team

from sre_runner.casefile import Usage
from sre_runner.journal.events import Entry
from sre_runner.journal.record import fold
from sre_runner.render.run.timeline import WIDTH, timeline


def drawn(journal: Journal) -> list[str]:
    return "\n\n".join(timeline(journal.fold())).splitlines()


def test_one_sees_what_ran_at_the_same_time() -> None:
    lines = drawn(team())
    assert lines[:3] == ["## Timeline", "", "```text"]
    titles, *rows = lines[3:-1]
    assert titles.split() == ["assignment", "start", "end", "turns", "status", "0", "17.5", "s"]
    assert [row.split()[:5] for row in rows] == [
        ["plan", "0.5", "2.0", "1", "completed"],
        ["investigate/k8s-expert", "2.5", "13.5", "2", "completed"],
        ["investigate/log-analyst", "3.0", "14.0", "1", "completed"],
        ["conclude", "15.0", "16.5", "1", "completed"],
    ]
    bars = [(row.index("="), row.rindex("=")) for row in rows]
    assert bars[0][1] < bars[1][0]
    assert bars[2][0] < bars[1][1] < bars[3][0]
    assert max(map(len, lines)) <= WIDTH


def test_what_has_no_end_goes_on_in_dots() -> None:
    journal = Journal()
    journal.start()
    journal.assign("plan", "planner")
    journal.ask("plan", Usage())
    row = drawn(journal)[-2]
    assert row.split()[:4] == ["plan", "0.500", "not", "finished"]
    assert row.endswith("....")
    assert len(row) == WIDTH


def test_a_run_in_which_nothing_began() -> None:
    journal = Journal()
    journal.start()
    assert list(timeline(journal.fold())) == ["## Timeline", "Nothing was assigned."]


def test_a_run_that_took_no_time() -> None:
    record = fold(Entry(0.0, entry.event) for entry in followed_up().entries)
    assert "\n".join(timeline(record)).count("=") == 5


def test_long_and_hostile_names_do_not_break_the_drawing() -> None:
    journal = Journal()
    journal.start()
    journal.assign("```\n\x1b[2J" + "x" * 500, "planner")
    lines = drawn(journal)
    assert "\x1b" not in "".join(lines)
    assert lines[2] == "````text"
    assert lines[-1] == "````"
    assert len(lines) == 6
    assert all(len(line) <= WIDTH for line in lines)
