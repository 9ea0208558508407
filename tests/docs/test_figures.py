"""The figures of the *Choosing …* pages are those that rehearsals give, and the prose beside them says no more."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.no_cover

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    """The names of docs/generate_figures.py, which keeps what it rehearsed."""
    return runpy.run_path(str(DOCS / "generate_figures.py"))


@pytest.mark.parametrize("page", ["choosing-a-strategy.md", "choosing-a-voting-rule.md"])
def test_the_tables_are_current(page: str, figures: dict[str, Any]) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    places = [name for name in (*figures["TABLES"], "times") if f"<!-- {name} -->" in text]
    assert text.count("<!-- end -->") == len(places) >= 2
    assert figures["written"](text, figures["TABLES"]) == text, "run: python docs/generate_figures.py"


def test_nothing_failed_in_the_rehearsals_that_are_counted(figures: dict[str, Any]) -> None:
    teams = [record for _, alone, team in figures["of_incidents"]() for record in (alone, team)]
    for record in [*figures["of_strategies"]().values(), *teams]:
        assert record.exit_code == 0
        assert record.rehearsal
        assert record.verified()[0] == record.verified()[1] or not record.verified()[1]


def test_what_the_pages_say_of_the_strategies_is_so(figures: dict[str, Any]) -> None:
    records = figures["of_strategies"]()
    alone, sequential, parallel, reviewed, pipeline, debate = records.values()
    replies = {name: len(record.calls_of("model")) for name, record in records.items()}
    assert len(sequential.calls_of("model")) == len(parallel.calls_of("model"))
    assert figures["in_a_row"](sequential) > figures["in_a_row"](parallel)
    assert min(replies, key=replies.__getitem__) == "`single` (generalist)"
    assert max(records.values(), key=lambda record: record.usage().total) is debate
    logs = [name for name, record in records.items() if "get_pod_logs" in figures["with_data"](record)]
    assert logs == [name for name, record in records.items() if record in (alone, reviewed, pipeline, debate)]
    assert figures["behind_the_cause"](reviewed) > figures["behind_the_cause"](parallel)
    for record in records.values():
        assert "loads a large data set into memory" in record.conclusion.fields["root_cause"]["statement"]


def test_what_the_pages_say_of_one_agent_and_of_rules_is_so(figures: dict[str, Any]) -> None:
    for incident, alone, team in figures["of_incidents"]():
        assert figures["_cause"](incident, alone) == figures["_cause"](incident, team) != "missed"
        assert alone.usage().total < team.usage().total
    right = [figures["_severity"](alone) == incident.severity for incident, alone, _ in figures["of_incidents"]()]
    assert 2 * sum(right) < len(right)
    rows = figures["by_rule"]().splitlines()[2:]
    counts = {row.split("|")[1].strip(): [int(cell) for cell in row.split("|")[2:-1]] for row in rows}
    assert counts["`weighted`"] == counts["`plurality`"]
    assert counts["`unanimous`"][:3] == counts["`most_severe`"][:3]
    assert counts["`most_severe`"][1] == max(severe for _, severe, _, _ in counts.values())
    assert counts["`median`"][2] == max(mild for _, _, mild, _ in counts.values())
    assert counts["`majority`"][1]
    assert counts["`majority`"][2]
