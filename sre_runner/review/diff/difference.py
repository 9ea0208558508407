"""Two configurations to the changes that a reviewer should see: privileges first, then cost, then behaviour."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from sre_runner.config.directory import File
from sre_runner.config.sources import Kind
from sre_runner.errors import Problem
from sre_runner.review.diff.agents import agent_added, agent_changes, agent_removed
from sre_runner.review.diff.changes import KINDS, Change, Place, Subject
from sre_runner.review.diff.costs import Range, cost_changes, may_cost, ranges
from sre_runner.review.diff.leaks import Leak, leaks, without_secrets
from sre_runner.review.diff.pairs import Both, Pair, pair_of
from sre_runner.review.diff.playbooks import playbook_added, playbook_changes, playbook_removed, with_names
from sre_runner.review.diff.renames import renames
from sre_runner.review.diff.shared import shared_changes
from sre_runner.review.diff.sides import Side, Thing
from sre_runner.review.diff.tools import data_changes, tool_added, tool_changes, tool_removed


@dataclass(frozen=True)
class Difference:
    """What a comparison comes to: changes, those of most risk first; what is wrong with each side, of what is changed
    or reached by it; the worst cases that differ, by playbook; and the playbooks that are touched, by their names in
    HEAD."""

    changes: tuple[Change, ...] = ()
    base_problems: tuple[Problem, ...] = ()
    head_problems: tuple[Problem, ...] = ()
    costs: Mapping[str, Range] = field(default_factory=dict)
    touched: tuple[str, ...] = ()


def compare(base: Path, head: Path, secrets: Collection[str] = ()) -> tuple[Difference, Both]:
    """What is other in the configuration directory `head` than in `base`, and both sides as they were read.

    `secrets` are values that are masked wherever they stand. Raises `RunnerError` where a folder cannot be read.
    """
    after = Side(head)
    both = Both(Side(base, beside=after), after)
    changed = _changed_files(both)
    if not any(changed.values()) and both.base.same_texts:
        return Difference(), both
    changes = [*_tools(both), *_agents(both), *_playbooks(both), *shared_changes(both)]
    changes += _leaks(changed, both, secrets)
    touched = tuple(sorted({name for change in changes for name in change.playbooks}))
    costs = ranges(both, sorted({name for change in changes if may_cost(change) for name in change.playbooks}))
    changes += cost_changes(both, costs)
    head_problems = sorted({*_own_problems(changed["head"]), *both.head.problems(touched)})
    before = [both.was("playbook", name) for name in touched]
    base_problems = sorted({*_own_problems(changed["base"]), *both.base.problems(before)} - {*head_problems})
    changes.sort(key=lambda change: (*change.rank, str(change.subject), change.sentence))
    told = tuple(without_secrets(change, secrets) for change in changes)
    return Difference(told, tuple(base_problems), tuple(head_problems), costs, touched), both


def _changed_files(both: Both) -> dict[Literal["base", "head"], list[File]]:
    """The files of each side that are not the same on the other one."""
    same = {paths: other for _, paths in both.base.listed() if (other := both.base.same(paths))}
    kept = set(same.values())
    return {
        "base": [both.base.read(kind, paths) for kind, paths in both.base.listed() if paths not in same],
        "head": [both.head.read(kind, paths) for kind, paths in both.head.listed() if paths not in kept],
    }


def _own_problems(files: Iterable[File]) -> Iterator[Problem]:
    """What is wrong with files by themselves; no warnings."""
    yield from (problem for file in files for problem in file.problems if not problem.warning)


def _tools(both: Both) -> Iterator[Change]:
    old, new = both.base.tool_things, both.head.tool_things
    both.renamed["tool"].update(_renamed(both, "tools", old, new))
    pairs: dict[str, Pair] = {}
    for name, thing in old.items():
        now = both.now("tool", name)
        if now in new:
            if thing is not new[now]:
                playbooks = both.using(both.calling(now))
                pairs[now] = pair_of(both, both.subject("tool", now), thing, new[now], playbooks)
        elif _is_gone(both.head, "tools", thing):
            yield tool_removed(both, thing)
    for name in _added(both, "tool", old, new, "tools"):
        yield tool_added(both, new[name])
    for pair in pairs.values():
        yield from (*_rename(pair), *tool_changes(pair))
    yield from data_changes(pairs)


def _agents(both: Both) -> Iterator[Change]:
    old, new = _with_tools(both), both.head.agent_things
    both.renamed["agent"].update(_renamed(both, "agent", old, new))
    for name, thing in old.items():
        now = both.now("agent", name)
        if now in new:
            if thing is not new[now]:
                pair = pair_of(both, both.subject("agent", now), thing, new[now], both.using([now]))
                yield from (*_rename(pair), *agent_changes(pair))
        elif _is_gone(both.head, "agent", thing):
            yield agent_removed(both, thing)
    for name in _added(both, "agent", old, new, "agent"):
        yield agent_added(both, new[name])


def _with_tools(both: Both) -> dict[str, Thing]:
    """The agents of BASE, with the names that their tools have in HEAD."""
    renamed = both.renamed["tool"]

    def moved(thing: Thing) -> Thing:
        tools = thing.data.get("tools", ())
        if not any(tool in renamed for tool in tools):
            return thing
        return replace(thing, data={**thing.data, "tools": [renamed.get(tool, tool) for tool in tools]})

    return {name: moved(thing) for name, thing in both.base.agent_things.items()}


def _playbooks(both: Both) -> Iterator[Change]:
    files = both.base.playbook_files, both.head.playbook_files
    names = [
        {name for name, file in side.items() if file not in other.values()} for side, other in (files, files[::-1])
    ]
    old = {name: thing for name in sorted(names[0]) if (thing := both.base.playbook_thing(name))}
    new = {name: thing for name in sorted(names[1]) if (thing := both.head.playbook_thing(name))}
    old = {name: replace(thing, data=with_names(thing.data, both)) for name, thing in old.items()}
    both.renamed["playbook"].update(_renamed(both, "playbook", old, new))
    for name, thing in old.items():
        now = both.now("playbook", name)
        if now in new:
            pair = pair_of(both, both.subject("playbook", now), thing, new[now], (now,))
            yield from (*_rename(pair), *playbook_changes(pair))
        elif _is_gone(both.head, "playbook", thing):
            yield from playbook_removed(both, thing)
    for name in _added(both, "playbook", old, new, "playbook"):
        yield from playbook_added(both, new[name])


def _renamed(both: Both, kind: Kind, old: Mapping[str, Thing], new: Mapping[str, Thing]) -> dict[str, str]:
    gone = {name: thing.data for name, thing in old.items() if name not in new and _is_gone(both.head, kind, thing)}
    come = {name: thing.data for name, thing in new.items() if name not in old and _is_gone(both.base, kind, thing)}
    return renames(gone, come)


def _added(both: Both, kind: str, old: Mapping[str, Thing], new: Mapping[str, Thing], of: Kind) -> list[str]:
    """The names in HEAD of what BASE does not have under any name."""
    known = {both.now(kind, name) for name in old}
    return [name for name, thing in new.items() if name not in known and _is_gone(both.base, of, thing)]


def _is_gone(side: Side, kind: Kind, thing: Thing) -> bool:
    """Whether a side does not have what the other has; not so where it may be in a file that cannot be read."""
    return thing.file.name not in side.silent(kind)


def _rename(pair: Pair) -> Iterator[Change]:
    subject = pair.subject
    if subject.was:
        sentence = f"The {subject.kind} {subject.was} is now called {subject.name}; what names it follows."
        yield pair.change(f"{subject.kind}-renamed", sentence, subject.was, subject.name)


def _leaks(
    changed: Mapping[Literal["base", "head"], Iterable[File]], both: Both, secrets: Collection[str]
) -> Iterator[Change]:
    """What looks like a secret in changed files, and did not stand in one before, or does not any more."""
    found: list[dict[str, tuple[File, Leak]]] = []
    for files in (changed["base"], changed["head"]):
        texts = ((file, file.document.text) for file in files if file.document)
        found.append({leak.text: (file, leak) for file, text in texts for leak in leaks(text, secrets)})
    before, after = found
    for kind, there, other in (("secret-added", after, before), ("secret-removed", before, after)):
        side_name: Literal["base", "head"] = "head" if kind == "secret-added" else "base"
        root = (both.head if side_name == "head" else both.base).root
        for file, leak in (there[text] for text in there if text not in other):
            subject = Subject("file", file.path.relative_to(root).as_posix())
            sentence = f"What looks like {leak.what} {_STANDS[kind]} in {subject.name}."
            yield Change(kind, KINDS[kind].risk, subject, sentence, place=Place(file.shown, leak.line, side_name))


_STANDS = {"secret-added": "now stands", "secret-removed": "no longer stands"}
