"""Recent changes, and runbooks, in JSON and in plain text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sre_runner.models.offline.changes import Change, changes, moment
from sre_runner.models.offline.guidance import is_guidance, runbook


def found(data: Any, tool: str = "get_recent_deploys", incident: str = "") -> tuple[Change, ...]:
    raw = data if isinstance(data, str) else json.dumps(data)
    made = changes(raw, tool, "service shop", incident)
    assert all(quote and quote in raw for change in made for quote in change.quotes)
    return made


def test_deploys_are_ordered_by_their_time() -> None:
    rows = [
        {"version": "v1", "time": "2026-11-20T10:00:00Z", "change": "Old"},
        {"version": "v3", "time": "2026-11-22T10:00:00+01:00", "change": "New"},
        {"version": "v2", "time": "2026-11-21 10:00:00", "change": "Middle"},
    ]
    assert [change.what for change in found({"deploys": rows})] == ["v3", "v2", "v1"]
    early = found({"deploys": rows}, incident="2026-11-22T08:00:00Z")
    assert [change.what for change in early] == ["v2", "v1"]
    assert early[0].timing == "22 hours before the incident"
    assert early[1].timing == "46 hours before the incident"
    assert found({"deploys": rows}, incident="2026-11-29T08:00:00Z")[2].timing == "8 days before the incident"


def test_without_times_the_order_stays_and_revisions_are_numbers() -> None:
    rows = [{"version": "v3", "time": "today", "change": "New"}, {"version": "v2", "time": "yesterday", "change": "x"}]
    assert [change.what for change in found({"deploys": rows})] == ["v3", "v2"]
    table = "REVISION  CHANGE-CAUSE\n1         first\n9         second\n10        kubectl set image x\n"
    assert [change.what for change in found(table, "rollout_history")] == ["10", "9", "1"]
    assert found(table, "rollout_history")[0].quotes == ("10        kubectl set image x",)
    assert found("REVISION  CHANGE-CAUSE\n1         <none>\n", "rollout_history") == ()


def test_a_changed_setting_says_from_what_to_what() -> None:
    rows = [{"object": "ConfigMap/shop", "key": "TTL", "before": "3600", "after": "60", "time": "today 14:00"}]
    (change,) = found({"changes": rows}, "list_config")
    assert change.text == "TTL: 3600 → 60"
    (image,) = found({"from": "a:1", "to": "a:2", "added": ["class Pool"]}, "compare_images")
    assert image.text == "a:1 → a:2: class Pool"
    assert found({"from": "a:1", "to": "a:1"}, "compare_images") == ()


def test_a_long_change_is_quoted_field_by_field() -> None:
    (change,) = found({"version": "v1", "note": "x" * 170, "message": "what was done " * 20})
    assert 1 < len(change.quotes) <= 3


def test_other_records_are_no_changes() -> None:
    assert found({"deployments": [{"name": "shop", "ready": "3/5", "image": "a:1"}]}, "list_deployments") == ()
    assert found({"logs": [{"version": "v1", "message": "hello"}]}, "search_logs") == ()


@pytest.mark.parametrize(
    "text", ["", "today", "2026-13-45T99:99:99Z", "0001-01-01T00:00:00+23:59", "\uff19\uff1999-01-01T00:00"]
)
def test_what_is_no_time(text: str) -> None:
    assert moment(text) is None


@settings(max_examples=26, deadline=None)
@given(
    st.text(max_size=200),
    st.lists(st.dictionaries(st.sampled_from(["version", "change", "time", "to", "from"]), st.text(max_size=40))),
)
def test_quotes_of_changes_and_runbooks_are_verbatim(text: str, rows: list[dict[str, str]]) -> None:
    found({"deploys": rows})
    for raw in (text, json.dumps(rows), f"# {text}\n1. run `kubectl get {text}`"):
        book = runbook(raw)
        if book:
            assert book.title_quote in raw
            assert book.escalation_quote in raw
            assert all(step.quote in raw for step in book.steps)


BOOK = """# Disk full

Runs when a disk is full.

## At once
- Find what is large: `du -xh /data`
- Free space:
  `kubectl delete pod <pod> -n <namespace>`
Look at the graphs.

$ df -h

## Afterwards
1. Rotate logs

## Escalation
Page the storage team.
"""


def test_a_runbook_in_markdown() -> None:
    book = runbook(BOOK)
    assert book is not None
    assert book.title == "Disk full"
    assert [(step.action, step.command, step.later) for step in book.steps] == [
        ("Find what is large", "du -xh /data", False),
        ("Free space", "kubectl delete pod <pod> -n <namespace>", False),
        ("Look at the graphs.", "df -h", False),
        ("Rotate logs", "", True),
    ]
    assert book.escalation == "Page the storage team."


def test_a_runbook_in_json() -> None:
    book = runbook(json.dumps({"title": "Slow", "steps": ["Look: kubectl top pods", "Wait a little"], "owner": "us"}))
    assert book is not None
    assert book.title == "Slow"
    assert [step.command for step in book.steps] == ["kubectl top pods", ""]


def test_nothing_is_no_runbook() -> None:
    assert runbook(" \n ") is None
    plain = runbook("Just a line")
    assert plain is not None
    assert (plain.title, plain.steps) == ("Just a line", ())


def test_guidance_is_known_by_its_tool_or_its_shape() -> None:
    assert is_guidance("search_runbooks", "x")
    assert is_guidance("lookup", json.dumps([{"title": "x", "steps": ["a"]}]))
    assert not is_guidance("get_logs", json.dumps([{"title": "x", "message": "a"}]))


def test_a_change_of_the_service_that_was_asked_for_goes_before_its_neighbours() -> None:
    rows = [
        {"deployment": "cart", "revision": "7", "time": "2026-11-22T14:20:00Z", "change": "release 7"},
        {"deployment": "shop", "revision": "3", "time": "2026-11-22T14:00:00Z", "change": "release 3"},
    ]
    of_both = json.dumps(rows)
    assert [each.text for each in changes(of_both, "get_recent_deploys", "service shop", "")] == ["release 3"]
    assert [each.text for each in changes(of_both, "get_recent_deploys", "service web", "")] == [
        "release 7",
        "release 3",
    ]
