"""The figures of real rehearsals, whose waves and times are known, and of runs that broke off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.casefile import Verdict
from sre_runner.journal import facts
from sre_runner.journal.file import JOURNAL, read
from sre_runner.journal.record import Record, fold
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run
from sre_runner.testing.comparison.figures import figures, in_a_row, waves_of
from sre_runner.testing.expectations.check import Expectation

PLAYBOOKS = Path(__file__).parents[3] / "playbooks"
THREE = ["k8s-expert", "log-analyst", "runbook-advisor"]
WAVES: Mapping[str, list[list[str]]] = {
    "payment-gateway-single": [["generalist"]],
    "payment-gateway-sequential": [*([agent] for agent in THREE), ["synthesizer"]],
    "payment-gateway-parallel": [THREE, ["synthesizer"]],
    "triage-to-verification": [["triage"], ["investigation"], ["remediation"], ["verification"], ["synthesizer"]],
    "severity-debate": [["optimist", "pessimist"], ["optimist", "pessimist"], ["judge"], ["synthesizer"]],
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """A rehearsal of each, and of the whole coordinator."""
    room = tmp_path_factory.mktemp("runs")
    names = [*WAVES, "payment-gateway"]
    return {name: run(RunOptions(PLAYBOOKS / f"{name}.yaml", runs=room, offline=True))[1] for name in names}


def record_of(folder: Path) -> Record:
    return fold(read(folder / JOURNAL))


@pytest.mark.parametrize("name", WAVES)
def test_the_waves_are_those_of_the_strategy(folders: Mapping[str, Path], name: str) -> None:
    waves = [[work.assignment.agent for work in wave] for wave in waves_of(record_of(folders[name]))]
    assert waves == WAVES[name]


def test_every_assignment_is_in_one_wave(folders: Mapping[str, Path]) -> None:
    for folder in folders.values():
        record = record_of(folder)
        waved = [work.assignment.id for wave in waves_of(record) for work in wave]
        assert sorted(waved) == sorted(record.work)
    parts = [{facts.part(work.assignment) for work in wave} for wave in waves_of(record)]
    assert parts == [{"plan"}, {"investigate"}, {"review-1"}, {"followup-1"}, {"conclude"}]


def test_the_critical_path_is_never_longer_than_the_run(folders: Mapping[str, Path]) -> None:
    for folder in folders.values():
        record = record_of(folder)
        found = figures(record)
        assert 0 < found.critical_seconds <= found.seconds == record.seconds
        assert 0 < found.calls_in_a_row <= found.model_calls


def test_sequential_and_parallel_differ_in_what_waits_and_in_nothing_else(folders: Mapping[str, Path]) -> None:
    one, two = (figures(record_of(folders[f"payment-gateway-{name}"])) for name in ("sequential", "parallel"))
    assert one.calls_in_a_row == one.model_calls
    assert two.calls_in_a_row < one.calls_in_a_row
    timeless = {"run": "", "calls_in_a_row": 0, "critical_seconds": 0.0, "seconds": 0.0}
    assert replace(one, **timeless) == replace(two, **timeless)


def test_the_figures_are_those_that_the_run_itself_tells(folders: Mapping[str, Path]) -> None:
    record = record_of(folders["payment-gateway"])
    checked = [Expectation("a", True, ""), Expectation("b", False, "")]
    found = figures(record, checked)
    assert (found.run, found.rehearsal, found.status) == (folders["payment-gateway"].name, True, "complete")
    assert (found.met, found.expected) == (1, 2)
    assert (found.verified, found.findings) == record.verified()
    assert (found.model_calls, found.tool_calls) == (len(record.calls_of("model")), len(record.calls_of("tool")))
    assert (found.tokens, found.cached_tokens) == (record.usage().total, 0)
    assert found.usd == pytest.approx(facts.total_cost(record).would_be)
    assert found.verdicts == {"severity": "P1"}
    assert {"describe_pod", "get_pod_logs", "search_runbooks"} <= set(found.tools)


def test_the_critical_path_leaves_out_who_waited_for_a_seat(folders: Mapping[str, Path]) -> None:
    record = record_of(folders["payment-gateway-parallel"])
    begun = 0.0
    for work, length in zip(record.work.values(), (2.0, 5.0, 1.0, 3.0), strict=True):  # as with one seat
        work.started, work.finished = begun, begun + length
        begun += length
    assert figures(record).critical_seconds == 5.0 + 3.0
    list(record.work.values())[-1].finished = None
    record.seconds = 20.0
    assert figures(record).critical_seconds == 5.0 + 12.0


def test_fewer_seats_make_a_longer_row_of_calls(tmp_path: Path) -> None:
    playbook = PLAYBOOKS / "payment-gateway-parallel.yaml"
    rows = {}
    for seats in (1, 2, 3):
        options = RunOptions(playbook, runs=tmp_path, offline=True, settings=[("coordinator.max_parallel", str(seats))])
        found = figures(run(options)[0])
        rows[seats] = found.calls_in_a_row
    assert rows[1] == found.model_calls
    assert rows[1] > rows[2] >= rows[3]


def test_a_tool_that_knew_nothing_is_not_covered(folders: Mapping[str, Path]) -> None:
    record = record_of(folders["payment-gateway-single"])
    known = figures(record).tools
    for number, call in record.calls.items():
        if call.outcome and call.outcome.tool_answer and call.request.name == known[0]:
            answer = replace(call.outcome.tool_answer, no_data=True)
            record.calls[number].outcome = replace(call.outcome, tool_answer=answer)
    assert figures(record).tools == known[1:]


def test_votes_beside_the_severity(folders: Mapping[str, Path]) -> None:
    record = record_of(folders["payment-gateway"])
    assert record.conclusion
    verdicts = (
        Verdict("urgency", "severity_assessment", "majority", "P1", (), ""),
        Verdict("roll back", "rollback_candidate", "majority", None, (), ""),
    )
    record.conclusion = replace(record.conclusion, verdicts=verdicts)
    assert figures(record).verdicts == {"severity": "P1", "roll back": None}


def test_calls_that_the_budget_denied_were_not_made(folders: Mapping[str, Path]) -> None:
    record = record_of(folders["payment-gateway-single"])
    before = figures(record)
    last = record.calls_of("model")[-1]
    assert last.outcome
    last.outcome = replace(last.outcome, outcome="denied", model_answer=None)
    found = figures(record)
    assert (found.model_calls, found.calls_in_a_row) == (before.model_calls - 1, before.calls_in_a_row - 1)
    assert found.tokens < before.tokens


def test_a_run_that_broke_off_anywhere_has_figures(folders: Mapping[str, Path]) -> None:
    """They only grow; without a conclusion there is no verdict."""
    entries = list(read(folders["payment-gateway"] / JOURNAL))
    found = [figures(fold(entries[:end])) for end in range(1, len(entries) + 1, 7)]
    assert (found[0].status, found[0].verdicts, found[0].critical_seconds) == ("none", {}, 0)
    for before, after in pairwise(found):
        assert before.critical_seconds <= after.critical_seconds <= after.seconds
        assert before.model_calls <= after.model_calls
        assert before.calls_in_a_row <= after.calls_in_a_row


@given(st.lists(st.integers(0, 9), max_size=8), st.integers(1, 5))
def test_a_row_lies_between_the_longest_and_the_sum(lengths: list[int], seats: int) -> None:
    found = in_a_row(lengths, seats)
    assert max([*lengths, -(-sum(lengths) // seats)]) <= found <= sum(lengths)
    assert in_a_row(lengths, 1) == sum(lengths)
    assert in_a_row(lengths, max(1, len(lengths))) == max(lengths, default=0)
