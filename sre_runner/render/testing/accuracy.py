"""How often severities were right, as Markdown and as plain data: one row a rule, and one row a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from sre_runner.casefile import NO_VERDICT, SEVERITIES, Json
from sre_runner.render.blocks import table
from sre_runner.render.escape import inline
from sre_runner.testing.accuracy import CONCLUDED, Accuracy, Judged, accuracy

NUMBERS: Mapping[str, str] = {
    "right": "right",
    "under_triaged": "under-triaged",
    "over_triaged": "over-triaged",
    "no_verdict": "no verdict",
    "runs": "of runs",
    "decided": "decided",
}
"""Titles of the columns, by what they count."""

_LEGEND = (
    "*Under-triaged*: less severe than it was, an incident that runs on. *Over-triaged*: more severe, a needless call. "
    "*Decided*: in so many runs the conclusion has this severity; bold below. *model*: what the model proposed."
)


@dataclass(frozen=True)
class Counted:
    """The runs that are counted, and the names of those that are not, for want of a true severity or a conclusion."""

    judged: Sequence[Judged]
    without_truth: Sequence[str]
    without_conclusion: Sequence[str]


def accuracy_markdown(counted: Counted) -> str:
    """Two tables, and below them what is not in them."""
    rules = accuracy(counted.judged, SEVERITIES)
    names = [name for name in rules if name != CONCLUDED]
    blocks = ["## How often the severity was right", _by_rule(rules), _LEGEND]
    blocks += ["## Runs", _by_run(counted.judged, names), *_left_out(counted)]
    return "\n\n".join(blocks) + "\n"


def accuracy_json(counted: Counted) -> dict[str, Json]:
    """The same as plain data; docs/choosing-a-voting-rule.md says what the keys mean."""
    rows = [{"by": name, **_numbers(each)} for name, each in accuracy(counted.judged, SEVERITIES).items()]
    runs = [asdict(each) for each in counted.judged]
    left_out = {"without_truth": list(counted.without_truth), "without_conclusion": list(counted.without_conclusion)}
    return {"accuracy": rows, "runs": runs, **left_out}


def _numbers(counted: Accuracy) -> dict[str, int]:
    return {name: getattr(counted, name) for name in NUMBERS}


def _by_rule(rules: Mapping[str, Accuracy]) -> str:
    rows = [[name, *map(str, _numbers(each).values())] for name, each in rules.items()]
    return table(["severity by", *NUMBERS.values()], rows, list(NUMBERS.values()))


def _by_run(judged: Sequence[Judged], names: Sequence[str]) -> str:
    rows = [[inline(each.run), each.truth, *(_cell(each, name) for name in names)] for each in judged]
    return table(["run", "true", *names], rows)


def _cell(judged: Judged, name: str) -> str:
    value = judged.values.get(name, "")
    value = inline(NO_VERDICT if value is None else value)
    return f"**{value}**" if name == judged.decided else value


def _left_out(counted: Counted) -> Iterator[str]:
    for names, what in ((counted.without_truth, "true severity"), (counted.without_conclusion, "conclusion")):
        if names:
            runs = "1 run" if len(names) == 1 else f"{len(names)} runs"
            yield f"Not counted, as no {what} is known: {runs}, {inline(', '.join(names))}."
