"""What the difference between two configurations buys, in one sentence that follows from their figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import Enum

from sre_runner.testing.comparison.sides import Side, Spread

ABOUT = 1.1
"""Medians of which one is less than this many times the other are about the same."""

_SHARES = (("has", "verified", "findings", "findings verified"), ("has", "met", "expected", "expectations met"))
"""Verb, part, whole and noun of what is told as a share; counted over all runs."""


class Relation(Enum):
    """How the runs of two configurations stand to each other in one figure."""

    SAME = "equal in every run"
    ABOUT = "about the same"
    UNCLEAR = "the medians differ, but the runs overlap, so that it may be chance"
    OTHER = "different in every run"


def relation(first: Spread, other: Spread) -> Relation:
    """How two figures stand to each other; it is the same the other way round."""
    if first == other:
        return Relation.SAME
    low, high = sorted((first.median, other.median))
    if high < low * ABOUT or high == low:
        return Relation.ABOUT
    overlap = first.least <= other.most and other.least <= first.most
    return Relation.UNCLEAR if overlap else Relation.OTHER


def what_it_buys(first: Side, other: Side) -> str:
    """The sentence about `other`, held against `first`."""
    for side in (first, other):
        if not side.runs:
            return f"No run of {side.name} came to its end, so that nothing can be said of it."
    paid = " and ".join(
        text
        for measure, noun in (("tokens", "tokens"), ("usd", "cost"))
        if (text := _share(first, other, measure, noun))
    )
    return (
        f"Beside {first.name}, {other.name} {_waiting(first, other)}, for {paid}, "
        f"and comes to {_verdict(first, other)}; {_quality(first, other)}."
    )


def _waiting(first: Side, other: Side) -> str:
    """Of a rehearsal the times say nothing; what has to wait for what does."""
    if any(run.rehearsal for run in (*first.runs, *other.runs)):
        return f"waits for {_counted(first, other, 'calls_in_a_row', 'model call{s} in a row')}"
    return f"takes {_share(first, other, 'seconds', 'wall time')}"


def _share(first: Side, other: Side, measure: str, noun: str) -> str:
    """A measure as a part or a multiple of the first one's; "" where it is not known."""
    one, two = first.spread(measure), other.spread(measure)
    if one is None or two is None:
        return ""
    match relation(one, two):
        case Relation.SAME:
            return f"the same {noun}"
        case Relation.ABOUT:
            return f"about the same {noun}"
        case Relation.UNCLEAR:
            return f"no clearly different {noun}"
    if not one.median:
        return f"{noun} where {first.name} has none"
    return f"{_ratio(two.median / one.median)} the {noun}"


def _ratio(ratio: float) -> str:
    if ratio < 0.01:
        return "less than 0.01 of"
    number = f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"
    return f"{number} of" if ratio < 1 else f"{number} times"


def _counted(first: Side, other: Side, measure: str, noun: str) -> str:
    """A count, and the first one's where it differs; `{s}` in the noun is its plural."""
    one, two = first.spread(measure), other.spread(measure)
    assert one
    assert two
    noun = noun.format(s="" if two.median == 1 else "s")
    if one.median == two.median:
        return f"as many {noun} ({two.median:g})"
    unclear = " (which may be chance)" if relation(one, two) is Relation.UNCLEAR else ""
    return f"{two.median:g} {noun} instead of {one.median:g}{unclear}"


def _verdict(first: Side, other: Side) -> str:
    """The verdicts of the votes that both have; of each that differs both sides'."""
    shared = [vote for vote in first.votes() if vote in other.votes()]
    if not shared:
        return "verdicts on nothing that both decide"
    pairs = {vote: (first.verdicts(vote), other.verdicts(vote)) for vote in shared}
    if all(_agree(one, two) for one, two in pairs.values()):
        told = ", ".join(f"{vote} {counts_text(two)}" for vote, (_, two) in pairs.items())
        return f"the same verdict{'s' if len(pairs) > 1 else ''} ({told})"
    return " and ".join(
        f"{vote} {counts_text(two)}" + (" as well" if _agree(one, two) else f" instead of {counts_text(one)}")
        for vote, (one, two) in pairs.items()
    )


def _agree(one: Counter[str], two: Counter[str]) -> bool:
    return one == two or (len(one) == 1 and one.keys() == two.keys())


def _quality(first: Side, other: Side) -> str:
    """What is found out, and how sure it is: what differs, or else that nothing does."""
    if differences := list(_differences(first, other)):
        *before, last = differences
        return f"it {', '.join(before)} and {last}" if before else f"it {last}"
    told = [f"of {noun}" for _, _, whole, noun in _SHARES if first.total(whole) and other.total(whole)]
    return "it covers as many tools" + (f", and as large a share {' and '.join(told)}" if told else "")


def _differences(first: Side, other: Side) -> Iterator[str]:
    one, two = first.spread("tools"), other.spread("tools")
    if one and two and one.median != two.median:
        yield f"covers {_counted(first, other, 'tools', 'tool{s}')}"
    for verb, part, whole, noun in _SHARES:
        (held, asked), (holds, asks) = [(side.total(part), side.total(whole)) for side in (first, other)]
        if asked and asks and held * asks != holds * asked:
            yield f"{verb} {holds} of {asks} {noun} instead of {held} of {asked}"


def counts_text(counts: Counter[str]) -> str:
    """Counted words, the most frequent first and each with its times; a word alone where every run has it."""
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{word} ×{count}" for word, count in counts.most_common())  # noqa: RUF001 - "times"
