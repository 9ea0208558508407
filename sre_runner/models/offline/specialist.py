"""The offline model as specialist: asks while there is something new to ask, then reports what it recognized."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sre_runner.casefile import Json
from sre_runner.models.offline.asking import next_calls, unaskable
from sre_runner.models.offline.causes import Told, confidence, severity
from sre_runner.models.offline.findings import CHANGE, RUNBOOK, Found, could_not_ask, findings
from sre_runner.models.offline.hearing import Heard
from sre_runner.models.offline.knowing import objects
from sre_runner.models.offline.notice import BRIEFLY, NO_ANSWER, NOT_ASKED
from sre_runner.models.offline.reporting import TRACE_ID, Item, Material, fill
from sre_runner.models.offline.synthesizer import analysis
from sre_runner.models.offline.table import signals
from sre_runner.models.offline.words import clean, listed

_REJECTED = re.compile(r"\bfindings\[(\d{1,4})\]")
_PREVIOUS = re.compile(r"Previous: (\S{1,80}?)\.?(?:\s|$)")
_TIME = re.compile(r"\b(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d(?::\d\d)?\b")
_MOST_OBJECTS = 12


def calls(heard: Heard) -> list[tuple[str, dict[str, Json]]]:
    """What to ask next; [] where it is time to report."""
    return [] if heard.must_report else next_calls(heard)


def report(heard: Heard) -> dict[str, Json]:
    """The report of a specialist, with the fields of a conclusion where the schema has them (`single`)."""
    refused = {int(number) for number in _REJECTED.findall(heard.rejected)}
    found = [each for place, each in enumerate(findings(heard)) if place not in refused]
    seen = [each for each in found if each.signal not in (RUNBOOK, CHANGE)]
    grade = severity([signals()[each.signal] for each in seen if each.severity != "P4"], heard.task)
    sure = _confidence(found, heard)
    questions = list(_questions(heard))
    known: dict[str, Json] = {}
    if "root_cause" in heard.report_schema.get("properties", {}):
        told = [
            Told(f"f{place}", "", each.statement, tuple(q for _, q in each.evidence))
            for place, each in enumerate(found, 1)
        ]
        known, _, grade = analysis(heard, told, questions[:2], {})
        known["evidence"] = [{"agent": "specialist", "finding": each["finding"]} for each in known["evidence"]]
    known |= {
        "summary": f"{BRIEFLY} {_summary(found, heard)}",
        "findings": [each.as_json() for each in found],
        "severity_assessment": grade,
        "confidence": sure,
        "open_questions": questions,
    }
    return fill(heard.report_schema, Material([*_items(found), *_objects(heard, found)], grade, sure, known=known))


def _confidence(found: Sequence[Found], heard: Heard) -> float:
    """By the strongest signal and by how many calls show one; lower where nothing could be asked."""
    answered = [exchange for exchange in heard.exchanges if not exchange.failed]
    if not answered:
        return 0.1
    seen = [each for each in found if each.signal != RUNBOOK] or found
    shown = {call for each in seen for call, _ in each.evidence}
    return confidence([each.strength for each in seen], len(shown))


def _summary(found: Sequence[Found], heard: Heard) -> str:
    answered = sum(not exchange.failed for exchange in heard.exchanges)
    asked = f"{answered} of {len(heard.exchanges)} calls returned data."
    if not found:
        return f"No known sign of failure. {asked}"
    named = "; ".join(dict.fromkeys(_headline(each) for each in found if each.signal != RUNBOOK))
    books = "; ".join(each.items[0] for each in found if "relevant" in each.topics)
    parts = [f"{named}." if named else "", f"Runbooks: {books}." if books else "", asked]
    return " ".join(part for part in parts if part)


def _headline(found: Found) -> str:
    where = f" ({listed(list(found.subjects[:3]))})" if found.subjects else ""
    return f"{signals()[found.signal].says}{where}"


def _questions(heard: Heard) -> Iterator[str]:
    """What could not be asked, and why."""
    for tool, why in could_not_ask(heard).items():
        yield f"{clean(tool, 80)}{NO_ANSWER}{why}"
    for tool, without in unaskable(heard):
        if without:
            yield f"{clean(tool, 80)} {NOT_ASKED} {listed([f'`{name}`' for name in without])}."
        else:
            yield f"{clean(tool, 80)} was not called: no turns left."


def _items(found: Sequence[Found]) -> Iterator[Item]:
    for each in found:
        for text in each.items:
            yield Item(each.topics, text, each.subjects[0].rpartition(" ")[2] if each.subjects else "")
            if _TIME.search(text):
                yield Item(frozenset(("timeline", "time", "sequence")), text)
        for previous in _PREVIOUS.findall(each.statement) if each.signal == CHANGE else ():
            yield Item(
                frozenset(("rollback", "candidate", "previous", "version")), f"{previous}, the version before it"
            )
        for trace in dict.fromkeys(TRACE_ID.findall(each.statement)):
            yield Item(frozenset(("trace", "transaction", "request", "id")), trace)


def _objects(heard: Heard, found: Sequence[Found]) -> Iterator[Item]:
    """The healthy and the unhealthy objects that the answers name."""
    known = [each for each in objects(heard) if each.kind and not each.named_by_case]
    for each in known[: 4 * _MOST_OBJECTS]:
        if each.unhealthy:
            yield Item(frozenset(("unhealthy", "failing", "list", each.kind)), _why(each.name, found), each.name)
        else:
            yield Item(frozenset(("healthy", each.kind)), each.name, each.name)


def _why(name: str, found: Sequence[Found]) -> str:
    """An unhealthy object with the reasons that were seen at it."""
    reasons: dict[str, Any] = {}
    for each in found:
        reasons |= dict.fromkeys(item.split(": ", 1)[1] for item in each.items if f"{name}: " in item)
    return f"{name}: {', '.join(list(reasons)[:4])}" if reasons else name
