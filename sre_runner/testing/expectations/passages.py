"""The texts of a run and where they stand: in a conclusion, in findings with their quotes, in what tools answered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sre_runner.casefile import Evidence, Finding, Json
from sre_runner.journal.record import CallRecord, Record

MOST = 3
"""Passages that are shown of one kind."""
_LENGTH = 240
"""Characters of a passage that are shown."""


@dataclass(frozen=True)
class Passage:
    """A text, and where it stands: `immediate_actions[0].command`."""

    where: str
    text: str


def passages(data: Json, where: str = "") -> Iterator[Passage]:
    """Every text and number in a report or a part of it; names of fields are not among them."""
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield from passages(value, f"{where}.{name}" if where else name)
    elif isinstance(data, list | tuple):
        for number, value in enumerate(data):
            yield from passages(value, f"{where}[{number}]")
    elif data is not None:
        yield Passage(where, data if isinstance(data, str) else json.dumps(data))


def folded(text: str) -> str:
    """A text as it is compared: in any case, any white space one space."""
    return " ".join(text.split()).casefold()


def having(wanted: str, among: Iterable[Passage]) -> list[Passage]:
    """The passages that have a text."""
    return [each for each in among if folded(wanted) in folded(each.text)]


def shortened(text: str, around: str = "") -> str:
    """The text on one line, cut to what is around another one."""
    line = " ".join(text.split())
    if len(line) <= _LENGTH:
        return line
    at = line.casefold().find(folded(around)) if around else 0  # a place a little off, at worst, after letters like ß
    start = max(0, min(at - _LENGTH // 3, len(line) - _LENGTH))
    end = start + _LENGTH
    return "…" * (start > 0) + line[start:end] + "…" * (end < len(line))


def quoted(record: Record, agent: str, finding: Finding, wanted: str = "") -> str:
    """A finding with what it rests on, on one line; of a text that is wanted, only the first quote that has it."""
    called = {
        call.request.label: call.request.name for call in record.calls_of("tool") if agent_of(record, call) == agent
    }
    shown = [
        f"{evidence.call} {called.get(evidence.call or '', '')}: “{shortened(evidence.quote or '')}”"
        if evidence.call
        else str(evidence.finding)
        for evidence in _chosen(finding.evidence, wanted)
    ]
    doubt = f"; UNVERIFIED: {shortened(finding.doubt)}" if finding.doubt else ""
    return f"{agent}/{finding.id}: {shortened(finding.statement)} ({'; '.join(shown)}{doubt})"


def _chosen(evidence: Sequence[Evidence], wanted: str) -> Sequence[Evidence]:
    having_it = [each for each in evidence if wanted and having(wanted, passages(each.quote))]
    return having_it[:1] or evidence[: 1 if wanted else MOST]


def agent_of(record: Record, call: CallRecord) -> str:
    """Whose call it is."""
    work = record.work.get(call.request.scope)
    return work.assignment.agent if work else call.request.scope


def trail(record: Record, wanted: str, agent: str | None = None) -> list[str]:
    """How far a text came that is missing: to findings, to reports, or only to what tools answered; of all agents or of
    one."""
    reports = {name: report for name, report in record.reports().items() if agent in (None, name)}
    found = [
        f"it stands in the finding {quoted(record, name, finding, wanted)}"
        for name, report in reports.items()
        for finding in report.findings
        if having(wanted, [Passage("", finding.statement), *(Passage("", one.quote or "") for one in finding.evidence)])
    ]
    found = found or [
        f"it stands in {passage.where} of the report of {name}: {shortened(passage.text, wanted)}"
        for name, report in reports.items()
        for passage in having(wanted, passages(report.fields))
    ]
    return (found or list(_answers(record, wanted, agent)))[:MOST] or ["no report has it, and no tool answered with it"]


def _answers(record: Record, wanted: str, agent: str | None) -> Iterator[str]:
    """The answers of tools that have a text."""
    for call in record.calls_of("tool"):
        answer, asker = call.outcome.tool_answer if call.outcome else None, agent_of(record, call)
        if answer and agent in (None, asker) and having(wanted, [Passage("", answer.text)]):
            asked = f"{call.request.name} ({call.request.label} of {asker})"
            yield f"no report has it, but {asked} answered: {shortened(answer.text, wanted)}"
