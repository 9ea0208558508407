from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payloads import API, FIRST, PAGERDUTY_2, PAGERDUTY_3, RESOLVED, WEBHOOK
from test_alert_paths import DATA

from sre_runner.config.alerts import MOST, fitted, labels_of, moment_of, read, resolved, started_at
from sre_runner.errors import RunnerError

PAGERDUTY_LABELS = {"incident": "4711", "service": "checkout", "urgency": "high", "status": "triggered"}


@pytest.mark.parametrize(
    ("payload", "start", "labels"),
    [
        (WEBHOOK, "2026-11-22T12:59:00+00:00", WEBHOOK["commonLabels"]),
        (API, "2026-11-22T12:59:00+00:00", {"alertname": "HighErrorRate", "service": "checkout"}),
        (FIRST, "2026-11-22T14:03:26.739266+01:00", FIRST["labels"]),
        (PAGERDUTY_3, "2026-11-22T14:04:00+00:00", PAGERDUTY_LABELS),
        (PAGERDUTY_2, "2026-11-22T14:04:00+00:00", PAGERDUTY_LABELS),
        ({"title": "Something else"}, None, {}),
        ([1, 2], None, {}),
        ({"alerts": "x", "messages": {}, "event": 3, "commonLabels": []}, None, {}),
        (
            {"alerts": [1, {"startsAt": "0001-01-01T00:00:00Z"}], "commonLabels": {"a": None, "b": {}}},
            None,
            {},
        ),
        (None, None, {}),
    ],
    ids=["webhook", "api", "one alert", "pagerduty 3", "pagerduty 2", "other", "list", "wrong types", "empty", "none"],
)
def test_start_and_labels_are_known_of_each_kind(payload: Any, start: str | None, labels: dict[str, str]) -> None:
    taken = fitted(payload, ())[0] if payload is not None else None
    assert started_at(taken) == start
    assert labels_of(taken) == labels


def test_where_everything_is_over_it_began_with_the_first_of_them() -> None:
    over = {**WEBHOOK, "alerts": [RESOLVED]}
    assert resolved(over)
    assert started_at(over) == "2026-11-20T00:00:00+00:00"
    assert not resolved(WEBHOOK)
    assert not resolved(PAGERDUTY_3)
    assert resolved({"event": {"data": {"status": "resolved"}}})
    assert not resolved({"title": "x"})


@pytest.mark.parametrize("text", ["yesterday", "2026-11-22T14:00:00", "0001-01-01T00:00:00Z", 5, None, "9" * 400])
def test_what_is_no_moment_is_none(text: Any) -> None:
    assert moment_of(text) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, column 1"),
        ('{"a": 1,\n}', "line 2, column 1"),
        ("[]", "no alert in it"),
        ("{}", "no alert in it"),
        ("3", "no alert in it"),
        ("[" * 100_000, "nested too deeply"),
        ("level=error msg=x", "not JSON"),
    ],
)
def test_what_holds_no_alert_is_one_message(text: str, message: str) -> None:
    with pytest.raises(RunnerError, match=message):
        read(text)


def test_numbers_that_json_cannot_hold_are_text() -> None:
    assert read('{"a": 1e999, "b": NaN, "c": -Infinity, "d": 1.5, "e": ' + "9" * 400 + "}") == {
        "a": "1e999",
        "b": "NaN",
        "c": "-Infinity",
        "d": 1.5,
        "e": "9" * 400,
    }


def test_a_storm_of_alerts_is_cut_and_said_so() -> None:
    storm = {**WEBHOOK, "alerts": [FIRST] * 10_000}
    taken, left_out = fitted(storm, ())
    assert len(json.dumps(taken)) <= MOST
    assert len(taken["alerts"]) >= 20
    assert taken["commonLabels"] == WEBHOOK["commonLabels"]
    assert f"of 10,000 alerts the first {len(taken['alerts'])} are taken" in left_out
    assert fitted(WEBHOOK, ())[1] == ""


def test_long_texts_are_cut_in_the_middle() -> None:
    taken, left_out = fitted({**PAGERDUTY_3, "body": "begin " + "x" * 50_000 + " end"}, ())
    assert taken["body"].startswith("begin")
    assert taken["body"].endswith("end")
    assert "characters left out here" in taken["body"]
    assert "50," in left_out


def test_what_is_too_much_in_every_way_is_refused() -> None:
    wide = {f"key {number} {'k' * 190}": "v" * 300 for number in range(150)}
    deep: Any = "x"
    for _ in range(40):
        deep = [deep]
    with pytest.raises(RunnerError, match="nested too deeply"):
        fitted({"a": deep}, ())
    tree: Any = {str(number): wide for number in range(3)}
    assert fitted(tree, ())
    for _ in range(8):
        tree = {"a" * 200: tree, "b" * 200: tree}
    with pytest.raises(RunnerError, match="larger than 20,000 characters"):
        fitted(tree, ())


def test_secrets_and_control_characters_are_not_taken() -> None:
    taken, _ = fitted({"a": {"b": "token hunter2hunter2 \x1b[31m <output>"}, "hunter2hunter2": 1}, ["hunter2hunter2"])
    assert taken == {"a": {"b": "token [masked] \\x1b[31m <\\output>"}, "[masked]": 1}


@given(DATA, st.integers(1, 2_000))
def test_what_was_made_to_fit_fits_and_stays(data: Any, times: int) -> None:
    try:
        taken, _ = fitted({"alerts": [data] * times}, ())
    except RunnerError:
        return
    assert len(json.dumps(taken, ensure_ascii=False)) <= MOST
    assert fitted(taken, ())[0] == taken
