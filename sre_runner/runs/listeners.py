"""Who is told what the journal of a run is told: whoever asked to be, and the tracing system of this process."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sre_runner.journal.events import Entry, Traced
from sre_runner.journal.file import Journal
from sre_runner.telemetry.attaching import listener

if TYPE_CHECKING:
    from sre_runner.telemetry.listener import Telemetry

Listener: TypeAlias = Callable[[Entry], None]


@dataclass(frozen=True)
class Listeners:
    """`everyone` who listens to one journal; `telemetry` is among them if this process has a tracing system."""

    everyone: tuple[Listener, ...]
    telemetry: Telemetry | None = None

    def begin(self, journal: Journal) -> None:
        """Have the run's trace noted in the journal. To be called when it has its header, before anything is done."""
        ids = self.telemetry.begin(journal.seconds()) if self.telemetry else None
        if ids:
            journal.append(Traced(*ids))


@contextlib.contextmanager
def attached(own: Sequence[Listener], *, resumed: bool = False) -> Iterator[Listeners]:
    """The listeners of one run, its `own` first; within it the run is carried out."""
    telemetry = listener(resumed=resumed)
    if telemetry is None:
        yield Listeners(tuple(own))
        return
    try:
        yield Listeners((*own, telemetry), telemetry)
    finally:
        telemetry.close()
