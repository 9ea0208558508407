from __future__ import annotations

import json

from hostile import ATTACK
from report_pages import Parsed

from sre_runner.render.html.index import index
from sre_runner.runs.listing import Listed, State
from sre_runner.text.visible import printable

RUN = Listed(
    "a-1",
    "a",
    "2026-11-22T12:00:00+00:00",
    "pay",
    {"team": "a"},
    State.COMPLETE,
    rehearsal=False,
    severity="P1",
    seconds=12.0,
    tokens=4_000,
    usd=0.5,
)
REHEARSED = Listed("b-1", "b", "2026-11-23T12:00:00+00:00", "web", status=State.PARTIAL, rehearsal=True, usd=0.0)
UNPRICED = Listed("c-1", "c", "2026-11-24T12:00:00+00:00", "web", status=State.RUNNING, rehearsal=False)
BROKEN = Listed("d-1", "d", None, None, problem="it cannot be read")


def test_a_row_for_each_run_with_its_facts_and_its_link() -> None:
    page = Parsed(index([(RUN, "a/report.html"), (REHEARSED, ""), (UNPRICED, ""), (BROKEN, "")]))
    rows = [[cell.text for cell in page.elements if cell.tag in ("td", "th") and "runs" in cell.inside]][0]
    assert rows[0] == "a-1"
    assert rows[3:9] == ["P1", "complete", "team=a ", "12.0", "4,000", "$0.5000"]
    assert [rows[place] for place in (17, 26, 35)] == ["rehearsal", "unknown", ""]
    assert rows[27] == "d-1it cannot be read"
    assert [(a.attributes["href"], a.text) for a in page.all("a")] == [("a/report.html", "a-1")]
    assert page.by_id("count").text == "4 runs"


def test_a_filter_offers_what_there_is() -> None:
    page = Parsed(index([(RUN, ""), (REHEARSED, "")]))
    offered = [each.attributes["value"] for each in page.all("option")]
    assert offered == ["", "pay", "web", "", "P1", "", "complete", "partial", "", "team=a"]


def test_hostile_text_stays_text_and_is_the_same_in_a_filter_as_in_a_row() -> None:
    run = Listed(f"a{ATTACK}", "a", None, ATTACK, {ATTACK: ATTACK}, State.BROKEN, problem=ATTACK, severity=ATTACK)
    page = Parsed(index([(run, "a/report.html")]))
    assert not page.all("img")
    assert not page.all("svg")
    (row,) = [each for each in page.all("tr") if "runs" in each.inside]
    label = printable(f"{ATTACK}={ATTACK}")
    assert json.loads(row.attributes["data-labels"]) == [label]
    assert label in [each.attributes["value"] for each in page.all("option")]
    assert row.attributes["data-playbook"] == printable(ATTACK)
