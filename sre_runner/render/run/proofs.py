"""The best evidence for the cause: quotes of verified findings, of several specialists before several of one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sre_runner.casefile import Finding
from sre_runner.journal import facts
from sre_runner.journal.record import CallRecord, Record, WorkRecord

MOST = 2


@dataclass(frozen=True)
class Proof:
    """A quote that shows the cause: of which finding (`k8s-expert/f2`), and of which call's answer."""

    name: str
    finding: Finding
    call: CallRecord
    quote: str


def proofs(record: Record) -> list[Proof]:
    """At most two, the best first; none where the cause cites no finding with a quote."""
    found = [proof for name in causes(record) for proof in _of(record, name)]
    first = {proof.name.rpartition("/")[0]: proof for proof in reversed(found) if not proof.finding.doubt}
    found.sort(key=lambda proof: (bool(proof.finding.doubt), proof not in first.values()))
    unique = {(proof.call.request.call, proof.quote): proof for proof in reversed(found)}
    return [proof for proof in found if proof in unique.values()][:MOST]


def causes(record: Record) -> list[str]:
    """The findings that the cause cites, each once."""
    cause = record.conclusion.fields.get("root_cause", {}) if record.conclusion else {}
    return list(dict.fromkeys(str(item["finding"]) for item in cause.get("evidence", [])))


def _of(record: Record, name: str) -> Iterator[Proof]:
    """The first quote of a finding that was reported and has one of its own."""
    found = facts.find(record, name)
    if not found:
        return
    work, finding = found
    quoted = _quote(record, work, finding)
    if quoted:
        yield Proof(name, finding, *quoted)


def _quote(record: Record, work: WorkRecord, finding: Finding) -> tuple[CallRecord, str] | None:
    calls = facts.calls_behind(record, work)
    given = ((calls.get(item.call or ""), (item.quote or "").strip("\n")) for item in finding.evidence)
    return next(((call, quote) for call, quote in given if call and quote.strip()), None)
