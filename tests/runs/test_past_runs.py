from __future__ import annotations

import fcntl
import json
import os
import shutil
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kept import NOON, days, events, keep, write

from sre_runner.errors import RunnerError
from sre_runner.journal.events import JournalError, RunStarted
from sre_runner.journal.file import JOURNAL, Journal
from sre_runner.journal.record import record_of
from sre_runner.runs.listing import Listed, State
from sre_runner.runs.past_runs import (
    Found,
    Wanted,
    find,
    found_at,
    is_being_written,
    last_sequence,
    listing,
    look,
    obstacle,
    outdated,
    remove,
)
from sre_runner.runs.run import numbered

OURS = (JOURNAL, "conclusion.md", "run.json")


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    folder.mkdir()
    return folder


def names(found: list[Found]) -> list[str]:
    return [each.folder.name for each in found]


def rows(runs: Path, **wanted: object) -> list[Listed]:
    return list(listing(find(runs), Wanted(**wanted)))  # type: ignore[arg-type]


def test_runs_are_found_newest_first_and_ties_by_name(runs: Path) -> None:
    keep(runs, "b", NOON)
    keep(runs, "a", NOON.astimezone(timezone(timedelta(hours=5))))
    keep(runs, "new", NOON + days(1))
    keep(runs, "old", NOON - days(1))
    assert names(find(runs)) == ["new", "a", "b", "old"]


def test_what_is_no_run_is_passed_over(runs: Path) -> None:
    (runs / "empty").mkdir()
    (runs / JOURNAL).write_text("")
    (runs / "notes.txt").write_text("")
    (runs / "odd" / JOURNAL).mkdir(parents=True)
    keep(runs, ".removed-1-x")
    (runs / "nowhere").symlink_to(runs / "gone")
    assert find(runs) == []
    assert find(runs / "gone") == []
    assert find(runs / "notes.txt") == []


def test_what_a_list_says_of_a_run(runs: Path) -> None:
    folder = keep(runs, "a", labels={"team": "payments"}, missing=("the logs",), exit_code=3)
    (run,) = rows(runs)
    began = NOON.astimezone().isoformat()
    assert replace(run, usd=None) == Listed(
        "a", str(folder), began, "payments", {"team": "payments"}, State.PARTIAL, "", 3, False, "P2", 3.0, 1, 1_001_230
    )
    assert run.usd == pytest.approx(1.005_057_5)
    assert json.loads(json.dumps(run.started_at)) == began


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "complete"),
        ({"missing": ("x",), "exit_code": 3}, "partial"),
        ({"severity": None, "exit_code": 130}, "interrupted"),
        ({"severity": None, "exit_code": None}, "unfinished"),
        ({"exit_code": None}, "complete"),
    ],
)
def test_how_a_run_stands(runs: Path, changes: dict[str, object], status: str) -> None:
    keep(runs, "a", **changes)
    assert [run.status for run in rows(runs)] == [status]


def test_a_run_that_is_being_written_is_running_until_its_writer_lets_go(runs: Path) -> None:
    journal = Journal(write(runs / "a", []) / JOURNAL, reopen=True)
    for event in events("a", severity=None, exit_code=None):
        journal.append(event)
    assert is_being_written(runs / "a" / JOURNAL)
    assert [run.status for run in rows(runs)] == ["running"]
    journal.append(events("a")[-1])  # the question was not noticed
    journal.close()
    assert not is_being_written(runs / "a" / JOURNAL)
    assert [run.status for run in rows(runs)] == ["unfinished"]


def test_those_who_ask_do_not_stand_in_each_others_way(runs: Path) -> None:
    path = keep(runs, "a") / JOURNAL
    with path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        assert not is_being_written(path)


def test_a_last_line_that_was_torn_off_is_no_harm(runs: Path) -> None:
    path = keep(runs, "a") / JOURNAL
    path.write_bytes(path.read_bytes()[:-5])
    assert [(run.status, run.exit_code) for run in rows(runs)] == [("complete", None)]


