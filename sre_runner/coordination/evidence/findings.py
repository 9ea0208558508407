"""Whether findings hold: their quotes stand in what their calls answered, and their citations end in quotes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sre_runner.casefile import Evidence, Finding, Json, Report, Status
from sre_runner.coordination.evidence.answers import Answer
from sre_runner.coordination.evidence.statements import Told, with_unseen

Shown = Mapping[str, Answer]
"""What a conversation's calls answered, by call id (`c1`)."""

Known = Mapping[str, bool]
"""The findings that were reported before (`k8s-expert/f2`), and whether each is verified."""


def checked(
    findings: Sequence[Finding], shown: Shown, known: Known, agent: str = "", told: Told | None = None
) -> tuple[Finding, ...]:
    """The findings of an agent with `doubt` saying why one is unverified. All items of a finding must stand.

    Where it is known what the agent was `told`, quotes must also tell, and values that were not seen are marked.

    A finding may cite others of its own report, but no circle of them: citations end in quotes.
    """
    others = {name: holds for name, holds in known.items() if not name.startswith(f"{agent}/")}
    quoted = {finding.id: _quote_doubts(finding, shown, told is not None) for finding in findings}
    names = {f"{agent}/{finding.id}": finding.id for finding in findings} if agent else {}
    own = {finding.id: [names.get(name, name) for name in _cited(finding)] for finding in findings}
    sound = _founded(own, [name for name, doubts in quoted.items() if not doubts], others)

    def doubt(finding: Finding) -> str:
        lost = [name for name in own[finding.id] if not (others.get(name) or name in sound)]
        missing = [f"{name} is no verified finding" for name in lost]
        return "; ".join([*quoted[finding.id], *missing]) if finding.evidence else "no evidence is given"

    doubted = tuple(replace(finding, doubt=doubt(finding)) for finding in findings)
    return with_unseen(doubted, shown, told, agent) if told else doubted


def judged_again(reports: Sequence[Report]) -> tuple[Report, ...]:
    """The latest reports with each finding unverified that rests on one that is not verified, or no longer there.

    Reports replace each other; what was cited may have been withdrawn, or have become unverified.
    """
    findings = {f"{report.agent}/{each.id}": each for report in reports for each in report.findings}
    cited = {
        f"{report.agent}/{each.id}": [_named(report, name) for name in _cited(each)]
        for report in reports
        for each in report.findings
    }
    sound = _founded(cited, [name for name, finding in findings.items() if not finding.doubt], {})
    return tuple(_judged_again(report, cited, sound) for report in reports)


def known_of(reports: Sequence[Report]) -> dict[str, bool]:
    """The findings of completed reports, and whether each is verified."""
    completed = [report for report in reports if report.status is Status.COMPLETED]
    return {f"{report.agent}/{each.id}": not each.doubt for report in completed for each in report.findings}


def citation_doubts(fields: Mapping[str, Json], known: Known) -> list[str]:
    """What a conclusion cites that is no verified finding, a line each; [] for a report that concludes nothing."""
    if "root_cause" not in fields:
        return []
    cited = [item["finding"] for item in fields["root_cause"]["evidence"]]
    doubts = [f"root_cause rests on {name}, which is no verified finding" for name in cited if not known.get(name)]
    if not cited:
        doubts.append("root_cause rests on no finding")
    shown = (item["finding"] for item in fields["evidence"])
    return doubts + [f"evidence has {name}, which is no verified finding" for name in shown if not known.get(name)]


def _judged_again(report: Report, cited: Mapping[str, Sequence[str]], sound: Collection[str]) -> Report:
    findings = []
    for finding in report.findings:
        name = f"{report.agent}/{finding.id}"
        lost = [other for other in cited[name] if other not in sound] or [name]
        fallen = not finding.doubt and name not in sound
        doubt = "; ".join(f"{other} is no verified finding" for other in lost)
        findings.append(replace(finding, doubt=doubt) if fallen else finding)
    return replace(report, findings=tuple(findings))


def _named(report: Report, name: str) -> str:
    return name if "/" in name else f"{report.agent}/{name}"


def _cited(finding: Finding) -> list[str]:
    return [item.finding for item in finding.evidence if item.finding]


def _founded(cited: Mapping[str, Sequence[str]], candidates: Collection[str], known: Known) -> set[str]:
    """The candidates whose citations lead to quotes in the end: a circle rests on nothing."""
    sound: set[str] = set()
    waiting = set(candidates)
    while True:
        ready = {name for name in waiting if all(known.get(other) or other in sound for other in cited[name])}
        if not ready:
            return sound
        sound |= ready
        waiting -= ready


def _quote_doubts(finding: Finding, shown: Shown, weigh: bool) -> list[str]:
    return [doubt for item in finding.evidence if not item.finding and (doubt := _quote_doubt(item, shown, weigh))]


def _quote_doubt(item: Evidence, shown: Shown, weigh: bool) -> str:
    if item.call is None or item.call not in shown:
        return f"there is no answered call {item.call}"
    answer, quote = shown[item.call], item.quote or ""
    doubt = answer.doubt(quote) or (answer.weighing.weigh(quote).reason if weigh else "")
    return f"{doubt} of {item.call}" if doubt.endswith("in the answer") else f"{doubt} ({item.call})" if doubt else ""
