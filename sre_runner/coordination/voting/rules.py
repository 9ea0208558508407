"""Ballots to a verdict: the rules by their names, one module each, and what decides where a rule does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sre_runner.casefile import Ballot, Verdict
from sre_runner.coordination.voting.confidence import CONFIDENCE
from sre_runner.coordination.voting.majority import MAJORITY
from sre_runner.coordination.voting.median import MEDIAN
from sre_runner.coordination.voting.most_severe import MOST_SEVERE, most_severe
from sre_runner.coordination.voting.plurality import PLURALITY
from sre_runner.coordination.voting.rule import Rule
from sre_runner.coordination.voting.unanimous import UNANIMOUS
from sre_runner.coordination.voting.weighted import WEIGHTED
from sre_runner.specs import VoteSpec

RULES: Mapping[str, Rule] = {
    rule.name: rule for rule in (MAJORITY, PLURALITY, MOST_SEVERE, MEDIAN, WEIGHTED, CONFIDENCE, UNANIMOUS)
}


def decide(vote: VoteSpec, ballots: Sequence[Ballot]) -> Verdict:
    """The verdict of a vote. Its value is None only where nobody cast a ballot."""
    cast = [ballot for ballot in ballots if ballot.value is not None]
    if not cast:
        return Verdict(vote.name, vote.field, vote.rule, None, tuple(ballots), "nobody cast a ballot")
    if len(cast) < vote.quorum:
        value, why = None, f"{len(cast)} of the {vote.quorum} ballots that the quorum asks for"
    else:
        value, why = RULES[vote.rule].decide(cast, vote.options)
    otherwise = ""
    if value is None:
        value, why, otherwise = _otherwise(vote, cast, why)
    return Verdict(vote.name, vote.field, vote.rule, value, tuple(ballots), why, otherwise=otherwise)


def _otherwise(vote: VoteSpec, cast: Sequence[Ballot], why: str) -> tuple[str, str, str]:
    """The value, the reason, and what decided."""
    by = vote.otherwise
    if by in vote.options:
        return by, f"{why}; otherwise {by}", by
    value, how = RULES[vote.otherwise].decide(cast, vote.options)
    if value is None:  # plurality can tie as well
        why, (value, how) = f"{why}; {how}", most_severe(cast, vote.options)
        by = f"{by}, then most_severe"
    assert value is not None
    return value, f"{why}; otherwise {how}", by


def decided_by(verdict: Verdict) -> str:
    """What decided, in words that follow "decided": the judge, the rule, or what stands in for a rule that did not."""
    if verdict.rule == "judge":
        return "by the judge"
    if verdict.otherwise:
        return f"by otherwise: {verdict.otherwise}, as the rule {verdict.rule} did not decide"
    return f"by the rule {verdict.rule}"
