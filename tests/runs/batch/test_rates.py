"""Windows of our own limits, and what a service's headers say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.runs.batch.rates import WINDOW, Stated, Window, stated

DATE = "Tue, 01 Dec 2026 06:00:00 GMT"


@given(st.integers(1, 20), st.lists(st.tuples(st.floats(0, 30), st.integers(1, 8)), max_size=60))
def test_no_minute_has_more_than_the_limit(limit: int, wishes: list[tuple[float, int]]) -> None:
    window, now, taken = Window(limit), 0.0, list[tuple[float, int]]()
    for pause, amount in wishes:
        now += pause
        while (wait := window.wait(amount, now)) > 0:
            now += wait + 1e-9
        window.take(amount, now)
        taken.append((now, amount))
    for began, _ in taken:
        within = [amount for at, amount in taken if began <= at < began + WINDOW - 1e-6]
        assert sum(within) <= limit or len(within) == 1


def test_the_wait_is_until_enough_of_the_window_is_over() -> None:
    window = Window(10)
    for at in (0.0, 5.0, 10.0):
        window.take(3, at)
    assert window.wait(1, 20.0) == 0
    assert window.wait(4, 20.0) == 40
    assert window.wait(7, 20.0) == 45
    assert window.wait(99, 20.0) == 50


def test_what_was_estimated_is_put_right() -> None:
    window = Window(100)
    taken = window.take(90, 0.0)
    assert window.wait(50, 1.0) > 0
    window.settle(taken, 10)
    assert window.wait(50, 1.0) == 0
    assert window.wait(95, 70.0) == 0
    window.settle(taken, 99)  # it is counted no more
    window.take(1, 70.0)
    assert window.wait(95, 70.0) == 0


def test_without_a_limit_nothing_is_kept() -> None:
    window = Window(None)
    for at in range(1000):
        window.settle(window.take(1e9, at), 5)
    assert window.wait(1e9, 1000) == 0
    assert not window._taken


def test_the_headers_say_what_is_left_and_when_it_is_back() -> None:
    headers = {
        "date": DATE,
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2026-12-01T06:00:50Z",
        "anthropic-ratelimit-output-tokens-remaining": "0",
        "anthropic-ratelimit-output-tokens-reset": "2026-12-01T06:00:10Z",
    }
    found = stated(headers, 100.0)
    requests, output = found["requests"], found["output-tokens"]
    assert requests.wait(1, 100.0) == pytest.approx(1)
    assert requests.wait(5, 100.0) == pytest.approx(5)
    assert requests.wait(1, 101.5) == 0
    assert output.wait(1, 104.0) == pytest.approx(6)  # it does not say how fast it comes back
    assert output.wait(1, 110.0) == 0
    requests.take(2)
    assert requests.wait(1, 102.0) > 0


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {
            "anthropic-ratelimit-requests-remaining": "many",
            "anthropic-ratelimit-requests-reset": "2026-12-01T06:00:50Z",
        },
        {"anthropic-ratelimit-requests-remaining": "-1", "anthropic-ratelimit-requests-reset": "2026-12-01T06:00:50Z"},
        {"anthropic-ratelimit-requests-remaining": "0", "anthropic-ratelimit-requests-reset": "soon"},
        {"anthropic-ratelimit-requests-remaining": "0", "anthropic-ratelimit-requests-reset": "2026-12-01T06:00:50"},
    ],
)
def test_headers_that_make_no_sense_are_passed_over(headers: dict[str, str]) -> None:
    assert stated({"date": DATE, **headers}, 0.0) == {}


def test_a_reset_that_is_past_or_far_away_is_bounded() -> None:
    def whole(reset: str) -> float:
        headers = {"anthropic-ratelimit-requests-remaining": "0", "anthropic-ratelimit-requests-reset": reset}
        return stated({"date": DATE, **headers}, 0.0)["requests"].whole

    assert whole("2020-01-01T00:00:00Z") == 0
    assert whole("2099-01-01T00:00:00Z") == 3600
    assert Stated(0, 5, 1.0, 1.0).wait(1, 1.0) == 0
