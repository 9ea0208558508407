"""Whether the values of a statement were seen: in the answers that it rests on, in the case, in findings of others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sre_runner.casefile import Finding, Json, Report, Status, Unseen
from sre_runner.coordination.claims.marks import unseen
from sre_runner.coordination.claims.seen import Index, Seen
from sre_runner.coordination.evidence.answers import Answer

CONCLUDED = ("incident_summary", "root_cause", "communication")
"""Fields of a conclusion that are held to the findings that it cites."""


_NEXT = re.compile(r"\bupdates?\b[^.!?\n]{0,40}\b(?:at|by|every|in|within) (?:about )?\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Told:
    """What an agent was told besides the answers to its own calls: the `case`, and `findings` of others by name."""

    case: Index
    findings: Mapping[str, Index]


def findings_told(reports: Sequence[Report]) -> dict[str, Index]:
    """What the findings of completed reports show to those who cite them: their statements and quotes.

    Values that their authors had not seen are not shown by them.
    """
    return {
        f"{report.agent}/{finding.id}": _shown_by(finding)
        for report in reports
        if report.status is Status.COMPLETED
        for finding in report.findings
    }


def with_unseen(
    findings: Sequence[Finding], shown: Mapping[str, Answer], told: Told, agent: str
) -> tuple[Finding, ...]:
    """The findings of an agent, each with the values that nothing shows that it rests on.

    A finding that cites another one of its report rests on what that one cites.
    """
    own = {name: finding for finding in findings for name in (finding.id, f"{agent}/{finding.id}")}

    def checked(finding: Finding) -> Finding:
        seen = Seen([told.case, *_texts(finding, own, shown, told)])
        return replace(finding, unseen=unseen(finding.statement, seen, finding.derived))

    return tuple(checked(finding) for finding in findings)


def conclusion_unseen(fields: Mapping[str, Json], told: Told) -> dict[str, tuple[Unseen, ...]]:
    """By field, the values of a conclusion's texts that none of the findings shows that it cites; {} for a report that
    concludes nothing. Only fields with such values are there."""
    if "root_cause" not in fields:
        return {}
    cited = [item["finding"] for item in (*fields["root_cause"]["evidence"], *fields["evidence"])]
    seen = Seen([told.case, *(told.findings[name] for name in dict.fromkeys(cited) if name in told.findings)])
    marks = {name: unseen(concluded_text(fields, name), seen) for name in CONCLUDED}
    said = concluded_text(fields, "communication")
    marks["communication"] = tuple(mark for mark in marks["communication"] if not _announced(said, mark))
    return {name: found for name, found in marks.items() if found}


def concluded_text(fields: Mapping[str, Json], name: str) -> str:
    """The text of a field of `CONCLUDED`; "" where there is none."""
    value = fields.get(name)
    text = value.get("statement") if isinstance(value, Mapping) else value
    return text if isinstance(text, str) else ""


def _announced(text: str, mark: Unseen) -> bool:
    """Whether a value says when the next update comes: nobody could have seen it."""
    return _NEXT.search(text[max(mark.start - 80, 0) : mark.start]) is not None


def _texts(finding: Finding, own: Mapping[str, Finding], shown: Mapping[str, Answer], told: Told) -> Iterator[Index]:
    waiting, met = [finding], {finding.id}
    while waiting:
        for item in waiting.pop().evidence:
            answer, other = shown.get(item.call or ""), own.get(item.finding or "")
            if answer and answer.text:
                yield answer.index
                yield answer.asked
            elif other and other.id not in met:
                met.add(other.id)
                waiting.append(other)
            elif item.finding and item.finding in told.findings:
                yield told.findings[item.finding]


def _shown_by(finding: Finding) -> Index:
    parts, place = [], 0
    for mark in finding.unseen:
        parts.append(finding.statement[place : mark.start])
        place = mark.end
    return Index("\n".join([" ".join([*parts, finding.statement[place:]]), *(e.quote or "" for e in finding.evidence)]))
