"""How often severities were right: what voting rules, a judge and a model made of runs, against what was true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Off: TypeAlias = Literal["right", "under_triaged", "over_triaged", "no_verdict"]
"""How a value stands to the truth: the same, less severe, more severe, or there is no value."""

BESIDE = ("judge", "model", "engine")
"""What gives a severity and is no rule: a debate's judge, the model that concluded, the engine where none did."""

CONCLUDED = "as concluded"
"""Stands for whatever decided a run."""


@dataclass(frozen=True)
class Judged:
    """A run of which the truth is known. `values` has what each rule, a judge or the model makes of it, None where that
    is no verdict; `decided` names the one that the conclusion has."""

    run: str
    truth: str
    values: Mapping[str, str | None]
    decided: str


@dataclass(frozen=True)
class Accuracy:
    """Runs, counted by how a value stood to the truth; in `decided` of them it was the one that the conclusion has."""

    right: int = 0
    under_triaged: int = 0
    over_triaged: int = 0
    no_verdict: int = 0
    decided: int = 0

    @property
    def runs(self) -> int:
        """How many were counted."""
        return self.right + self.under_triaged + self.over_triaged + self.no_verdict


def off(value: str | None, truth: str, options: Sequence[str]) -> Off:
    """How a value stands to the truth. `options` go from most to least severe; what is none of them is no value.

    Raises ValueError for a truth that is no option.
    """
    place = options.index(truth)
    if value not in options:
        return "no_verdict"
    distance = options.index(value) - place
    return "right" if distance == 0 else "under_triaged" if distance > 0 else "over_triaged"


def accuracy(judged: Sequence[Judged], options: Sequence[str]) -> dict[str, Accuracy]:
    """By rule, then by `BESIDE`, how often it was right over the runs that it has a value of; last `CONCLUDED`, over
    all runs."""
    given = dict.fromkeys(name for each in judged for name in each.values)
    names = sorted(given, key=lambda name: BESIDE.index(name) if name in BESIDE else -1)
    by_name = {name: [(each, name) for each in judged if name in each.values] for name in names}
    by_name[CONCLUDED] = [(each, each.decided) for each in judged]
    return {name: _counted(pairs, options) for name, pairs in by_name.items()}


def _counted(pairs: Sequence[tuple[Judged, str]], options: Sequence[str]) -> Accuracy:
    """Of runs, each with the name of the value that is looked at."""
    counts: Counter[str] = Counter(off(each.values[name], each.truth, options) for each, name in pairs)
    return Accuracy(**counts, decided=sum(each.decided == name for each, name in pairs))
