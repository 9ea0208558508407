from __future__ import annotations

import io
import os
import pty
import re
import threading
from typing import TextIO

import pytest
from sample import PROPOSAL, VERDICT, Journal, followed_up, team

from sre_runner.casefile import Report, Status
from sre_runner.journal.events import AssignmentFinished, CallFinished, Entry, Noted
from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.render.run.markdown import markdown
from sre_runner.render.terminal.terminal import MAX_WIDTH, Screen, show

COMMAND = "kubectl -n payments patch deployment payment-gateway --patch " + "x" * 200


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "FORCE_COLOR", "LINES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


def plain(text: str) -> str:
    """The text without colours and cursor movements."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)


def shown(document: str, width: int = 80) -> str:
    stream = io.StringIO()
    show(document, stream, width)
    return stream.getvalue()


def test_all_of_the_document_is_shown() -> None:
    text = plain(shown(markdown(team("offline").fold())))
    for part in (
        "Payment gateway degraded, pods crashing",
        "Severity: P1",
        '"reason": "OOMKilled": k8s-expert/f1, c2',
        "kubectl rollout undo deployment/payment-gateway -n payments",
        "log-analyst",
        "Tool calls: 7 (1 refused, 2 failed, 1 without data)",
    ):
        assert part in text
    words = " ".join(text.replace("▌", "").split())
    assert words.startswith(REHEARSAL)
    assert words.endswith(REHEARSAL)


def test_ballots_are_a_table_and_proposals_keep_their_arguments() -> None:
    text = plain(shown(markdown(team(verdicts=(VERDICT,), proposals=(PROPOSAL,)).fold())))
    assert re.search(r"^ *k8s-expert +P1 *$", text, re.MULTILINE)
    assert re.search(r"^ *triage +abstained: failed: no report within 60 seconds *$", text, re.MULTILINE)
    assert 'restart_deployment(name="payment-gateway", replicas=5)' in " ".join(text.split())
    assert "--allow-write restart_deployment" in " ".join(text.split())


def test_text_is_narrow_enough_to_read_and_headings_stand_at_the_margin() -> None:
    lines = plain(shown(markdown(team().fold()), width=300)).splitlines()
    assert max(map(len, lines)) <= MAX_WIDTH
    assert lines[0].startswith("Payment gateway degraded")
    assert any(line.startswith("Root cause") for line in lines)


def test_a_command_is_never_broken_so_that_it_can_be_copied() -> None:
    document = markdown(team(conclusion={"immediate_actions": [{"action": "Patch.", "command": COMMAND}]}).fold())
    assert COMMAND in [line.rstrip() for line in plain(shown(document)).splitlines()]


def test_other_code_is_broken_and_nothing_of_it_lost() -> None:
    lines = plain(shown(f"- a\n  - b says\n    ```text\n    {'Y' * 300}\n    two\n    ```\n")).splitlines()
    assert max(map(len, lines)) <= 80
    assert "".join(line.strip() for line in lines).count("Y") == 300


def test_richs_own_markup_and_emoji_codes_are_text() -> None:
    text = shown(
        markdown(team(conclusion={"incident_summary": "[red]x[/red] [link=http://e.org]y[/link] :bomb:"}).fold())
    )
    assert "[red]x[/red] [link=http://e.org]y[/link] :bomb:" in plain(text)
    assert "\x1b]8;" not in text


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    coloured = r"\x1b\[[0-9;]*3[0-7]"
    assert re.search(coloured, shown(markdown(team().fold())))
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(coloured, shown(markdown(team().fold())))


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
    def text(self) -> str:
        return plain(b"".join(self._parts).decode())


def watched(entries: list[Entry], columns: int = 80, **options: bool) -> str:
    os.environ["COLUMNS"] = str(columns)  # the fixture above puts it back
    with Terminal() as (terminal, stream), Screen(stream, clock=lambda: 100.0, **options) as screen:
        for entry in entries:
            screen(entry)
    return terminal.text


def test_progress_is_a_table_with_a_line_for_each_assignment() -> None:
    text = watched(team().entries)
    last = text[text.rindex("seconds") :].splitlines()[1:]
    rows = [line.split() for line in last if line.strip()]
    assert rows == [
        ["planner", "1", "of", "1", "completed", "110", "1.5"],
        ["k8s-expert", "2", "of", "5", "completed", "3,500", "11.0"],
        ["log-analyst", "1", "of", "5", "completed", "2,200", "11.0"],
        ["synthesizer", "1", "of", "1", "completed", "3,900", "1.5"],
    ]


def test_a_follow_up_has_a_line_of_its_own() -> None:
    text = watched(followed_up().entries)
    last = text[text.rindex("seconds") :].splitlines()
    assert [line.split("  ")[0] for line in last[1:] if line.strip()] == [
        "k8s-expert",
        "log-analyst",
        "reviewer",
        "k8s-expert (followup-1)",
        "synthesizer",
    ]


def test_what_is_going_on_is_seen_while_it_goes_on() -> None:
    entries = [entry for entry in team().entries if entry.at <= 5.5]
    text = watched(entries)
    row = next(line for line in text[text.rindex("seconds") :].splitlines() if line.startswith("k8s-expert"))
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
    row = next(line for line in text[text.rindex("seconds") :].splitlines() if line.startswith("k8s-expert"))
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


def test_no_word_of_a_table_is_cut() -> None:
    word = "investigate/runbook-advisor-with-a-long-name"
    cells = "".join(plain(shown(f"| a | b |\n|---|---|\n| {word} | {word}({word}) |\n", 60)).split())
    assert "…" not in cells
    assert sorted(cells.replace("─", "")) == sorted(f"ab{word}{word}({word})")
