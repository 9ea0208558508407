"""What changed in a tool: its effect, what it costs to read, how a model calls it, and what it answers in rehearsal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from sre_runner.casefile import Json
from sre_runner.review.diff.agents import field_changes, number_change
from sre_runner.review.diff.changes import KINDS, Change, Place, Subject
from sre_runner.review.diff.pairs import Both, Pair, inside, one_sided, other_keys
from sre_runner.review.diff.plain import without
from sre_runner.review.diff.reaches import claims, in_words, live_changes, loosened_arguments, schema_reach, tool_reach
from sre_runner.review.diff.sides import Thing
from sre_runner.review.diff.words import same_words
from sre_runner.text.naming import listed, said


def tool_changes(pair: Pair) -> Iterator[Change]:
    """Everything that changed in a tool that is on both sides, but for the rows that it queries."""
    claimed = claims(pair.after)
    for key, changes in _KEYS.items():
        for change in changes(pair) if pair.differs(key) else ():
            yield _claimed(change, key) if claimed else change
    yield from other_keys(pair, _KEYS)


def _claimed(change: Change, key: str) -> Change:
    """The change as one of what a server says of its tool, if it is one."""
    if key not in ("description", "input_schema"):
        return change
    kind = "server-claim-changed"
    return replace(change, kind=kind, risk=KINDS[kind].risk, sentence=f"{change.sentence} Its server says so.")


def tool_added(both: Both, thing: Thing) -> Change:
    """The change that there is a new tool."""
    agents = both.calling(thing.name)
    writes = thing.data["effect"] == "write"
    who = f"{listed(agents, 5)} may call it" if agents else "no agent may call it"
    told = in_words(tool_reach(thing.data, "live"))
    live = f" Live: {told}." if told else ""
    sentence = f"The tool {said(thing.name)} is new and {'can write' if writes else 'only looks'}; {who}.{live}"
    kind = "write-tool-added" if writes else "live-tool-added" if "live" in thing.data else "tool-added"
    return one_sided(kind, both.subject("tool", thing.name), thing, sentence, both.using(agents))


def tool_removed(both: Both, thing: Thing) -> Change:
    """The change that a tool is gone."""
    playbooks = both.using(both.calling(thing.name))
    sentence = f"The tool {said(thing.name)} is gone."
    return one_sided("tool-removed", both.subject("tool", thing.name), thing, sentence, playbooks, gone=True)


def data_changes(pairs: Mapping[str, Pair]) -> Iterator[Change]:
    """What changed in the rows that tools query, once for those that query the same rows."""
    told: dict[tuple[str, str], list[Pair]] = {}
    for pair in pairs.values():
        if _queries(pair) and inside(pair.before, _ROWS) != inside(pair.after, _ROWS):
            told.setdefault((pair.new.file.shown, _set_of(pair.new)), []).append(pair)
    for (_, name), group in told.items():
        first = group[0]
        before, after = inside(first.before, _ROWS), inside(first.after, _ROWS)
        old, new = ([repr(sorted(row.items(), key=repr)) for row in rows] for rows in (before, after))
        gone, come = len(set(old) - set(new)), len(set(new) - set(old))
        what = f"{come} come, {gone} go" if gone or come else "their order or number is another"
        sentence = f"The rows of {said(name)} that {listed(pair.subject.name for pair in group)} query change: {what}."
        playbooks = tuple(sorted({name for pair in group for name in pair.playbooks}))
        place = Place(first.new.file.shown, first.new.file.line("data", name))
        # Which rows they are stands in the file; there may be very many.
        counts = {"rows": len(old)}, {"rows": len(new)}
        yield Change(
            "data-changed", KINDS["data-changed"].risk, Subject("data", name), sentence, *counts, playbooks, place
        )


_ROWS = ("simulated", "rows")


def _queries(pair: Pair) -> bool:
    return all("rows" in (inside(data, ("simulated",)) or {}) for data in (pair.before, pair.after))


def _set_of(thing: Thing) -> str:
    return str(thing.file.at(*thing.place, *_ROWS))


def _effect(pair: Pair) -> Iterator[Change]:
    old, new = pair.before["effect"], pair.after["effect"]
    agents = pair.both.calling(pair.subject.name)
    who = listed(agents, 5) if agents else "no agent"
    kind = f"effect-{old}-to-{new}"
    told = {
        "effect-read-to-write": f"{said(pair.subject.name)} can now write; {who} may ask for it.",
        "effect-write-to-read": f"{said(pair.subject.name)} only looks now, as it says, and {who} may call it.",
    }
    yield pair.change(
        kind, told[kind], old, new, at=("effect",), gone="effect" not in pair.new.file.names(*pair.new.place)
    )


def _timeout(pair: Pair) -> Iterator[Change]:
    yield number_change(pair, "tool-timeout-changed", "timeout")


def _max_output(pair: Pair) -> Iterator[Change]:
    yield number_change(pair, "max-output-changed", "max_output")


def _description(pair: Pair) -> Iterator[Change]:
    old, new = pair.before["description"], pair.after["description"]
    if not same_words(old, new):
        sentence = f"What models read of {said(pair.subject.name)} is another."
        yield pair.change("tool-description-changed", sentence, old, new, at=("description",))


def _input_schema(pair: Pair) -> Iterator[Change]:
    old, new = pair.before["input_schema"], pair.after["input_schema"]
    owner = said(pair.subject.name)
    place = ("input_schema", "properties")
    known = old.get("properties", {}), new.get("properties", {})
    required = old.get("required", ()), new.get("required", ())
    wider = dict(loosened_arguments(pair))
    for name, how in wider.items():
        sentence = f"{owner}: the argument {said(name)}, which is part of what it reaches live, admits more: {how}."
        yield pair.change("argument-loosened", sentence, known[0][name], known[1][name], at=(*place, name))
    kept = without(known[0], {(name,) for name in wider}), without(known[1], {(name,) for name in wider})
    yield from field_changes(pair, *kept, "argument", owner, "argument", place, tuple(required[1]))
    for name in sorted(set(kept[0]) & set(kept[1])):
        if (name in required[0]) != (name in required[1]):
            must = "must be given" if name in required[1] else "may be left out"
            sentence = f"{owner}: the argument {said(name)} {must}."
            yield pair.change("argument-changed", sentence, name in required[0], name in required[1], at=(*place, name))
    rest = [
        {key: value for key, value in schema.items() if key not in ("properties", "required")} for schema in (old, new)
    ]
    if rest[0] != rest[1]:
        sentence = f"What holds for all arguments of {owner} is another."
        yield pair.change("input-schema-changed", sentence, *rest, at=("input_schema",))
    yield from schema_reach(pair)


def _simulated(pair: Pair) -> Iterator[Change]:
    old, new = pair.before.get("simulated"), pair.after.get("simulated")
    if old and new and _queries(pair):
        old, new = ({key: value for key, value in each.items() if key != "rows"} for each in (old, new))
        if old != new:
            sentence = f"{said(pair.subject.name)} queries its rows otherwise in rehearsals and tests."
            yield pair.change("simulated-answers-changed", sentence, old, new, at=("simulated",))
        return
    how = "no longer answers" if new is None else "now answers" if old is None else "answers otherwise"
    sentence = f"{said(pair.subject.name)} {how} in rehearsals and tests."
    told = [_told(each) for each in (old, new)]
    yield pair.change("simulated-answers-changed", sentence, *told, at=("simulated",), gone=new is None)


def _told(simulated: Mapping[str, Json] | None) -> Json:
    """What simulates a tool, in short: answers and rows may be very long."""
    if simulated is None or "runbooks" in simulated:
        return simulated
    return {"answers": len(simulated["answers"])} if "answers" in simulated else {"rows": "a query"}


_KEYS: Mapping[str, Callable[[Pair], Iterator[Change]]] = {
    "effect": _effect,
    "max_output": _max_output,
    "timeout": _timeout,
    "description": _description,
    "input_schema": _input_schema,
    "simulated": _simulated,
    "live": live_changes,
}
"""What is said of each key that differs; a test holds that these are the keys of the schema."""
