"""Both sides together: what is whose under which name, and one thing before and after, of which changes are made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sre_runner.casefile import Json
from sre_runner.review.diff.changes import KINDS, Change, Place, Risk, Subject, Words
from sre_runner.review.diff.plain import without
from sre_runner.review.diff.sides import Side, Thing


@dataclass(frozen=True)
class Both:
    """The two sides, and by `agent`, `tool` and `playbook` the names in HEAD of what has another name in BASE."""

    base: Side
    head: Side
    renamed: Mapping[str, dict[str, str]] = field(default_factory=lambda: {"agent": {}, "tool": {}, "playbook": {}})

    def now(self, kind: str, name: str) -> str:
        """The name in HEAD of what has this one in BASE."""
        return self.renamed[kind].get(name, name)

    def was(self, kind: str, name: str) -> str:
        """The name in BASE of what has this one in HEAD."""
        return next((old for old, new in self.renamed[kind].items() if new == name), name)

    def subject(self, kind: str, name: str) -> Subject:
        """What has this name in HEAD."""
        was = self.was(kind, name)
        return Subject(kind, name, was if was != name else "")

    def using(self, agents: Iterable[str]) -> tuple[str, ...]:
        """The playbooks in which one of these agents, by their names in HEAD, is on either side."""
        found: dict[str, None] = {}
        for agent in agents:
            found |= dict.fromkeys(self.head.users.get(agent, ()))
            before = self.base.users.get(self.was("agent", agent), ())
            found |= dict.fromkeys(self.now("playbook", name) for name in before)
        return tuple(sorted(found))

    def calling(self, tool: str) -> tuple[str, ...]:
        """The agents, by their names in HEAD, that may call a tool on either side."""
        before = (self.now("agent", agent) for agent in self.base.callers.get(self.was("tool", tool), ()))
        return tuple(dict.fromkeys([*self.head.callers.get(tool, ()), *before]))


@dataclass(frozen=True)
class Pair:
    """One thing on both sides: its data before and after, both without what cannot be told of one of them."""

    subject: Subject
    old: Thing
    new: Thing
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    playbooks: tuple[str, ...]
    both: Both

    def change(
        self,
        kind: str,
        sentence: str,
        before: Json = None,
        after: Json = None,
        *,
        at: Sequence[str | int] = (),
        gone: bool = False,
        risk: Risk | None = None,
        words: tuple[Words, ...] = (),
    ) -> Change:
        """A change of it that stands `at` a place of it, in BASE where it is `gone`."""
        place = place_of(self.old, at, "base") if gone else place_of(self.new, at, "head")
        return Change(
            kind, risk or KINDS[kind].risk, self.subject, sentence, before, after, self.playbooks, place, words
        )

    def differs(self, *place: str) -> bool:
        """Whether what stands there is not the same on both sides."""
        return bool(inside(self.before, place) != inside(self.after, place))


def pair_of(both: Both, subject: Subject, old: Thing, new: Thing, playbooks: tuple[str, ...]) -> Pair:
    """A thing on both sides; the data of `old` have the names of HEAD."""
    unknown = old.unknown | new.unknown
    return Pair(subject, old, new, without(old.data, unknown), without(new.data, unknown), playbooks, both)


def inside(data: Json, place: Iterable[str]) -> Json:
    """What stands at a place of plain data; None where there is nothing."""
    for part in place:
        data = data.get(part) if isinstance(data, Mapping) else None
    return data


def place_of(thing: Thing, at: Sequence[str | int], side: Any) -> Place:
    """Where a part of a thing stands, or what is nearest to it."""
    return Place(thing.file.shown, thing.file.line(*thing.place, *at), side)


def one_sided(
    kind: str, subject: Subject, thing: Thing, sentence: str, playbooks: tuple[str, ...], *, gone: bool = False
) -> Change:
    """The change that a thing is there on one side only."""
    place = place_of(thing, (), "base" if gone else "head")
    # What simulates a tool may be very long.
    data = {"name": thing.name, **{key: value for key, value in thing.data.items() if key != "simulated"}}
    before, after = (data, None) if gone else (None, data)
    return Change(kind, KINDS[kind].risk, subject, sentence, before, after, playbooks, place)


def other_keys(pair: Pair, known: Iterable[str], *place: str) -> Iterator[Change]:
    """A change for each key at a place that differs and of which no rule speaks."""
    before, after = inside(pair.before, place) or {}, inside(pair.after, place) or {}
    for key in dict.fromkeys([*before, *after]):
        if key not in known and before.get(key) != after.get(key):
            dotted = ".".join([*place, key])
            sentence = f"{pair.subject.name}: `{dotted}` is another; no rule says what that means."
            yield pair.change(
                "key-changed", sentence, before.get(key), after.get(key), at=(*place, key), gone=key not in after
            )
