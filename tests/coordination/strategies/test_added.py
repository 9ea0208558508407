"""A strategy is one module: `groups.py` beside this, added to a copy of the package with one entry."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from extended import Extended, starter

MODULE = Path(__file__).with_name("groups.py")
ROOM = "sre_runner.coordination.strategies"
TEAM = "specialists=[k8s-expert, log-analyst, runbook-advisor]"
GROUPS = "coordinator.strategy={groups: {size: 2, arbiter: judge}}"
PLAYBOOK = "playbooks/payment-gateway.yaml"
SETTINGS = ("--set", TEAM, "--set", GROUPS)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Extended:
    package = Extended(tmp_path_factory.mktemp("package"))
    package.add(MODULE, "coordination/strategies")
    package.entry(
        "coordination/strategies/table.py",
        (
            "from sre_runner.coordination.strategies.parallel",
            "from sre_runner.coordination.strategies.groups import GROUPS\n",
        ),
        ("SINGLE, ", "GROUPS, "),
    )
    package.write_schemas()
    return package


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return starter(tmp_path_factory.mktemp("room"))


def test_the_schema_has_it(package: Extended, room: Path) -> None:
    schema = json.loads(package.run("schema", "playbook", cwd=room))
    strategy = schema["properties"]["coordinator"]["properties"]["strategy"]
    assert "groups" not in strategy["else"]["enum"]
    assert "`groups`: in groups, one group after the other." in strategy["description"]
    assert "`{groups: {size: …, arbiter: …}}`" in strategy["description"]
    assert schema["$defs"]["groups"]["required"] == ["size", "arbiter"]
    assert {"required": ["groups"]} in schema["$defs"]["strategy"]["oneOf"]


def test_a_run_follows_it(package: Extended, room: Path) -> None:
    shown = json.loads(package.run(PLAYBOOK, "--offline", "--json", "-q", *SETTINGS, cwd=room))
    (journal,) = room.glob("runs/*/journal.jsonl")
    events = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
    begun = [event["assignment"]["agent"] for event in events if event["event"] == "assignment_started"]
    assert set(begun[:2]) == {"k8s-expert", "log-analyst"}
    assert begun[2:3] == ["runbook-advisor"]
    assert begun[-2:] == ["judge", "synthesizer"]
    assert [verdict["rule"] for verdict in shown["conclusion"]["verdicts"]] == ["judge"]
    assert events[0]["configuration"]["playbook"]["coordinator"]["arbiter"] == "judge"


def test_a_run_of_it_replays(package: Extended, room: Path) -> None:
    package.run("replay", "last", cwd=room)


def test_a_plan_and_a_graph_show_it(package: Extended, room: Path) -> None:
    plan = package.run("plan", PLAYBOOK, *SETTINGS, cwd=room)
    assert "k8s-expert, log-analyst and runbook-advisor investigate in groups of 2." in plan
    graph = package.run("graph", PLAYBOOK, "--format", "mermaid", *SETTINGS, cwd=room)
    assert "of some" in graph
    assert "the next" in graph


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (("coordinator.strategy=groups",), "`strategy`"),
        (("coordinator.strategy={groups: {size: 2}}",), "`groups` lacks the key `arbiter`"),
        (("coordinator.strategy={groups: {size: 1, arbiter: judge}}",), "`size`"),
        (("coordinator.strategy={groups: {size: 2, arbiter: planner}}",), "has the role planner"),
        ((GROUPS, "coordinator.planner=planner"), "the strategy groups has no planner"),
        ((GROUPS, "specialists=[k8s-expert]"), "groups take at least three specialists, and here is one"),
        (("coordinator.strategy={groups: {size: 2, arbiter: judge, may_skip: {nobody: why}}}",), "it skips nobody"),
    ],
)
def test_its_problems_are_told(package: Extended, room: Path, settings: tuple[str, ...], said: str) -> None:
    given = [argument for setting in settings for argument in ("--set", setting)]
    assert said in package.run("plan", PLAYBOOK, *given, cwd=room, code=2)


def test_new_writes_a_playbook_with_it(package: Extended, room: Path) -> None:
    package.run("new", "playbook", "in-groups", "--strategy", "groups", cwd=room)
    text = (room / "playbooks/in-groups.yaml").read_text(encoding="utf-8")
    assert 'strategy: {"groups": {"size": 2, "arbiter": "judge"}}' in text
    package.run("validate", "playbooks/in-groups.yaml", cwd=room)


def test_diff_knows_its_keys(package: Extended, room: Path, tmp_path: Path) -> None:
    starter(tmp_path)
    for folder, size in ((room, 2), (tmp_path, 3)):
        text = (folder / "playbooks/severity-debate.yaml").read_text(encoding="utf-8")
        old = next(line for line in text.splitlines() if "debate: {" in line)
        made = text.replace(old, f"    groups: {{size: {size}, arbiter: judge, may_skip: {{optimist: no}}}}")
        (folder / "playbooks/grouped.yaml").write_text(made, encoding="utf-8")
    shown = package.run("diff", str(room), str(tmp_path), "--format", "json", cwd=room)
    changes = [change for change in json.loads(shown)["changes"] if change["subject"]["name"] == "grouped"]
    assert [(change["kind"], change["before"], change["after"]) for change in changes] == [("key-changed", 2, 3)]
