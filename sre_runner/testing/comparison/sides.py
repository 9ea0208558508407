"""The configurations that are compared, each with its runs: medians with what lies around them, and counted words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from sre_runner.casefile import NO_VERDICT, Json
from sre_runner.testing.comparison.figures import Figures

MEASURES = (
    *("met", "expected", "verified", "findings", "tools", "model_calls", "calls_in_a_row", "tool_calls"),
    *("tokens", "cached_tokens", "usd", "critical_seconds", "seconds"),
)
"""The figures that are numbers; of `tools` it is how many."""


@dataclass(frozen=True)
class Spread:
    """The median of what the runs of a configuration came to, the least, and the most."""

    median: float
    least: float
    most: float


@dataclass(frozen=True)
class Side:
    """One of the configurations: its name in the comparison, what was set, and the figures of its runs in order."""

    name: str
    playbook: str
    settings: Mapping[str, str]
    digest: str
    runs: tuple[Figures, ...]

    def spread(self, measure: str) -> Spread | None:
        """The spread of one of `MEASURES`; None where there is no run, or one of them does not have it."""
        values = [_number(run, measure) for run in self.runs]
        known = [value for value in values if value is not None]
        return spread(known) if len(known) == len(values) else None

    def total(self, measure: str) -> int:
        """One of the counts among `MEASURES`, over all runs."""
        return sum(int(_number(run, measure) or 0) for run in self.runs)

    def votes(self) -> list[str]:
        """The names of its votes, each once."""
        return list(dict.fromkeys(vote for run in self.runs for vote in run.verdicts))

    def verdicts(self, vote: str) -> Counter[str]:
        """How often each value was the verdict; `(no verdict)` stands for a vote that came to nothing."""
        found = (run.verdicts[vote] for run in self.runs if vote in run.verdicts)
        return Counter(NO_VERDICT if value is None else value for value in found)

    def statuses(self) -> Counter[str]:
        """How often the runs ended as `complete`, `partial` or `none`."""
        return Counter(run.status for run in self.runs)


@dataclass(frozen=True)
class Comparison:
    """One incident, carried out by several configurations; the first one is what the others are held against.

    `repeat` is how many runs of each were asked for; `stopped` says why there are fewer, and is empty where there are
    not. `tasks` are the different wordings of the task.
    """

    inputs: Mapping[str, Json]
    tasks: tuple[str, ...]
    repeat: int
    sides: tuple[Side, ...]
    stopped: str = ""

    @property
    def rehearsal(self) -> bool:
        """Whether no LLM took part in any of it."""
        return any(run.rehearsal for side in self.sides for run in side.runs)


def spread(values: Iterable[float]) -> Spread | None:
    """The spread of some values; None of none."""
    values = sorted(values)
    return Spread(median(values), values[0], values[-1]) if values else None


def _number(run: Figures, measure: str) -> float | None:
    value = len(run.tools) if measure == "tools" else getattr(run, measure)
    return None if value is None else float(value)
