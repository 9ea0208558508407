"""What a person asks of a batch, as a value and as the header of its manifest."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from sre_runner.casefile import Json
from sre_runner.runs.batch.limits import Rates
from sre_runner.runs.options import MAX_TEXT, RunOptions, origin
from sre_runner.specs import BudgetSpec
from sre_runner.text.output import secrets_of, shown

STDIN = "-"
JOBS = 4
"""Investigations at the same time where nobody says how many."""


@dataclass(frozen=True)
class Wishes:
    """`options` are those of every run, `incidents` is the list's path or `-`. `jobs` investigations run at once."""

    options: RunOptions
    runs: Path
    incidents: str
    format: str | None = None
    jobs: int = JOBS
    rates: Rates = field(default_factory=Rates)
    budget: BudgetSpec = field(default_factory=BudgetSpec)

    def to_json(self) -> dict[str, Json]:
        """All of it as plain data that hold in any working directory; secrets of the environment are masked."""
        options, secrets = self.options, secrets_of(os.environ)
        return {
            **origin(options),
            "labels": {name: shown(text, secrets, MAX_TEXT) for name, text in options.labels.items()},
            "offline": options.offline,
            "incidents": self.incidents if self.incidents == STDIN else str(Path(self.incidents).absolute()),
            "list_format": self.format,
            "jobs": self.jobs,
            "rates": asdict(self.rates),
            "budget": asdict(self.budget),
        }


def read_wishes(data: Mapping[str, Json], folder: Path) -> Wishes:
    """The wishes that a manifest's header has, of the batch in this folder."""
    options = RunOptions(
        playbook=Path(data["playbook"]),
        config=Path(data["directory"]) if data["directory"] else None,
        inputs=data["inputs"],
        task=data["task"],
        settings=[(key, value) for key, value in data["settings"]],
        labels=data["labels"],
        offline=data["offline"],
        runs=folder.parent,
    )
    return Wishes(
        options,
        folder.parent,
        data["incidents"],
        data["list_format"],
        data["jobs"],
        Rates(**data["rates"]),
        BudgetSpec(**data["budget"]),
    )


def changed(wishes: Wishes, jobs: int | None, rates: Mapping[str, float | None], budget: Mapping[str, float]) -> Wishes:
    """The wishes with what is stated now in the place of what was."""
    stated = {name: value for name, value in rates.items() if value is not None}
    return replace(
        wishes,
        jobs=jobs or wishes.jobs,
        rates=Rates(**{**asdict(wishes.rates), **stated}),
        budget=BudgetSpec(**{**asdict(wishes.budget), **budget}),
    )
