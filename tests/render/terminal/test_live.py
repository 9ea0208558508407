from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import TextIO

import pytest
import sample
from sample import CONFIGURATION, K8S_FIELDS, Journal, followed_up, team
from terminals import columns_80, plain

from sre_runner.casefile import Report, Status
from sre_runner.journal.events import AssignmentFinished, CallFinished, Entry, Noted
from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.render.terminal.live import Screen, rows, summary
from sre_runner.render.terminal.progress import Working

__all__ = ["columns_80"]

pytestmark = pytest.mark.usefixtures("columns_80")


class Terminal:
    """The other side of a pseudo-terminal: all that is written to it, read to the end."""

    def __enter__(self) -> tuple[Terminal, TextIO]:
        self._main, other = pty.openpty()
        self._stream = os.fdopen(other, "w")
        self._parts: list[bytes] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        return self, self._stream

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._reader.join()
        os.close(self._main)

    def _read(self) -> None:
        while True:
            try:
                part = os.read(self._main, 65536)
            except OSError:  # the other side is closed
                return
            self._parts.append(part)

    @property
    def raw(self) -> str:
        return b"".join(self._parts).decode()

    @property
    def text(self) -> str:
        return plain(self.raw)


def last_view(text: str) -> int:
    """Where the titles of the table that was drawn last begin."""
    return text.rindex("agent  ")


def table_of(text: str) -> list[str]:
    """The rows of the table that was drawn last."""
    last = text[last_view(text) :].splitlines()[1:]
    return [line for line in last if line.strip() and " · " not in line]


def watched(entries: list[Entry], columns: int = 80, **options: bool) -> str:
    os.environ["COLUMNS"] = str(columns)  # the fixture above puts it back
    with Terminal() as (terminal, stream), Screen(stream, clock=lambda: 100.0, **options) as screen:
        for entry in entries:
            screen(entry)
    return terminal.text


def test_progress_is_a_table_with_a_line_for_each_assignment() -> None:
    text = watched(team().entries)
    assert [line.split() for line in table_of(text)] == [
        ["planner", "1", "of", "1", "completed", "110", "1.5"],
        ["k8s-expert", "2", "of", "5", "completed", "2", "3,500", "11.0"],
        ["log-analyst", "1", "of", "5", "completed", "1", "2,200", "11.0"],
        ["synthesizer", "1", "of", "1", "completed", "3,900", "1.5"],
    ]


def test_a_follow_up_has_a_line_of_its_own() -> None:
    text = watched(followed_up().entries)
    assert [line.split("  ")[0] for line in table_of(text)] == [
        "k8s-expert",
        "log-analyst",
        "reviewer",
        "k8s-expert (followup-1)",
        "synthesizer",
    ]


def test_what_is_going_on_is_seen_while_it_goes_on() -> None:
    entries = [entry for entry in team().entries if entry.at <= 5.5]
    text = watched(entries)
    row = next(line for line in table_of(text) if line.startswith("k8s-expert"))
    assert row.split() == ["k8s-expert", "1", "of", "5", "describe_pod", "1,600", "3.0"]


def test_notes_stand_above_the_table_and_a_rehearsal_says_so_first_and_last() -> None:
    text = " ".join(watched(team("offline").entries).split())
    assert text.startswith(REHEARSAL)
    assert text.endswith(REHEARSAL)
    assert "waited 2 s for the model service" in text


def test_what_may_help_stands_above_the_table() -> None:
    journal = team()
    journal.add(CallFinished(1, "failed", error="overloaded_error: later", hint="Wait."))
    assert "s hint: Wait." in watched(journal.entries)


def test_the_notice_is_not_said_twice_in_a_row_on_one_screen() -> None:
    text = " ".join(watched(team("offline").entries, notice_last=False).split())
    assert text.count(REHEARSAL) == 1
    assert text.startswith(REHEARSAL)


def test_where_there_is_little_room_only_what_is_being_done_is_shortened() -> None:
    entries = [entry for entry in team().entries if entry.at <= 5.5]
    text = watched(entries, columns=45)
    row = next(line for line in table_of(text) if line.startswith("k8s-expert"))
    assert re.fullmatch(r"k8s-expert +1 of 5  desc\w*…? +1,600 +3\.0 *", row)


