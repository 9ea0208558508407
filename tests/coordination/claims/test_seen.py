"""Whether a value stands in a text: what may be written otherwise, and what may not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.casefile import Case
from sre_runner.coordination.claims.marks import unseen
from sre_runner.coordination.claims.seen import Index, Seen, case_index
from sre_runner.coordination.claims.values import values


def lost(statement: str, *texts: str) -> list[str]:
    return [mark.text for mark in unseen(statement, Seen(map(Index, texts)))]


SAME = [
    ("47 restarts", '{"restarts": 47}'),
    ("47 restarts", "RESTARTS\n47 (3m ago)"),
    ("4.7 %", '{"error_rate": 4.7}'),
    ("4.7%", "rate 4.7 percent"),
    ("4.70", "4.7"),
    ("since 14:23", "14:23:01 ERROR"),
    ("at 14:23", "2026-11-22T14:23:01.123Z"),
    ("at 2:23 pm", "14:23:01"),
    ("on Nov 22", "2026-11-22T14:23:01Z"),
    ("on 2026-11-22", "Nov 22 14:23:01 host"),
    ("2.1M rows", '{"rows": 2100000}'),
    ("2,100,000 rows", "2100000 rows"),
    ("2,100,000 rows", "Loading 2.1M rows"),
    ("2100000 rows", "2,100,000 rows"),
    ("512 MiB", "memory: 512Mi"),
    ("512MB", "memory: 512 mb"),
    ("30 seconds", "timeout 30s"),
    ("30 s", '{"timeout_seconds": 30}'),
    ("250 ms", '{"p99_ms": 250}'),
    ("release v2.3.1", '{"version": "2.3.1"}'),
    ("release 2.3.1", "image api:v2.3.1"),
    ("image shop/api:2.3", "image: registry.example/shop/api:2.3"),
    ("path /var/lib/data", "df: /var/lib/data/"),
    ("path /var/lib/data", '"mount": "\\/var\\/lib\\/data"'),
    ("exit code 137", "Exit Code:    137"),
    ("pod api-7f9c-x2", '["api-7f9c-x2"]'),
    ("LEDGER_URL", "variable LEDGER_URL=x"),
    ("1,5 pods", "1\n5"),
    ("47 restarts", "\x1b[31m47\x1b[0m"),
    ("pod api-1", '"\\u0061pi-1"'),
    ("47 restarts", "".join(f"{chr(code)}47" for code in range(0x2010, 0x2030))),
    ("2,100,000 rows", "2\u202f100\u202f000 rows"),
]

OTHERS = [
    ("48 restarts", '{"restarts": 47}'),
    ("4 restarts", '{"restarts": 47}'),
    ("47 restarts", '{"restarts": 147}'),
    ("47 restarts", "4.47"),
    ("48 restarts", "14:48:01 and 48:14"),
    ("5.7 %", '{"error_rate": 4.7}'),
    ("14:24", "14:23:59"),
    ("14:23:02", "14:23:01"),
    ("2:23 am", "14:23"),
    ("Nov 23", "2026-11-22"),
    ("2.2M rows", "2100000"),
    ("512 GiB", "memory: 512Mi"),
    ("1 GiB", "1024Mi"),
    ("30 ms", "timeout 30s"),
    ("30 ms", '{"timeout_seconds": 30}'),
    ("2 GiB", "2. Raise the limit"),
    ("v2.3.2", "v2.3.1"),
    ("v2.3", "v2.3.1"),
    ("pod payment-gw-def35", "payment-gw-def34"),
    ("pod payment-gw-def3", "payment-gw-def34"),
    ("image shop/api:2.4", "shop/api:2.3"),
    ("path /var/lib/date", "/var/lib/data"),
    ("host db.shop.example", "db.shop.example.org"),
    ("10.0.0.7", "10.0.0.70"),
    ("LEDGER_URI", "LEDGER_URL"),
]

LOOK_ALIKES = [
    ("47 restarts", "4\\u200b7"),
    ("47 restarts", "4\\u00107"),
    ("47 restarts", "4\u200b7"),
    ("47 restarts", "\u0664\u0667"),
    ("47 restarts", "\uff14\uff17"),
    ("pod api-7f9c", "\u0430pi-7f9c"),
    ("pod api-7f9c", "api-7f9c\u202e"),
]


@pytest.mark.parametrize(("statement", "text"), SAME)
def test_the_same_value_is_seen_however_it_is_written(statement: str, text: str) -> None:
    assert lost(statement, text) == []


@pytest.mark.parametrize(("statement", "text"), [*OTHERS, *LOOK_ALIKES])
def test_another_value_is_not_seen(statement: str, text: str) -> None:
    assert len(lost(statement, text)) == 1


def test_arguments_show_names_and_no_figures() -> None:
    asked = Index('{"pod": "payment-gw-def34", "tail": 48}', names_only=True)
    assert [mark.text for mark in unseen("pod payment-gw-def34 has 48 restarts", Seen([asked]))] == ["48"]


def test_the_case_is_seen_by_all() -> None:
    case = Case("restart at 14:23", {"service": "shop-api-1"}, "2026-11-22T14:30:00Z", None, {"value": 97.5})
    assert unseen("pod shop-api-1, 97.5 %, since 14:23 on Nov 22", Seen([case_index(case)])) == ()


def test_a_number_in_very_many_places_may_have_any_unit() -> None:
    assert lost("30 GiB", "30 ms, " * 600) == []
    assert lost("30 GiB", "30 ms, " * 6) == ["30 GiB"]


word = st.text(st.sampled_from("aZ09.-_:/, \n%MiT"), max_size=24)


@given(word, st.lists(word, max_size=4), st.data())
def test_without_an_answer_no_more_is_seen(statement: str, texts: list[str], data: st.DataObject) -> None:
    fewer = data.draw(st.lists(st.sampled_from(texts), unique=True)) if texts else []
    assert {*unseen(statement, Seen(map(Index, texts)))} <= {*unseen(statement, Seen(map(Index, fewer)))}


line = st.lists(
    st.sampled_from(
        ["47", "4.7 %", "512Mi", "2,100,000", "14:23:01", "2026-11-22", "v2.3.1", "10.0.0.7:5432", "payment-gw-def34",
         "shop/api:2.3", "3f2a9bc1", "/var/lib/data", "db.shop.example", "LEDGER_URL", "1h30m", "error", "was", "and",
         "restarts", "850 ms", "namespace payments", "Nov 22", "5-10", "(3m ago)", '"name":', "="]
    ),
    min_size=1,
    max_size=12,
)  # fmt: skip


@given(line, st.text(st.sampled_from("ab \n\"'{}"), max_size=9), st.data())
def test_a_statement_of_nothing_but_quoted_text_is_never_marked(
    words: list[str], rest: str, data: st.DataObject
) -> None:
    text = " ".join(words)
    first = data.draw(st.integers(0, len(words) - 1))
    part = " ".join(words[first : data.draw(st.integers(first + 1, len(words)))])
    assert lost(part, f"{rest} {text} {rest}") == []
    assert lost(f"It says “{part}”.", json.dumps({"log": f"{rest} {text} {rest}"})) == []


@given(st.text(), st.text())
def test_whatever_a_text_has_nothing_breaks(statement: str, text: str) -> None:
    assert len(lost(statement, text)) <= len(list(values(statement)))
