"""docs/planning.md is what the product prints, and names every key of the plan's JSON."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from sre_runner.render.plan.plan import to_json

pytestmark = pytest.mark.no_cover

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "planning.md"


@pytest.fixture(scope="module")
def planning() -> dict[str, Any]:
    """The names of docs/generate_planning.py."""
    return runpy.run_path(str(DOCS / "generate_planning.py"))


def test_the_output_and_the_picture_are_current(planning: dict[str, Any]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert planning["written"](text) == text, "run: python docs/generate_planning.py"
    drawn = (DOCS / "payment-gateway.svg").read_text(encoding="utf-8")
    assert planning["picture"]() == drawn, "run: python docs/generate_planning.py"
    assert set(re.findall(r"<!-- (\w+) -->", text)) == {*planning["PARTS"], "end"}


def test_every_key_of_the_json_is_named(planning: dict[str, Any]) -> None:
    rows = re.findall(r"^\| (`.*?) \| (.*) \|$", PAGE.read_text(encoding="utf-8").split("## The JSON")[1], re.MULTILINE)
    named = {key: words for cell, words in rows for key in re.findall(r"`(\w+)`", cell)}
    data = to_json(planning["configuration"]("triage-to-verification"))
    assert list(named) == list(data)
    inner = {"agents": data["agents"][0], "tools": data["tools"][0], "worst_case": data["worst_case"]}
    for key, value in inner.items():
        assert set(value) <= set(re.findall(r"`(\w+)`", named[key])), key
