"""All specialists at the same time."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

from sre_runner.casefile import Assignment, Investigation, Report, Wave
from sre_runner.coordination.strategies.strategy import Strategy
from sre_runner.coordination.strategies.wording import everyone, together
from sre_runner.specs import CoordinatorSpec, Playbook


def parallel(assignments: Sequence[Assignment], _: CoordinatorSpec) -> Generator[Wave, Sequence[Report], Investigation]:
    """One wave of everything."""
    return Investigation(tuple((yield tuple(assignments))))


def _sentences(playbook: Playbook) -> Iterator[str]:
    yield f"{everyone(playbook)} investigate, {together(playbook)}."


PARALLEL = Strategy(name="parallel", summary="all at the same time", waves=parallel, sentences=_sentences)
