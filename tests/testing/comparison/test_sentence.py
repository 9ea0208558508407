"""The sentence follows from the figures: every number in it is theirs, and what does not differ is called the same."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.testing.comparison.figures import Figures
from sre_runner.testing.comparison.sentence import ABOUT, Relation, relation, what_it_buys
from sre_runner.testing.comparison.sides import MEASURES, Side, Spread, spread

RUN = Figures(
    run="r",
    rehearsal=False,
    status="complete",
    verdicts={"severity": "P1"},
    met=4,
    expected=4,
    verified=10,
    findings=10,
    tools=("a", "b"),
    model_calls=10,
    calls_in_a_row=10,
    tool_calls=12,
    tokens=20_000,
    cached_tokens=5_000,
    usd=0.1,
    critical_seconds=9.0,
    seconds=10.0,
)
PLAIN = (
    "Beside one, two takes the same wall time, for the same tokens and the same cost, and comes to the same verdict "
    "(severity P1); it covers as many tools, and as large a share of findings verified and of expectations met."
)


def side(name: str, *changes: dict[str, Any]) -> Side:
    return Side(name, f"{name}.yaml", {}, "d", tuple(replace(RUN, **change) for change in changes))


def sentence(one: list[dict[str, Any]], two: list[dict[str, Any]]) -> str:
    return what_it_buys(side("one", *one), side("two", *two))


def test_where_nothing_differs_that_is_said() -> None:
    assert sentence([{}], [{}]) == PLAIN
    assert sentence([{}, {}], [{}]) == PLAIN


@pytest.mark.parametrize(
    ("one", "two", "said"),
    [
        ([{}], [{"seconds": 4.0}], "two takes 0.40 of the wall time, for"),
        ([{}], [{"seconds": 15.5}], "two takes 1.55 times the wall time, for"),
        ([{}], [{"seconds": 1234.0}], "two takes 123 times the wall time, for"),
        ([{}], [{"seconds": 0.01}], "two takes less than 0.01 of the wall time, for"),
        ([{}], [{"seconds": 10.9}], "two takes about the same wall time, for"),
        ([{}], [{"seconds": 9.2}], "two takes about the same wall time, for"),
        ([{"seconds": 8.0}, {"seconds": 30.0}], [{"seconds": 9.0}], "two takes no clearly different wall time, for"),
        ([{"seconds": 8.0}, {"seconds": 9.0}], [{"seconds": 20.0}], "two takes 2.35 times the wall time, for"),
        ([{}], [{"tokens": 60_000}], "for 3.00 times the tokens and the same cost, and"),
        ([{"tokens": 0}], [{}], "for tokens where one has none and the same cost, and"),
        ([{}], [{"usd": None}], "for the same tokens, and comes"),
        ([{"rehearsal": True}], [{"rehearsal": True}], "two waits for as many model calls in a row (10), for"),
        (
            [{"rehearsal": True}],
            [{"rehearsal": True, "calls_in_a_row": 5, "seconds": 99.0}],
            "two waits for 5 model calls in a row instead of 10, for",
        ),
        ([{}], [{"verdicts": {"severity": "P2"}}], "comes to severity P2 instead of P1; it"),
        ([{}], [{"verdicts": {"severity": None}}], "comes to severity (no verdict) instead of P1; it"),
        (
            [{}, {}, {}],
            [{}, {}, {"verdicts": {"severity": "P2"}}],
            "comes to severity P1 ×2, P2 ×1 instead of P1; it",  # noqa: RUF001
        ),
        (
            [{"verdicts": {"severity": "P1", "roll back": "yes"}}],
            [{"verdicts": {"severity": "P1", "roll back": "no"}}],
            "comes to severity P1 as well and roll back no instead of yes; it",
        ),
        (
            [{"verdicts": {"severity": "P1", "roll back": "yes"}}],
            [{"verdicts": {"severity": "P1", "roll back": "yes"}}],
            "comes to the same verdicts (severity P1, roll back yes); it",
        ),
        ([{"verdicts": {}}], [{}], "comes to verdicts on nothing that both decide; it"),
        ([{}], [{"tools": ("a", "b", "c")}], "; it covers 3 tools instead of 2."),
        (
            [{}, {"tools": ("a",) * 5}],
            [{"tools": ("a",) * 5}],
            "; it covers 5 tools instead of 3.5 (which may be chance).",
        ),
        ([{}], [{"verified": 9}], "; it has 9 of 10 findings verified instead of 10 of 10."),
        ([{}, {}], [{"met": 3}], "; it has 3 of 4 expectations met instead of 8 of 8."),
        (
            [{}],
            [{"met": 3, "verified": 9, "tools": ("a",)}],
            "; it covers 1 tool instead of 2, has 9 of 10 findings verified instead of 10 of 10 and "
            "has 3 of 4 expectations met instead of 4 of 4.",
        ),
        ([{"met": 0, "expected": 0}], [{}], "; it covers as many tools, and as large a share of findings verified."),
        (
            [{"met": 0, "expected": 0, "verified": 0, "findings": 0}],
            [{}],
            "; it covers as many tools.",
        ),
    ],
)
def test_what_differs_is_said(one: list[dict[str, Any]], two: list[dict[str, Any]], said: str) -> None:
    assert said in sentence(one, two)


def test_of_a_configuration_without_a_run_nothing_is_said() -> None:
    assert sentence([{}], []) == "No run of two came to its end, so that nothing can be said of it."
    assert sentence([], [{}]) == "No run of one came to its end, so that nothing can be said of it."


numbers = st.floats(0, 1e6, allow_nan=False).map(lambda value: round(value, 3))
spreads = st.lists(numbers, min_size=1, max_size=5).map(spread)
figures = st.builds(
    replace,
    st.just(RUN),
    verdicts=st.dictionaries(st.sampled_from(["severity", "rollback"]), st.sampled_from(["P1", "P2", None])),
    rehearsal=st.just(False),
    tools=st.lists(st.sampled_from("abcde"), unique=True).map(tuple),
    tokens=st.integers(0, 10**7),
    seconds=numbers,
    usd=st.none() | numbers,
    verified=st.integers(0, 5),
    findings=st.integers(5, 9),
    met=st.integers(0, 3),
    expected=st.sampled_from([0, 3]),
)
sides = st.builds(
    Side,
    st.just("a"),
    st.just("a.yaml"),
    st.just({}),
    st.just("d"),
    st.lists(figures, min_size=1, max_size=4).map(tuple),
)


@given(spreads, spreads)
def test_a_relation_is_the_same_the_other_way_round(one: Spread, two: Spread) -> None:
    found = relation(one, two)
    assert found is relation(two, one)
    assert relation(one, one) is Relation.SAME
    low, high = sorted((one.median, two.median))
    if found is Relation.OTHER:
        assert high >= low * ABOUT
        assert one.most < two.least or two.most < one.least
    if found is Relation.ABOUT:
        assert high <= low * ABOUT


@given(st.lists(numbers, min_size=1, max_size=6))
def test_a_median_lies_within_its_range(values: list[float]) -> None:
    found = spread(values)
    assert found
    assert found.least == min(values) <= found.median <= max(values) == found.most
    assert spread(reversed(values)) == found
    assert spread([]) is None


@given(sides)
def test_beside_itself_nothing_differs(one: Side) -> None:
    said = what_it_buys(one, replace(one, name="b"))
    assert "instead" not in said
    assert "times the" not in said
    assert " the same wall time, for the same tokens" in said


@given(sides, sides)
def test_the_ratio_that_is_said_is_that_of_the_medians(one: Side, two: Side) -> None:
    said = what_it_buys(one, replace(two, name="b"))
    assert said.endswith(".")
    assert "\n" not in said
    for measure, noun in (("seconds", "wall time"), ("tokens", "tokens"), ("usd", "cost")):
        told = re.search(rf" ([\d.,]+) (?:of|times) the {noun}", said)
        mine, theirs = one.spread(measure), two.spread(measure)
        if told and "less than" not in told[0]:
            assert mine
            assert theirs
            ratio = theirs.median / mine.median
            assert float(told[1].replace(",", "")) == pytest.approx(ratio, rel=0.05, abs=0.01)
            assert not 1 / ABOUT < ratio < ABOUT
        if f" about the same {noun}" in said:
            assert mine
            assert theirs
            assert max(mine.median, theirs.median) <= ABOUT * min(mine.median, theirs.median) + 1e-9


@given(sides)
def test_counts_and_totals_cover_every_run(one: Side) -> None:
    assert sum(one.statuses().values()) == len(one.runs)
    for vote in one.votes():
        assert sum(one.verdicts(vote).values()) == sum(vote in run.verdicts for run in one.runs)
    assert one.total("met") == sum(run.met for run in one.runs)
    for measure in MEASURES:
        found = one.spread(measure)
        assert (found is None) == (measure == "usd" and any(run.usd is None for run in one.runs))
