"""The rules: examples of each, and the laws that hold for all."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sre_runner.casefile import Ballot
from sre_runner.coordination.voting.rules import RULES, decide
from sre_runner.coordination.voting.weighted import weighted
from sre_runner.specs import VoteSpec

OPTIONS = ("P1", "P2", "P3", "P4")
WINNERS = ("majority", "plurality", "weighted", "confidence")


def vote(rule: str, **changes: Any) -> VoteSpec:
    settings: dict[str, Any] = {"otherwise": "most_severe", "quorum": 0, "weights": {}, **changes}
    return VoteSpec("severity", "severity_assessment", OPTIONS, rule, **settings)


def cast(*values: str | None, confidence: float = 0.5, weight: float = 1.0) -> list[Ballot]:
    return [Ballot(f"a{number}", value, confidence, weight) for number, value in enumerate(values)]


hundredths = st.integers(0, 100).map(lambda number: number / 100)
ballots = st.lists(
    st.builds(Ballot, st.sampled_from(["a", "b", "c"]), st.sampled_from([*OPTIONS, None]), hundredths, hundredths),
    max_size=9,
)
rules = st.sampled_from(sorted(RULES))
otherwises = st.sampled_from(["most_severe", "plurality", *OPTIONS])
votes = st.builds(
    lambda rule, otherwise, quorum: vote(rule, otherwise=otherwise, quorum=quorum), rules, otherwises, st.integers(0, 4)
)


@pytest.mark.parametrize(
    ("rule", "values", "wins", "reason"),
    [
        ("majority", "P2 P1 P2", "P2", "2 of 3 ballots are for P2"),
        (
            "majority",
            "P2 P1",
            "P1",
            "no value has more than half of the 2 ballots; otherwise the most severe ballot is P1 (a1)",
        ),
        ("majority", "P3 P2 P2 P1", "P1", "no value has more than half"),
        ("plurality", "P3 P2 P2 P1", "P2", "most ballots (P2 2, P1 1, P3 1)"),
        ("plurality", "P3 P2", "P2", "a tie of ballots (P2 1, P3 1); otherwise"),
        ("most_severe", "P3 P2 P4 P4", "P2", "the most severe ballot is P2 (a1)"),
        ("median", "P1 P4 P3", "P3", "P3 is in the middle of P1, P3, P4"),
        ("median", "P1 P2 P2 P4", "P2", "P2 is in the middle"),
        ("median", "P1 P2 P3 P4", "P1", "the two ballots in the middle differ (P2, P3); otherwise"),
        ("unanimous", "P3 P3", "P3", "every ballot is for P3"),
        ("unanimous", "P3 P3 P2", "P2", "the ballots differ (P2, P3); otherwise"),
    ],
)
def test_each_rule_decides_and_says_why(rule: str, values: str, wins: str, reason: str) -> None:
    verdict = decide(vote(rule), cast(*values.split()))
    assert verdict.value == wins
    assert verdict.reason.startswith(reason)
    assert (verdict.vote, verdict.field, verdict.rule) == ("severity", "severity_assessment", rule)


def test_weights_are_declared_and_add_up_as_they_are_written() -> None:
    given_weights = [Ballot("a", "P3", 0.5, 0.1), Ballot("b", "P3", 0.5, 0.2), Ballot("c", "P1", 0.5, 0.3)]
    tied = decide(vote("weighted"), given_weights)
    assert tied.value == "P1"
    assert tied.reason.startswith("a tie of weights (P1 0.3, P3 0.3); otherwise")
    heavy = [*given_weights, Ballot("d", "P3", 0.5, 0.01)]
    assert decide(vote("weighted"), heavy).reason == "most weight (P3 0.31, P1 0.3)"


def test_confidences_add_up() -> None:
    verdict = decide(vote("confidence"), [Ballot("a", "P3", 0.9), Ballot("b", "P1", 0.4), Ballot("c", "P1", 0.4)])
    assert (verdict.value, verdict.reason) == ("P3", "most confidence (P3 0.9, P1 0.8)")
    tied = decide(vote("confidence"), [Ballot("a", "P3", 0.8), Ballot("b", "P1", 0.4), Ballot("c", "P1", 0.4)])
    assert tied.value == "P1"


def test_abstentions_are_kept_and_do_not_count() -> None:
    verdict = decide(vote("majority"), cast("P2", None, None, "P2", "P4"))
    assert verdict.value == "P2"
    assert [ballot.value for ballot in verdict.ballots] == ["P2", None, None, "P2", "P4"]


@pytest.mark.parametrize("rule", RULES)
def test_no_ballot_no_verdict(rule: str) -> None:
    for none in ([], cast(None, None)):
        verdict = decide(vote(rule, otherwise="P2"), none)
        assert (verdict.value, verdict.reason) == (None, "nobody cast a ballot")


def test_a_missed_quorum_leaves_it_to_otherwise() -> None:
    verdict = decide(vote("majority", quorum=3), cast("P3", "P3", None))
    assert (verdict.value, verdict.reason) == (
        "P3",
        "2 of the 3 ballots that the quorum asks for; otherwise the most severe ballot is P3 (a0, a1)",
    )
    assert decide(vote("majority", quorum=3), cast("P3", "P3", "P1")).value == "P3"


def test_otherwise_may_be_an_option_or_plurality() -> None:
    fixed = decide(vote("unanimous", otherwise="P4"), cast("P1", "P2"))
    assert (fixed.value, fixed.reason) == ("P4", "the ballots differ (P1, P2); otherwise P4")
    most = decide(vote("majority", otherwise="plurality"), cast("P3", "P3", "P1", "P2"))
    assert most.value == "P3"
    tied = decide(vote("majority", otherwise="plurality"), cast("P3", "P1"))
    assert (tied.value, tied.reason) == (
        "P1",
        "no value has more than half of the 2 ballots; a tie of ballots (P1 1, P3 1); "
        "otherwise the most severe ballot is P1 (a1)",
    )


@given(votes, ballots, st.randoms(use_true_random=False))
def test_the_order_of_ballots_never_matters(
    spec: VoteSpec, given_ballots: list[Ballot], shuffler: random.Random
) -> None:
    shuffled = list(given_ballots)
    shuffler.shuffle(shuffled)
    assert decide(spec, shuffled).value == decide(spec, given_ballots).value


@given(rules, otherwises, st.sampled_from(OPTIONS), st.lists(st.tuples(hundredths, hundredths), min_size=1, max_size=9))
def test_unanimous_ballots_always_win(
    rule: str, otherwise: str, value: str, strengths: list[tuple[float, float]]
) -> None:
    same = [Ballot("a", value, confidence, weight) for confidence, weight in strengths]
    assert decide(vote(rule, otherwise=otherwise), same).value == value


@given(ballots, st.sampled_from(OPTIONS))
def test_most_severe_is_monotone(given_ballots: list[Ballot], more: str) -> None:
    spec = vote("most_severe")
    before, after = decide(spec, given_ballots).value, decide(spec, [*given_ballots, *cast(more)]).value
    assert after is not None
    assert before is None or OPTIONS.index(after) <= OPTIONS.index(before)


@given(st.sampled_from(WINNERS), st.sampled_from(["most_severe", "plurality"]), ballots, hundredths, hundredths)
def test_a_ballot_for_the_winner_never_unseats_it(
    rule: str, otherwise: str, given_ballots: list[Ballot], confidence: float, weight: float
) -> None:
    spec = vote(rule, otherwise=otherwise)
    winner = decide(spec, given_ballots).value
    assume(winner is not None)
    assert decide(spec, [*given_ballots, Ballot("more", winner, confidence, weight)]).value == winner


@given(votes, ballots)
def test_a_verdict_is_an_option_and_has_every_ballot(spec: VoteSpec, given_ballots: list[Ballot]) -> None:
    verdict = decide(spec, given_ballots)
    assert verdict.ballots == tuple(given_ballots)
    assert (verdict.value in OPTIONS) == any(ballot.value for ballot in given_ballots)
    assert verdict.reason

    too_much = [Ballot("a", "P1", weight=1e308), Ballot("b", "P1", weight=1e308), Ballot("c", "P2", weight=1.0)]
    assert weighted(too_much, ("P1", "P2")) == ("P1", "most weight (P1 1e+300, P2 1)")
