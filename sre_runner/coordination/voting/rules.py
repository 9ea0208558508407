"""Ballots to a verdict: one small file a rule, the dict that names them, and what decides where a rule does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from sre_runner.casefile import Ballot, Verdict
from sre_runner.coordination.voting.confidence import confidence
from sre_runner.coordination.voting.majority import majority
from sre_runner.coordination.voting.median import median
from sre_runner.coordination.voting.most_severe import most_severe
from sre_runner.coordination.voting.plurality import plurality
from sre_runner.coordination.voting.unanimous import unanimous
from sre_runner.coordination.voting.weighted import weighted
from sre_runner.specs import VoteSpec

Rule: TypeAlias = Callable[[Sequence[Ballot], Sequence[str]], tuple[str | None, str]]
"""Takes the ballots that were cast (at least one) and the options, most severe first; gives the value, or None where
the rule does not decide, and the reason in words."""

RULES: Mapping[str, Rule] = {
    "majority": majority,
    "plurality": plurality,
    "most_severe": most_severe,
    "median": median,
    "weighted": weighted,
    "confidence": confidence,
    "unanimous": unanimous,
}


def decide(vote: VoteSpec, ballots: Sequence[Ballot]) -> Verdict:
    """The verdict of a vote. Its value is None only where nobody cast a ballot."""
    cast = [ballot for ballot in ballots if ballot.value is not None]
    if not cast:
        return Verdict(vote.name, vote.field, vote.rule, None, tuple(ballots), "nobody cast a ballot")
    if len(cast) < vote.quorum:
        value, why = None, f"{len(cast)} of the {vote.quorum} ballots that the quorum asks for"
    else:
        value, why = RULES[vote.rule](cast, vote.options)
    otherwise = ""
    if value is None:
        value, why, otherwise = _otherwise(vote, cast, why)
    return Verdict(vote.name, vote.field, vote.rule, value, tuple(ballots), why, otherwise=otherwise)


def _otherwise(vote: VoteSpec, cast: Sequence[Ballot], why: str) -> tuple[str, str, str]:
    """The value, the reason, and what decided."""
    by = vote.otherwise
    if by in vote.options:
        return by, f"{why}; otherwise {by}", by
    value, how = RULES[vote.otherwise](cast, vote.options)
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