HEADER = '{"event":"run_started","at":0,"run":"a","case":%s,"configuration":%s,"digest":"","model":"m","versions":{}}\n'
CASE = '{"task":"t","inputs":{},"started_at":"%s"}'
BROKEN = {
    "": "nothing was recorded",
    "{": "nothing was recorded",
    "not json\n": "not a journal entry",
    '{"event":"noted","at":0,"text":"x"}\n': "does not begin with run_started",
    HEADER % ("null", "{}"): "case must be an object, not null",
    HEADER % (CASE % "yesterday", "{}"): "Invalid isoformat",
    HEADER % (CASE % "0001-01-01T00:00:00+14:00", "{}"): "journal that sre-run wrote",
    HEADER % (CASE % NOON.isoformat(), "[]"): "configuration must be an object, not a list",
    HEADER % (CASE % NOON.isoformat(), '{"playbook":"x"}'): "AttributeError",
    HEADER % (CASE % NOON.isoformat(), "[" * 100_000): "not a journal entry",
    "\xff\n": "not a journal entry",
}
LATER_BROKEN = {
    '{"event":"noted"}\n': "a/journal.jsonl:2: not a journal entry",
    '{"event":"call_finished","at":1,"call":7,"outcome":"answer"}\n': "is about 7, which did not begin",
    '{"event":"run_finished","at":"x","exit_code":0}\n': ":2: not a journal entry",
    '{"event":"concluded","at":1,"conclusion":null}\n': "conclusion must be an object, not null",
}


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_journal_is_listed_with_the_reason_and_ends_no_list(runs: Path, text: str) -> None:
    keep(runs, "good")
    keep(runs, "a")
    (runs / "a" / JOURNAL).write_text(text, encoding="latin-1")
    os.utime(runs / "a" / JOURNAL, times=(0, NOON.timestamp() + 60))
    broken, good = rows(runs)
    assert (broken.run, broken.status, broken.started_at) == ("a", "broken", None)
    assert BROKEN[text] in broken.problem
    assert good.status == "complete"
    assert rows(runs, statuses=["complete"]) == [good]
    assert rows(runs, statuses=["broken"]) == [broken]
    assert rows(runs, playbook="payments") == [good]
    assert rows(runs, playbook="") == []


@pytest.mark.parametrize("line", LATER_BROKEN)
def test_a_journal_that_is_broken_later_keeps_its_header(runs: Path, line: str) -> None:
    path = keep(runs, "a", labels={"x": "y"}) / JOURNAL
    header = path.read_text().splitlines(keepends=True)[0]
    path.write_text(header + line)
    (run,) = rows(runs)
    assert (run.playbook, run.labels, run.started_at) == ("payments", {"x": "y"}, NOON.astimezone().isoformat())
    assert LATER_BROKEN[line] in run.problem
    assert run.status == ("broken" if LATER_BROKEN[line] else "unfinished")


def test_a_journal_that_is_gone_meanwhile(runs: Path) -> None:
    keep(runs, "a")
    (found,) = find(runs)
    shutil.rmtree(runs / "a")
    assert "cannot be read: No such file" in look(found).problem
    with pytest.raises(OSError, match="journal"):
        found_at(runs / "a")


def test_filters(runs: Path) -> None:
    keep(runs, "a", NOON, labels={"team": "x", "env": "prod"})
    keep(runs, "b", NOON - days(1), playbook="checkout", severity="P1")
    keep(runs, "c", NOON - days(2), labels={"team": "x"}, severity=None, exit_code=None)
    for wanted, expected in (
        ({}, "abc"),
        ({"playbook": "checkout"}, "b"),
        ({"playbook": "nope"}, ""),
        ({"labels": {"team": "x"}}, "ac"),
        ({"labels": {"team": "x", "env": "prod"}}, "a"),
        ({"labels": {"team": "y"}}, ""),
        ({"since": NOON - days(1)}, "ab"),
        ({"statuses": ["complete", "broken"]}, "ab"),
        ({"severities": ["P1", "P2"]}, "ab"),
        ({"severities": ["P1"], "statuses": ["unfinished"]}, ""),
        ({"statuses": ["unfinished"], "since": NOON - days(3)}, "c"),
    ):
        assert "".join(run.run for run in rows(runs, **wanted)) == expected, wanted


def test_only_as_many_journals_are_read_as_are_wanted(runs: Path) -> None:
    keep(runs, "a", NOON)
    keep(runs, "b", NOON - days(1))
    found = listing(find(runs), Wanted())
    assert next(found).run == "a"
    shutil.rmtree(runs / "b")
    assert next(found).status == "broken"  # it is looked at only now


