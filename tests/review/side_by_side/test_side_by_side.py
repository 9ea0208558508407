"""Playbooks and recorded runs on both sides of a change: what came out otherwise, and what could not be compared."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from changed_room import ROOM, Edit, edited, write

from sre_runner.journal.record import Record, record_of
from sre_runner.render.diff.side_by_side import MOST, SAME, markdown, rows, sentences, text, to_json
from sre_runner.render.run.export import dump
from sre_runner.review.diff.difference import compare
from sre_runner.review.diff.pairs import Both
from sre_runner.review.side_by_side.rehearsed import Rehearsed, rehearsed, replayed
from sre_runner.runs.options import RunOptions
from sre_runner.runs.run import run

LESS: Edit = ("tools.d/cluster.yaml", "[api-1, api-2]", "[]")
OUT = "playbooks/outage.yaml"


def both_of(folder: Path, *edits: Edit, base: tuple[Edit, ...] = ()) -> tuple[Both, tuple[str, ...]]:
    """Both sides of these edits, and the playbooks that they touch."""
    difference, both = compare(write(folder / "base", edited(base)), write(folder / "head", edited(edits)))
    return both, difference.touched


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """A rehearsal of `outage` as it was."""
    folder = tmp_path_factory.mktemp("recorded")
    options = RunOptions(write(folder, ROOM) / OUT, offline=True, runs=folder / "runs")
    return record_of(run(options)[1])


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> list[Rehearsed]:
    """Rehearsals where an agent is given no logs any more and an expectation is new that fails."""
    edits: list[Edit] = [
        (OUT, "[pods, logs]", "[pods]"),
        (OUT, "mentions: [memory, ", "mentions: [elephants, memory, "),
    ]
    both, touched = both_of(tmp_path_factory.mktemp("changed"), *edits)
    assert touched == ("outage",)
    return list(rehearsed(both, touched))


def test_every_case_is_rehearsed_on_both_sides(changed: list[Rehearsed]) -> None:
    assert [each.name for each in changed] == ["outage/default", "outage/other-region"]
    default, region = changed
    assert default.before
    assert default.after
    assert not default.problem
    told = {name: (before, after) for name, before, after in rows(default)}
    assert told["tools that answer on this side only"] == ("count_logs, search_logs", "")
    assert int(told["model calls"][0]) > int(told["model calls"][1])
    assert "status" not in told
    assert [each.expected for each in default.fails_now] == ["the conclusion mentions 'elephants'"]
    assert default.other_result
    assert not region.other_result
    said = sentences(default)
    assert any(line.startswith("gone: logs: ") for line in said)
    assert any(line.startswith("fails now: ") for line in said)


def test_a_change_without_consequences_has_the_same_result(tmp_path: Path) -> None:
    both, touched = both_of(tmp_path, ("agents.d/planner.yaml", "You are the", "You are, as ever, the"))
    (default, region) = rehearsed(both, touched)
    assert {name for name, *_ in rows(default)} == {"tokens"}
    assert sentences(default) == sentences(region) == []
    assert not default.other_result


def test_a_case_that_one_side_has_is_shown_alone(tmp_path: Path) -> None:
    third: Edit = (OUT, "tests:\n", "tests:\n  third: {expect: {status: complete}}\n")
    both, touched = both_of(tmp_path, third)
    new = {each.name: each for each in rehearsed(both, touched)}["outage/third"]
    assert new.before is None
    assert new.after
    assert not new.other_result
    assert {before for _, before, _ in rows(new)} == {""}
    back = compare(tmp_path / "head", tmp_path / "base")[1]
    gone = {each.name: each for each in rehearsed(back, touched)}["outage/third"]
    assert gone.after is None
    assert gone.before


def test_a_new_playbook_and_a_renamed_one(tmp_path: Path) -> None:
    edits: list[Edit] = [
        ("playbooks/steps.yaml", "", ""),
        ("playbooks/slow.yaml", "", ROOM["playbooks/steps.yaml"]),
        ("playbooks/second.yaml", "", ROOM["playbooks/debate.yaml"]),
    ]
    both, touched = both_of(tmp_path, *edits)
    assert both.now("playbook", "steps") == "slow"
    found = {each.name: each for each in rehearsed(both, touched)}
    assert set(found) == {"second/default", "slow/default"}
    assert found["second/default"].before is None
    assert found["slow/default"].before
    assert not found["slow/default"].other_result


def test_a_renamed_agent_and_a_renamed_tool_are_compared_with_themselves(tmp_path: Path) -> None:
    """Also where the name is a word of what was found, and of what is expected."""
    room = {name: text.replace("search_logs", "find_lines") for name, text in ROOM.items()}
    room["agents.d/log-reader.yaml"] = room.pop("agents.d/logs.yaml")
    for name in [name for name in room if name.startswith("playbooks/")]:
        room[name] = re.sub(r"(?<=[\[ ,])logs(?=[],:])", "log-reader", room[name])
    both = compare(write(tmp_path / "base", ROOM), write(tmp_path / "head", room))[1]
    assert both.now("agent", "logs") == "log-reader"
    assert both.now("tool", "search_logs") == "find_lines"
    (default, *_) = [each for each in rehearsed(both, ("outage",)) if each.name == "outage/default"]
    assert not default.problem
    assert {name for name, *_ in rows(default)} <= {"tokens"}, rows(default)
    assert sentences(default) == []
    assert not default.other_result


def test_a_playbook_that_needs_an_alert_is_rehearsed_by_the_cases_that_state_its_inputs(tmp_path: Path) -> None:
    edits: tuple[Edit, ...] = ((OUT, "region: eu}", "region: {alert: commonLabels.region}}"),)
    both, touched = both_of(
        tmp_path, ("agents.d/planner.yaml", "You are the", "You are, as ever, the"), *edits, base=edits
    )
    default, region = rehearsed(both, touched)
    assert "it takes inputs from an alert" in default.problem
    assert not default.other_result
    assert region.before
    assert region.after
    assert not region.other_result
    assert "outage/default: not compared, as it takes inputs" in text([default], notice=False)


def test_what_is_named_none_is_not_the_lack_of_a_verdict(changed: list[Rehearsed]) -> None:
    each = changed[0]
    assert each.before
    assert each.after
    voted = replace(
        each,
        before=replace(each.before, verdicts={"cause": "none"}),
        after=replace(each.after, verdicts={"cause": None}),
    )
    assert ("verdict: cause", "none", "(no verdict)") in rows(voted)
    assert voted.other_result


def test_what_has_problems_is_not_rehearsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both, touched = both_of(tmp_path / "one", (OUT, "[pods, logs]", "[pods, nobody]"))
    (only,) = rehearsed(both, touched)
    assert (only.name, only.problem, only.other_result) == ("outage", "it has problems in HEAD", True)
    both, touched = both_of(tmp_path / "two", base=((OUT, "[pods, logs]", "[pods, nobody]"),))
    (only,) = rehearsed(both, touched)
    assert only.problem == "it has problems in BASE"
    monkeypatch.setenv("DEPLOY_TOKEN", "Say why now and here")
    both, touched = both_of(tmp_path / "three", (OUT, "Find out why", "Say why now and here"))
    found = list(rehearsed(both, touched))
    assert all("the value of the variable DEPLOY_TOKEN is in " in each.problem for each in found)
    assert "not compared" in text(found, notice=True)
    assert "not compared" in "\n".join(markdown(found, notice=True))


def test_a_replay_serves_what_is_the_same_and_says_where_it_stops(record: Record, tmp_path: Path) -> None:
    both, _ = both_of(tmp_path / "same", (OUT, "verified: 0.9", "verified: 0.8"))
    same = replayed(both, record)
    assert same.before
    assert same.after
    assert same.before.figures.tool_calls == len(record.calls_of("tool")) > 0
    assert same.before.figures.tokens == record.usage().total
    assert [each.expected for each in same.before.expectations if not each.holds] == [
        each.expected for each in same.after.expectations if not each.holds
    ]
    assert rows(same) == []
    assert not same.other_result

    both, _ = both_of(
        tmp_path / "rule", (OUT, "severity: {rule: majority}", "severity: {rule: unanimous, otherwise: P4}")
    )
    other = replayed(both, record)
    assert other.after
    assert other.after.stopped.endswith("conclude would make another model call")
    told = {name: (before, after) for name, before, after in rows(other)}
    assert told["replay"] == ("comes to its end", other.after.stopped)
    assert set(told) <= {"replay", "verdict: severity", "verdict: cause"}

    both, _ = both_of(tmp_path / "first", ("agents.d/planner.yaml", "You are the", "You are no"))
    first = replayed(both, record)
    assert first.after
    assert first.after.stopped.startswith("0 of ")
    assert not first.other_result


def test_a_replay_of_a_playbook_that_is_new_gone_or_broken(record: Record, tmp_path: Path) -> None:
    whole = write(tmp_path / "whole", ROOM)
    without = write(tmp_path / "without", edited([(OUT, "", ""), ("playbooks/steps.yaml", "slow", "down")]))
    assert (
        replayed(compare(whole, without)[1], record).problem == "HEAD has no playbook `outage`, which it was a run of"
    )
    new = replayed(compare(without, whole)[1], record)
    assert new.before is None
    assert new.after
    broken = write(tmp_path / "broken", edited([(OUT, "[pods, logs]", "[pods, nobody]")]))
    assert "problem" in replayed(compare(whole, broken)[1], record).problem


def test_the_renderings_have_what_differs(changed: list[Rehearsed]) -> None:
    printed = text(changed, notice=True)
    assert printed.startswith("RESULTS ON BOTH SIDES\nRehearsal: no LLM took part.")
    assert "\n  model calls: " in printed
    assert "  tools that answer on this side only: count_logs, search_logs → (nothing)\n" in printed
    blocks = markdown(changed, notice=True)
    assert "| tools that answer on this side only | count_logs, search_logs |  |" in "\n".join(blocks)
    assert "Rehearsal" not in text(changed, notice=False)
    assert not any("Rehearsal: no LLM" in block for block in markdown(changed, notice=False)[:1])
    data: list[dict[str, Any]] = json.loads(dump(to_json(changed)))
    assert list(data[0]) == ["name", "problem", "other_result", "before", "after", "fails_now"]
    assert data[0]["fails_now"][0]["holds"] is False
    assert data[0]["before"]["verdicts"]["severity"]
    one_side = to_json([Rehearsed("x/y", None, changed[0].after)])
    assert one_side[0]["before"] is None


def test_the_same_result_is_one_line(changed: list[Rehearsed]) -> None:
    same = Rehearsed("x/y", changed[0].before, changed[0].before)
    assert text([same], notice=False) == f"RESULTS ON BOTH SIDES\n\nx/y: {SAME}\n"
    assert markdown([same], notice=False) == ["**Results on both sides**", f"x/y: {SAME}."]


def test_of_very_many_findings_some_are_told(changed: list[Rehearsed]) -> None:
    result = changed[0].after
    assert result
    many = [("pods", f"finding {number} " + "x" * 1000) for number in range(MOST + 3)]
    told = sentences(Rehearsed("x/y", replace(result, findings=()), replace(result, findings=tuple(many))))
    assert told[-1] == "new: 3 more findings"
    assert all(len(line) < 400 for line in told)