def test_text_in_the_table_neither_steers_the_terminal_nor_is_markup() -> None:
    journal = Journal()
    journal.start()
    journal.assign("a", "[red]agent\x1b[2J")
    journal.add(Noted("[bold]\x07note"))
    journal.use("a", "c1", "tool\x1b]0;title\x07", {}, "cancelled")
    journal.add(AssignmentFinished(Report("a", "x", Status.FAILED), 1))
    text = watched(journal.entries)
    assert "[red]agent\\x1b[2J" in text
    assert "[bold]\\x07note" in text
    assert "\x07" not in text


def test_a_terminal_that_is_gone_does_not_end_the_run() -> None:
    main, other = pty.openpty()
    stream = os.fdopen(other, "w")
    with Screen(stream) as screen:
        os.close(main)
        for entry in team("offline").entries:
            screen(entry)
    with pytest.raises(OSError, match="Input/output error"):  # what was not written is still in the stream
        stream.close()


def many(count: int, ended: int) -> list[Entry]:
    journal = Journal()
    playbook = {**CONFIGURATION["playbook"], "budget": {"tokens": 400_000, "seconds": 900}}
    journal.start(configuration={**CONFIGURATION, "playbook": playbook})
    for number in range(count):
        journal.assign(f"investigate/agent-{number}", f"agent-{number}")
    for number in range(ended):
        journal.report(f"investigate/agent-{number}", f"agent-{number}", K8S_FIELDS)
    return journal.entries


@pytest.mark.parametrize(("count", "ended"), [(3, 1), (200, 150), (200, 0), (200, 200)])
def test_the_view_is_never_higher_than_the_terminal(monkeypatch: pytest.MonkeyPatch, count: int, ended: int) -> None:
    monkeypatch.setenv("LINES", "24")
    text = watched(many(count, ended))
    view = [line.rstrip() for line in text[last_view(text) :].splitlines()]
    assert len(view) <= 24
    assert max(map(len, view)) <= 80
    assert any(f"{count - ended} at work, {ended} done · 0 of 400,000 tokens · 0 model calls" in line for line in view)
    assert any("and 180 more: " in line for line in view) is (count == 200)


def test_those_at_work_are_seen_before_those_that_ended() -> None:
    works = [
        Working(f"a{n}", None, 0.0, result="" if n in (0, 7) else "failed" if n == 3 else "completed") for n in range(9)
    ]
    assert [each.agent for each in rows(works, 4)] == ["a0", "a3", "a7", "a8"]
    assert [each.agent for each in rows(works, 0)] == ["a7"]
    assert rows(works, 9) == works
    assert summary(works[3:]) == "and 6 more: 1 failed, 4 completed, 1 at work"
    assert summary([]) == ""


def test_the_last_line_says_the_phase_and_what_is_used() -> None:
    entries = team().entries
    assert "plan · 1 at work, 0 done · 110 tokens · 1 model calls" in watched([each for each in entries if each.at < 2])
    assert "concluded · 0 at work, 4 done · 9,710 tokens · 5 model calls · 17 seconds" in watched(entries)


RESIZED = """
import fcntl, struct, sys, termios
from sample import team
from sre_runner.render.terminal.live import Screen
entries = [entry for entry in team().entries if entry.at <= 5.5]
fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
with Screen(sys.stderr, clock=lambda: 100.0) as screen:
    for entry in entries[:5]:
        screen(entry)
    fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 50, 0, 0))
    for entry in entries[5:]:
        screen(entry)
"""


def test_a_window_that_is_resized_gets_lines_that_fit() -> None:
    environ = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    environ["PYTHONPATH"] = str(Path(sample.__file__).parent)
    with Terminal() as (terminal, stream):
        subprocess.run([sys.executable, "-c", RESIZED], stderr=stream, env=environ, check=True, timeout=30)
    narrow = terminal.text[last_view(terminal.text) :].splitlines()
    assert any(line.startswith("k8s-expert") for line in narrow)
    assert max(map(len, narrow)) <= 50
    assert len(narrow) <= 10


def test_the_cursor_is_shown_again_whatever_ends_the_run() -> None:
    def interrupted(stream: TextIO) -> None:
        with Screen(stream) as screen:
            screen(team().entries[0])
            raise KeyboardInterrupt

    with Terminal() as (terminal, stream), pytest.raises(KeyboardInterrupt):
        interrupted(stream)
    assert terminal.raw.rindex("\x1b[?25h") > terminal.raw.rindex("\x1b[?25l")
