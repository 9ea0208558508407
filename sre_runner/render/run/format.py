"""What an output of a run is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sre_runner.journal.record import Record
from sre_runner.testing.expectations.check import Expectation


@dataclass(frozen=True)
class Format:
    """A text that is made of a run's record and kept beside its journal, in the file of this name.

    `text` takes what was expected of the run besides, None where nobody asked.
    """

    name: str
    file: str
    text: Callable[[Record, Sequence[Expectation] | None], str]
