"""What a conclusion or a report mentions, what it must not mention, and red herrings that became the cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sre_runner.casefile import Json
from sre_runner.journal.record import Record
from sre_runner.specs import Mention
from sre_runner.testing.expectations.expectation import Expectation
from sre_runner.testing.expectations.passages import MOST, having, passages, quoted, shortened, trail


def mentions(
    whole: str,
    wanted: Sequence[Mention],
    unwanted: Sequence[Mention],
    fields: Mapping[str, Json] | None,
    record: Record,
    agent: str | None = None,
) -> Iterator[Expectation]:
    """What `whole` (the conclusion, or the report of an agent) must and must not mention; `fields` are None where there
    is none."""
    for mention in wanted:
        subject = f"{mention.field} of {whole}" if mention.field else whole
        expected = f"{subject} mentions {mention.text!r}"
        if fields is None:
            yield Expectation(expected, False, f"{whole} is not there", tuple(trail(record, mention.text, agent)))
            continue
        there = bool(having(mention.text, passages(_part(fields, mention))))
        evidence = () if there else (*_elsewhere(fields, mention), *trail(record, mention.text, agent))
        yield Expectation(expected, there, "it does" if there else "it does not", evidence)
    for mention in unwanted:
        subject = f"{mention.field} of {whole}" if mention.field else whole
        found = having(mention.text, passages(_part(fields or {}, mention)))
        shown = tuple(f"{each.where}: {shortened(each.text, mention.text)}" for each in found[:MOST])
        evidence = (*shown, *_behind(record, mention.text, agent)) if found else ()
        words = "it does" if found else "it does not"
        yield Expectation(f"{subject} does not mention {mention.text!r}", not found, words, evidence)


def red_herrings(texts: Sequence[str], record: Record) -> Iterator[Expectation]:
    """What must not be taken for the cause."""
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


def _elsewhere(fields: Mapping[str, Json], mention: Mention) -> list[str]:
    """Of a text that is missing in one field: what that field says, and which others have it."""
    if mention.field is None:
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