def test_the_record_of_a_journal_that_makes_no_sense(runs: Path) -> None:
    path = keep(runs, "a") / JOURNAL
    assert record_of(runs / "a").exit_code == 0
    with path.open("a") as file:
        file.write('{"event":"call_finished","at":1,"call":7,"outcome":"answer"}\n')
    with pytest.raises(JournalError, match=r"event 8 of .*a/journal\.jsonl is about 7, which did not begin"):
        record_of(runs / "a")
    with pytest.raises(RunnerError, match="is no run"):
        record_of(runs / "b")


def begun(ages: list[float], readable: list[bool]) -> Iterator[Found]:
    for number, (age, known) in enumerate(sorted(zip(ages, readable, strict=True))):
        yield Found(Path(str(number)), NOON - days(age), problem="" if known else "broken")


AGES = st.lists(st.tuples(st.floats(0, 90), st.booleans()), max_size=12)
LIMITS = {"older": st.none() | st.integers(0, 90), "keep": st.none() | st.integers(0, 14)}


@settings(max_examples=60)
@given(AGES, LIMITS["older"], LIMITS["keep"])
def test_a_run_goes_only_if_it_is_older_and_not_among_those_kept(
    drawn: list[tuple[float, bool]], older: int | None, kept: int | None
) -> None:
    found = list(begun([age for age, _ in drawn], [known for _, known in drawn]))
    limit = None if older is None else timedelta(days=older)
    gone = outdated(found, NOON, limit, kept)
    readable = [each for each in found if not each.problem]
    newest = readable[: kept or 0]
    expected = [
        each
        for each in readable
        if (older is not None or kept is not None)
        and each not in newest
        and (limit is None or each.begun < NOON - limit)
    ]
    assert gone == expected
    if kept is not None:
        assert len(readable) - len(gone) >= min(kept, len(readable))


def test_a_run_is_removed_as_a_whole_and_nothing_beside_it(runs: Path) -> None:
    outside = runs.parent / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    folder = keep(runs, "a")
    (folder / "run.json").unlink()
    (folder / "run.json").symlink_to(outside)
    keep(runs, "b")
    remove(folder, OURS)
    assert sorted(path.name for path in runs.iterdir()) == ["b"]
    assert (outside / "precious").read_text() == "x"
    assert shutil.rmtree.avoids_symlink_attacks


def test_what_is_not_removed(runs: Path) -> None:
    folder = keep(runs, "a")
    (runs / "link").symlink_to(folder)
    (runs / "empty").mkdir()
    linked = keep(runs, "linked")
    (linked / JOURNAL).rename(runs / "elsewhere")
    (linked / JOURNAL).symlink_to(runs / "elsewhere")
    noted = keep(runs, "noted")
    for name in ("d", "c", "b", "a"):
        (noted / name).write_text("mine")
    nested = keep(runs, "nested")
    (nested / "conclusion.md").unlink()
    (nested / "conclusion.md").mkdir()
    (runs / "file").write_text("")
    for name, why in (
        ("link", "it is a symbolic link"),
        ("empty", "it is no run: it has no journal.jsonl"),
        ("file", "it is no run: it has no journal.jsonl"),
        ("gone", "it is no run: it has no journal.jsonl"),
        ("linked", "it is no run: it has no journal.jsonl"),
        ("noted", "it has what sre-run did not write: a, b, c, …"),
        ("nested", "it has what sre-run did not write: conclusion.md"),
    ):
        assert obstacle(runs / name, OURS) == why
        with pytest.raises(RunnerError, match="is not removed"):
            remove(runs / name, OURS)
    assert obstacle(folder, OURS) == ""
    assert len(list(runs.iterdir())) == 8


def test_a_running_run_is_not_removed(runs: Path) -> None:
    folder = keep(runs, "a")
    journal = Journal(folder / JOURNAL, reopen=True)
    with pytest.raises(RunnerError, match="it is running"):
        remove(folder, OURS)
    journal.close()
    with (folder / JOURNAL).open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_SH)  # somebody who lists runs at this moment
        with pytest.raises(RunnerError, match="it is running"):
            remove(folder, OURS)
    assert len(list(folder.iterdir())) == 3
    remove(folder, OURS)
    assert not folder.exists()


