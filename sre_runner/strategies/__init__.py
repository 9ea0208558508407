"""How assignments become waves: one small generator a strategy, and the dict that names them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import TypeAlias

from sre_runner.casefile import Assignment, Report, Wave
from sre_runner.strategies.parallel import parallel
from sre_runner.strategies.sequential import sequential
from sre_runner.strategies.single import single

Strategy: TypeAlias = Callable[[Sequence[Assignment]], Generator[Wave, Sequence[Report], Sequence[Report]]]
"""Yields waves of the assignments, is sent the wave's reports in its order, and returns all reports."""

STRATEGIES: Mapping[str, Strategy] = {"single": single, "sequential": sequential, "parallel": parallel}
