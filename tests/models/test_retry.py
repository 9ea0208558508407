"""Retries: which waits come, when there are none, and what a service's headers ask for."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sleeping import HighestRandom, SleepingLoop, failed

from sre_runner.models.model import ModelError
from sre_runner.models.patience import Patience
from sre_runner.models.retry import AttemptFailed, Retries, stated_wait


def retries_for(seconds: float, first_wait: float = 1.0, longest_wait: float = 30.0, **how: Any) -> Retries:
    """Retries of a call that has so long, whatever the service answered before."""
    return Retries(Patience(seconds, connecting=seconds, overloaded=seconds), first_wait, longest_wait, **how)


def carry_out(retries: Retries, attempts: Callable[[int], AttemptFailed | str]) -> tuple[list[float], str | ModelError]:
    """When each attempt was made, and what came of the call: attempt n (from 0) gives what `attempts(n)` says."""
    times: list[float] = []

    async def attempt() -> str:
        times.append(asyncio.get_running_loop().time())
        assert len(times) < 1000, "there is no end to it"
        outcome = attempts(len(times) - 1)
        if isinstance(outcome, AttemptFailed):
            raise outcome
        return outcome

    with asyncio.Runner(loop_factory=SleepingLoop) as runner:
        try:
            return times, runner.run(retries.run(attempt))
        except ModelError as error:
            return times, error


def scripted(*outcomes: AttemptFailed | str) -> Callable[[int], AttemptFailed | str]:
    return lambda number: outcomes[number]


def test_the_longest_waits_double_up_to_a_bound() -> None:
    said: list[str] = []
    retries = retries_for(1000, 1.0, 30.0, on_wait=said.append, random=HighestRandom())
    times, _ = carry_out(retries, scripted(*[failed()] * 8, "there"))
    assert [after - before for before, after in pairwise(times)] == [1, 2, 4, 8, 16, 30, 30, 30]
    assert said[0] == "The service; attempt 2 in 1.0 s."
    assert said[-1] == "The service; attempt 9 in 30.0 s."


def test_jitter_is_full() -> None:
    """Every wait between nothing and the longest is as likely, or callers that failed together return together."""
    firsts = []
    for seed in range(400):
        times, _ = carry_out(Retries(random=Random(seed)), scripted(failed(), "there"))
        firsts.append(times[1])
    assert 0 <= min(firsts) < 0.05
    assert 0.95 < max(firsts) < 1
    assert 0.45 < sum(firsts) / len(firsts) < 0.55


def test_the_limit_counts_from_the_first_failure() -> None:
    times, error = carry_out(retries_for(100, 1.0, 30.0, random=HighestRandom()), lambda number: failed())
    assert times == [0, 1, 3, 7, 15, 31, 61, 91, 100], "the last attempt is made when the limit is reached"
    assert isinstance(error, ModelError)
    assert (error.kind, error.message, error.hint) == ("api_error", "it broke (after 9 attempts)", "try later")


def test_what_no_retry_cures_is_tried_once() -> None:
    said: list[str] = []
    times, error = carry_out(Retries(on_wait=said.append), lambda number: failed(attempts=1))
    assert times == [0]
    assert isinstance(error, ModelError)
    assert error.message == "it broke"
    assert said == []


def test_failures_are_counted_by_their_kind() -> None:
    odd = failed("malformed", attempts=2)
    times, outcome = carry_out(Retries(), scripted(failed(), odd, failed(), failed(), "there"))
    assert (len(times), outcome) == (5, "there")
    times, outcome = carry_out(Retries(), scripted(failed(), odd, failed(), odd))
    assert isinstance(outcome, ModelError)
    assert (outcome.kind, outcome.message) == ("malformed", "it broke (after 4 attempts)")


@pytest.mark.parametrize("stated", [0.0, 5.0, 99.0, 100.0])
def test_a_stated_wait_is_the_least_that_is_waited(stated: float) -> None:
    times, outcome = carry_out(retries_for(100, 1.0), scripted(failed(stated=stated), "there"))
    assert outcome == "there"
    assert stated <= times[1] <= min(stated + 1.0, 100)


def test_jitter_comes_on_top_of_a_stated_wait() -> None:
    """All who were told the same would return in the same moment otherwise."""
    times, _ = carry_out(retries_for(100, 1.0, random=HighestRandom()), scripted(failed(stated=5), failed(), "there"))
    assert times == [0, 6, 8]


def test_a_stated_wait_beyond_what_is_left_fails_at_once() -> None:
    times, error = carry_out(retries_for(100), lambda number: failed(stated=101))
    assert times == [0]
    assert isinstance(error, ModelError)
    assert error.message == "it broke (it asks to wait 101 s; it is tried again for 100 s at most)"
    times, error = carry_out(retries_for(100), scripted(failed(stated=60), failed(stated=60)))
    assert len(times) == 2
    assert isinstance(error, ModelError)
    assert "asks to wait 60 s" in error.message


def test_the_error_hides_what_it_was_made_from() -> None:
    """The SDK's own errors hold the key and whole bodies; a traceback must not show them."""
    _, error = carry_out(Retries(), lambda number: failed(attempts=1))
    assert isinstance(error, ModelError)
    assert error.__suppress_context__
    assert error.__cause__ is None


waits = st.one_of(st.none(), st.floats(0, 200))
failures = st.lists(st.tuples(st.sampled_from(["api_error", "malformed"]), waits, st.sampled_from([3, math.inf])))


@given(failures, st.floats(0, 150), st.floats(0, 5), st.integers(0, 9))
def test_no_call_waits_beyond_its_limit_or_less_than_was_stated(
    plan: Sequence[tuple[str, float | None, float]], seconds: float, first: float, seed: int
) -> None:
    said: list[str] = []
    outcomes = [failed(kind, stated=stated, attempts=attempts) for kind, stated, attempts in plan]
    retries = retries_for(seconds, first, 30.0, on_wait=said.append, random=Random(seed))
    times, outcome = carry_out(retries, scripted(*outcomes, "there"))
    assert times[-1] <= seconds * (1 + 1e-9)
    assert len(said) == len(times) - 1
    for number, (before, after) in enumerate(pairwise(times)):
        stated = plan[number][1] or 0
        assert stated - 1e-9 <= after - before <= stated + min(30, first * 2**number) + 1e-9
    assert (outcome == "there") is (len(times) == len(plan) + 1)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "0"}, 0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7),
        ({"retry-after-ms": "soon"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Mon, 99 Foo 2026"}, None),
        ({"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"}, 0),
    ],
)
def test_what_headers_ask_for(headers: dict[str, str], seconds: float | None) -> None:
    assert stated_wait(headers) == seconds


def test_a_date_is_a_wait_from_now() -> None:
    after = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert stated_wait({"retry-after": after}) == pytest.approx(90, abs=2)


@given(st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms"]), st.text(max_size=40)))
def test_headers_of_any_kind_are_a_finite_wait_or_none(headers: dict[str, str]) -> None:
    seconds = stated_wait(headers)
    assert seconds is None or 0 <= seconds < math.inf
