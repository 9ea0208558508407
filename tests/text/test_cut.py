"""A run that is cut anywhere: resumed under every strategy, it comes to the same conclusion and asks nothing twice."""

from __future__ import annotations

import bisect
import itertools
import json
import os
from pathlib import Path

import pytest
from building import CASE, CONCLUSION, ScriptedModel, agent, configuration, report, run_engine
from steady import TEAMS, THINKING, UNKNOWN, SteadyModel

from sre_runner.casefile import Conclusion
from sre_runner.journal.events import CallStarted, JournalError, RunStarted
from sre_runner.journal.file import Identity, Journal, read
from sre_runner.journal.record import Record, fold
from sre_runner.journal.recorded import for_replay, for_resume

pytestmark = pytest.mark.no_cover


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[bytes, Conclusion]]:
    """The journal and the conclusion of an undisturbed run under each strategy."""
    room = tmp_path_factory.mktemp("whole")
    return {strategy: carried_out(room / strategy, strategy, SteadyModel())[:2] for strategy in TEAMS}


def carried_out(path: Path, strategy: str, model: SteadyModel) -> tuple[bytes, Conclusion, Record]:
    journal = Journal(path)
    journal.append(RunStarted("run", CASE, {}, "digest", "scripted", {}))
    concluded, record = run_engine(TEAMS[strategy], model, journal)
    journal.close()
    return path.read_bytes(), concluded, record


def resumed(path: Path, strategy: str) -> tuple[Conclusion, Record, Record, SteadyModel]:
    """The conclusion of a run that goes on, its record before and after, and the model with what it was asked."""
    journal = Journal(path, reopen=True)
    before = fold(journal.entries)
    model = SteadyModel(a=3, c=2)
    concluded, after = run_engine(TEAMS[strategy], model, journal, recorded=for_resume(before))
    journal.close()
    return concluded, before, after, model


def identity(call: CallStarted) -> Identity:
    return call.kind, call.scope, call.digest, call.occurrence


def ends(journal: bytes) -> list[int]:
    return [place + 1 for place, byte in enumerate(journal) if byte == ord("\n")]


@pytest.mark.parametrize("strategy", TEAMS)
def test_a_run_goes_on_from_every_line(
    whole: dict[str, tuple[bytes, Conclusion]], strategy: str, tmp_path: Path
) -> None:
    journal, conclusion = whole[strategy]
    path = tmp_path / "journal.jsonl"
    for end in ends(journal):
        path.write_bytes(journal[:end])
        concluded, before, after, model = resumed(path, strategy)
        assert concluded == conclusion
        answered = {identity(call.request) for call in before.calls.values() if call.outcome}
        new = [call.request for number, call in after.calls.items() if number not in before.calls]
        assert answered.isdisjoint(map(identity, new))
        assert model.asked.total() == sum(call.kind == "model" for call in new)
        assert fold(read(path)) == after


@pytest.mark.parametrize("strategy", TEAMS)
def test_a_run_that_was_cut_within_a_line_is_that_of_the_line_before(
    whole: dict[str, tuple[bytes, Conclusion]], strategy: str, tmp_path: Path
) -> None:
    journal, conclusion = whole[strategy]
    path = tmp_path / "journal.jsonl"
    for number, (start, end) in enumerate(itertools.pairwise(ends(journal))):
        for torn in (start + 1, (start + end) // 2, end - 1):
            path.write_bytes(journal[:torn])
            Journal(path, reopen=True).close()
            assert path.read_bytes() == journal[:start]
        if number % 10 == 5:
            path.write_bytes(journal[: end - 1])
            assert resumed(path, strategy)[0] == conclusion


def test_every_byte_prefix_of_a_journal_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.append(RunStarted("run", CASE, {}, "digest", "scripted", {}))
    alone = configuration(agent("a"), strategy="single", synthesizer=False)
    run_engine(alone, ScriptedModel(a=[report(**CONCLUSION)]), journal)
    journal.close()
    whole, entries = path.read_bytes(), list(read(path))
    lines = ends(whole)
    for size in range(len(whole), -1, -1):
        os.truncate(path, size)
        assert list(read(path)) == entries[: bisect.bisect_right(lines, size)]


def test_a_prefix_within_the_header_says_that_nothing_was_recorded(
    whole: dict[str, tuple[bytes, Conclusion]], tmp_path: Path
) -> None:
    journal = whole["single"][0]
    path = tmp_path / "journal.jsonl"
    for size in range(ends(journal)[0]):
        path.write_bytes(journal[:size])
        with pytest.raises(JournalError, match="nothing was recorded"):
            fold(read(path))


@pytest.mark.parametrize("strategy", TEAMS)
def test_however_the_specialists_finish_their_answers_stay_theirs(strategy: str, tmp_path: Path) -> None:
    first, concluded, record = carried_out(tmp_path / "one", strategy, SteadyModel(a=9, b=5, c=1))
    second, other, _ = carried_out(tmp_path / "two", strategy, SteadyModel(a=1, b=5, c=9))
    assert concluded == other
    assert strategy in ("single", "sequential", "pipeline") or finished(first) != finished(second)
    for journal in (first, second):
        (tmp_path / "journal").write_bytes(journal)
        replayed, again = replayed_from(tmp_path / "journal", tmp_path / "replay", strategy)
        assert replayed == concluded
        assert {name: work.report for name, work in again.work.items()} == {
            name: work.report for name, work in record.work.items()
        }
        assert not again.calls


def finished(journal: bytes) -> list[str]:
    """The assignments in the order in which they ended."""
    events = [json.loads(line) for line in journal.splitlines()]
    return [event["report"]["assignment"] for event in events if event["event"] == "assignment_finished"]


def replayed_from(path: Path, into: Path, strategy: str) -> tuple[Conclusion, Record]:
    into.unlink(missing_ok=True)
    journal = Journal(into)
    journal.append(RunStarted("run", CASE, {}, "digest", "scripted", {}))
    recorded = for_replay(fold(read(path)))
    made = run_engine(TEAMS[strategy], SteadyModel(), journal, recorded=recorded)
    journal.close()
    return made


@pytest.mark.parametrize("strategy", TEAMS)
def test_thinking_and_unknown_blocks_stay_as_they_were(
    whole: dict[str, tuple[bytes, Conclusion]], strategy: str, tmp_path: Path
) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(whole[strategy][0])
    answers = [call.outcome.model_answer for call in fold(read(path)).calls_of("model") if call.outcome]
    assert all(answer and list(answer.content[:2]) == [THINKING, UNKNOWN] for answer in answers)
