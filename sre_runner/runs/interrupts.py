"""SIGINT and SIGTERM, told to everyone in an event loop who wants to know: several runs may share one."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

SIGNALS = (signal.SIGINT, signal.SIGTERM)

_listening: WeakKeyDictionary[asyncio.AbstractEventLoop, list[Callable[[], None]]] = WeakKeyDictionary()


@contextmanager
def told_of_interrupts(tell: Callable[[], None]) -> Iterator[None]:
    """Have `tell` called at every signal to stop, beside everyone else who asked for it in the running event loop.

    Where nobody listens any more, the signals do what they did before. Outside of the main thread, which alone gets
    signals, nothing is told.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    listening = _listening.setdefault(loop, [])
    if not listening:
        for number in SIGNALS:
            loop.add_signal_handler(number, _tell_all, listening)
    listening.append(tell)
    try:
        yield
    finally:
        listening.remove(tell)
        if not listening:
            for number in SIGNALS:
                loop.remove_signal_handler(number)


def _tell_all(listening: list[Callable[[], None]]) -> None:
    for tell in tuple(listening):
        tell()
