"""One agent alone, whose report is the conclusion."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

from sre_runner.casefile import Assignment, Investigation, Report, Wave
from sre_runner.coordination.strategies.strategy import Draft, Strategy
from sre_runner.errors import Problem
from sre_runner.specs import CoordinatorSpec, Playbook


def single(assignments: Sequence[Assignment], _: CoordinatorSpec) -> Generator[Wave, Sequence[Report], Investigation]:
    """One wave of the one assignment that there is."""
    (assignment,) = assignments
    return Investigation(tuple((yield (assignment,))))


def _sentences(playbook: Playbook) -> Iterator[str]:
    yield f"{playbook.specialists[0]} investigates alone; its report is the conclusion."


def _wrong_size(count: int) -> str:
    return f"the strategy single takes exactly one specialist, and here are {count}" if count > 1 else ""


def _problems(draft: Draft) -> Iterator[Problem]:
    if message := _wrong_size(draft.listed):
        best = draft.most_able()
        yield draft.wrong_team(message, f"Choose one: --set specialists=[{best}]" if best else "Choose one.")


SINGLE = Strategy(
    name="single",
    summary="one specialist alone, whose report is the conclusion",
    waves=single,
    sentences=_sentences,
    needs=(),
    has_no=dict.fromkeys(
        ("planner", "reviewer", "feedback", "synthesizer"), "Leave it out: one specialist works alone."
    ),
    wrong_size=_wrong_size,
    problems=_problems,
)
