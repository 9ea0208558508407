from __future__ import annotations

import io
import os
import re
from dataclasses import replace
from typing import Any

import pytest
from sample import CONFIGURATION, Journal, followed_up, team

from sre_runner.casefile import Report, Status, Usage
from sre_runner.journal.events import AssignmentFinished, CallFinished, CallStarted, Concluded, Noted
from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.render.terminal.progress import TEXT_LIMIT, Lines, Progress


def told(journal: Journal) -> str:
    stream = io.StringIO()
    with Lines(stream) as lines:
        for entry in journal.entries:
            lines(entry)
    return stream.getvalue()


def journal_of(*events: Any) -> Journal:
    journal = Journal()
    journal.start()
    journal.assign("a", "k8s-expert")
    journal.add(*events)
    return journal


def test_a_run_is_told_line_by_line() -> None:
    lines = told(team()).splitlines()
    assert lines[0] == "    0.0s  run: payment-gateway-1, on simulated tools"
    assert "    1.0s  planner: turn 1 of 1" in lines
    assert "    2.0s  planner: completed: 1 turn, 110 tokens, 1.5 s" in lines
    assert '    5.5s  k8s-expert: c2 describe_pod(pod_name="payment-gw-def34")' in lines
    assert "    7.0s  k8s-expert: c3 describe_pod: no data" in lines
    assert "    8.0s  k8s-expert: c4 delete_pod: refused" in lines
    assert "   12.5s  k8s-expert: turn 2 of 5, 1,600 tokens so far" in lines
    assert "   13.5s  k8s-expert: completed: 2 turns, 4 tool calls, 3,500 tokens, 11.0 s" in lines
    assert "   14.5s  note: waited 2 s for the model service" in lines
    assert lines[-1] == "   17.0s  run: concluded"
    assert told(team(missing=("x",))).endswith("run: concluded, in part\n")


def test_a_rehearsal_says_so_first_and_last() -> None:
    lines = told(team("offline")).splitlines()
    assert lines[0] == lines[-1] == REHEARSAL
    assert lines.count(REHEARSAL) == 2
    assert REHEARSAL not in told(team())


def test_a_failed_call_and_a_failed_assignment_say_why() -> None:
    started = CallStarted(1, "model", "a", "d", 1, "claude", {})
    failed = CallFinished(1, "failed", error="overloaded: try later")
    report = Report("a", "k8s-expert", Status.FAILED, problem="try later")
    lines = told(journal_of(started, failed, AssignmentFinished(report, 1)))
    assert "k8s-expert: model: failed: overloaded: try later" in lines
    assert "k8s-expert: failed, as above (1 turn, 0 tokens, 1.5 s)" in lines
    assert "hint" not in lines


def test_what_may_help_is_told_once() -> None:
    events: list[Any] = []
    for number in (1, 2):
        events += [
            CallStarted(number, "model", "a", "d", number, "claude", {}),
            CallFinished(number, "failed", error="overloaded_error: later", hint="Wait."),
        ]
    report = Report("a", "k8s-expert", Status.FAILED, problem="the run was interrupted")
    lines = told(journal_of(*events, AssignmentFinished(report, 1)))
    assert lines.count("s  hint: Wait.\n") == 1
    assert "k8s-expert: failed: the run was interrupted (" in lines


def test_an_answer_that_is_an_error_is_told() -> None:
    journal = journal_of()
    journal.use("a", "c1", "list_pods", {}, is_error=True)
    assert "c1 list_pods: an error" in told(journal)


def test_the_turn_beyond_the_cap_is_the_repair() -> None:
    journal = journal_of()
    journal.assign("plan", "planner")
    journal.ask("plan", Usage(1, 1))
    journal.ask("plan", Usage(1, 1))
    assert "planner: turn 2 (repair), 2 tokens so far" in told(journal)


