"""Counting who was right: every run once, on one scale, and no rule over runs that it has no value of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.casefile import SEVERITIES
from sre_runner.testing.accuracy import CONCLUDED, Accuracy, Judged, accuracy, off

RULES = ("majority", "median", "judge", "model")
severities = st.sampled_from(SEVERITIES)
values = st.dictionaries(st.sampled_from(RULES), st.none() | severities, min_size=1)


@st.composite
def judged(draw: st.DrawFn) -> Judged:
    given = draw(values)
    return Judged("a run", draw(severities), given, draw(st.sampled_from(sorted(given))))


@pytest.mark.parametrize(
    ("value", "truth", "stands"),
    [
        ("P1", "P1", "right"),
        ("P2", "P1", "under_triaged"),
        ("P4", "P3", "under_triaged"),
        ("P1", "P4", "over_triaged"),
        (None, "P4", "no_verdict"),
        ("severe", "P4", "no_verdict"),
    ],
)
def test_how_a_value_stands_to_the_truth(value: str | None, truth: str, stands: str) -> None:
    assert off(value, truth, SEVERITIES) == stands


def test_options_say_what_is_severe() -> None:
    assert off("yes", "no", ("yes", "no")) == "over_triaged"
    assert off("yes", "no", ("no", "yes")) == "under_triaged"


def test_a_truth_that_is_no_option_is_refused() -> None:
    with pytest.raises(ValueError, match="not in"):
        off("P1", "P0", SEVERITIES)


@given(st.lists(judged(), max_size=5))
def test_every_run_is_counted_once_where_there_is_a_value_of_it(runs: list[Judged]) -> None:
    counted = accuracy(runs, SEVERITIES)
    assert counted[CONCLUDED].runs == counted[CONCLUDED].decided == len(runs)
    for name, each in counted.items():
        if name != CONCLUDED:
            assert each.runs == sum(name in run.values for run in runs)
            assert each.decided == sum(run.decided == name for run in runs)
    assert sum(each.decided for name, each in counted.items() if name != CONCLUDED) == len(runs)


@given(st.lists(judged(), min_size=1, max_size=5))
def test_the_order_of_runs_means_nothing(runs: list[Judged]) -> None:
    assert accuracy(runs, SEVERITIES) == accuracy(runs[::-1], SEVERITIES)


@given(severities, severities)
def test_turned_round_under_is_over(one: str, other: str) -> None:
    turned = {"under_triaged": "over_triaged", "over_triaged": "under_triaged", "right": "right"}
    assert turned[off(one, other, SEVERITIES)] == off(other, one, SEVERITIES)
    assert turned[off(one, other, SEVERITIES)] == off(one, other, SEVERITIES[::-1])


def test_rules_go_first_then_judge_and_model() -> None:
    alone = Judged("a", "P1", {"model": "P1"}, "model")
    team = Judged("b", "P2", {"majority": "P1", "median": "P3", "model": None, "judge": "P2"}, "judge")
    assert accuracy([alone, team], SEVERITIES) == {
        "majority": Accuracy(over_triaged=1),
        "median": Accuracy(under_triaged=1),
        "judge": Accuracy(right=1, decided=1),
        "model": Accuracy(right=1, no_verdict=1, decided=1),
        CONCLUDED: Accuracy(right=2, decided=2),
    }
    assert list(accuracy([alone, team], SEVERITIES)) == ["majority", "median", "judge", "model", CONCLUDED]
