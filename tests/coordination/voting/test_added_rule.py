"""A vote rule is one module: `least_severe.py` beside this, added to a copy of the package with one entry."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from extended import Extended, starter

MODULE = Path(__file__).with_name("least_severe.py")
ROOM = "sre_runner.coordination.voting"
PLAYBOOK = "playbooks/severity-debate.yaml"
RULE = "coordinator.votes.severity.rule=least_severe"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Extended:
    package = Extended(tmp_path_factory.mktemp("package"))
    package.add(MODULE, "coordination/voting")
    package.entry(
        "coordination/voting/rules.py",
        (f"from {ROOM}.majority", f"from {ROOM}.least_severe import LEAST_SEVERE\n"),
        ("MAJORITY, ", "LEAST_SEVERE, "),
    )
    package.write_schemas()
    return package


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return starter(tmp_path_factory.mktemp("room"))


def test_the_schema_has_it(package: Extended, room: Path) -> None:
    vote = json.loads(package.run("schema", "playbook", cwd=room))["$defs"]["vote"]["properties"]
    assert vote["rule"]["enum"][0] == "least_severe"
    assert vote["rule"]["description"].startswith(
        "`least_severe`: the least severe value that anyone has. `majority`: "
    )
    assert vote["otherwise"]["description"].endswith(
        ": `least_severe`, `most_severe`, `plurality`, or one of the options."
    )


def test_a_run_obeys_it(package: Extended, room: Path) -> None:
    shown = json.loads(package.run(PLAYBOOK, "--offline", "--json", "-q", "--set", RULE, cwd=room))
    by_rule = shown["conclusion"]["compared"][-1]
    assert by_rule["rule"] == "least_severe"
    assert by_rule["value"] == max(ballot["value"] for ballot in by_rule["ballots"])
    assert by_rule["reason"] == f"the least severe ballot is {by_rule['value']}"


def test_the_checks_know_what_it_looks_at(package: Extended, room: Path) -> None:
    weights = "coordinator.votes.severity.weights={optimist: 2}"
    told = package.run("plan", PLAYBOOK, "--set", RULE, "--set", weights, cwd=room, code=2)
    assert "the rule least_severe does not look at weights" in told


def test_a_vote_over_past_runs_knows_it(package: Extended, room: Path) -> None:
    assert "least_severe" in package.run("vote", "last", cwd=room)
