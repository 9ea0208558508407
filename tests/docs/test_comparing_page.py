"""docs/comparing.md shows what the comparisons give now, says no more than they show, and knows every key and row."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml

from sre_runner.render.testing.comparison import rows, to_json

pytestmark = pytest.mark.no_cover

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "comparing.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """The names of docs/generate_comparing.py, which keeps what it rehearsed."""
    return runpy.run_path(str(ROOT / "docs" / "generate_comparing.py"))


def test_the_comparisons_are_current(page: dict[str, Any]) -> None:
    assert list(page["places"](PAGE)) == list(page["PAIRS"])
    assert page["written"](PAGE) == PAGE, "run: python docs/generate_comparing.py"


def test_what_the_page_says_of_them_is_so(page: dict[str, Any]) -> None:
    for place in page["PAIRS"]:
        for side in page["comparison"](place).sides:
            assert side.statuses() == {"complete": 1}
            assert side.total("met") == side.total("expected") > 0
    (sequential,), (parallel,) = (side.runs for side in page["comparison"]("three both ways").sides)
    assert (sequential.tokens, sequential.tools, sequential.tool_calls) == (
        parallel.tokens,
        parallel.tools,
        parallel.tool_calls,
    )
    assert parallel.calls_in_a_row < sequential.calls_in_a_row == sequential.model_calls
    (alone,), (three,) = (side.runs for side in page["comparison"]("one agent or three").sides)
    assert set(three.tools) < set(alone.tools)
    assert "get_pod_logs" in set(alone.tools) - set(three.tools)


def test_the_two_playbooks_differ_in_their_strategy_alone() -> None:
    one, two = (
        yaml.safe_load((ROOT / "playbooks" / f"payment-gateway-{name}.yaml").read_text(encoding="utf-8"))
        for name in ("sequential", "parallel")
    )
    assert one.pop("description") != two.pop("description")
    assert (one["coordinator"].pop("strategy"), two["coordinator"].pop("strategy")) == ("sequential", "parallel")
    assert one == two
    for name in ("planner", "reviewer", "votes"):
        assert name not in one["coordinator"]


def test_every_key_of_the_json_is_documented_and_no_other(page: dict[str, Any]) -> None:
    data = to_json(page["comparison"]("three both ways"))
    keys = {*data, *(f"configurations[].{key}" for key in data["configurations"][0])}
    table = PAGE[PAGE.index("## As JSON") :]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)} == keys


def test_every_row_is_explained(page: dict[str, Any]) -> None:
    section = PAGE[PAGE.index("## What the rows mean") : PAGE.index("## When a difference")]
    cells = [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| ")]
    explained = {name for cell in cells for name in cell.split(", ")}
    for title, *_ in rows(page["comparison"]("three both ways")):
        words = title.removeprefix("… ").removeprefix("that are ")
        assert words.partition(",")[0].partition(":")[0] in explained, title
