"""Patterns and formats of texts."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.documents.json_schema.string_rules import FORMATS, MOST_PATTERN, has_format, matches, pattern_problem


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("^[a-z]+$", "abc", True),
        ("^[a-z]+$", "abc\n", False),  # Python's `$` would take it
        ("^\\d+$", "٣", False),  # ECMA-262 has ASCII digits alone
        ("b", "abc", True),
        (r"^\u00e9\u{1F600}$", "é😀", True),
        (r"^\\u00e9$", r"\u00e9", True),
        ("(?<year>[0-9]{4})/", "2026/11", True),
        (r"^\/\p{L}+$", "/é", True),
        ("a", "\ud800a", True),
    ],
)
def test_patterns(pattern: str, text: str, found: bool) -> None:
    assert pattern_problem(pattern) == ""
    assert matches(pattern, text) is found


@pytest.mark.parametrize("pattern", ["(?=a)", r"(a)\1", "(", "a{1001}", "a" * (MOST_PATTERN + 1), r"\cA"])
def test_patterns_that_cannot_be_used(pattern: str) -> None:
    assert pattern_problem(pattern)
    assert len(pattern_problem(pattern)) < 200


def test_a_pattern_that_cannot_be_used_matches_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert not matches("(?=a)", "a")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("pattern", ["(a+)+$", "^(a|a)*$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_no_pattern_hangs(pattern: str) -> None:
    begun = time.process_time()
    assert not matches(pattern, "a" * 1_000_000 + "!")
    assert time.process_time() - begun < 5  # by backtracking: years


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("date-time", "2026-11-30T23:06:00.5+01:00", "2026-11-30 2026-02-30T00:00:00Z 2026-11-30T00:00:00+25:00"),
        ("date", "2026-11-30", "2026-13-01 20261130 26-11-30"),
        ("time", "23:06:00Z", "23:06:00 23:60:00Z 2306"),
        ("duration", "PT5M P1DT12H P2W P1Y", "P PT 5m P1S"),
        ("email", "oncall@example.com", "oncall @example.com a@b@"),
        ("hostname", "db-1.example.com localhost", "-a a..b a_b " + "a" * 64),
        ("ipv4", "10.0.0.1", "10.0.0 256.0.0.1 10.0.0.01"),
        ("ipv6", "::1 fe80::1", "::g fe80::1%eth0"),
        ("uri", "https://example.com/a?b urn:x", "example.com /a http://[ a:b|c"),
        ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567"),
        ("regex", "^a$", "("),
    ],
)  # fmt: skip
def test_formats(name: str, good: str, bad: str) -> None:
    assert [text for text in good.split() if not has_format(name, text)] == []
    assert [text for text in bad.split() if has_format(name, text)] == []


def test_a_format_that_is_not_checked_takes_every_text() -> None:
    assert has_format("password", "")


@given(st.sampled_from([*FORMATS]), st.text())
def test_no_text_is_too_much_for_a_format(name: str, text: str) -> None:
    assert has_format(name, text) in (True, False)


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_pattern_is_too_much(pattern: str, text: str) -> None:
    assert isinstance(matches(pattern, text), bool)
    assert isinstance(pattern_problem(pattern), str)
