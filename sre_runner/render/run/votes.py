"""What was voted or judged, as Markdown: the severity with where it comes from, ballots, and others for the record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from operator import attrgetter

from sre_runner.casefile import Ballot, Conclusion, Verdict
from sre_runner.coordination.report_schemas import SEVERITY_FIELD
from sre_runner.coordination.voting.rules import RULES, decided_by
from sre_runner.journal.facts import shortened
from sre_runner.render.blocks import Blocks, bullets, section, table
from sre_runner.render.escape import inline, paragraphs

COUNTED: Mapping[str, tuple[str, Callable[[Ballot], float]]] = {
    name: (rule.counts, attrgetter(rule.counts)) for name, rule in RULES.items() if rule.counts
}
"""What a rule counts besides the ballots themselves: the column's title and its number."""

_LINE_LIMIT = 120
"""Characters of each part of the line on the severity; the votes have all of it."""


def severity(conclusion: Conclusion) -> str:
    """The severity, whose it is where it was voted or judged, and what the model proposed where that differs."""
    fields = conclusion.fields
    line = f"**Severity: {_short(str(fields.get('severity') or 'not assessed'))}**"
    verdict = next((each for each in conclusion.verdicts if each.field == SEVERITY_FIELD), None)
    if verdict is None:
        return line
    if verdict.value is None:
        return f"{line}, which is no verdict: {_short(verdict.reason)}"
    proposed = fields.get("proposed_severity", verdict.value)
    differs = f"; the model proposed {_short(str(proposed))}" if proposed != verdict.value else ""
    return f"{line}, decided {_short(decided_by(verdict))}{_counted(verdict)}{differs}"


def _short(text: str) -> str:
    return inline(shortened(text, _LINE_LIMIT))


def _counted(verdict: Verdict) -> str:
    """How many ballots were for what, the most frequent first; a judge counts none."""
    if verdict.rule == "judge":
        return ""
    counts = Counter(ballot.shown for ballot in verdict.ballots).most_common()
    return f" (ballots: {_short(', '.join(f'{count} {value}' for value, count in counts))})" if counts else ""


def votes(conclusion: Conclusion) -> Blocks:
    """Every verdict with its reason and its ballots; below them those that decide nothing."""
    blocks = [block for verdict in conclusion.verdicts for block in _verdict(verdict)]
    if conclusion.compared:
        blocks += ["### For the record", bullets([_compared(verdict) for verdict in conclusion.compared])]
    yield from section("Votes", *blocks)


def _verdict(verdict: Verdict) -> Blocks:
    yield f"### {inline(verdict.vote)}: {inline(verdict.shown)}"
    if verdict.rule == "judge":
        yield f"The judge decides on {inline(verdict.field)}:"
        yield paragraphs(verdict.reason)
        yield f"What would change the judge's mind: {inline(verdict.would_change)}" if verdict.would_change else ""
    else:
        yield f"{inline(f'{verdict.field}, decided {decided_by(verdict)}: {verdict.reason}')}."
    yield _ballots(verdict)


def _ballots(verdict: Verdict) -> str:
    if not verdict.ballots:
        return ""
    titles = ["agent", "position" if verdict.rule == "judge" else "ballot"]
    rows = [[inline(ballot.agent), inline(_said(ballot))] for ballot in verdict.ballots]
    if verdict.rule not in COUNTED:
        return table(titles, rows)
    title, number = COUNTED[verdict.rule]
    counted = [f"{number(ballot):g}" if ballot.value is not None else "" for ballot in verdict.ballots]
    return table([*titles, title], [[*row, cell] for row, cell in zip(rows, counted, strict=True)], [title])


def _compared(verdict: Verdict) -> str:
    over = f" over the {verdict.over}" if verdict.over else ""
    given = "; ".join(f"{ballot.agent} {_said(ballot)}" for ballot in verdict.ballots) or "none"
    decided = f"{verdict.vote}{over}, decided {decided_by(verdict)}"
    return f"{decided}: {verdict.shown}, as {verdict.reason}. Ballots: {given}."


def _said(ballot: Ballot) -> str:
    return ballot.value if ballot.value is not None else f"abstained: {ballot.why}"
