"""The journal: written before it is used, read back as it was, folded to a record."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from building import CASE, CONCLUSION, REPORT
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.casefile import (
    Assignment,
    Conclusion,
    Evidence,
    Finding,
    ModelAnswer,
    Report,
    Status,
    ToolAnswer,
    Usage,
)
from sre_runner.journal.changes import changes_of
from sre_runner.journal.events import (
    EVENTS,
    AssignmentFinished,
    AssignmentStarted,
    CallFinished,
    CallStarted,
    Concluded,
    Entry,
    Event,
    JournalError,
    Noted,
    RunFinished,
    RunStarted,
    Traced,
    to_line,
)
from sre_runner.journal.file import Journal, read, whole_lines
from sre_runner.journal.record import fold

HEADER = RunStarted("checkout-1", CASE, {"playbook": {}}, "digest", "offline", {"python": "3"}, {"team": "a"})
FINDING = Finding("f1", "s", (Evidence("c1", "q"), Evidence(finding="b/f1")))
REPORTED = Report("investigate/a", "a", Status.COMPLETED, REPORT, (FINDING,))
EVERY: list[Event] = [
    HEADER,
    AssignmentStarted(Assignment("investigate/a", "a", (("case", {"task": "x"}),), {"type": "object"}, "plan")),
    CallStarted(1, "model", "investigate/a", "d1", 1, "claude-sonnet-5-5", {"messages": []}),
    CallFinished(
        1, "answer", model_answer=ModelAnswer(({"type": "text", "text": "é"},), "end_turn", Usage(1, 2, 3, 4), "m")
    ),
    CallStarted(2, "tool", "investigate/a", "d2", 1, "list_pods", {"namespace": "x"}, "c1"),
    CallFinished(2, "timeout", tool_answer=ToolAnswer("late", is_error=True)),
    CallStarted(3, "model", "investigate/a", "d3", 1, "claude-sonnet-5-5", {"messages": []}),
    CallFinished(3, "failed", error="overloaded"),
    AssignmentFinished(REPORTED, 2),
    Noted("waiting"),
    Traced("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"),
    Concluded(Conclusion(CONCLUSION, True, ("b failed.",), ("noted",))),
    RunFinished(3),
]


def write(path: Path, events: list[Event]) -> Journal:
    journal = Journal(path)
    for event in events:
        journal.append(event)
    journal.close()
    return journal


def test_what_was_written_is_read_back_as_it_was(tmp_path: Path) -> None:
    journal = write(tmp_path / "journal.jsonl", EVERY)
    assert list(read(tmp_path / "journal.jsonl")) == journal.entries
    assert {type(event) for event in EVERY} == set(EVENTS.values())


def test_an_event_is_on_disk_before_append_returns(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    seen: list[int] = []
    journal = Journal(path, [lambda entry: seen.append(len(path.read_bytes()))])
    for event in EVERY:
        journal.append(event)
        assert path.read_bytes().endswith(f'"seal":"{journal.entries[-1].seal}"}}\n'.encode())
    journal.close()
    assert seen[-1] == len(path.read_bytes())
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_existing_journal_is_never_written_over(tmp_path: Path) -> None:
    write(tmp_path / "journal.jsonl", EVERY[:1])
    with pytest.raises(FileExistsError):
        Journal(tmp_path / "journal.jsonl")


FILLS_A_DISK = """
import resource, signal, sys
from pathlib import Path
from sre_runner.journal.file import Journal
from sre_runner.journal.events import JournalError, Noted
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (700, most))
journal = Journal(Path(sys.argv[1]))
try:
    for _ in range(10):
        journal.append(Noted("x" * 80))
