"""Two configurations as a whole: written otherwise, with problems, with keys of tomorrow, with hostile files."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from changed_room import ROOM, Edit, edited, write
from hypothesis import given
from hypothesis import settings as settings_of
from hypothesis import strategies as st
from kinds_of_change import CHANGES, DATE

from sre_runner.config.sources import schema
from sre_runner.review.diff import agents, coordinators, playbooks, tools
from sre_runner.review.diff.changes import KINDS, Change, Place, Risk, Subject
from sre_runner.review.diff.costs import Range, Worst, cost_changes, may_cost
from sre_runner.review.diff.difference import Difference, compare
from sre_runner.review.diff.pairs import Both, pair_of
from sre_runner.review.diff.sides import Side, same_bytes

Files = dict[str, str]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("base"), ROOM)


def kinds(difference: Difference) -> set[tuple[str, str]]:
    return {(change.kind, str(change.subject)) for change in difference.changes}


def against(base: Path, folder: Path, *edits: Edit) -> Difference:
    """What these edits of the room come to."""
    return compare(base, write(folder, edited(edits)))[0]


@given(st.sampled_from(CHANGES))
@settings_of(max_examples=12)
def test_what_a_program_wrote_again_says_the_same(tmp_path_factory: pytest.TempPathFactory, change: Any) -> None:
    files = edited(change[1])
    again = {
        name: yaml.safe_dump(yaml.safe_load(text), width=30) if name.endswith(("yaml", "yml")) else text
        for name, text in files.items()
    }
    folder = tmp_path_factory.mktemp("again")
    one, other = write(folder / "one", files), write(folder / "other", again)
    assert compare(one, other)[0].changes == ()


@given(st.sampled_from(CHANGES), st.sampled_from(CHANGES))
@settings_of(max_examples=12)
def test_back_again_the_same_things_change(tmp_path_factory: pytest.TempPathFactory, one: Any, other: Any) -> None:
    folder = tmp_path_factory.mktemp("pair")
    before, after = write(folder / "one", edited(one[1])), write(folder / "other", edited(other[1]))
    there, back = compare(before, after)[0], compare(after, before)[0]

    def subjects(difference: Difference) -> set[tuple[str, frozenset[str]]]:
        told = [change.subject for change in difference.changes]
        return {(subject.kind, frozenset({subject.name, subject.was} - {""})) for subject in told}

    assert subjects(there) == subjects(back)


def test_the_rules_speak_of_every_key_of_the_schemas() -> None:
    """A key that is new enters `key-changed` until somebody decides what it means; this is where one is reminded."""
    playbook = schema("playbook")
    definitions = playbook["$defs"]
    assert set(agents._KEYS) == set(schema("agent")["properties"])
    assert set(tools._KEYS) == set(schema("tools")["$defs"]["tool"]["properties"])
    assert {*playbooks._KEYS, "specialists", "coordinator"} == set(playbook["properties"])
    coordinator = set(playbook["properties"]["coordinator"]["properties"])
    strategies = {key for name in ("debate", "pipeline") for key in definitions[name]["properties"]}
    assert {*coordinators._KEYS, *coordinators.LEADS} == coordinator | strategies
    assert set(definitions["case"]["properties"]) == {"inputs", "task", "expect"}
    assert set(definitions["model"]["properties"]) == {"name", "max_tokens", "effort", "price"}


def test_a_key_of_which_no_rule_speaks_is_told(base: Path) -> None:
    side = Side(base)
    thing = side.tool_things["list_pods"]
    subject = Subject("tool", "list_pods")
    with_key = replace(thing, data={**thing.data, "cache": 30})
    both = Both(Side(base, beside=side), side)
    for pair, gone in (
        (pair_of(both, subject, thing, with_key, ()), False),
        (pair_of(both, subject, with_key, thing, ()), True),
    ):
        (change,) = tools.tool_changes(pair)
        assert (change.kind, change.risk) == ("key-changed", Risk.UNKNOWN)
        assert change.place
        assert change.place.side == ("base" if gone else "head")
        assert "`cache`" in change.sentence


BROKEN: list[tuple[str, list[Edit], str, set[tuple[str, str]]]] = [
    ("no YAML", [("agents.d/pods.yaml", "tools: [", "tools: [[")], "agents.d/pods.yaml", set()),
    ("empty", [("agents.d/pods.yaml", "", "\n")], "agents.d/pods.yaml", set()),
    (
        "one key of a kind that it cannot be",
        [("agents.d/pods.yaml", "[list_pods, get_events]", "7"), ("agents.d/pods.yaml", ": 5", ": 8")],
        "agents.d/pods.yaml",
        {("max-iterations-changed", "agent pods")},
    ),
    (
        "one item that it cannot be",
        [("playbooks/outage.yaml", "[pods, logs]", "[pods, 7]"), ("playbooks/outage.yaml", "usd: 5", "usd: 4")],
        "playbooks/outage.yaml",
        {("budget-changed", "playbook outage")},
    ),
    (
        "an unknown key",
        [("agents.d/pods.yaml", "max_iterations: 5", "max_iterations: 8\ntoools: [x]")],
        "agents.d/pods.yaml",
        {("max-iterations-changed", "agent pods")},
    ),
    (
        "a key that is missing",
        [("agents.d/pods.yaml", "description: Pods and nodes.\n", ""), ("agents.d/pods.yaml", ": 5", ": 8")],
        "agents.d/pods.yaml",
        {("max-iterations-changed", "agent pods")},
    ),
    (
        "a strategy that there is not",
        [("playbooks/debate.yaml", "debate: {judge: judge, rounds: 2}", "quarrel: {}")],
        "playbooks/debate.yaml",
        set(),
    ),
    (
        "a tool that is none",
        [("tools.d/cluster.yaml", "    effect: write\n", "    effect: burn\n")],
        "tools.d/cluster.yaml",
        set(),
    ),
    ("tools that are no mapping", [("tools.d/cluster.yaml", "", "tools: []\n")], "tools.d/cluster.yaml", set()),
    (
        "an agent that is not there",
        [("playbooks/outage.yaml", "[pods, logs]", "[pods, logs, nobody]")],
        "playbooks/outage.yaml",
        {("agent-joins-playbook", "playbook outage")},
    ),
    (
        "a tool that is not there",
        [("agents.d/pods.yaml", "get_events]", "get_events, nothing]")],
        "agents.d/pods.yaml",
        {("tool-added-to-whitelist", "agent pods")},
    ),
    (
        "rows and a text that are not there",
        [
            ("tools.d/lines.yaml", "rows: lines, where", "rows: lost, where"),
            ("tools.d/cluster.yaml", "events.txt", "e.txt"),
        ],
        "tools.d/lines.yaml",
        {("data-changed", "data lost"), ("simulated-answers-changed", "tool get_events")},
    ),
    (
        "a vote over a field that nobody has",
        [("playbooks/outage.yaml", "field: cause_class", "field: nothing")],
        "playbooks/outage.yaml",
        {("vote-changed", "playbook outage")},
    ),
    (
        "inputs, votes, cases and expectations that are none",
        [
            ("playbooks/outage.yaml", "inputs: {service: api, region: eu}", "inputs: 3"),
            ("playbooks/outage.yaml", "severity: {rule: majority}", "severity: 3"),
            ("playbooks/outage.yaml", "    inputs: {region: us}\n", "    inputs: 4\n"),
            ("playbooks/outage.yaml", "min_findings: 1}", "min_findings: x}"),
            ("playbooks/outage.yaml", "verified: 0.9", "verified: 0.8"),
        ],
        "playbooks/outage.yaml",
        {("expectation-weakened", "playbook outage")},
    ),
]


@pytest.mark.parametrize(("edits", "file", "told"), [each[1:] for each in BROKEN], ids=[each[0] for each in BROKEN])
def test_a_side_with_problems_says_so_and_the_rest_is_compared(
    edits: list[Edit], file: str, told: set[tuple[str, str]], base: Path, tmp_path: Path
) -> None:
    head = write(tmp_path, edited(edits))
    difference = compare(base, head)[0]
    assert f"{tmp_path}/{file}" in {problem.file for problem in difference.head_problems}
    assert not difference.base_problems
    assert kinds(difference) == told
    back = compare(head, base)[0]
    assert not back.head_problems
    assert f"{tmp_path}/{file}" in {problem.file for problem in back.base_problems}
    assert {subject.split()[0] for _, subject in kinds(back)} >= {subject.split()[0] for _, subject in told}


def test_a_problem_of_both_sides_is_told_once_and_one_elsewhere_not_at_all(tmp_path: Path) -> None:
    broken: Edit = ("agents.d/judge.yaml", "role: judge", "role: jury")
    base = write(tmp_path / "base", edited([broken]))
    head = write(tmp_path / "head", edited([broken, ("agents.d/pods.yaml", "nothing else", "no more")]))
    difference = compare(base, head)[0]
    assert [Path(problem.file).name for problem in difference.head_problems] == ["judge.yaml"]
    assert difference.base_problems == ()
    steps = against(base, tmp_path / "steps", broken, ("playbooks/steps.yaml", "slow?", "so slow?"))
    assert steps.head_problems == ()


def test_files_that_are_no_files_are_problems_and_do_not_hang(base: Path, tmp_path: Path) -> None:
    head = write(tmp_path, ROOM)
    (head / "agents.d" / "pipe.yaml").symlink_to("/dev/zero")
    os.mkfifo(head / "tools.d" / "pipe.txt")
    (head / "playbooks" / "folder.yaml").mkdir()
    difference = compare(base, head)[0]
    told = {Path(problem.file).name: problem.message for problem in difference.head_problems}
    assert told == {
        "pipe.yaml": "a link leads out of the configuration directory, and is not followed",
        "folder.yaml": "this is a directory",
    }
    assert difference.changes == ()
    assert not same_bytes(head / "agents.d" / "pipe.yaml", head / "agents.d" / "pipe.yaml")
    assert not same_bytes(head / "agents.d" / "none.yaml", head / "agents.d" / "pods.yaml")


def test_an_empty_side_makes_everything_new(base: Path, tmp_path: Path) -> None:
    difference = compare(tmp_path, base)[0]
    assert {change.kind for change in difference.changes} == {
        *("agent-added", "agent-with-write-tools-added", "tool-added", "write-tool-added", "playbook-added"),
        *("live-tool-added", "server-added", "secret-pattern-added", "backend-changed"),
    }
    assert set(difference.costs) == {"debate", "outage", "real", "steps"}
    assert all(range_.before is None and range_.after for range_ in difference.costs.values())
    gone = compare(base, tmp_path)[0]
    assert {change.kind for change in gone.changes} == {
        *("agent-removed", "tool-removed", "playbook-removed", "server-removed", "secret-pattern-removed")
    }
    assert all(change.place and change.place.side == "base" for change in gone.changes)


def test_the_worst_case_is_told_with_its_risk(base: Path, tmp_path: Path) -> None:
    more = against(base, tmp_path / "more", ("agents.d/pods.yaml", "max_iterations: 5", "max_iterations: 50"))
    (change,) = (
        change for change in more.changes if change.kind == "worst-case-changed" and change.subject.name == "steps"
    )
    assert change.risk is Risk.HIGH
    assert change.after["model_calls"] - change.before["model_calls"] == 45
    assert set(more.costs) == {"debate", "outage", "steps"}
    long = against(base, tmp_path / "long", ("agents.d/pods.yaml", "nothing else", "nothing else " * 900))
    assert "worst-case-changed" in {change.kind for change in long.changes}
    short = against(base, tmp_path / "short", ("agents.d/pods.yaml", "nothing else", "no more"))
    assert not short.costs


@pytest.mark.parametrize(
    ("before", "after", "differs", "risk"),
    [
        (Worst(10, 1000, 1.0), Worst(10, 1005, 1.0), False, None),
        (Worst(10, 1000, 1.0), Worst(9, 900, 0.9), True, Risk.LOW),
        (Worst(10, 1000, 1.0), Worst(11, 1100, 1.1), True, Risk.LOW),
        (Worst(10, 1000, 1.0), Worst(12, 1000, 1.0), True, Risk.MEDIUM),
        (Worst(10, 1000, 1.0), Worst(10, 1000, 2.0), True, Risk.HIGH),
        (Worst(10, 1000, 1.0), Worst(10, 1000, None), True, Risk.MEDIUM),
        (Worst(10, 1000, 0.0), Worst(11, 1000, 0.0), True, Risk.LOW),
        (None, Worst(1, 1, None), True, None),
        (None, None, False, None),
    ],
)
def test_when_a_worst_case_is_a_risk(
    before: Worst | None, after: Worst | None, differs: bool, risk: Risk | None, base: Path
) -> None:
    range_ = Range(before, after)
    assert range_.differs is differs
    side = Side(base)
    changes = list(cost_changes(Both(side, side), {"steps": range_})) if differs else []
    assert [change.risk for change in changes] == ([risk] if risk else [])


def test_a_model_without_a_price_has_no_dollars(base: Path, tmp_path: Path) -> None:
    edits: list[Edit] = [
        ("agents.d/pods.yaml", "max_iterations: 5", "max_iterations: 5\nmodel: llama3.3"),
        ("playbooks/outage.yaml", ", usd: 5", ""),
    ]
    difference = against(base, tmp_path, *edits)
    assert "→ an unknown price" in " ".join(change.sentence for change in difference.changes)


def test_a_change_knows_its_group_and_its_rank() -> None:
    change = Change("expectation-removed", KINDS["expectation-removed"].risk, Subject("playbook", "x"), "x")
    assert change.weakens
    assert not may_cost(change)
    assert str(Place("a.yaml", 0)) == "a.yaml"
    ranks = [Change(kind, risk, Subject("x", "y"), "z").rank for kind, (_, risk, _) in KINDS.items()]
    assert min(ranks) == (0, 0)


def test_a_prompt_is_shown_as_each_playbook_renders_it(base: Path, tmp_path: Path) -> None:
    condition = "{% if region is defined %}Mind {{ region }}.{% endif %} and nothing else."
    (change,) = against(base, tmp_path, ("agents.d/pods.yaml", "and nothing else.", condition)).changes
    told = {words.playbooks: [piece for piece in words.pieces if piece[0] == "+"] for words in change.words}
    assert told == {("outage",): [("+", "Mind eu.")]}


def test_of_a_prompt_that_very_many_share_some_are_shown(tmp_path: Path) -> None:
    many = {
        f"playbooks/p{number}.yaml": ROOM["playbooks/steps.yaml"].replace("api", f"s{number}") for number in range(9)
    }
    base = write(tmp_path / "base", {**ROOM, **many})
    head = write(tmp_path / "head", {**edited([("agents.d/pods.yaml", "see,", "see in {{ service }},")]), **many})
    (change,) = compare(base, head)[0].changes
    assert len(change.playbooks) == 12
    shown = [name for words in change.words for name in words.playbooks]
    assert len(shown) == 5
    assert {words.more for words in change.words} == {7}


def test_a_prompt_that_cannot_be_rendered_is_compared_as_it_is_written(base: Path, tmp_path: Path) -> None:
    difference = against(base, tmp_path, ("agents.d/pods.yaml", "and nothing else.", "{{ nobody }}"))
    (change,) = difference.changes
    assert ("+", "{{ nobody }}") in change.words[0].pieces
    assert difference.head_problems


def test_what_a_live_tool_says_of_defaults_and_order_is_no_change(base: Path, tmp_path: Path) -> None:
    edits = [
        ("tools.d/live.yaml", "path: /api/v1/query,", "method: GET, safe: false, path: /api/v1/query,"),
        ("tools.d/live.yaml", "live: {runbooks: {folder: runbooks}}", "live: {runbooks: {top: 3, folder: runbooks}}"),
        ("tools.d/live.yaml", "  eu: {kubectl: {context: eu-production}}\n", ""),
        ("tools.d/more.yaml", "", "servers:\n  eu: {kubectl: {context: eu-production}}\n" + DATE),
    ]
    found = compare(base, write(tmp_path, edited(edits)))[0].changes
    assert [change.kind for change in found] == ["live-tool-added"]


def test_a_schema_that_another_one_refers_to_is_part_of_it(tmp_path: Path) -> None:
    old = "namespace: {$ref: '#/$defs/name'}}, $defs: {name: {type: string, pattern: '^[a-z]+$'}}}"
    tool = """\
tools:
  pods:
    description: Pods.
    input_schema: {type: object, properties: {PROPERTIES
    live: {command: [kubectl, get, pods, "--namespace={{ namespace }}"]}
"""
    sides = [
        write(tmp_path / name, {**ROOM, "tools.d/pods.yaml": tool.replace("PROPERTIES", text)})
        for name, text in (("base", old), ("head", old.replace("[a-z]+", "[a-z*]+")))
    ]
    told = [(change.kind, change.sentence) for change in compare(*sides)[0].changes]
    assert told[0] == (
        "argument-loosened",
        "`pods`: the argument `namespace`, which is part of what it reaches live, admits more: `$defs`.",
    )


def test_a_server_in_a_file_that_cannot_be_read_is_not_gone(base: Path, tmp_path: Path) -> None:
    files = edited([("tools.d/live.yaml", "servers:\n", "servers: [\n")])
    changes = compare(base, write(tmp_path, files))[0].changes
    assert not {"server-removed", "secret-pattern-removed"} & {change.kind for change in changes}
