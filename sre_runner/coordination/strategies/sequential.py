"""One specialist after the other, in the playbook's order, none seeing another's report."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

from sre_runner.casefile import Assignment, Investigation, Report, Wave
from sre_runner.coordination.strategies.strategy import Strategy
from sre_runner.coordination.strategies.wording import everyone
from sre_runner.specs import CoordinatorSpec, Playbook


def sequential(
    assignments: Sequence[Assignment], _: CoordinatorSpec
) -> Generator[Wave, Sequence[Report], Investigation]:
    """A wave for each assignment."""
    reports: list[Report] = []
    for assignment in assignments:
        reports += yield (assignment,)
    return Investigation(tuple(reports))


def _sentences(playbook: Playbook) -> Iterator[str]:
    yield f"{everyone(playbook)} investigate, one after the other, none seeing another's report."


SEQUENTIAL = Strategy(
    name="sequential",
    summary="one after the other, none seeing another's report",
    waves=sequential,
    sentences=_sentences,
    in_a_row=True,
)
