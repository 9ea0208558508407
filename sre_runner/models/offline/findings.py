"""What the answers of a conversation show, as findings: signals, changes and runbooks, each with verbatim quotes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sre_runner.casefile import SEVERITIES, Json
from sre_runner.models.offline.changes import Change, changes
from sre_runner.models.offline.guidance import Runbook, Step, is_guidance, runbook
from sre_runner.models.offline.hearing import Exchange, Heard
from sre_runner.models.offline.sights import Sight, sights
from sre_runner.models.offline.subjects import asked_for, near
from sre_runner.models.offline.table import signals
from sre_runner.models.offline.words import clean, listed, telling

MOST_FINDINGS = 16
_MOST_QUOTES = 4
_MOST_STEPS = 4
RUNBOOK, CHANGE = "runbook", "change"
_PLAIN_WORD = re.compile(r"(?<![^\s\"'(])[A-Za-z]{2,20}(?=[\s,.;:)\"']|$)")
_FIRST = {"cause": 0.4, "capacity": 0.3, "change": 0.6}
ELSEWHERE = 0.6
"""What the strength of a signal is worth that shows only at objects of which the case does not speak."""


@dataclass(frozen=True)
class Found:
    """A finding. `signal` is an id of the table, or `runbook`; `evidence` are pairs of a call's id and a quote.

    `items` are the same thing in few words, for lists in a report; `topics` are words that report fields may ask for.
    `derived` are values of the statement and what they were computed from.
    """

    signal: str
    statement: str
    evidence: tuple[tuple[str, str], ...]
    severity: str
    strength: float
    topics: frozenset[str]
    subjects: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    derived: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def as_json(self) -> Json:
        """The finding as a report has it."""
        derived = (
            {"derived": [{"value": value, "from": list(of)} for value, of in self.derived]} if self.derived else {}
        )
        evidence = [{"call": call, "quote": quote} for call, quote in self.evidence]
        return {"statement": self.statement, "evidence": evidence, **derived}


def findings(heard: Heard) -> list[Found]:
    """Everything that the answers show, the most severe and surest first, at most `MOST_FINDINGS`."""
    answered = [exchange for exchange in heard.exchanges if not exchange.failed]
    seen = [exchange for exchange in answered if not is_guidance(exchange.tool, exchange.raw)]
    told = [exchange for exchange in answered if is_guidance(exchange.tool, exchange.raw)]
    observed = [*_changes(seen, heard), *_signals(seen, heard)]
    observed.sort(key=lambda found: (-_weight(found), found.signal))
    advice = [found for exchange in {e.raw: e for e in reversed(told)}.values() for found in _advice(exchange)]
    return [*observed[: MOST_FINDINGS - min(len(advice), 6)], *advice[: max(6, MOST_FINDINGS - len(observed))]]


def sights_of(exchange: Exchange) -> tuple[Sight, ...]:
    """The signals of an answer, read with what the call was for."""
    return sights(exchange.raw, exchange.tool, asked_for(exchange.arguments))


def _weight(found: Found) -> float:
    """How early a finding stands: by severity and strength; what can be the cause before what follows from it."""
    kind = signals()[found.signal].kind
    return found.strength + 0.2 * (len(SEVERITIES) - SEVERITIES.index(found.severity)) + _FIRST.get(kind, 0.0)


def _signals(exchanges: Sequence[Exchange], heard: Heard) -> Iterator[Found]:
    by_signal: dict[str, list[tuple[str, Sight]]] = {}
    for exchange in exchanges:
        for sight in sights_of(exchange):
            by_signal.setdefault(sight.signal, []).append((exchange.call, sight))
    about = near((sight.subject for seen in by_signal.values() for _, sight in seen), heard.about)
    for name, seen in by_signal.items():
        signal = signals()[name]
        here = [each for each in seen if each[1].subject in about]
        chosen = here or seen
        evidence = tuple(_evidence(chosen))
        calls = {call for call, _ in evidence}
        chosen = [each for each in chosen if each[0] in calls]
        yield Found(
            signal=name,
            statement=f"{signal.says}{_where(chosen)}: {_excerpts(chosen)}.{_location(chosen)}",
            evidence=evidence,
            severity=signal.severity if here or signal.can_cause else max(signal.severity, "P3"),
            strength=signal.strength if here else signal.strength * ELSEWHERE,
            topics=signal.topics | telling(" ".join(each.subject for _, each in chosen)),
            subjects=tuple(dict.fromkeys(each.subject for _, each in chosen if each.subject)),
            items=tuple(dict.fromkeys(_item(each) for _, each in chosen))[:6],
        )


def _where(seen: Sequence[tuple[str, Sight]]) -> str:
    subjects = list(dict.fromkeys(each.subject for _, each in seen if each.subject))
    shown = [*subjects[:3], f"{len(subjects) - 3} more"] if len(subjects) > 3 else subjects
    limits = list(dict.fromkeys(each.limit for _, each in seen if each.limit))
    return (f", at {listed(shown)}" if shown else "") + (f", limit {limits[0]}" if limits else "")


def _excerpts(seen: Sequence[tuple[str, Sight]]) -> str:
    """What says most first: sentences before rows of tables, and those before `exit_code: 137`."""
    distinct = list(dict.fromkeys(each.excerpt for _, each in seen))
    distinct.sort(key=lambda text: -min(12, len(_PLAIN_WORD.findall(text))))
    most = 3 if len(distinct[0]) < 80 else 2
    return listed([f"“{text}”" for text in distinct[:most]])


def _location(seen: Sequence[tuple[str, Sight]]) -> str:
    found = next((each.location for _, each in seen if each.location), "")
    return f" The stack trace points {found}." if found else ""


def _evidence(seen: Sequence[tuple[str, Sight]]) -> Iterator[tuple[str, str]]:
    """One quote of each call first, then more; the place in the code as well."""
    first = {call: sight.quote for call, sight in reversed(seen)}
    ordered = sorted(first.items(), key=lambda pair: [call for call, _ in seen].index(pair[0]))
    quotes = [*ordered, *((call, sight.quote) for call, sight in seen)]
    frames = [(call, sight.location_quote) for call, sight in seen if sight.location_quote][:1]
    yield from frames
    yield from list(dict.fromkeys(pair for pair in quotes if pair[1] and pair not in frames))[:_MOST_QUOTES]


def _item(sight: Sight) -> str:
    return f"{sight.subject}: {sight.excerpt}" if sight.subject else sight.excerpt


def _changes(exchanges: Sequence[Exchange], heard: Heard) -> Iterator[Found]:
    """The newest change that each answer tells of, and every change of a setting."""
    began = heard.case.get("incident_started_at")
    for exchange in exchanges:
        about = asked_for(exchange.arguments)
        found = changes(exchange.raw, exchange.tool, about, began if isinstance(began, str) else "")
        told = [each for number, each in enumerate(found) if number == 0 or "→" in each.text]
        for change in told:
            before = found[1] if len(found) > 1 and change is found[0] else None
            yield _changed(exchange, change, before, str(began))


def _changed(exchange: Exchange, change: Change, before: Change | None, began: str) -> Found:
    of = f" of {change.subject}" if change.subject else ""
    when = ", ".join(part for part in (change.when, change.timing) if part)
    head = f"A recent change{of}: {change.what}{f' ({when})' if when else ''}".replace(":  (", " (").rstrip(" :")
    previous = f" Previous: {before.what}." if before and before.what and "→" not in before.text else ""
    topics = signals()[CHANGE].topics | telling(f"{change.text} {change.subject}")
    if "→" in change.text:
        topics |= {"configuration", "configmap", "image"}
    short = " ".join(part for part in (change.what, f"({when})" if when else "", change.text) if part)
    return Found(
        signal=CHANGE,
        statement=f"{head}: “{change.text}”.{previous}",
        evidence=tuple((exchange.call, quote) for quote in change.quotes),
        severity="P4",
        strength=0.9,
        topics=topics,
        subjects=(change.subject,) if change.subject else (),
        items=(clean(short, 200),),
        derived=((" ".join(change.timing.split()[:2]), (change.when, began)),) if change.timing else (),
    )


def _advice(exchange: Exchange) -> Iterator[Found]:
    book = runbook(exchange.raw)
    if book is None:
        return
    name = f"Runbook “{book.title}”"
    yield _advised(exchange, f"{name} matches this case.", book.title_quote, {"runbook", "relevant"}, book.title)
    for step in _chosen(book):
        command = f": `{step.command}`" if step.command else ""
        when = "afterwards" if step.later else "at once"
        said = f"{name}, {when}: {step.action.rstrip('.')}{command}"
        topics = {"action", "recommended", "step", "command", "procedure"} | ({"rollback"} if "undo" in said else set())
        short = f"{step.action.rstrip('.')}{command}"
        yield _advised(exchange, said if command else f"{said}.", step.quote, topics, short)
    if book.escalation:
        said = f"{name}, escalation: {book.escalation}"
        yield _advised(exchange, said, book.escalation_quote, {"escalation", "escalate"}, book.escalation)


def _chosen(book: Runbook) -> list[Step]:
    now = [step for step in book.steps if not step.later]
    later = [step for step in book.steps if step.later and not step.command] or [s for s in book.steps if s.later]
    return [*now[:_MOST_STEPS], *later[:1]]


def _advised(exchange: Exchange, statement: str, quote: str, topics: Iterable[str], item: str) -> Found:
    return Found(RUNBOOK, statement, ((exchange.call, quote),), "P4", 0.5, frozenset(topics), (), (item,))


def could_not_ask(heard: Heard) -> Mapping[str, str]:
    """The tools of which no call was answered, with the text of the last refusal or failure."""
    worked = {exchange.tool for exchange in heard.exchanges if not exchange.failed}
    return {e.tool: clean(e.raw, 120) for e in heard.exchanges if e.failed and e.tool not in worked}
