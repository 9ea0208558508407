"""Signals are told to everyone in a loop, and to nobody afterwards."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from sre_runner.runs.interrupts import SIGNALS, told_of_interrupts


@pytest.mark.parametrize("number", SIGNALS)
def test_everyone_who_listens_is_told(number: int) -> None:
    told: list[str] = []

    async def listen(name: str, signals: int) -> None:
        heard = asyncio.Event()
        with told_of_interrupts(lambda: (told.append(name), heard.set())[0]):
            for _ in range(signals):
                await asyncio.wait_for(heard.wait(), 10)
                heard.clear()

    async def both() -> None:
        short, long = asyncio.create_task(listen("short", 1)), asyncio.create_task(listen("long", 2))
        await asyncio.sleep(0)
        os.kill(os.getpid(), number)
        await short
        os.kill(os.getpid(), number)
        await long

    before = signal.getsignal(number)
    asyncio.run(both())
    assert told == ["short", "long", "long"]
    assert signal.getsignal(number) == before


def test_after_a_failure_nobody_listens() -> None:
    async def fail() -> None:
        with pytest.raises(ValueError, match="x"), told_of_interrupts(lambda: None):
            raise ValueError("x")
        assert not asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)

    asyncio.run(fail())
