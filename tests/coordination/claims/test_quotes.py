"""Whether a quote tells: a whole line, a whole member, or enough of a line; and nothing that stands anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.coordination.claims.quotes import CUT, MOST_OFTEN, TOO_COMMON, TOO_SHORT, Weighing, Weight

PODS = '{"pods": [{"name": "payment-gw-def34", "restarts": 47, "message": "no errors found"}], "ready": "1/2"}'
LOG = """\
14:23:01 ERROR OutOfMemoryError: Java heap space
level=error msg=refused code=137
State:  Running
OK
restart count is 47 now, 1,470 in all"""


def tells(quote: str, answer: str) -> str:
    return Weighing(answer).weigh(quote).reason


@pytest.mark.parametrize(
    "quote",
    [
        '"restarts": 47',
        '"restarts":47',
        '"restarts":  47}',
        '"name": "payment-gw-def34"',
        '{"name": "payment-gw-def34", "restarts": 47',
        'payment-gw-def34", "restarts": 47',
    ],
)
def test_a_whole_member_tells(quote: str) -> None:
    assert tells(quote, PODS) == ""


@pytest.mark.parametrize(
    "quote",
    ["14:23:01 ERROR OutOfMemoryError: Java heap space", "OutOfMemoryError: Java", "level=error", "code=137",
     "State:  Running", "State: Running", "restart count is 47", "\x1b[31mState:  Running\x1b[0m"],
)  # fmt: skip
def test_a_line_a_pair_or_enough_of_a_line_tells(quote: str) -> None:
    assert tells(quote, LOG) == ""


@pytest.mark.parametrize(
    ("quote", "answer"),
    [
        ("e", LOG),
        ("", LOG),
        ("::", LOG),
        ("error", LOG),
        ("ERROR", LOG),
        ("OK", LOG),
        ("137", LOG),
        ("47", PODS),
        ('"1/2"', PODS),
        ('"name":', PODS),
        ('"message"', PODS),
        ("OutOfMemoryError", LOG),
        ('"PodCrashLoopBackOff"', '["PodCrashLoopBackOff"]'),
        ("level: no", "level: no error at all, none"),
    ],
)
def test_what_could_stand_anywhere_is_too_short_to_tell(quote: str, answer: str) -> None:
    assert tells(quote, answer) == TOO_SHORT


@pytest.mark.parametrize(
    ("quote", "answer"),
    [
        ('"restarts": 4', PODS),
        ('"name": "payment', PODS),
        ('"message": "no', PODS),
        ("code=13", LOG),
        ("restart count is 4", LOG),
        ("7 now, 1,470 in all", LOG),
        ("470 in all the pods", "1,470 in all the pods"),
    ],
)
def test_a_number_that_is_cut_says_something_else(quote: str, answer: str) -> None:
    assert tells(quote, answer) in (CUT, TOO_SHORT)
    assert tells(quote, answer)


def test_a_whole_value_elsewhere_in_the_answer_makes_a_quote_whole() -> None:
    assert tells('"restarts": 4', '{"restarts": 4}, {"restarts": 47}') == ""


def test_json_within_a_string_is_whole_in_its_own_layout() -> None:
    assert tells('"code": 137', '"{\\"code\\":137}"') == ""


def test_the_one_word_of_an_answer_is_a_whole_line() -> None:
    assert tells("OK", "OK\n") == ""
    assert tells("OK", "OK\nagain") == TOO_SHORT


def test_a_part_that_stands_all_over_the_answer_is_too_common() -> None:
    part = "GET /health HTTP/1.1"
    often = "\n".join(f"10.0.0.{number} {part} 200" for number in range(MOST_OFTEN + 1))
    assert tells(part, often) == TOO_COMMON
    assert tells(f"10.0.0.7 {part} 200", often) == ""


def test_the_record_says_how_long_a_quote_is_and_how_often_it_stands() -> None:
    assert Weighing("error, and\nerror").weigh(" error  ") == Weight(5, 2, TOO_SHORT)
    assert Weighing("x").weigh("") == Weight(0, 0, TOO_SHORT)


line = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=6, max_size=60).filter(
    lambda text: any(each.isalnum() for each in text) and len(" ".join(text.split())) >= 6
)


@given(st.lists(line, min_size=1, max_size=8), st.data())
def test_every_whole_line_tells(lines: list[str], data: st.DataObject) -> None:
    assert tells(data.draw(st.sampled_from(lines)), "\n".join(lines)) == ""


@given(st.text(max_size=5), st.text())
def test_five_characters_of_a_longer_line_tell_only_as_a_pair(quote: str, text: str) -> None:
    longer = f"{text}{quote} and more that goes on\nanother line"
    assert tells(quote, longer) or ":" in quote or "=" in quote


@given(st.text(), st.text())
def test_whatever_is_quoted_nothing_breaks(quote: str, answer: str) -> None:
    assert Weighing(answer).weigh(quote).length <= len(quote)