except JournalError as error:
    print(error.message, len(journal.entries))
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
journal.append(Noted("room again"))
"""


def test_a_disk_that_takes_no_more_is_one_clear_error_and_what_was_written_stays(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", FILLS_A_DISK, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "the journal cannot be written: File too large 2\n"
    assert [entry.event for entry in read(path)] == [Noted("x" * 80)] * 2 + [Noted("room again")]
    assert changes_of(list(whole_lines(path))) == (), "the chain goes on from what was written"


def test_the_record_is_the_fold_of_the_journal(tmp_path: Path) -> None:
    record = fold(write(tmp_path / "journal.jsonl", EVERY).entries)
    work = record.work["investigate/a"]
    assert (work.report, work.turns) == (REPORTED, 2)
    assert work.finished is not None
    assert work.finished >= work.started
    assert record.usage() == record.usage("investigate/a") == Usage(1, 2, 3, 4)
    assert record.usage("plan") == Usage()
    assert record.usage().total == 10
    assert [call.request.name for call in record.calls_of("tool")] == ["list_pods"]
    assert record.notes == ["waiting"]
    assert record.conclusion
    assert record.conclusion.partial
    assert record.exit_code == 3
    assert record.rehearsal


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "{}",
        '{"event":"run_started","at":0}',
        '{"event":"nonsense","at":0}',
        '{"event":"noted","at":0,"text":"x","more":1}',
        '{"event":"concluded","at":0,"conclusion":{"fields":{}}}',
        '{"event":"traced","at":0,"trace_id":"0","span_id":"00f067aa0ba902b7"}',
        '{"event":"traced","at":0,"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"0"}',
        pytest.param("[" * 100_000, id="deep"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(to_line(Entry(0.0, HEADER)) + line + "\n" + to_line(Entry(1.0, Noted("x"))))
    with pytest.raises(JournalError, match=r"journal\.jsonl:2: not a journal entry"):
        list(read(path))


def test_a_journal_that_records_nothing_is_an_error() -> None:
    with pytest.raises(JournalError, match="nothing was recorded"):
        fold([])
    with pytest.raises(JournalError, match="does not begin"):
        fold([Entry(0.0, Noted("x"))])


@given(st.text())
def test_any_text_survives(words: str) -> None:
    line = to_line(Entry(0.0, Noted(words.encode(errors="replace").decode())))
    assert line.count("\n") == 1
    assert json.loads(line)["text"] == words.encode(errors="replace").decode()


def test_times_go_on_from_the_last_entry_as_of_when_the_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(to_line(Entry(1000.0, Noted("long ago"))))
    journal = Journal(path, reopen=True)
    time.sleep(1)
    before = journal.seconds()
    journal.go_on()
    assert 1000 <= journal.seconds() < before
    journal.close()


def test_what_is_new_is_what_is_not_said_last_of_its_subject(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    begun, failed = EVERY[1], AssignmentFinished(Report("investigate/a", "a", Status.FAILED, problem="down"), 0)
    reported, first = AssignmentFinished(REPORTED, 2), Concluded(Conclusion(CONCLUSION, True))
    other = Concluded(Conclusion(CONCLUSION, False))
    write(path, [HEADER, begun, reported, first, failed, other])
    journal = Journal(path, reopen=True)
    for event in (begun, failed, other):
        journal.append_new(event)
    assert len(journal.entries) == 6, "all of it is what was said last"
    for event in (reported, first, first):
        journal.append_new(event)
    assert [entry.event for entry in journal.entries[6:]] == [reported, first]
    record = fold(journal.entries)
    assert record.work["investigate/a"].report == REPORTED
    assert record.conclusion == first.conclusion
    journal.close()


def test_an_assignment_that_is_another_now_ends_anew(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    failed = AssignmentFinished(Report("investigate/a", "a", Status.FAILED, problem="down"), 0)
    write(path, [HEADER, EVERY[1], failed])
    journal = Journal(path, reopen=True)
    journal.append_new(AssignmentStarted(Assignment("investigate/a", "a", (), {"type": "object"})))
    journal.append_new(failed)
    assert fold(journal.entries).work["investigate/a"].report == failed.report
    journal.close()
