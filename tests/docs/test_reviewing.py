"""docs/reviewing-changes.md is what the product prints, and names every key of the JSON."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
from git_repository import needs_git

from sre_runner.commands.diff import FAIL_ON

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "reviewing-changes.md"

pytestmark = needs_git


@pytest.fixture(scope="module")
def reviewing() -> dict[str, Any]:
    """The names of docs/generate_reviewing.py."""
    return runpy.run_path(str(DOCS / "generate_reviewing.py"))


def test_the_output_is_current(reviewing: dict[str, Any]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert reviewing["written"](text) == text, "run: python docs/generate_reviewing.py"
    assert set(re.findall(r"<!-- (\w+) -->", text)) == {*reviewing["PARTS"], "end"}


def test_the_walk_through_shows_the_mistake_first(reviewing: dict[str, Any]) -> None:
    code, out, _ = reviewing["printed"]()
    assert code == 0
    first = out[out.index("PRIVILEGE") :].split("\n")[1]
    assert first == "  high    k8s-expert may now call `rollback_deployment`, which can write."
    assert out.count("tool-added-to-whitelist") == 1
    assert "agent-with-write-tools" not in out
    assert reviewing["printed"]("--fail-on", "privilege", "--fail-on", "weakened")[0] == 1
    assert "fails now: rollback_deployment is not called, but it is" in reviewing["printed"]("--rehearse")[1]


def test_every_key_of_the_json_and_every_gate_is_named(reviewing: dict[str, Any]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    data = json.loads(reviewing["printed"]("--format", "json")[1])
    rows = re.findall(r"^\| (`.*?) \| (.*) \|$", text.split("## The JSON")[1], re.MULTILINE)
    named = {key: words for cell, words in rows for key in re.findall(r"`(\w+)`", cell)}
    assert list(named) == list(data)
    inner = {"changes": data["changes"][0], "costs": data["costs"][0], "problems": data["problems"]}
    for key, value in inner.items():
        assert set(value) <= set(re.findall(r"`(\w+)`", named[key])), key
    gates = re.findall(r"^\| (`.*?) \| ", text.split("### As a gate")[1].split("### ")[0], re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(gates))) == set(FAIL_ON)