def test_an_agent_without_a_known_cap_has_bare_turns() -> None:
    journal = Journal()
    journal.start(configuration={**CONFIGURATION, "agents": {}})
    journal.assign("a", "k8s-expert")
    journal.ask("a", Usage(1, 1))
    assert "k8s-expert: turn 1\n" in told(journal)


def test_follow_ups_and_rounds_are_told_apart_from_what_came_before() -> None:
    lines = told(followed_up())
    assert re.search(r"s  k8s-expert: turn 1 of 5\n", lines)
    assert re.search(r"s  reviewer: turn 1 of 1\n", lines)
    assert "s  k8s-expert (followup-1): c2 list_nodes()\n" in lines
    assert "s  k8s-expert (followup-1): completed: 0 turns, 1 tool call" in lines
    journal = journal_of()
    for scope in ("round-2/k8s-expert", "review-2"):
        journal.assign(scope, "k8s-expert", continues="a")
        journal.ask(scope, Usage(1, 1))
    assert "k8s-expert (round-2): turn 1 of 5" in told(journal)
    assert "k8s-expert (review-2): turn 1 of 5" in told(journal)


def test_denials_are_told_and_no_turns() -> None:
    journal = journal_of()
    journal.ask("a", Usage(1, 1))
    journal.deny("a")
    journal.ask("a", Usage(1, 1))
    journal.use("a", "c1", "restart", {}, "denied")
    lines = told(journal)
    assert "k8s-expert: model: denied: no room in the budget: tokens (900 needed, 800 allowed)\n" in lines
    assert "k8s-expert: c1 restart: blocked: needs --allow-write\n" in lines
    assert lines.count("turn 2 of 5") == 2
    assert "turn 3" not in lines


def test_what_an_audit_notes_is_told() -> None:
    note = "Budget (audit): investigate/k8s-expert goes over it: tokens (900 needed, 800 allowed)."
    assert f"note: {note}\n" in told(journal_of(Noted(note)))


def test_hostile_text_stays_on_its_line_and_does_not_steer_the_terminal() -> None:
    journal = journal_of(Noted("\x1b[2J\nfake: line\r" + "x" * 1000))
    journal.use("a", "c\x1b1", "tool\x1b]0;x\x07", {"a": "\u202e\n"}, is_error=True)
    text = told(journal)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
    assert not [line for line in text.splitlines() if not re.match(r" +\d+\.\ds  (run|note|k8s-expert): ", line)]
    assert max(map(len, text.splitlines())) < TEXT_LIMIT + 40


def test_what_an_assignment_is_doing() -> None:
    progress = Progress(lambda *_: None)
    journal = journal_of()

    def follow(*events: Any) -> str:
        journal.entries.clear()
        journal.add(*events)
        for entry in journal.entries:
            progress.take(entry)
        return progress.work["a"].doing

    start = journal.entries[0].event
    assigned = journal.entries[1].event
    tool = CallStarted(2, "tool", "a", "d", 1, "list_pods", {}, "c1")
    assert follow(replace(start), assigned) == ""
    assert follow(CallStarted(1, "model", "a", "d", 1, "claude", {})) == "asking the model"
    assert follow(CallFinished(1, "answer")) == ""
    assert follow(tool, replace(tool, call=3, label="c2"), replace(tool, call=4, name="get_events")) == (
        "list_pods, get_events"
    )
    assert follow(*(CallFinished(number, "answer") for number in (2, 3))) == "get_events"
    assert follow(AssignmentFinished(Report("a", "k8s-expert", Status.INCOMPLETE), 1)) == "incomplete"
    assert progress.work["a"].turn_text == "1 of 5"


def test_a_reader_that_goes_away_does_not_end_the_run() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w")
    with Lines(stream) as lines:
        for entry in team("offline").entries:
            lines(entry)
    with pytest.raises(BrokenPipeError):  # what was not written is still in the stream, not in the run
        stream.close()


def test_a_run_without_a_conclusion_ends_without_one() -> None:
    entries = [entry for entry in team().entries if not isinstance(entry.event, Concluded)]
    assert "concluded" not in told(Journal(entries))
