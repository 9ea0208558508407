"""`--ask`: what a person at a terminal is shown, and what follows from each answer."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import pytest
from building import ScriptedModel, agent, answer, configuration, door, tool, use

from sre_runner.casefile import ModelRequest
from sre_runner.commands.asking import asker, text
from sre_runner.investigation.conversation import Conversation
from sre_runner.investigation.terms import Question
from sre_runner.journal.events import Noted
from sre_runner.journal.file import Journal

ROOT = Path(__file__).parents[2]
RUN = [sys.executable, "-m", "sre_runner", "run", "playbooks/triage-to-verification.yaml", "--offline", "--ask"]


def answered(tmp_path: Path, words: bytes) -> tuple[str, list[dict[str, object]]]:
    """What a terminal shows of a rehearsal with a write, and the events of its journal; the person types `words`."""
    for name in ("agents.d", "tools.d", "playbooks", "runbooks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(tmp_path)
        os.environ.update(TERM="xterm", PYTHONPATH=str(ROOT), NO_COLOR="1", COLUMNS="200")
        os.execv(RUN[0], [*RUN, "--runs", "runs", "-q"])
    seen, typed, end = b"", False, time.monotonic() + 60
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            seen += os.read(terminal, 10_000)
        except OSError:
            break
        if b"[y/N]" in seen and not typed:
            time.sleep(0.2)  # what is typed before the question is no answer to it
            os.write(terminal, words)
            typed = True
    os.waitpid(child, 0)
    os.close(terminal)
    (journal,) = tmp_path.glob("runs/*/journal.jsonl")
    return seen.decode(errors="replace"), [json.loads(line) for line in journal.read_text().splitlines()]


def test_a_yes_makes_the_write_and_is_journaled(tmp_path: Path) -> None:
    seen, events = answered(tmp_path, b"yes\n")
    assert 'remediation wants to write: rollback_deployment {"namespace": "payments"' in seen
    assert "Changed by this run" in seen
    assert "Changed by this run: nothing" not in seen
    notes = [str(event["text"]) for event in events if event["event"] == "noted"]
    assert any(note.startswith("The person at the terminal allowed rollback_deployment(") for note in notes)
    (started,) = (event for event in events if event.get("name") == "rollback_deployment")
    assert started["made"] is True


def test_anything_else_withholds_it(tmp_path: Path) -> None:
    seen, events = answered(tmp_path, b"yep\n")
    assert "Changed by this run: nothing" in seen
    (started,) = (event for event in events if event.get("name") == "rollback_deployment")
    assert started["made"] is False
    notes = [str(event["text"]) for event in events if event["event"] == "noted"]
    assert any(note.startswith("The person at the terminal refused") for note in notes)


def test_without_a_terminal_nobody_can_be_asked(tmp_path: Path) -> None:
    done = subprocess.run(
        [*RUN, "--runs", tmp_path / "runs"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
    assert done.returncode == 2
    assert "--ask needs a terminal, and there is none" in done.stderr
    assert not (tmp_path / "runs").exists()


def test_without_an_answer_in_time_the_write_is_withheld(journal: Journal) -> None:
    asked: list[Question] = []

    async def nobody(question: Question) -> bool | None:
        asked.append(question)
        return None

    config = configuration(agent("a", tools=["restart"]), tools=[tool("restart", effect="write")])
    way = door(config, ScriptedModel(), journal, ask=nobody)
    conversation = Conversation(ModelRequest("m", 100, "a prompt", (), ()))
    conversation.say("begin")
    (call,) = conversation.hear(answer(use("restart", {"pod": "p"}))).calls
    got = asyncio.run(way.use("investigate/a", config.agents["a"], call))
    assert got.withheld
    assert [(each.agent, each.tool, each.preview) for each in asked] == [("a", "restart", 'restart({"pod": "p"})')]
    notes = [entry.event.text for entry in journal.entries if isinstance(entry.event, Noted)]
    assert notes == ['The person at the terminal gave no answer in time to restart({"pod": "p"}) (a, c1).']


def test_a_question_cannot_steer_the_terminal() -> None:
    hostile = Question("a", "restart", {"pod": "\x1b[2Jx"}, "restart '\x1b]0;title\x07'")
    shown = text(hostile, 5)
    assert "\x1b" not in shown
    assert shown.splitlines()[-1] == "Allow it? [y/N] (withheld after 5 s) "


def test_a_person_who_does_not_type_is_waited_for_no_longer_than_that() -> None:
    child, terminal = pty.fork()
    if child == 0:
        asked = asyncio.run(asker(nullcontext, 0.2)(Question("a", "t", {}, "t()")))
        os._exit(0 if asked is None else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    os.close(terminal)


@pytest.fixture
def journal(tmp_path: Path):  # type: ignore[no-untyped-def]
    made = Journal(tmp_path / "journal.jsonl")
    yield made
    made.close()
