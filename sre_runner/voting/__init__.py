"""Ballots to a verdict: one small file a rule, the dict that names them, and what decides where a rule does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from sre_runner.casefile import Ballot, Verdict
from sre_runner.specs import VoteSpec
from sre_runner.voting.confidence import confidence
from sre_runner.voting.majority import majority
from sre_runner.voting.median import median
from sre_runner.voting.most_severe import most_severe
from sre_runner.voting.plurality import plurality
from sre_runner.voting.unanimous import unanimous
from sre_runner.voting.weighted import weighted

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
    if value is None:
        value, why = _otherwise(vote, cast, why)
    return Verdict(vote.name, vote.field, vote.rule, value, tuple(ballots), why)


def _otherwise(vote: VoteSpec, cast: Sequence[Ballot], why: str) -> tuple[str, str]:
    if vote.otherwise in vote.options:
        return vote.otherwise, f"{why}; otherwise {vote.otherwise}"
    value, how = RULES[vote.otherwise](cast, vote.options)
    if value is None:  # plurality can tie as well
        why, (value, how) = f"{why}; {how}", most_severe(cast, vote.options)
    assert value is not None
    return value, f"{why}; otherwise {how}"
