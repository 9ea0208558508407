"""The strategies that there are, by their names: one module each, and one entry here."""

from __future__ import annotations

from collections.abc import Mapping

from sre_runner.coordination.strategies.debate import DEBATE
from sre_runner.coordination.strategies.parallel import PARALLEL
from sre_runner.coordination.strategies.pipeline import PIPELINE
from sre_runner.coordination.strategies.sequential import SEQUENTIAL
from sre_runner.coordination.strategies.single import SINGLE
from sre_runner.coordination.strategies.strategy import Strategy

STRATEGIES: Mapping[str, Strategy] = {
    strategy.name: strategy for strategy in (SINGLE, SEQUENTIAL, PARALLEL, PIPELINE, DEBATE)
}
