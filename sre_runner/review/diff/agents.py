"""What changed in an agent: its privileges, its caps and model, and what it is told, shows and reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sre_runner.casefile import Json
from sre_runner.review.diff.changes import Change, Risk
from sre_runner.review.diff.pairs import Both, Pair, inside, one_sided, other_keys
from sre_runner.review.diff.prompts import prompt_changes
from sre_runner.review.diff.sides import Thing
from sre_runner.review.diff.words import same_words
from sre_runner.text.naming import listed, said


def agent_changes(pair: Pair) -> Iterator[Change]:
    """Everything that changed in an agent that is on both sides."""
    for key, changes in _KEYS.items():
        if pair.differs(key):
            yield from changes(pair)
    yield from other_keys(pair, _KEYS)


def agent_added(both: Both, thing: Thing) -> Change:
    """The change that there is a new agent."""
    subject, writes = both.subject("agent", thing.name), both.head.writes(thing.name)
    tools = thing.data.get("tools", ())
    may = f"may call {listed(tools)}" if tools else "has no tools"
    if not writes:
        sentence = f"{thing.name} is new: it {may}."
        return one_sided("agent-added", subject, thing, sentence, both.using([thing.name]))
    which = "which can write" if len(tools) == 1 else f"{listed(writes)} can write"
    sentence = f"{thing.name} is new: it {may}{',' if len(tools) == 1 else ';'} {which}."
    return one_sided("agent-with-write-tools-added", subject, thing, sentence, both.using([thing.name]))


def agent_removed(both: Both, thing: Thing) -> Change:
    """The change that an agent is gone."""
    subject = both.subject("agent", thing.name)
    return one_sided("agent-removed", subject, thing, f"{thing.name} is gone.", both.using([thing.name]), gone=True)


def model_changes(pair: Pair) -> Iterator[Change]:
    """What changed in the model of an agent, which may have none of its own, or of a playbook."""
    before, after = pair.before.get("model"), pair.after.get("model")
    name = pair.subject.name
    if before is None or after is None or before["name"] != after["name"]:
        old, new = (said(model["name"]) if model else "its playbooks' model" for model in (before, after))
        sentence = f"{name} is answered by {new}, no longer by {old}."
        yield pair.change("model-changed", sentence, before, after, at=("model",), gone=after is None)
        return
    if before["max_tokens"] != after["max_tokens"]:
        yield number_change(pair, "max-tokens-changed", "model", "max_tokens")
    if before.get("effort") != after.get("effort"):
        old, new = before.get("effort"), after.get("effort")
        sentence = f"{name}: the model's effort is {new or 'its own default'}, no longer {old or 'its own default'}."
        place = ("model", "effort")
        yield pair.change("effort-changed", sentence, old, new, at=place, gone=new is None)
    if before.get("price") != after.get("price"):
        sentence = f"{name}: the configuration says otherwise what {said(after['name'])} costs."
        old, new = before.get("price"), after.get("price")
        yield pair.change("price-changed", sentence, old, new, at=("model", "price"), gone=new is None)
    yield from other_keys(pair, ("name", "max_tokens", "effort", "price"), "model")


def number_change(pair: Pair, kind: str, *place: str) -> Change:
    """The change of a number of which more is a risk; less of it is a low one."""
    old, new = inside(pair.before, place), inside(pair.after, place)
    sentence = f"`{place[-1]}` of {pair.subject.name} is {said(new)}, no longer {said(old)}."
    return pair.change(kind, sentence, old, new, at=place, risk=None if new > old else Risk.LOW)


def _tools(pair: Pair) -> Iterator[Change]:
    old, new = list(dict.fromkeys(pair.before["tools"])), list(dict.fromkeys(pair.after["tools"]))
    name = pair.subject.name
    for tool in (tool for tool in new if tool not in old):
        effect = pair.both.head.effect(tool)
        writes = effect == "write"
        what = {"write": "which can write", "read": "which only looks", None: "which is not defined"}[effect]
        yield pair.change(
            "tool-added-to-whitelist",
            f"{name} may now call {said(tool)}, {what}.",
            None,
            {"tool": tool, "effect": effect},
            at=("tools", pair.after["tools"].index(tool)),
            risk=Risk.HIGH if writes else Risk.UNKNOWN if effect is None else None,
        )
    for tool in (tool for tool in old if tool not in new):
        was = pair.both.was("tool", tool)
        place = ("tools", pair.before["tools"].index(tool))
        gone = {"tool": was, "effect": pair.both.base.effect(was)}
        yield pair.change(
            "tool-removed-from-whitelist", f"{name} may no longer call {said(was)}.", gone, at=place, gone=True
        )


def _max_iterations(pair: Pair) -> Iterator[Change]:
    yield number_change(pair, "max-iterations-changed", "max_iterations")


def _timeout(pair: Pair) -> Iterator[Change]:
    yield number_change(pair, "agent-timeout-changed", "timeout")


def _role(pair: Pair) -> Iterator[Change]:
    old, new = pair.before["role"], pair.after["role"]
    yield pair.change("role-changed", f"{pair.subject.name} is a {new}, no longer a {old}.", old, new, at=("role",))


def _description(pair: Pair) -> Iterator[Change]:
    old, new = pair.before["description"], pair.after["description"]
    if not same_words(old, new):
        sentence = f"What the planner reads of {pair.subject.name} is another."
        yield pair.change("agent-description-changed", sentence, old, new, at=("description",))


def _report(pair: Pair) -> Iterator[Change]:
    old, new = pair.before["report"], pair.after["report"]
    yield from field_changes(pair, old, new, "report-field", f"the report of {pair.subject.name}", "field", ("report",))


def field_changes(
    pair: Pair,
    old: Mapping[str, Json],
    new: Mapping[str, Json],
    kind: str,
    owner: str,
    noun: str,
    place: tuple[str, ...],
    required: tuple[str, ...] = (),
) -> Iterator[Change]:
    """What changed in named JSON Schemas: those of a report's fields, or of a tool's arguments."""
    for name in dict.fromkeys([*old, *new]):
        before, after, at = old.get(name, {}), new.get(name, {}), (*place, name)
        if name not in old:
            must = ", which must be given" if name in required else ""
            sentence = f"{owner} has the new {noun} {said(name)}{must}."
            risk = Risk.MEDIUM if must else None
            yield pair.change(f"{kind}-added", _capital(sentence), None, after, at=at, risk=risk)
        elif name not in new:
            sentence = f"{owner} no longer has the {noun} {said(name)}."
            yield pair.change(f"{kind}-removed", _capital(sentence), before, at=at, gone=True)
        elif before != after:
            keys = [key for key in dict.fromkeys([*before, *after]) if before.get(key) != after.get(key)]
            sentence = f"{owner}: the {noun} {said(name)} has another {listed(keys, 5)}."
            yield pair.change(f"{kind}-changed", _capital(sentence), before, after, at=at)


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:] if sentence.startswith("the ") else sentence


_KEYS: Mapping[str, Callable[[Pair], Iterator[Change]]] = {
    "tools": _tools,
    "max_iterations": _max_iterations,
    "timeout": _timeout,
    "model": model_changes,
    "role": _role,
    "prompt": prompt_changes,
    "description": _description,
    "report": _report,
}
"""What is said of each key that differs; a test holds that these are the keys of the schema."""
