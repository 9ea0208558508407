"""What changed in a playbook: its team, how that works together, what it may take, and what it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from sre_runner.casefile import Json
from sre_runner.coordination.expectations.key import ExpectKeys
from sre_runner.coordination.expectations.table import EXPECT
from sre_runner.coordination.strategies.strategy import Strategy
from sre_runner.coordination.strategies.table import STRATEGIES
from sre_runner.review.diff.agents import model_changes
from sre_runner.review.diff.changes import KINDS, Change, Risk
from sre_runner.review.diff.coordinators import LEADS, coordinator_changes
from sre_runner.review.diff.expected import case_changes, expectation_changes
from sre_runner.review.diff.pairs import Both, Pair, inside, one_sided, other_keys, place_of
from sre_runner.review.diff.prompts import task_changes
from sre_runner.review.diff.sides import Thing
from sre_runner.review.diff.words import same_words
from sre_runner.text.naming import listed, said

_BY_SPECIALIST = tuple(
    dict.fromkeys(key for each in STRATEGIES.values() if each.parameters for key in each.parameters.by_specialist)
)
"""The keys of strategies that have a specialist for each key."""


def playbook_changes(pair: Pair) -> Iterator[Change]:
    """Everything that changed in a playbook that is on both sides."""
    yield from _team(pair)
    yield from coordinator_changes(pair)
    for key, changes in _KEYS.items():
        if pair.differs(key):
            yield from changes(pair)
    yield from other_keys(pair, (*_KEYS, "specialists", "coordinator"))


def playbook_added(both: Both, thing: Thing) -> Iterator[Change]:
    """The changes that there is a new playbook, that it is live, and that agents in it can write."""
    subject = both.subject("playbook", thing.name)
    sentence = f"The playbook {thing.name} is new: {listed(thing.data.get('specialists', ()), 10)}."
    yield one_sided("playbook-added", subject, thing, sentence, (thing.name,))
    if thing.data.get("backend") == "live":
        kind, where = "backend-changed", place_of(thing, ("backend",), "head")
        words = f"{thing.name} is new and looks at real systems."
        yield Change(kind, KINDS[kind].risk, subject, words, None, "live", (thing.name,), where)
    for agent, (place, role) in _seats(thing.data).items():
        writes = both.head.writes(agent)
        if writes:
            after = {"agent": agent, "as": role, "writes": writes}
            kind = "agent-with-write-tools-joins"
            where = place_of(thing, place, "head")
            sentence = _joins(agent, thing.name, role, writes)
            yield Change(kind, KINDS[kind].risk, subject, sentence, None, after, (thing.name,), where)


def _backend(pair: Pair) -> Iterator[Change]:
    old, new, name = pair.before["backend"], pair.after["backend"], pair.subject.name
    words, risk = (f"{name} looks at real systems.", None) if new == "live" else (f"{name} only rehearses.", Risk.LOW)
    gone = "backend" not in pair.new.file.names()
    yield pair.change("backend-changed", words, old, new, at=("backend",), gone=gone, risk=risk)


def _without(pair: Pair) -> Iterator[Change]:
    old, new, name = pair.before["without"], pair.after["without"], pair.subject.name
    for tool in (tool for tool in old if tool not in new):
        effect = pair.both.head.effect(tool)
        risk = Risk.HIGH if effect == "write" else None
        words, at = f"{name} no longer goes on without {said(tool)}.", ("without", old.index(tool))
        yield pair.change("left-out-tool-used-again", words, tool, at=at, gone=True, risk=risk)
    for tool in (tool for tool in new if tool not in old):
        at = ("without", new.index(tool))
        yield pair.change("tool-left-out", f"{name} goes on without {said(tool)}.", None, tool, at=at)


def playbook_removed(both: Both, thing: Thing) -> Iterator[Change]:
    """The change that a playbook is gone."""
    subject = both.subject("playbook", thing.name)
    sentence = f"The playbook {thing.name} is gone, with what it expected."
    yield one_sided("playbook-removed", subject, thing, sentence, (thing.name,), gone=True)


def with_names(data: Mapping[str, Json], both: Both) -> dict[str, Json]:
    """A playbook of BASE with the names of HEAD for agents and tools that were renamed."""

    def agents(names: Json) -> Json:
        return [both.now("agent", name) for name in names]

    def keys(given: Mapping[str, Json]) -> dict[str, Json]:
        return {both.now("agent", name): value for name, value in given.items()}

    found = dict(data)
    if "without" in found:
        found["without"] = [both.now("tool", tool) for tool in found["without"]]
    if "specialists" in found:
        found["specialists"] = agents(found["specialists"])
    if "coordinator" in found:
        coordinator = dict(found["coordinator"])
        coordinator |= {key: both.now("agent", coordinator[key]) for key in LEADS if key in coordinator}
        coordinator |= {key: keys(coordinator[key]) for key in _BY_SPECIALIST if key in coordinator}
        if "votes" in coordinator:
            coordinator["votes"] = {
                name: {**vote, "weights": keys(vote["weights"])} if "weights" in vote else vote
                for name, vote in coordinator["votes"].items()
            }
        found["coordinator"] = coordinator
    if "expect" in found:
        found["expect"] = _expected_with_names(found["expect"], both)
    if "tests" in found:
        found["tests"] = {
            name: {**case, "expect": _expected_with_names(case["expect"], both)}
            for name, case in found["tests"].items()
        }
    return found


def _expected_with_names(expect: Mapping[str, Json], both: Both, keys: ExpectKeys = EXPECT) -> dict[str, Json]:
    found = dict(expect)
    for name, key in ((name, keys[name]) for name in expect):
        if key.tools:
            found[name] = [both.now("tool", tool) for tool in expect[name]]
        elif key.each is not None:
            found[name] = {
                both.now("agent", agent): _expected_with_names(one, both, key.each)
                for agent, one in expect[name].items()
            }
    return found


def _team(pair: Pair) -> Iterator[Change]:
    """Who joins and who leaves, whatever they are there for."""
    old, new = _seats(pair.before), _seats(pair.after)
    name = pair.subject.name
    for agent in (agent for agent in new if agent not in old):
        place, role = new[agent]
        writes = pair.both.head.writes(agent)
        kind = "agent-with-write-tools-joins" if writes else "agent-joins-playbook"
        after = {"agent": agent, "as": role, "writes": writes}
        yield pair.change(kind, _joins(agent, name, role, writes), None, after, at=place)
    for agent in (agent for agent in old if agent not in new):
        place, role = old[agent]
        sentence = f"{pair.both.was('agent', agent)} is no longer in {name}; it was there as {role}."
        gone = {"agent": agent, "as": role, "writes": pair.both.base.writes(pair.both.was("agent", agent))}
        yield pair.change("agent-leaves-playbook", sentence, gone, at=place, gone=True)
    specialists = [
        [each for each in data.get("specialists", ()) if each in old and each in new]
        for data in (pair.before, pair.after)
    ]
    strategy = _strategy(pair.after)
    if specialists[0] != specialists[1] and strategy and strategy.in_a_row:
        sentence = f"The specialists of {name} work in another order: {listed(pair.after['specialists'], 10)}."
        yield pair.change("specialists-reordered", sentence, *specialists, at=("specialists",))


def _joins(agent: str, playbook: str, role: str, writes: Sequence[str]) -> str:
    may = f", who may call {listed(writes)}, which can write" if writes else ""
    return f"{agent} is now in {playbook} as {role}{may}."


def _seats(data: Mapping[str, Json]) -> dict[str, tuple[tuple[str | int, ...], str]]:
    """The agents of a playbook, each with its place and what it is there for."""
    found: dict[str, tuple[tuple[str | int, ...], str]] = {}
    for number, agent in enumerate(data.get("specialists", ())):
        found[agent] = ("specialists", number), "specialist"
    coordinator = data.get("coordinator") or {}
    strategy = _strategy(data)
    for lead in LEADS:
        if lead in coordinator:
            own = strategy is not None and lead in strategy.leads
            place = ("coordinator", "strategy", strategy.name, lead) if strategy and own else ("coordinator", lead)
            found.setdefault(coordinator[lead], (place, lead))
    return found


def _strategy(data: Mapping[str, Json]) -> Strategy | None:
    return STRATEGIES.get(inside(data, ("coordinator", "strategy")) or "")


def _description(pair: Pair) -> Iterator[Change]:
    old, new = pair.before["description"], pair.after["description"]
    if not same_words(old, new):
        sentence = f"What people read of {pair.subject.name} is another."
        yield pair.change("playbook-description-changed", sentence, old, new, at=("description",))


def _inputs(pair: Pair) -> Iterator[Change]:
    old, new, name = pair.before["inputs"], pair.after["inputs"], pair.subject.name
    for key in dict.fromkeys([*old, *new]):
        at = ("inputs", key)
        if key not in old:
            yield pair.change("input-added", f"{name} has the new input {said(key)}.", None, new[key], at=at)
        elif key not in new:
            yield pair.change(
                "input-removed", f"{name} no longer has the input {said(key)}.", old[key], at=at, gone=True
            )
        elif old[key] != new[key]:
            sentence = f"{name}: the input {said(key)} is {said(new[key])}, no longer {said(old[key])}."
            yield pair.change("input-changed", sentence, old[key], new[key], at=at)


def _alert(pair: Pair) -> Iterator[Change]:
    old, new, name = pair.before.get("alert"), pair.after.get("alert"), pair.subject.name
    sentence = f"{name} takes other things than its inputs from another place of an alert."
    yield pair.change("alert-paths-changed", sentence, old, new, at=("alert",), gone=new is None)


def _budget(pair: Pair) -> Iterator[Change]:
    old, new, name = pair.before["budget"], pair.after["budget"], pair.subject.name
    for key in (key for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key)):
        before, after, at = old.get(key), new.get(key), ("budget", key)
        if key == "mode":
            risk = Risk.LOW if after == "enforce" else None
            sentence = f"The budget of {name} is {'enforced' if after == 'enforce' else 'only reported'} now."
            yield pair.change("budget-mode-changed", sentence, before, after, at=at, risk=risk)
            continue
        looser = after is None or (before is not None and after > before)
        risk = Risk.HIGH if after is None else None if looser else Risk.LOW
        limit = {"usd": "US dollars", "model_calls": "model calls"}.get(key, key)
        now = "no limit" if after is None else f"a limit of {said(after)}"
        was = "had none" if before is None else f"was {said(before)}"
        sentence = f"{name} has {now} in {limit}; it {was}."
        yield pair.change("budget-changed", sentence, before, after, at=at, gone=after is None, risk=risk)


_KEYS: Mapping[str, Callable[[Pair], Iterator[Change]]] = {
    "model": model_changes,
    "budget": _budget,
    "backend": _backend,
    "without": _without,
    "task": task_changes,
    "inputs": _inputs,
    "alert": _alert,
    "expect": expectation_changes,
    "tests": case_changes,
    "description": _description,
}
"""What is said of each key that differs, but for the coordinator's; a test holds that these are the schema's."""
