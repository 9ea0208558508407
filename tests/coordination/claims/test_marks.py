"""Marks at the values that were not seen, where they stand."""

from hypothesis import given
from hypothesis import strategies as st

from sre_runner.casefile import Unseen
from sre_runner.coordination.claims.marks import marked, unseen
from sre_runner.coordination.claims.seen import Index, Seen

SEEN = Seen([Index("47 restarts of payment-gw-def34")])


def test_a_value_is_marked_where_it_stands() -> None:
    text = "48 restarts of payment-gw-def35, and 47 of 48."
    marks = unseen(text, SEEN)
    assert marks == (Unseen(0, 2, "48"), Unseen(15, 31, "payment-gw-def35"), Unseen(43, 45, "48"))
    assert marked(text, marks) == ("48 (not seen) restarts of payment-gw-def35 (not seen), and 47 of 48 (not seen).")


def test_what_was_seen_is_shown_as_it_is() -> None:
    assert marked("47 restarts", unseen("47 restarts", SEEN)) == "47 restarts"


def test_marks_of_another_text_are_left_out() -> None:
    assert marked("47 restarts", [Unseen(0, 2, "48"), Unseen(90, 92, "47")]) == "47 restarts"


@given(st.text(st.sampled_from("4738 .:%-ab"), max_size=40), st.data())
def test_the_order_of_marks_does_not_matter(text: str, data: st.DataObject) -> None:
    marks = unseen(text, SEEN)
    shown = marked(text, marks)
    assert marked(text, data.draw(st.permutations(marks))) == shown
    assert shown.replace(" (not seen)", "") == text
    assert shown.count(" (not seen)") == len(marks)
