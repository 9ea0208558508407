"""What to do about a cause: the rollback, the remedies of the table, and what runbooks say, with commands to copy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from sre_runner.casefile import Json
from sre_runner.models.offline.causes import Picture, objects_of
from sre_runner.models.offline.hearing import Heard, listing, mapping
from sre_runner.models.offline.knowing import core
from sre_runner.models.offline.sights import number
from sre_runner.models.offline.table import signals
from sre_runner.models.offline.words import listed, words

_MOST_ACTIONS = 7
_NAME = r"([a-z0-9](?:[a-z0-9.-]{0,120}[a-z0-9])?)"
_OBJECTS = {
    "deployment": re.compile(rf"\bdeployments?(?:\.apps)?([/ ]){_NAME}", re.IGNORECASE),
    "namespace": re.compile(rf"(?:(?<=\()|(?<=\bin )|(?<=\bthe ))namespace([/ :]{{1,2}}){_NAME}", re.IGNORECASE),
    "node": re.compile(rf"\bnode([/ ]){_NAME}", re.IGNORECASE),
    "pod": re.compile(rf"\bpod([/ ]){_NAME}", re.IGNORECASE),
}
_MADE_UP = re.compile(r"[a-z][\w.]*-|[-.\w]*[a-z][\w.-]*\d", re.IGNORECASE)
"""What no word of prose is: `worker-7`, `web1`. In "posting node status", `status` is not the name of a node."""
_VERSION = re.compile(r"v?\d+(?:\.\d+)+")
_LIMIT = re.compile(r"\blimit (\d{1,6})([KMG]i)\b")
_SLOT = re.compile(r"\{(\w+)\}")
_PLACEHOLDER = re.compile(r"<([A-Za-z_ -]{2,40})>")
_STEP = re.compile(
    r"^Runbook “(?P<title>[^”]{1,200})”, (?P<when>at once|afterwards): (?P<action>.*?)"
    r"(?:: `(?P<command>[^`]{1,400})`)?$",
    re.DOTALL,
)
_UNDOES = re.compile(r"roll(?:ed|ing)?[ _-]?back|rollout undo|(?<![a-z])undo|revert", re.IGNORECASE)
_JOINED = re.compile(r"^(?:or|then|and|either|also|next|finally),? ", re.IGNORECASE)
_NOT_NAMES = frozenset(
    ("is", "was", "has", "the", "and", "of", "in", "or", "that", "with", "to", "it", "which", "from")
)


def actions(made: Picture, heard: Heard) -> list[Json]:
    """What to do now, in order; never empty."""
    names = seen_names(made, heard)
    found: list[dict[str, str]] = []
    done = _done(heard)
    rolled_back = any(_UNDOES.search(write["tool"]) for write in done)
    for action in [*_undo(made, names), *_runbook_steps(made, names), *_of_signals(made, names)]:
        if rolled_back and _UNDOES.search(f"{action['action']} {action.get('command', '')}"):
            continue  # undoing it once more would bring back what was taken away
        double = any(_same(action, other) for other in found)
        if not double:
            found.append(action)
    if not made.failing and made.silent:
        what = f"{listed(list(made.silent))} gave no answer. Check the inputs and the systems (`sre-run doctor`)"
        return [{"action": f"Change nothing yet: {what}, then ask again."}]
    if not made.failing:
        return [
            {"action": "Change nothing: no failure was recognised. Ask again with a longer time range if it persists."}
        ]
    if done:
        found = [*map(_check_of, done), *found]
    if not found:
        found = [{"action": "Look closer at what the findings quote; no remedy is known for it."}]
    watching = _verify(names)
    return [*(each for each in found[:_MOST_ACTIONS] if not _same(each, watching)), watching]


def _done(heard: Heard) -> list[dict[str, str]]:
    """The writes that were made before, each as its tool and its call in words."""
    writes = [mapping(each) for each in listing(mapping(heard.blocks.get("changed")).get("writes"))]
    return [
        {"tool": str(each.get("tool", "")), "call": _call(each)} for each in writes if each.get("outcome") == "done"
    ]


def _call(write: Mapping[str, Json]) -> str:
    arguments = ", ".join(f"{name} {value}" for name, value in mapping(write.get("arguments")).items())
    return f"{write.get('tool')} ({arguments})"


def _check_of(write: Mapping[str, str]) -> dict[str, str]:
    return {"action": f"Check that {write['call']}, which this run has done, had its effect; do not repeat it."}


def long_term(made: Picture) -> str:
    """What keeps the cause from coming back: the table's words for it, and what a runbook says for afterwards."""
    parts = [made.cause.long_term] if made.cause and made.cause.long_term else []
    for each in made.runbooks:
        step = _STEP.match(each.statement)
        if step and step["when"] == "afterwards":
            parts.append(f"Runbook “{step['title']}”: {step['action'].rstrip('.')}.")
    if made.change and made.cause:
        parts.append(signals()["change"].long_term)
    return " ".join(parts) or "Nothing can be said from these findings."


