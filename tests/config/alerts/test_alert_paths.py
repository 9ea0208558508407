from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from payloads import API, PAGERDUTY_3, WEBHOOK

from sre_runner.config.alerts import BadPathError, NothingThereError, fitted, parsed, text_at
from sre_runner.config.alerts.paths import written

STEPS = st.lists(st.one_of(st.text(min_size=1), st.integers(0, 999_999)), min_size=1, max_size=6)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text())
DATA = st.recursive(
    LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4))
)


@given(STEPS)
def test_a_path_is_read_as_it_is_written(steps: list[str | int]) -> None:
    assert parsed(written(steps)) == tuple(steps)


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("commonLabels.service", ("commonLabels", "service")),
        ("alerts[0].labels.pod", ("alerts", 0, "labels", "pod")),
        ("[1].labels.x-y", (1, "labels", "x-y")),
        ('labels["app.kubernetes.io/name"]', ("labels", "app.kubernetes.io/name")),
        ('a["say \\"x\\""][2]', ("a", 'say "x"', 2)),
    ],
)
def test_paths(path: str, steps: tuple[str | int, ...]) -> None:
    assert parsed(path) == steps


@pytest.mark.parametrize(
    ("path", "column", "message"),
    [
        ("", 1, "empty"),
        (".a", 1, "cannot stand here"),
        ("a.", 2, "ends with ."),
        ("a[", 2, "ends with ["),
        ("a..b", 2, "cannot stand here"),
        ("$.a", 1, "does not begin with $"),
        ("a[*]", 2, "after ["),
        ("a[-1]", 2, "after ["),
        ("a[0]b", 5, "cannot stand here"),
        ("a['b']", 2, "after ["),
        ('a["\\q"]', 3, "as JSON writes it"),
        ("a b", 2, "cannot stand here"),
        ("{{ a }}", 1, "cannot stand here"),
    ],
)
def test_what_is_not_a_path_is_located(path: str, column: int, message: str) -> None:
    with pytest.raises(BadPathError) as caught:
        parsed(path)
    assert (caught.value.column, message in caught.value.message) == (column, True), caught.value.message
    assert "commonLabels.service" in caught.value.hint


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("commonLabels.service", "checkout"),
        ('commonLabels["app.kubernetes.io/name"]', "shop"),
        ("alerts[1].labels.pod", "checkout-2"),
        ("[1].labels.pod", "checkout-2"),
        ("truncatedAlerts", "0"),
    ],
)
def test_a_text_is_found(path: str, text: str) -> None:
    assert text_at(WEBHOOK, path) == text


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (1.5, "1.5"), (4711, "4711"), ("x y", "x y")])
def test_numbers_and_booleans_are_text(value: Any, text: str) -> None:
    assert text_at({"a": [value]}, "a[0]") == text


@pytest.mark.parametrize(
    ("payload", "path", "message", "hint"),
    [
        (WEBHOOK, "commonLabels.servce", "`commonLabels` has no `servce`", "Did you mean `commonLabels.service`?"),
        (WEBHOOK, "commonLabels.servce", "no `commonLabels.servce`", "`alertname`, `service`"),
        (WEBHOOK, "labels.service", "this alert has no `labels.service`", "Did you mean `commonLabels.service`?"),
        (WEBHOOK, "alerts[7].status", "`alerts` has no item 7", "list of 3"),
        (WEBHOOK, "alerts", "is a list", "list of 3"),
        (WEBHOOK, "commonLabels", "is a mapping", "`service`"),
        (WEBHOOK, "status.state", "`status` has no `state`", "a single value"),
        (WEBHOOK, "commonAnnotations.threshold", "is an empty text", "default"),
        (PAGERDUTY_3, "event.data.priority", "is null", "default"),
        (PAGERDUTY_3, "event.data.priority.summary", "has no `summary`", "It is null. Did you mean"),
        (PAGERDUTY_3, "commonLabels.service", "no `commonLabels.service`", "It has `event`."),
        ({"a": {}}, "a.b", "no `a.b`", "no keys"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(payload: Any, path: str, message: str, hint: str) -> None:
    with pytest.raises(NothingThereError) as caught:
        text_at(payload, path)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_list_of_the_api_has_the_paths_of_the_webhook() -> None:
    payload, _ = fitted(API, ())
    assert text_at(payload, "commonLabels.service") == "checkout"
    assert text_at(payload, "[1].labels.pod") == text_at(payload, "alerts[1].labels.pod") == "checkout-2"
    with pytest.raises(NothingThereError):
        text_at(payload, "commonLabels.pod")


@given(DATA, STEPS)
def test_whatever_the_payload_there_is_a_text_or_a_reason(data: Any, steps: list[str | int]) -> None:
    try:
        found = text_at(data, written(steps))
    except NothingThereError as error:
        found = error.message and error.hint
    assert found
