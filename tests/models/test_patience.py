"""One patience for all calls of a run: what a service that never answered has, and what one has that did."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

import pytest
from sleeping import HighestRandom, SleepingLoop, failed

from sre_runner.models.model import ModelError
from sre_runner.models.patience import CONNECT_SECONDS, SHORTEST_CONNECT, Patience
from sre_runner.models.retry import AttemptFailed, Retries


def unreachable() -> AttemptFailed:
    return failed("connection", connected=False)


class Service:
    """Plays what `outcome` says of each moment, to every call of one run; `asked` are the moments of all attempts."""

    def __init__(self, outcome: Callable[[float], AttemptFailed | str], takes: float = 0.0) -> None:
        self._outcome = outcome
        self._takes = takes
        self.asked: list[float] = []
        self.retries = Retries(Patience(), random=HighestRandom())

    async def call(self) -> str | ModelError:
        """What comes of one call."""
        try:
            return await self.retries.run(self._attempt)
        except ModelError as error:
            return error

    async def _attempt(self) -> str:
        self.asked.append(now())
        outcome = self._outcome(now())
        await asyncio.sleep(self._takes)
        if isinstance(outcome, AttemptFailed):
            raise outcome
        return outcome


def now() -> float:
    return asyncio.get_running_loop().time()


def carry_out(work: Callable[[], object]) -> None:
    with asyncio.Runner(loop_factory=SleepingLoop) as runner:
        runner.run(work())  # type: ignore[arg-type]


@pytest.mark.parametrize(("fault", "seconds"), [(unreachable, 20), (failed, 60)])
def test_a_service_that_never_answered_has_less(fault: Callable[[], AttemptFailed], seconds: float) -> None:
    """The next calls, together or one after the other, get one attempt each, and say why."""

    async def run() -> None:
        service = Service(lambda at: fault())
        assert isinstance(await service.call(), ModelError)
        assert now() == seconds
        before = len(service.asked)
        errors = await asyncio.gather(*(service.call() for _ in range(5)), service.call())
        assert now() == seconds
        assert len(service.asked) == before + 6
        assert all(f"not tried again, as nothing was answered for {seconds} s" in str(error) for error in errors)

    carry_out(run)


def test_calls_that_run_together_share_it() -> None:
    async def run() -> None:
        service = Service(lambda at: failed())
        first = asyncio.create_task(service.call())
        await asyncio.sleep(50)
        await asyncio.gather(first, *(service.call() for _ in range(3)))
        assert now() == 60

    carry_out(run)


def test_a_run_that_had_answers_waits_longer_and_then_each_call_tries_once() -> None:
    async def run() -> None:
        service = Service(lambda at: "there" if at == 0 or at >= 500 else failed())
        assert await service.call() == "there"
        await asyncio.sleep(10)
        await service.call()
        assert now() == 130
        before = len(service.asked)
        for _ in range(4):
            assert isinstance(await service.call(), ModelError)
        assert (now(), len(service.asked)) == (130, before + 4)
        await asyncio.sleep(370)
        assert await service.call() == "there"
        # An answer begins everything anew.
        service._outcome = lambda at: unreachable()
        await service.call()
        assert now() == 620

    carry_out(run)


def test_one_call_that_fails_among_others_that_are_answered_has_its_own_limit() -> None:
    async def run() -> None:
        service = Service(lambda at: "there")
        failing = Service(lambda at: failed())
        failing.retries = service.retries
        bad = asyncio.create_task(failing.call())
        for _ in range(20):
            await asyncio.sleep(10)
            await service.call()
        assert isinstance(await bad, ModelError)
        assert 120 <= failing.asked[-1] <= 121

    carry_out(run)


def test_seconds_without_a_connection_begin_with_the_attempt_and_end_with_any_answer() -> None:
    """Packets that vanish take the whole time that an attempt may; a refusal shows that there is a service."""

    async def vanish() -> None:
        service = Service(lambda at: unreachable(), takes=20)
        await service.call()
        assert (now(), service.asked) == (20, [0])

    async def come_and_go() -> None:
        service = Service(lambda at: failed() if 10 < at < 20 else unreachable())
        await service.call()
        assert service.asked == [0, 1, 3, 7, 15, 31, 51], "20 s after the first that found nobody again"

    carry_out(vanish)
    carry_out(come_and_go)


def test_a_refusal_that_stays_is_a_connection_but_no_answer() -> None:
    patience = Patience()
    patience.failed(0, 1, connected=False)
    assert patience.left(11) == 9
    patience.connected()
    assert patience.left(11) == 50


def test_what_is_left_before_anything_failed() -> None:
    assert Patience().left(0) == math.inf
    assert Patience(7).seconds == 7
    assert Patience().silent_for(99) == 0


def test_how_long_a_connection_may_take() -> None:
    patience = Patience()
    assert patience.for_connecting(0) == 20
    patience.failed(0, 1, connected=False)
    assert patience.for_connecting(8) == 12
    assert patience.for_connecting(19) == SHORTEST_CONNECT
    patience.answered(20)
    assert patience.for_connecting(20) == CONNECT_SECONDS
    patience.failed(20, 20, connected=False)
    assert patience.for_connecting(130) == 10
    assert patience.for_connecting(150) == SHORTEST_CONNECT
