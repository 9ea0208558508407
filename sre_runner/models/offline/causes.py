"""Findings of several specialists put together: which cause explains them, and which change brought it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sre_runner.casefile import SEVERITIES
from sre_runner.models.offline.findings import ELSEWHERE
from sre_runner.models.offline.sights import recognized
from sre_runner.models.offline.subjects import near
from sre_runner.models.offline.table import Signal, signals
from sre_runner.models.offline.words import telling

_RUNBOOK = re.compile(r"\s*(?:the )?runbooks?\b", re.IGNORECASE)
_CHANGE = re.compile(
    r"\b(?:recent change|deploy(?:ed|ment of)|release of|rolled out|changed (?:from|to))\b", re.IGNORECASE
)
_SEEN_AT = re.compile(r", at (.{1,400}?)(?:, limit \S{1,20})?: “")
_EXPLAINED = 0.6
"""What a signal that the cause explains adds to it, as a share of what it would count by itself."""
_CUSTOMERS = re.compile(r"\b(?:customers?|users?|outage|revenue|orders?|checkout|payments? fail\w*)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Told:
    """A finding as it was reported: its citable id, who reported it, its words and its quotes."""

    id: str
    agent: str
    statement: str
    quotes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join([self.statement, *self.quotes])


@dataclass
class Picture:
    """What all findings make together.

    `shown` has the findings of each signal; `cause` is None where no signal that can be a cause was seen;
    `unexplained` are other causes that it does not account for, `away` are findings at objects of which the case does
    not speak, `silent` are the tools that only failed.
    """

    told: Sequence[Told]
    shown: Mapping[str, list[Told]]
    changes: list[Told]
    runbooks: list[Told]
    away: frozenset[Told] = frozenset()
    cause: Signal | None = None
    effects: list[Signal] = field(default_factory=list)
    unexplained: list[Signal] = field(default_factory=list)
    change: Told | None = None
    linked: frozenset[str] = frozenset()
    silent: Sequence[str] = ()

    @property
    def failing(self) -> bool:
        """Whether any sign of a failure was reported, a mere change left aside."""
        return bool(self.shown.keys() - {"change"} or self.others)

    @property
    def others(self) -> list[Told]:
        """Findings in which no signal of the table is recognized."""
        placed = {each for findings in self.shown.values() for each in findings} | set(self.runbooks)
        return [each for each in self.told if each not in placed]

    def findings(self, *wanted: Signal) -> list[Told]:
        """The findings that show any of the signals, each once."""
        return list(dict.fromkeys(told for signal in wanted for told in self.shown.get(signal.id, ())))


def picture(told: Sequence[Told], about: frozenset[str]) -> Picture:
    """Put findings together. `about` are the words of what the case is about: findings at other objects count less,
    and that a change shares such a word with the evidence tells nothing."""
    runbooks = [each for each in told if _RUNBOOK.match(each.statement)]
    shown: dict[str, list[Told]] = {}
    changes: list[Told] = []
    for each in told:
        if each in runbooks:
            continue
        names = recognized(each.statement) or recognized("\n".join(each.quotes))
        if "change" in names or _CHANGE.search(each.statement):
            changes.append(each)
            names = frozenset(("change",))
        for name in sorted(names):
            shown.setdefault(name, []).append(each)
    subjects = {each: objects_of(each) for each in told}
    close = near((subject for each in told for subject in subjects[each]), about)
    away = frozenset(each for each in told if subjects[each] and not set(subjects[each]) & close)
    made = Picture(told, shown, changes, runbooks, away)
    _find_cause(made)
    _find_change(made, about)
    return made


def _find_cause(made: Picture) -> None:
    seen = [signals()[name] for name in signals() if name in made.shown and name != "change"]
    able = [signal for signal in seen if signal.can_cause]
    if not able:
        made.effects = seen
        return
    made.cause = max(able, key=lambda signal: (_score(signal, seen, made), -SEVERITIES.index(signal.severity)))
    explained = made.cause.explains
    made.effects = [s for s in seen if s is not made.cause and (s.id in explained or not s.can_cause)]
    made.effects.sort(key=lambda signal: (not signal.can_cause, len(signals()[signal.id].explains & explained) * -1))
    made.unexplained = [s for s in able if s is not made.cause and s.id not in explained]


def objects_of(told: Told) -> list[str]:
    """The objects that a finding of ours names, in the form in which it names them."""
    found = _SEEN_AT.search(told.statement)
    return re.split(r", | and ", found.group(1)) if found else []


def _score(signal: Signal, seen: Sequence[Signal], made: Picture) -> float:
    """How much speaks for a signal as the cause: its own support, and a share of what it explains."""
    own = _support(signal, made)
    return own + _EXPLAINED * sum(_support(other, made) for other in seen if other.id in signal.explains)


def _support(signal: Signal, made: Picture) -> float:
    return signal.strength * (ELSEWHERE if made.away.issuperset(made.shown[signal.id]) else 1.0)


def _find_change(made: Picture, familiar: frozenset[str]) -> None:
    """The change whose words the evidence of the cause has as well; else the first, which is the newest."""
    if not made.changes:
        return
    about = made.findings(*([made.cause] if made.cause else []), *made.effects)
    spoken = frozenset().union(*(telling(each.text) for each in about)) if about else frozenset()
    known = familiar | frozenset().union(*(s.topics for s in signals().values()))
    shared = [
        frozenset(word for word in (telling(_message(each)) & spoken) - known if len(word) > 2) for each in made.changes
    ]
    best = max(range(len(shared)), key=lambda place: (len(shared[place]), -place))
    made.change, made.linked = made.changes[best], shared[best]


def _message(change: Told) -> str:
    """What a change says of itself: what stands in quotation marks, else all of it."""
    quoted = re.findall(r"“([^”]{1,400})”", change.statement)
    return " ".join(quoted) if quoted else change.statement


def severity(signals_seen: Sequence[Signal], case: str) -> str:
    """The most severe of what was seen; one step higher where the case says that customers are affected, P4 where
    nothing was seen."""
    ranks = [SEVERITIES.index(signal.severity) for signal in signals_seen if signal.kind != "change"]
    if not ranks:
        return SEVERITIES[-1]
    worst = min(ranks)
    return SEVERITIES[max(0, worst - 1)] if worst <= 1 and _CUSTOMERS.search(case[:20_000]) else SEVERITIES[worst]


def confidence(strengths: Sequence[float], calls: int) -> float:
    """The strongest signal's strength, a little more for each further call that shows one, at most 0.95; 0.2 where
    nothing was seen."""
    if not strengths:
        return 0.2
    return round(min(0.95, max(strengths) + 0.03 * max(0, calls - 1)), 2)
