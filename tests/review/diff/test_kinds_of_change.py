"""Every kind of change, each as a commit of a real repository, with its risk; and what is no change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from changed_room import CLUSTER, LOGS, ROOM, Edit, edited, write
from git_repository import needs_git, repository
from kinds_of_change import CHANGES, KEY, Expected

from sre_runner.review.diff.changes import KINDS, Group
from sre_runner.review.diff.difference import Difference, compare
from sre_runner.review.revisions import Repository

NAMES = [name for name, _, _ in CHANGES]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository in which every change is a branch, and its configuration is in a folder."""
    branches = {"main": ROOM, **{f"change-{number}": edited(edits) for number, (_, edits, _) in enumerate(CHANGES)}}
    inside = {branch: {f"ops/{name}": text for name, text in files.items()} for branch, files in branches.items()}
    return repository(tmp_path_factory.mktemp("repository"), inside) / "ops"


@pytest.fixture(scope="module")
def base(room: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The configuration of the branch `main`."""
    folder = tmp_path_factory.mktemp("base").resolve()
    found = Repository.of(room)
    assert found.extract(found.commit("main"), folder)
    return folder


def told(difference: Difference) -> set[Expected]:
    """Kind, risk and subject of every change but for the worst case."""
    changes = [change for change in difference.changes if change.kind != "worst-case-changed"]
    return {(change.kind, str(change.risk), str(change.subject)) for change in changes}


@needs_git
@pytest.mark.parametrize(("name", "edits", "expected"), CHANGES, ids=NAMES)
def test_a_change_is_told_with_its_risk(
    name: str, edits: list[Edit], expected: list[Expected], room: Path, base: Path, tmp_path: Path
) -> None:
    found = Repository.of(room)
    found.extract(found.commit(f"change-{NAMES.index(name)}"), tmp_path)
    difference, _ = compare(base, tmp_path)
    assert told(difference) == set(expected)
    assert not difference.base_problems
    assert not difference.head_problems
    for change in difference.changes:
        assert change.place, change
        assert change.place.file.startswith(str(base if change.place.side == "base" else tmp_path))
        assert 0 < change.place.line <= Path(change.place.file).read_text(encoding="utf-8").count("\n") + 1
        assert change.sentence.endswith(".")
    assert KEY not in json.dumps([change.sentence for change in difference.changes], default=str) + repr(difference)


def test_every_kind_is_shown_by_a_change() -> None:
    """But for those that are tested by themselves."""
    shown = {kind for _, _, expected in CHANGES for kind, _, _ in expected}
    assert set(KINDS) - shown == {"worst-case-changed", "secret-removed", "key-changed"}


def test_a_changed_prompt_is_no_privilege_and_no_cost(tmp_path: Path) -> None:
    head = write(tmp_path / "head", edited([("agents.d/pods.yaml", "and nothing else.", "and why.")]))
    difference, _ = compare(write(tmp_path / "base", ROOM), head)
    assert {change.group for change in difference.changes} == {Group.BEHAVIOUR}
    (change,) = difference.changes
    assert change.playbooks == ("debate", "outage", "steps")
    (words,) = change.words
    assert words.playbooks == ("debate", "outage", "steps")
    assert words.pieces == (
        ("=", "You look at the pods of api.\nReport what you see, and"),
        ("-", "nothing else."),
        ("+", "why."),
    )


OTHERWISE: list[tuple[str, list[Edit]]] = [
    (
        "comments",
        [
            ("agents.d/pods.yaml", "max_iterations", "# How long.\n\nmax_iterations"),
            ("tools.d/cluster.yaml", "", "# Ours.\n" + CLUSTER),
        ],
    ),
    (
        "order of keys",
        [
            (
                "agents.d/logs.yaml",
                "",
                "".join(reversed(LOGS.splitlines(keepends=True)[:4])) + "".join(LOGS.splitlines(keepends=True)[4:]),
            )
        ],
    ),
    (
        "quotes and layout",
        [
            ("agents.d/pods.yaml", "description: Pods and nodes.", "description: >-\n  Pods\n  and nodes."),
            ("agents.d/pods.yaml", "[list_pods, get_events]", '\n  - "list_pods"\n  - get_events'),
        ],
    ),
    (
        "defaults that are spelled out",
        [
            ("agents.d/pods.yaml", "max_iterations: 5", "max_iterations: 5\nrole: specialist\ntimeout: 600"),
            ("agents.d/logs.yaml", "effort: low}", "effort: low}\nmax_iterations: 5"),
            ("tools.d/cluster.yaml", "    timeout: 10", "    timeout: 10\n    effect: read\n    max_output: 30000"),
            (
                "tools.d/cluster.yaml",
                "required: [namespace]",
                "required: [namespace]\n      additionalProperties: true",
            ),
            (
                "tools.d/cluster.yaml",
                "when: {namespace: payments}",
                "delay: 0\n          when: {namespace: {equals: payments}}",
            ),
            (
                "playbooks/outage.yaml",
                "severity: {rule: majority}",
                "severity: {field: severity_assessment, otherwise: most_severe}",
            ),
            ("playbooks/outage.yaml", "usd: 5}", "usd: 5, mode: enforce}"),
            (
                "playbooks/steps.yaml",
                "inputs:",
                "model: {name: claude-sonnet-5-5, max_tokens: 4000}\nbudget: {mode: enforce}\ninputs:",
            ),
        ],
    ),
    ("order of a whitelist", [("agents.d/pods.yaml", "[list_pods, get_events]", "[get_events, list_pods]")]),
    (
        "a tool in another file",
        [
            ("tools.d/cluster.yaml", CLUSTER[CLUSTER.index("  restart_pod") :], ""),
            ("tools.d/moved.yaml", "", "tools:\n" + CLUSTER[CLUSTER.index("  restart_pod") :]),
        ],
    ),
    (
        "a file with another suffix",
        [("agents.d/pods.yaml", "", ""), ("agents.d/pods.yml", "", ROOM["agents.d/pods.yaml"])],
    ),
    ("a text in the place of its file", [("tools.d/cluster.yaml", "{file: events.txt}", '{return: "OOMKilled\\n"}')]),
    (
        "a data set of another name",
        [
            ("tools.d/lines.yaml", "data:\n  lines:", "data:\n  logged:"),
            ("tools.d/lines.yaml", "rows: lines, where", "rows: logged, where"),
            ("tools.d/lines.yaml", "rows: lines, return", "rows: logged, return"),
        ],
    ),
]


@pytest.mark.parametrize(("edits"), [edits for _, edits in OTHERWISE], ids=[name for name, _ in OTHERWISE])
def test_what_is_only_written_otherwise_is_no_change(edits: list[Edit], tmp_path: Path) -> None:
    base, head = write(tmp_path / "base", ROOM), write(tmp_path / "head", edited(edits))
    for one, other in ((base, head), (head, base)):
        difference, _ = compare(one, other)
        assert difference.changes == ()
        assert difference.head_problems == ()


def test_a_secret_that_is_taken_out_is_still_in_the_history(tmp_path: Path) -> None:
    base = write(tmp_path / "base", edited([("agents.d/pods.yaml", "and nothing else.", KEY)]))
    difference, _ = compare(base, write(tmp_path / "head", ROOM))
    assert ("secret-removed", "low", "file agents.d/pods.yaml") in told(difference)
    assert KEY not in repr(difference)
    assert "[masked]" in repr(difference)


def test_a_secret_of_the_environment_is_told_and_never_shown(tmp_path: Path) -> None:
    secret = "correct-horse-battery"
    head = write(tmp_path / "head", edited([("agents.d/pods.yaml", "and nothing else.", f"and {secret}.")]))
    difference, _ = compare(write(tmp_path / "base", ROOM), head, {secret})
    assert ("secret-added", "high", "file agents.d/pods.yaml") in told(difference)
    assert secret not in repr(difference)


def test_a_renamed_tool_with_another_effect_is_both(tmp_path: Path) -> None:
    edits = [
        ("tools.d/cluster.yaml", "  get_events:", "  read_events:"),
        ("tools.d/cluster.yaml", "    timeout: 10", "    timeout: 10\n    effect: write"),
        ("agents.d/pods.yaml", "get_events]", "read_events]"),
    ]
    difference, _ = compare(write(tmp_path / "base", ROOM), write(tmp_path / "head", edited(edits)))
    assert told(difference) == {
        ("tool-renamed", "low", "tool read_events"),
        ("effect-read-to-write", "high", "tool read_events"),
    }


def test_nothing_is_read_twice_and_nothing_at_all_where_nothing_changed(tmp_path: Path) -> None:
    base, head = write(tmp_path / "base", ROOM), write(tmp_path / "head", ROOM)
    difference, both = compare(base, head)
    assert difference == Difference()
    for name in both.head.agents:
        assert both.base.agent(name) is both.head.agent(name)
    assert both.base.tools == both.head.tools


@pytest.mark.parametrize("number", range(len(CHANGES)), ids=NAMES)
def test_a_change_that_is_taken_back_is_one_again(number: int, tmp_path: Path) -> None:
    """What is wider one way is narrower, or another reach, the other way, and never goes untold."""
    base, head = write(tmp_path / "base", ROOM), write(tmp_path / "head", edited(CHANGES[number][1]))
    there, back = (compare(one, other)[0] for one, other in ((base, head), (head, base)))
    assert bool(there.changes) == bool(back.changes)
    for change in back.changes:
        assert change.sentence.endswith(".")
        assert change.place
