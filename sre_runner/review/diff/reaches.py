"""What live tools and servers can reach, before and after: more, less, or only another way to read what is answered."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sre_runner.casefile import Json
from sre_runner.review.diff.changes import Change
from sre_runner.review.diff.loosened import loosened
from sre_runner.review.diff.pairs import Pair, inside
from sre_runner.review.diff.plain import without
from sre_runner.specs import World
from sre_runner.text.naming import listed, said
from sre_runner.tools.backends.backend import Backend, Place, Reach
from sre_runner.tools.backends.servers import kind_of
from sre_runner.tools.backends.table import BACKENDS, Backends, backend_of

_MOST = 8
"""Values of a reach that a sentence names."""

Reached = Callable[[Mapping[str, Any]], Sequence[Reach]]


def tool_reach(thing: Mapping[str, Json], world: World, backends: Backends = BACKENDS) -> tuple[Reach, ...]:
    """What the calls of a tool reach in a world, as its plain data say; nothing where it is not answered there."""
    data = thing.get(world)
    return backend_of(world, data, backends).reached(data, thing.get("input_schema", {})) if data else ()


def claims(thing: Mapping[str, Json], backends: Backends = BACKENDS) -> bool:
    """Whether a tool's description and schema are what a server claims."""
    return "live" in thing and backend_of("live", thing["live"], backends).claimed


def in_words(reaches: Iterable[Reach]) -> str:
    """Each reach with its values."""
    return "; ".join(f"{each.what} {_values(each.values)}" for each in reaches if each.values)


def live_changes(pair: Pair, backends: Backends = BACKENDS) -> Iterator[Change]:
    """What changed in what answers a tool live, but for what its `input_schema` says."""
    old, new = pair.before.get("live"), pair.after.get("live")
    name, told = said(pair.subject.name), in_words(tool_reach(pair.after, "live", backends))
    if old is None or new is None:
        kind = "live-added" if old is None else "live-removed"
        words = f"{name} can now be answered live: {told}." if old is None else f"{name} is no longer answered live."
        yield pair.change(kind, words, old, new, at=("live",), gone=new is None)
        return
    kinds: list[Backend] = [backend_of("live", data, backends) for data in (old, new)]
    if kinds[0] is not kinds[1]:
        keys = f"`{kinds[1].key}`, no longer by `{kinds[0].key}`"
        yield pair.change("reach-widened", f"{name} is answered live by {keys}: {told}.", old, new, at=("live",))
        return
    reached = tool_reach(pair.before, "live", backends), tool_reach(pair.after, "live", backends)
    yield from reach_changes(pair, *reached, ("live",))
    yield from _rest(pair, *reached, ("live",))


def server_changes(pair: Pair) -> Iterator[Change]:
    """What changed in a server that is there on both sides."""
    old, new, name = pair.before, pair.after, f"The server {said(pair.subject.name)}"
    kinds = kind_of(old), kind_of(new)
    if kinds[0] is not kinds[1]:
        told = in_words(kinds[1].reached(new))
        words = f"{name} is reached by `{kinds[1].key}`, no longer by `{kinds[0].key}`: {told}."
        yield pair.change("reach-widened", words, dict(old), dict(new))
        return
    reached = kinds[0].reached(old), kinds[1].reached(new)
    yield from reach_changes(pair, *reached, ())
    yield from _rest(pair, *reached, ())


def reach_changes(pair: Pair, old: Sequence[Reach], new: Sequence[Reach], inside_of: Place) -> Iterator[Change]:
    """A change for each reach that gains or loses something. What only moved to another place is none."""
    for was, now, gains, loses in _compared(old, new):
        if not (gains or loses or _reordered(was, now)):
            continue
        kind = "reach-widened" if gains or now.whole else "reach-narrowed"
        words, at = f"{_owner(pair)}: {now.what} {_how(was, now, gains, loses)}.", (*inside_of, *now.at)
        yield pair.change(kind, words, list(was.values), list(now.values), at=at, gone=not now.values)


def _how(was: Reach, now: Reach, gains: Sequence[str], loses: Sequence[str]) -> str:
    if now.whole and len(was.values) == len(now.values) == 1:
        return f"{_values(now.values)} instead of {_values(was.values)}"
    parts = [f"with {_values(gains)}" if gains else "", f"without {_values(loses)}" if loses else ""]
    return f"now {' and '.join(filter(None, parts)) or 'in another order'}"


