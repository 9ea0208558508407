"""What a journal serves again, and what a replay says of a call that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from building import CASE, run_engine
from steady import TEAMS, SteadyModel

from sre_runner.casefile import ModelRequest
from sre_runner.config.sources import configuration as from_source
from sre_runner.journal.digests import digest_of
from sre_runner.journal.events import RunStarted
from sre_runner.journal.file import JOURNAL, Journal
from sre_runner.journal.record import Record, record_of
from sre_runner.journal.recorded import (
    Recorded,
    ReplayError,
    answers,
    difference,
    for_replay,
    for_resume,
    identity_of,
    outcomes,
)
from sre_runner.runs.options import RunOptions
from sre_runner.runs.replay import replay, replay_with
from sre_runner.runs.run import run

SCOPE = "investigate/a"


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:
    journal = Journal(tmp_path_factory.mktemp("recorded") / "journal.jsonl")
    source = {"playbook": {}, "agents": {}, "tools": {}}
    journal.append(RunStarted("run", CASE, source, "digest", "scripted", {}))
    yield run_engine(TEAMS["parallel"], SteadyModel(), journal)[1]
    journal.close()


@pytest.fixture
def recorded(record: Record) -> Recorded:
    return for_replay(record)


def test_a_resume_is_served_answers_and_a_replay_every_outcome(record: Record) -> None:
    call = next(call for call in record.calls.values() if call.request.kind == "tool")
    assert call.outcome
    late = replace(record, calls={**record.calls, call.request.call: replace(call)})
    late.calls[call.request.call].outcome = replace(call.outcome, outcome="timeout")
    assert identity_of(call.request) not in for_resume(late).calls
    assert identity_of(call.request) not in answers(late)
    assert for_replay(late).calls.keys() == outcomes(record).keys() == answers(record).keys()


def test_a_tool_call_with_other_arguments_is_held_against_the_nearest(recorded: Recorded) -> None:
    identity = ("tool", SCOPE, digest_of("", ["pods-a", {"pod": "a-1"}]), 1)
    missed = recorded.missed_tool(identity, "pods-a", {"pod": "a-1"})
    assert missed.message == f"the journal has no such tool call of {SCOPE}: pods-a"
    assert missed.identity == identity
    assert "Nearest is call" in missed.hint
    assert '-  "pod": "a-0"' in missed.hint
    assert '+  "pod": "a-1"' in missed.hint


def test_a_call_that_was_made_less_often(recorded: Recorded) -> None:
    identity = ("tool", SCOPE, digest_of("", ["pods-a", {}]), 2)
    assert "It was made less often." in recorded.missed_tool(identity, "pods-a", {}).hint


def test_a_call_that_has_no_answer_that_counts(recorded: Recorded) -> None:
    identity = ("tool", SCOPE, digest_of("", ["pods-a", {}]), 1)
    less = replace(recorded, calls={key: pair for key, pair in recorded.calls.items() if key != identity})
    assert (
        "is the same, but has no answer, or the tool is another now." in less.missed_tool(identity, "pods-a", {}).hint
    )


def test_an_assignment_that_made_no_call(recorded: Recorded) -> None:
    assert recorded.missed_tool(("tool", "plan", "d", 1), "x", {}).hint == "It has no tool call of plan at all."
    now = ModelRequest("m", 1, "", (), ())
    assert recorded.missed_model(("model", "x", "d", 1), now).hint == "It has no model call of x at all."


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    playbook = Path(__file__).parents[1].parent / "playbooks" / "payment-gateway-single.yaml"
    return run(RunOptions(playbook, runs=tmp_path_factory.mktemp("runs"), offline=True))[1]


def test_only_the_settings_of_the_model_are_others(rehearsed: Path) -> None:
    record = record_of(rehearsed)
    model = {**record.started.configuration["playbook"]["model"], "max_tokens": 4001}
    source = dict(record.started.configuration)
    source["playbook"] = {**source["playbook"], "model": model}
    (missed,) = replay_with(from_source(source), record).missed
    assert missed.hint.startswith("What goes before it is the same: the model, or the limit or effort of its replies")


def test_a_model_call_that_was_in_flight(rehearsed: Path, tmp_path: Path) -> None:
    lines = (rehearsed / JOURNAL).read_text().splitlines(keepends=True)
    place = max(number for number, line in enumerate(lines) if '"kind":"model"' in line)
    (tmp_path / JOURNAL).write_text("".join(lines[: place + 1]))
    record = record_of(tmp_path)
    with pytest.raises(ReplayError) as missed:
        replay(record)
    assert missed.value.hint == f"Call {max(record.calls)} is the same, and has no answer."


def test_long_differences_are_cut() -> None:
    lines = difference([str(number) for number in range(50)], []).split("\n")
    assert lines[-1] == "… 33 lines more"
    assert difference(["x"], ["x"]) == ""
