"""A comparison as Markdown and as plain data: a table of figures, a sentence on each difference, and what to mind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import NamedTuple

from sre_runner.casefile import Json
from sre_runner.models.offline.notice import REHEARSAL
from sre_runner.render.blocks import bullets, table
from sre_runner.render.escape import inline, paragraphs
from sre_runner.testing.comparison.sentence import counts_text, what_it_buys
from sre_runner.testing.comparison.sides import MEASURES, Comparison, Side, Spread

FORMAT = 1
"""Version of the JSON object; a key that changes its meaning or goes away raises it, a new key does not."""

NOTHING = "–"  # noqa: RUF001 - the dash that stands for no figure


class _Row(NamedTuple):
    title: str
    measure: str
    show: Callable[[float], str]


def _count(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")


def _dollars(value: float) -> str:
    return f"${value:.4f}"


def _tenths(value: float) -> str:
    return f"{value:.1f} s"


_FOUND = (
    _Row("expectations", "expected", _count),
    _Row("… that are met", "met", _count),
    _Row("findings", "findings", _count),
    _Row("… that are verified", "verified", _count),
    _Row("tools covered", "tools", _count),
)
_PAID = (
    _Row("model calls", "model_calls", _count),
    _Row("… in a row", "calls_in_a_row", _count),
    _Row("tool calls", "tool_calls", _count),
    _Row("tokens", "tokens", _count),
    _Row("… from the cache", "cached_tokens", _count),
    _Row("cost", "usd", _dollars),
)
_TIMES = (_Row("critical path", "critical_seconds", _tenths), _Row("wall time", "seconds", _tenths))


def markdown(comparison: Comparison) -> str:
    """The document, ending with a newline."""
    names = [inline(side.name) for side in comparison.sides]
    notice = f"> **{inline(REHEARSAL)}**" if comparison.rehearsal else ""
    inputs = ", ".join(f"{name}: {value}" for name, value in comparison.inputs.items())
    told = sentences(comparison)
    blocks = [
        notice,
        f"# One incident, {len(names)} configurations",
        inline(inputs),
        *(paragraphs(task) for task in comparison.tasks),
        table(["", *names], [[inline(cell) for cell in row] for row in rows(comparison)]),
        bullets(list(notes(comparison))),
        "## What the difference buys",
        inline(told[0]) if len(told) == 1 else bullets(told),
        notice,
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def rows(comparison: Comparison) -> Iterator[list[str]]:
    """The cells of the table: what came of it, what it took, and how long; figures as medians with their ranges."""
    sides = comparison.sides
    yield ["runs", *(str(len(side.runs)) for side in sides)]
    yield ["status", *(counts_text(side.statuses()) or NOTHING for side in sides)]
    for vote in dict.fromkeys(vote for side in sides for vote in side.votes()):
        yield [f"verdict: {vote}", *(counts_text(side.verdicts(vote)) or NOTHING for side in sides)]
    for row in (*_FOUND, *_PAID, *_TIMES):
        title = f"{row.title}, if it were spent" if row.measure == "usd" and comparison.rehearsal else row.title
        yield [title, *(_cell(side, row) for side in sides)]


def _cell(side: Side, row: _Row) -> str:
    found = side.spread(row.measure)
    if found is None:
        return "unknown" if side.runs else NOTHING
    middle, least, most = (row.show(value) for value in (found.median, found.least, found.most))
    return middle if least == most else f"{middle} ({least} to {most})"


def sentences(comparison: Comparison) -> list[str]:
    """A sentence on every configuration but the first, which it is held against."""
    first, *others = comparison.sides
    return [what_it_buys(first, other) for other in others]


def notes(comparison: Comparison) -> Iterator[str]:
    """What the figures do not show by themselves."""
    sides = comparison.sides
    if comparison.stopped:
        yield comparison.stopped
    for side in sides:
        if short := len(side.runs) - side.statuses()["complete"]:
            yield f"{short} of {len(side.runs)} runs of {side.name} did not come to a whole conclusion."
        if any(key.partition(".")[0] == "specialists" for key in side.settings):
            yield f"The expectations of {side.name} are those of its playbook, which were written for another team."
    if len(comparison.tasks) > 1:
        yield "The playbooks word the task differently, so that part of the difference may come from that."
    if comparison.rehearsal:
        yield (
            "The times are those of the offline model, which needs next to none; what a model would have to wait for "
            "is the model calls in a row. Tokens are estimated from characters, and nothing is cached."
        )
    elif any(len(side.runs) == 1 for side in sides):
        yield "One run does not show how much of a difference is chance; --repeat does."


def to_json(comparison: Comparison) -> dict[str, Json]:
    """The comparison as plain data. The keys are always there; what is not known is null."""
    notice = REHEARSAL if comparison.rehearsal else None
    return {
        "notice": notice,
        "format": FORMAT,
        "rehearsal": comparison.rehearsal,
        "inputs": dict(comparison.inputs),
        "tasks": list(comparison.tasks),
        "repeat": comparison.repeat,
        "stopped": comparison.stopped or None,
        "configurations": [_side(side) for side in comparison.sides],
        "differences": sentences(comparison),
        "notes": list(notes(comparison)),
        "closing_notice": notice,
    }


def _side(side: Side) -> dict[str, Json]:
    return {
        "name": side.name,
        "playbook": side.playbook,
        "settings": dict(side.settings),
        "configuration_digest": side.digest,
        "statuses": dict(side.statuses()),
        "verdicts": {vote: dict(side.verdicts(vote)) for vote in side.votes()},
        "figures": {measure: _spread(side.spread(measure)) for measure in MEASURES},
        "runs": [asdict(run) for run in side.runs],
    }


def _spread(found: Spread | None) -> Mapping[str, Json] | None:
    return asdict(found) if found else None
