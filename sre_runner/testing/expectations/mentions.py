"""What a conclusion or a report mentions, what it must not mention, and red herrings that became the cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sre_runner.casefile import Json
from sre_runner.journal.record import Record
from sre_runner.specs import Mention
from sre_runner.testing.expectations.expectation import Expectation
from sre_runner.testing.expectations.passages import MOST, having, passages, quoted, shortened, trail
from sre_runner.testing.expectations.subject import Subject


def mentions(wanted: Sequence[Mention], subject: Subject) -> Iterator[Expectation]:
    """What the conclusion or a report must mention."""
    fields = subject.fields
    for mention in wanted:
        words = f"{_where(mention, subject)} mentions {mention.text!r}"
        if fields is not None and having(mention.text, passages(_part(fields, mention))):
            yield Expectation(words, True, "it does")
            continue
        found = "it does not" if fields is not None else f"{subject.text} is not there"
        way = trail(subject.record, mention.text, subject.agent)
        yield Expectation(words, False, found, (*_elsewhere(fields, mention), *way))


def not_mentioned(unwanted: Sequence[Mention], subject: Subject) -> Iterator[Expectation]:
    """What the conclusion or a report must not mention."""
    for mention in unwanted:
        found = having(mention.text, passages(_part(subject.fields or {}, mention)))
        shown = tuple(f"{each.where}: {shortened(each.text, mention.text)}" for each in found[:MOST])
        evidence = (*shown, *_behind(subject.record, mention.text, subject.agent)) if found else ()
        words = f"{_where(mention, subject)} does not mention {mention.text!r}"
        yield Expectation(words, not found, "it does" if found else "it does not", evidence)


def _where(mention: Mention, subject: Subject) -> str:
    return f"{mention.field} of {subject.text}" if mention.field else subject.text


def red_herrings(texts: Sequence[str], subject: Subject) -> Iterator[Expectation]:
    """What must not be taken for the cause."""
    record = subject.record
    cause: Mapping[str, Json] = record.conclusion.fields["root_cause"] if record.conclusion else {}
    cited = {str(each["finding"]) for each in cause.get("evidence", ())}
    for text in texts:
        found = having(text, passages(cause.get("statement")))
        evidence: tuple[str, ...] = ()
        if found:
            shown = f"root_cause.statement: {shortened(cause['statement'], text)}"
            evidence = (shown, f"it cites: {', '.join(sorted(cited)) or 'nothing'}", *_behind(record, text, None))
        words = "it is in its statement" if found else "it is not"
        yield Expectation(f"{text!r} is not taken for the root cause", not found, words, evidence)


def _part(fields: Mapping[str, Json], mention: Mention) -> dict[str, Json]:
    return {name: value for name, value in fields.items() if mention.field in (None, name)}


def _elsewhere(fields: Mapping[str, Json] | None, mention: Mention) -> list[str]:
    """Of a text that is missing in one field: what that field says, and which others have it."""
    if fields is None or mention.field is None:
        return []
    here = next(passages(_part(fields, mention)), None)
    says = f"{here.where}: {shortened(here.text)}" if here else f"{mention.field} is empty"
    others = [
        f"it stands in {each.where}: {shortened(each.text, mention.text)}"
        for each in having(mention.text, passages(fields))
    ]
    return [says, *others[:MOST]]


def _behind(record: Record, text: str, agent: str | None) -> list[str]:
    """The findings from which a text may have come."""
    reports = {name: report for name, report in record.reports().items() if agent in (None, name)}
    lines = [
        f"the finding {quoted(record, name, finding, text)}"
        for name, report in reports.items()
        for finding in report.findings
        if having(text, passages([finding.statement, *(one.quote or "" for one in finding.evidence)]))
    ]
    return lines[:MOST] or ["no finding has it"]
