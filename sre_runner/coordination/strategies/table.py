"""How assignments become waves: one small generator a strategy, and the dict that names them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import TypeAlias

from sre_runner.casefile import Assignment, Investigation, Report, Wave
from sre_runner.coordination.strategies.debate import debate
from sre_runner.coordination.strategies.parallel import parallel
from sre_runner.coordination.strategies.pipeline import pipeline
from sre_runner.coordination.strategies.sequential import sequential
from sre_runner.coordination.strategies.single import single
from sre_runner.specs import CoordinatorSpec

Strategy: TypeAlias = Callable[
    [Sequence[Assignment], CoordinatorSpec], Generator[Wave, Sequence[Report], Investigation]
]
"""Yields waves of the assignments, is sent the wave's reports in its order, and returns what was found out."""

STRATEGIES: Mapping[str, Strategy] = {
    "single": single,
    "sequential": sequential,
    "parallel": parallel,
    "pipeline": pipeline,
    "debate": debate,
}
