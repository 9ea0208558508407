"""What changed in how a team works together: its strategy, rounds, reviews and votes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sre_runner.casefile import Json
from sre_runner.coordination.strategies.table import STRATEGIES
from sre_runner.review.diff.agents import number_change
from sre_runner.review.diff.changes import Change, Risk
from sre_runner.review.diff.pairs import Pair, inside, other_keys
from sre_runner.text.naming import listed, said

LEADS = (
    *("planner", "reviewer"),
    *dict.fromkeys(key for strategy in STRATEGIES.values() for key in strategy.leads),
    "synthesizer",
)
"""The keys of a coordinator that name an agent, those of a strategy's own mapping among them."""


def coordinator_changes(pair: Pair) -> Iterator[Change]:
    """Everything that changed in a coordinator, but for who is in the team."""
    for key, changes in _KEYS.items():
        if pair.differs("coordinator", key):
            yield from changes(pair)
    if "coordinator" in pair.before:
        yield from other_keys(pair, (*_KEYS, *LEADS), "coordinator")


def _strategy(pair: Pair) -> Iterator[Change]:
    old, new = pair.before["coordinator"].get("strategy"), pair.after["coordinator"].get("strategy")
    sentence = f"The strategy of {pair.subject.name} is {new}, no longer {old}."
    yield pair.change("strategy-changed", sentence, old, new, at=("coordinator", "strategy"))


def _max_parallel(pair: Pair) -> Iterator[Change]:
    yield number_change(pair, "max-parallel-changed", "coordinator", "max_parallel")


def _rounds(pair: Pair) -> Iterator[Change]:
    old, new = (inside(data, ("coordinator", "rounds")) for data in (pair.before, pair.after))
    if old is not None and new is not None:  # or else the strategy is another
        yield number_change(pair, "rounds-changed", "coordinator", "rounds")


def _stop_when(pair: Pair) -> Iterator[Change]:
    old, new = (inside(data, ("coordinator", "stop_when")) for data in (pair.before, pair.after))
    sentence = f"What ends {pair.subject.name} early is another."
    at = ("coordinator", "strategy", "pipeline", "stop_when")
    yield pair.change("stop-when-changed", sentence, old, new, at=at, gone=new is None)


def _feedback(pair: Pair) -> Iterator[Change]:
    old, new = (inside(data, ("coordinator", "feedback")) for data in (pair.before, pair.after))
    if old is None or new is None:  # with the reviewer, who joins or leaves
        return
    for key in (key for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key)):
        fewer = (new[key], old[key]) if key != "min_priority" else (_PRIORITIES[new[key]], _PRIORITIES[old[key]])
        sentence = f"{pair.subject.name}: `{key}` of the feedback is {said(new[key])}, no longer {said(old[key])}."
        at = ("coordinator", "feedback", key)
        risk = Risk.LOW if fewer[0] < fewer[1] else None
        yield pair.change("feedback-changed", sentence, old[key], new[key], at=at, risk=risk)


_PRIORITIES = {"high": 0, "medium": 1, "low": 2}
"""How much is followed up from this priority on."""


def _votes(pair: Pair) -> Iterator[Change]:
    old, new = (inside(data, ("coordinator", "votes")) or {} for data in (pair.before, pair.after))
    name = pair.subject.name
    for vote in dict.fromkeys([*old, *new]):
        at: tuple[str, ...] = ("coordinator", "votes", vote)
        if vote not in old:
            sentence = f"{name} takes the new vote {said(vote)}, by {new[vote]['rule']}."
            yield pair.change("vote-added", sentence, None, new[vote], at=at)
        elif vote not in new:
            sentence = f"{name} no longer takes the vote {said(vote)}."
            yield pair.change("vote-removed", sentence, old[vote], at=at, gone=True)
        else:
            for key in dict.fromkeys([*old[vote], *new[vote]]):
                before, after = old[vote].get(key), new[vote].get(key)
                if before != after:
                    sentence = (
                        f"{name}: `{key}` of the vote {said(vote)} is {_value(after)}, no longer {_value(before)}."
                    )
                    yield pair.change("vote-changed", sentence, before, after, at=(*at, key), gone=key not in new[vote])


def _value(value: Json) -> str:
    """A value of a vote in words."""
    if value is None:
        return "not stated"
    if isinstance(value, list):
        return listed(value, 10)
    if isinstance(value, Mapping):
        return ", ".join(f"{said(name)} {said(weight)}" for name, weight in list(value.items())[:10])
    return said(value)


_KEYS: Mapping[str, Callable[[Pair], Iterator[Change]]] = {
    "strategy": _strategy,
    "max_parallel": _max_parallel,
    "rounds": _rounds,
    "feedback": _feedback,
    "stop_when": _stop_when,
    "votes": _votes,
}
"""What is said of each key that differs; a test holds that these, and the leads, are the schema's."""