def _compared(old: Sequence[Reach], new: Sequence[Reach]) -> Iterator[tuple[Reach, Reach, list[str], list[str]]]:
    """Each reach before and after, and what it gains and loses of all that is called the same."""
    before, after = _by_name(old), _by_name(new)
    sides = {each.at: each for each in old}, {each.at: each for each in new}
    for at in dict.fromkeys([*sides[0], *sides[1]]):
        was, now = (side.get(at) for side in sides)
        was = was or _nothing_of(sides[1][at])
        now = now or _nothing_of(was)
        yield was, now, _beyond(now.values, before.get(now.what, ())), _beyond(was.values, after.get(was.what, ()))


def _nothing_of(reach: Reach) -> Reach:
    """The reach on the side where it is not there."""
    return reach._replace(values=(), whole=False)


def _reordered(was: Reach, now: Reach) -> bool:
    return now.whole and was.values != now.values and sorted(was.values) == sorted(now.values)


def _owner(pair: Pair) -> str:
    name = said(pair.subject.name)
    return f"{name} live" if pair.subject.kind == "tool" else f"The {pair.subject.kind} {name}"


def _by_name(reaches: Iterable[Reach]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in reaches:
        found.setdefault(each.what, []).extend(each.values)
    return found


def _beyond(values: Sequence[str], others: Sequence[str]) -> list[str]:
    """The values that the others do not have, or not as often."""
    left = Counter(others)
    found = []
    for value in values:
        if left[value]:
            left[value] -= 1
        else:
            found.append(value)
    return found


def _rest(pair: Pair, old: Sequence[Reach], new: Sequence[Reach], at: tuple[str, ...]) -> Iterator[Change]:
    """The change of everything else, which decides how an answer is read."""
    moved = {
        now.at
        for was, now, gains, loses in _compared(old, new)
        if sorted(was.values) != sorted(now.values) and not (gains or loses)
    }
    told = {each.at for each in (*old, *new)} - moved
    before, after = (_flat(without(inside(data, at) or {}, told)) for data in (pair.before, pair.after))
    if before != after:
        keys = [".".join(key) for key in sorted({*before, *after}) if before.get(key) != after.get(key)]
        shown = [inside(data, at) for data in (pair.before, pair.after)]
        words = f"{_owner(pair)}: {listed(keys, _MOST)} changed."
        yield pair.change("live-settings-changed", words, *shown, at=at)


def _flat(data: Json, at: tuple[str, ...] = ()) -> dict[tuple[str, ...], Json]:
    """The leaves of mappings by their paths."""
    if not isinstance(data, Mapping):
        return {at: data}
    return {path: leaf for key, value in data.items() for path, leaf in _flat(value, (*at, str(key))).items()}


def _values(values: Sequence[str]) -> str:
    return listed(values, _MOST)


def schema_reach(pair: Pair) -> Iterator[Change]:
    """What a tool reaches more or less only because its `input_schema` says so: the clusters of an `enum`."""
    if pair.before.get("live") and not pair.differs("live"):
        yield from reach_changes(pair, tool_reach(pair.before, "live"), tool_reach(pair.after, "live"), ("live",))


def loosened_arguments(pair: Pair) -> Iterator[tuple[str, str]]:
    """The arguments of what a tool reaches live that admit more than before, and by what."""
    old, new = pair.before["input_schema"], pair.after["input_schema"]
    known = old.get("properties", {}), new.get("properties", {})
    reached = frozenset[str]().union(*(each.arguments for each in tool_reach(pair.after, "live")))
    for name in sorted(reached & set(known[0]) & set(known[1])):
        before, after = known[0][name], known[1][name]
        how = [f"`{key}`" for key in loosened(before, after)]
        if "$ref" in json.dumps(after) and old.get("$defs") != new.get("$defs"):
            how.append("`$defs`")
        optional = name in old.get("required", ()) and name not in new.get("required", ())
        if optional and "default" not in after:
            how.append("it may be left out")
        if how:
            yield name, ", ".join(how)