def seen_names(made: Picture, heard: Heard) -> dict[str, str]:
    """Names for commands: of inputs first, then as the findings about the cause name them."""
    names = {kind: value for key, value in heard.inputs.items() for kind in _OBJECTS if core(key) == (kind,)}
    told = [each for each in made.told if each not in made.runbooks]
    text = "\n".join(each.text for each in told)
    objects = [each.partition(" ") for one in told for each in objects_of(one)]
    for kind, pattern in _OBJECTS.items():
        found = [name for named, _, name in objects if named == kind]
        found += [
            match[2].rstrip(".")
            for match in pattern.finditer(f"{text}\n{heard.task}")
            if kind == "namespace" or match[1] == "/" or _MADE_UP.match(match[2])
        ]
        good = [name for name in found if name.lower() not in _NOT_NAMES and not _VERSION.fullmatch(name)]
        if good:
            names.setdefault(kind, max(dict.fromkeys(good), key=good.count))
    limit = _LIMIT.search(text)
    if limit and number(limit.group(1) + limit.group(2)):
        names["twice_limit"] = f"{int(limit.group(1)) * 2}{limit.group(2)}"
    return names


def _undo(made: Picture, names: Mapping[str, str]) -> Iterator[dict[str, str]]:
    if made.change is None or not made.failing:
        return
    change = signals()["change"]
    stated = re.search(r": (v?[\w.-]{1,60}) ?(?:\(|: )", made.change.statement)
    what = f" ({stated.group(1)})" if stated and "→" not in stated.group(1) else ""
    yield _action(f"Roll back the recent change{what} that came before the incident", change.command, names)


def _of_signals(made: Picture, names: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The cause's own remedy, then those of what it leads to, then of what it does not explain."""
    for signal in [*([made.cause] if made.cause else []), *made.effects, *made.unexplained]:
        if signal.action:
            yield _action(signal.action, signal.command, names)


def _runbook_steps(made: Picture, names: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The steps of runbooks for at once; all of them where the runbook speaks of a signal that was seen, else two."""
    for each in made.runbooks:
        step = _STEP.match(each.statement)
        if step and step["when"] == "at once":
            command = _PLACEHOLDER.sub(lambda m: _named(m, names), step["command"] or "")
            action = _JOINED.sub("", step["action"].rstrip("."))
            action = f"{action[:1].upper()}{action[1:]} (runbook “{step['title']}”)."
            yield {"action": action, "command": command} if command else {"action": action}


def _named(placeholder: re.Match[str], names: Mapping[str, str]) -> str:
    """The name that stands for a placeholder, which stays visible where none was seen."""
    parts = words(placeholder.group(1))
    return next((names[word] for word in parts if word in names), placeholder.group())


def _action(action: str, command: str, names: Mapping[str, str]) -> dict[str, str]:
    if command and all(slot in names for slot in _SLOT.findall(command)):
        return {"action": f"{action}.", "command": command.format_map(names)}
    return {"action": f"{action}."}


def _same(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    if one.get("command") and other.get("command"):
        return _shape(one["command"]) == _shape(other["command"])
    return one["action"] == other["action"]


def _shape(command: str) -> str:
    """A command without the amount that it sets, so that two limits for the same thing count as one."""
    return command.split("=", 1)[0] if "--limits" in command else command


def _verify(names: Mapping[str, str]) -> dict[str, str]:
    if "namespace" not in names:
        return {"action": "Watch the error rate and the affected objects until they are healthy again."}
    command = f"kubectl get pods -n {names['namespace']} -w"
    return {"action": "Watch until all pods are ready and stay so.", "command": command}
