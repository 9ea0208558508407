"""Derived values: they count where their inputs were seen and plain arithmetic makes them of these."""

import pytest

from sre_runner.casefile import Derived
from sre_runner.coordination.claims.marks import unseen
from sre_runner.coordination.claims.seen import Index, Seen

TEXT = "47 restarts, 12 restarts; 14:03:10 to 14:23; 23:55:00, 00:05:00; 200 of 800 requests; 1.5M, 512Mi, pod api-1"
TEXT += "; 2026-11-22, 2026-11-21"


def lost(statement: str, value: str, *of: str) -> list[str]:
    return [mark.text for mark in unseen(statement, Seen([Index(TEXT)]), [Derived(value, of)])]


@pytest.mark.parametrize(
    ("value", "of"),
    [
        ("59", ("47", "12")),
        ("35", ("47", "12")),
        ("564", ("47", "12")),
        ("29.5", ("47", "12")),
        ("3.9x", ("47", "12")),
        ("588", ("800", "200", "12")),
        ("20m", ("14:03:10", "14:23")),
        ("25%", ("200", "800")),
        ("75 %", ("200", "800")),
        ("19m50s", ("14:03:10", "14:23")),
        ("19 minutes", ("14:03:10", "14:23")),
        ("20 minutes", ("14:03:10", "14:23")),
        ("10 minutes", ("23:55:00", "00:05:00")),
        ("20 minutes", ("2026-11-22T14:03:10Z", "14:23 on 2026-11-22")),
        ("24 hours", ("2026-11-22 14:23", "2026-11-21 14:23")),
    ],
)
def test_what_plain_arithmetic_makes_is_derived(value: str, of: tuple[str, ...]) -> None:
    assert lost(f"It came to {value} in all", value, *of) == []


@pytest.mark.parametrize(
    ("value", "of"),
    [
        ("60", ("47", "12")),
        ("59", ("48", "11")),
        ("59", ()),
        ("26%", ("200", "800")),
        ("25 minutes", ("14:03:10", "14:23")),
        ("59", tuple(["47"] * 51)),
    ],
)
def test_what_arithmetic_does_not_make_or_nobody_saw_is_not(value: str, of: tuple[str, ...]) -> None:
    assert lost(f"It came to {value} in all", value, *of) == [value]


def test_only_the_value_that_is_named_is_derived() -> None:
    assert lost("59 restarts of 61", "59", "47", "12") == ["61"]


def test_inputs_of_other_units_have_to_be_seen_and_no_more() -> None:
    assert lost("It came to 3 GiB", "3 GiB", "512Mi", "pod api-1") == []
    assert lost("It came to 3 GiB", "3 GiB", "513Mi", "pod api-1") == ["3 GiB"]