def test_a_run_is_removed_by_a_relative_path(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = keep(runs, "a")
    monkeypatch.chdir(folder)
    remove(Path(), OURS)
    assert list(runs.iterdir()) == []


def test_a_folder_that_the_system_keeps_stays_whole(runs: Path) -> None:
    folder = keep(runs, "a" * 250)  # the name for the time of its removal is too long
    with pytest.raises(OSError, match="too long"):
        remove(folder, OURS)
    assert len(list(folder.iterdir())) == 3
    assert stat.S_ISDIR(folder.stat().st_mode)


def test_a_run_that_uses_anothers_answers_began_at_its_own_time(runs: Path) -> None:
    header, *rest = events("b", NOON - days(2))
    assert isinstance(header, RunStarted)
    write(runs / "b", [replace(header, reuses="a", began_at=(NOON + days(1)).isoformat()), *rest])
    keep(runs, "a")
    assert names(find(runs)) == ["b", "a"]


def test_the_start_counts_and_not_when_the_journal_was_written(runs: Path) -> None:
    for name, age, written in (("old", 2, 0), ("new", 1, -100)):
        path = keep(runs, name, NOON - days(age)) / JOURNAL
        moment = datetime.timestamp(NOON + days(written))
        os.utime(path, times=(moment, moment))
    assert names(find(runs)) == ["new", "old"]


def test_what_really_came_first_comes_first_whatever_the_clock_said(runs: Path) -> None:
    for number, minutes in ((1, 5), (2, 0), (3, 0), (4, -90)):
        keep(runs, f"r{number}", NOON + timedelta(minutes=minutes), sequence=number)
    assert [each.folder.name for each in find(runs)] == ["r4", "r3", "r2", "r1"]
    assert [each.folder.name for each in outdated(find(runs), NOON, keep=2)] == ["r2", "r1"]


def test_runs_of_one_second_without_a_number_go_by_their_names(runs: Path) -> None:
    names = ["pg-20261122-120000", *(f"pg-20261122-120000-{number}" for number in range(2, 12))]
    for name in names:
        keep(runs, name)
    assert [each.folder.name for each in find(runs)] == names[::-1]


def test_every_run_of_a_folder_has_the_next_number(runs: Path) -> None:
    keep(runs, "old", sequence=41)
    (runs / "a file").write_text("x")
    (runs / "no run").mkdir()

    def begin(number: int) -> int:
        with numbered(runs) as sequence:
            keep(runs, f"r{number}", sequence=sequence)
        return sequence

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(begin, range(50)))
    assert sorted(numbers) == list(range(42, 92))
    assert last_sequence(runs) == 91


@pytest.mark.parametrize("text", ["", "{}\n", '{"event":"concluded"}\n', '{"_id": 1, "event": "run_started"}\n', "x"])
def test_a_journal_of_another_program_is_not_removed(runs: Path, text: str) -> None:
    folder = runs / "theirs"
    folder.mkdir(parents=True)
    (folder / JOURNAL).write_text(text)
    assert obstacle(folder, OURS) == "its journal.jsonl does not begin with the header of a run of sre-run"
    with pytest.raises(RunnerError):
        remove(folder, OURS)
    assert (folder / JOURNAL).read_text() == text


def test_the_whole_answers_of_a_run_go_with_it_and_nothing_else(runs: Path) -> None:
    folder = keep(runs, "a")
    answers = folder / "answers"
    answers.mkdir()
    (answers / "3.txt").write_text("whole", encoding="utf-8")
    for strange in ("notes.md", "3.txt.bak", "x.txt"):
        (answers / strange).write_text("mine", encoding="utf-8")
        assert obstacle(folder, (*OURS, "answers")) == "it has what sre-run did not write: answers"
        (answers / strange).unlink()
    (answers / "4.txt").mkdir()
    assert obstacle(folder, (*OURS, "answers")) == "it has what sre-run did not write: answers"
    (answers / "4.txt").rmdir()
    (answers / "5.txt").symlink_to(runs.parent)
    assert obstacle(folder, (*OURS, "answers")) == "it has what sre-run did not write: answers"
    (answers / "5.txt").unlink()
    assert obstacle(folder, (*OURS, "answers")) == ""
    remove(folder, (*OURS, "answers"))
    assert not folder.exists()
    other = keep(runs, "b")
    (other / "answers").write_text("a file", encoding="utf-8")
    assert obstacle(other, (*OURS, "answers")) == "it has what sre-run did not write: answers"
