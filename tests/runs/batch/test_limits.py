"""Turns: fair between runs, within every limit, slower when a service is busy, and nothing lost to cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sre_runner.casefile import ModelAnswer, ModelRequest, Usage
from sre_runner.models.model import ModelError
from sre_runner.models.retry import AttemptFailed
from sre_runner.runs.batch.limits import Limits, Rates

REQUEST = ModelRequest("model", 100, "system", (), ())
ANSWER = ModelAnswer((), "end_turn", Usage(10, 5, cache_read_tokens=1000, cache_write_tokens=20), "model")


def in_loop(test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(20):
            await test()

    asyncio.run(bounded())


def limits(**rates: Any) -> Limits:
    return Limits(Rates(**rates), asyncio.get_running_loop().time)


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_runs_that_wait_take_turns_however_many_calls_one_of_them_has() -> None:
    async def test() -> None:
        one = limits(calls=1)
        order: list[str] = []

        async def call(run: str) -> None:
            taken = await one.begin(run, 1)
            order.append(run)
            await asyncio.sleep(0)
            one.end(taken)

        first = await one.begin("first", 1)
        tasks = [asyncio.create_task(call(run)) for run in (*["greedy"] * 6, *["modest"] * 2, "late")]
        await settled()
        assert order == []
        assert one.queued
        one.end(first)
        await asyncio.gather(*tasks)
        assert order == ["greedy", "modest", "late", "greedy", "modest", *["greedy"] * 4]
        assert not one.queued
        assert one.in_flight == 0

    in_loop(test)


def test_no_more_calls_at_once_than_allowed() -> None:
    async def test() -> None:
        few = limits(calls=3)
        at_once: list[int] = []

        async def make() -> ModelAnswer:
            at_once.append(few.in_flight)
            await asyncio.sleep(0.001)
            return ANSWER

        await asyncio.gather(*(few.of_run().attempt(REQUEST, make) for _ in range(30)))
        assert max(at_once) == 3
        assert len(at_once) == 30

    in_loop(test)


def test_tokens_of_the_cache_are_not_counted() -> None:
    async def test() -> None:
        some = limits(tokens=1000)

        async def make() -> ModelAnswer:
            return ANSWER

        for _ in range(20):  # 35 each; their estimate is 102
            await some.of_run().attempt(REQUEST, make)
        assert some._tokens.wait(300, asyncio.get_running_loop().time()) == 0
        assert some._tokens.wait(301, asyncio.get_running_loop().time()) > 0

    in_loop(test)


def test_a_busy_service_is_asked_less_and_then_more_again() -> None:
    async def test() -> None:
        many = limits(calls=16)
        taken = [await many.begin(number, 1) for number in range(16)]
        many.busy(taken[0].at, 0.05)
        many.busy(taken[1].at, 0.05)  # of the same round
        assert many.allowed == 8
        for each in taken:
            many.end(each, 0)
        began = asyncio.get_running_loop().time()
        again = await many.begin("later", 1)
        assert asyncio.get_running_loop().time() - began >= 0.04  # the wait that was asked for holds for everyone
        assert many.waited >= 0.04
        many.end(again)
        for _ in range(9):
            many.answered()
        assert many.allowed == 9
        for _ in range(1000):
            many.answered()
        assert many.allowed == 16

    in_loop(test)


def test_only_what_says_busy_slows_down() -> None:
    async def test() -> None:
        many = limits(calls=8)

        def failing(kind: str) -> Callable[[], Awaitable[ModelAnswer]]:
            async def make() -> ModelAnswer:
                raise AttemptFailed(ModelError(kind, "no"), "no")

            return make

        for kind, allowed in (("invalid_request_error", 8), ("rate_limit_error", 1)):
            with pytest.raises(AttemptFailed):
                await many.of_run().attempt(REQUEST, failing(kind))
            assert many.allowed == allowed
        assert many.in_flight == 0

    in_loop(test)


def test_the_service_s_own_count_holds_everyone_back() -> None:
    async def test() -> None:
        many = limits()
        headers = {
            "date": "Tue, 01 Dec 2026 06:00:00 GMT",
            "anthropic-ratelimit-requests-limit": "100",
            "anthropic-ratelimit-requests-remaining": "1",
            "anthropic-ratelimit-requests-reset": "2026-12-01T06:00:05Z",
        }
        many.of_run().heard(headers)
        began = asyncio.get_running_loop().time()
        many.end(await many.begin("a", 1))
        assert asyncio.get_running_loop().time() - began < 0.04
        many.end(await many.begin("b", 1))
        assert asyncio.get_running_loop().time() - began >= 0.04  # 99 come back in 5 s

    in_loop(test)


@pytest.mark.parametrize("begun", [False, True])
def test_who_gives_up_leaves_its_place_to_others(begun: bool) -> None:
    async def test() -> None:
        one = limits(calls=1)
        first = await one.begin("first", 1)
        gone = asyncio.create_task(one.begin("gone", 1))
        last = asyncio.create_task(one.begin("last", 1))
        await settled()
        if begun:
            one.end(first)  # `gone` has its turn, and does not know yet
            gone.cancel()
        else:
            gone.cancel()
            await settled()
            one.end(first)
        one.end(await last)
        assert gone.cancelled()
        assert one.in_flight == 0
        assert not one.queued

    in_loop(test)
