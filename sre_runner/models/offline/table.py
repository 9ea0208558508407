"""The table of signals, `signals.yaml`, as frozen values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from sre_runner.models.offline.words import telling

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C takes a tenth of the time, which every rehearsal begins with."""


@dataclass(frozen=True)
class FieldRule:
    """A rule over the named values of a record; see the head of `signals.yaml`."""

    words: tuple[str, ...]
    at_least: float | None = None
    short: bool = False
    of: tuple[str, ...] = ()
    matches: re.Pattern[str] | None = None


@dataclass(frozen=True)
class Signal:
    """One entry of `signals.yaml`. `explains` is transitive here; `topics` are the words of `about` and `says`."""

    id: str
    says: str
    kind: str
    severity: str
    strength: float
    patterns: tuple[re.Pattern[str], ...]
    at_error: tuple[re.Pattern[str], ...]
    fields: tuple[FieldRule, ...]
    explains: frozenset[str]
    about: frozenset[str]
    topics: frozenset[str]
    quiet: bool
    action: str
    command: str
    long_term: str

    @property
    def can_cause(self) -> bool:
        """Whether an incident can be put down to it."""
        return self.kind in ("cause", "capacity")


@lru_cache(maxsize=1)
def signals() -> Mapping[str, Signal]:
    """All signals by id, in the order of the file."""
    text = files("sre_runner.models.offline").joinpath("signals.yaml").read_text(encoding="utf-8")
    entries = {entry["id"]: entry for entry in _LOADER(text).get_single_data()}
    return {name: _signal(entry, entries) for name, entry in entries.items()}


def _signal(entry: Mapping[str, Any], entries: Mapping[str, Mapping[str, Any]]) -> Signal:
    reached: set[str] = set()
    waiting = list(entry.get("explains", ()))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += entries[name].get("explains", ())
    about = frozenset(entry["about"])
    return Signal(
        id=entry["id"],
        says=entry["says"],
        kind=entry["kind"],
        severity=entry["severity"],
        strength=float(entry["strength"]),
        patterns=_compiled(entry["patterns"]),
        at_error=_compiled(entry.get("at_error", ())),
        fields=tuple(_rule(rule) for rule in entry.get("fields", ())),
        explains=frozenset(reached),
        about=about,
        topics=about | telling(entry["says"]),
        quiet=bool(entry.get("quiet", False)),
        action=entry.get("action", ""),
        command=entry.get("command", ""),
        long_term=entry.get("long_term", ""),
    )


def _compiled(patterns: Any) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.ASCII | re.IGNORECASE | re.MULTILINE) for pattern in patterns)


def _rule(rule: Mapping[str, Any]) -> FieldRule:
    return FieldRule(
        words=tuple(rule["words"]),
        at_least=rule.get("at_least"),
        short=bool(rule.get("short", False)),
        of=tuple(rule.get("of", ())),
        matches=re.compile(rule["matches"], re.ASCII | re.IGNORECASE) if "matches" in rule else None,
    )
