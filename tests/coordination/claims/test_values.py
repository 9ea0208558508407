"""Which words of a statement are values: numbers with units, times, versions and names; and which are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.coordination.claims.values import values


def kinds(text: str) -> list[tuple[str, str]]:
    return [(value.kind, value.text) for value in values(text)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("It restarted 47 times.", "number", "47 times"),
        ("47 restarts", "number", "47"),
        ("heap at 97%", "number", "97%"),
        ("an error rate of 4.7 %", "number", "4.7 %"),
        ("a limit of 512Mi", "number", "512Mi"),
        ("a limit of 512 MiB", "number", "512 MiB"),
        ("2,100,000 rows", "number", "2,100,000"),
        ("2.1M rows", "number", "2.1M"),
        ("p99 is 850 ms", "number", "850 ms"),
        ("exit code 137.", "number", "137"),
        ("since 14:23 the", "time", "14:23"),
        ("at 14:23:01.5Z,", "time", "14:23:01.5"),
        ("at 2 pm", "time", "2 pm"),
        ("on 2026-11-22", "date", "2026-11-22"),
        ("on Nov 22, it", "date", "Nov 22"),
        ("for 1h30m", "duration", "1h30m"),
        ("release v2.3.1 did", "version", "v2.3.1"),
        ("at 10.0.0.7:5432 it", "address", "10.0.0.7:5432"),
        ("pod payment-gw-def34 died", "name", "payment-gw-def34"),
        ("pod `checkout` died", "name", "checkout"),
        ("node ip-10-0-0-1 is full", "name", "ip-10-0-0-1"),
        ("transaction tx-def456", "name", "tx-def456"),
        ("namespace payments has", "name", "payments"),
        ("image shop/api:2.3 is", "image", "shop/api:2.3"),
        ("commit 3f2a9bc1 broke", "hash", "3f2a9bc1"),
        ("as /var/lib/data is full", "path", "/var/lib/data"),
        ("host db.shop.example is", "host", "db.shop.example"),
        ("LEDGER_URL is not set", "variable", "LEDGER_URL"),
    ],
)
def test_a_value_and_its_kind(text: str, kind: str, value: str) -> None:
    assert (kind, value) in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "Three pods died, and both nodes are full.",
        "P1, as p99 rose (k8s-expert/f2, c4)",
        "It is read/write, and/or up-to-date.",
        "e.g. the TLSv1.2 handshake over HTTP/1.1",
        "a well-known out-of-memory failure of the JVM",
        "",
    ],
)
def test_words_that_are_no_values(text: str) -> None:
    assert kinds(text) == []


def test_a_range_has_two_values() -> None:
    assert kinds("between 14:23-14:31, 5-10 pods") == [
        ("time", "14:23"), ("time", "14:31"), ("number", "5"), ("number", "10"),
    ]  # fmt: skip


def test_colours_are_no_values() -> None:
    assert kinds("\x1b[31m47\x1b[0m restarts") == [("number", "47")]


@given(st.text())
def test_a_value_says_where_it_stands(text: str) -> None:
    place = 0
    for value in values(text):
        assert place <= value.start < value.end <= len(text)
        assert text[value.start : value.end] == value.text
        assert value.forms
        place = value.end


@given(st.text(st.sampled_from("0123456789.,:-/%kMmGi hpsx@"), max_size=40))
def test_whatever_numbers_are_written_nothing_breaks(text: str) -> None:
    assert all(value.forms for value in values(text))
