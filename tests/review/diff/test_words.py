"""Words that are gone and new, whatever the texts are."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.review.diff.words import MOST_OF_ALL, MOST_PAIRS, same_words, word_diff

TEXTS = st.text(alphabet="ab \n\t.é", max_size=60)


@given(TEXTS, TEXTS)
def test_both_texts_are_in_the_pieces(before: str, after: str) -> None:
    pieces = word_diff(before, after)
    for text, gone in ((before, "+"), (after, "-")):
        assert " ".join(piece for kind, piece in pieces if kind != gone).split() == text.split()
    assert all(one[0] != other[0] for one, other in pairwise(pieces))
    assert all(piece for _, piece in pieces)


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert all(kind == "=" for kind, _ in word_diff(text, text))
    assert same_words(text, f"\n{text.replace(' ', '  ')} ")


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("one two three", "one three", (("=", "one"), ("-", "two"), ("=", "three"))),
        ("", "new words", (("+", "new words"),)),
        ("a\nb\nc", "a\nx\nc", (("=", "a\n"), ("-", "b"), ("+", "x"), ("=", "\nc"))),
    ],
)
def test_words_are_told(before: str, after: str, pieces: tuple[tuple[str, str], ...]) -> None:
    assert word_diff(before, after) == pieces


def test_texts_of_very_many_words_are_compared_as_a_whole() -> None:
    one, other = ("\n".join(f"{word}{number}" for number in range(600)) for word in "ab")
    assert MOST_PAIRS < 600 * 600
    pieces = word_diff(f"head\n{one}\ntail", f"head\n{other}\ntail")
    assert [kind for kind, _ in pieces] == ["=", "-", "+", "="]


def test_the_time_for_all_lines_together_is_bounded() -> None:
    def text(words: str) -> str:
        return "\n".join(f"line {number}\n{words}" for number in range(20))

    pieces = word_diff(text("x " * 200 + "same"), text("same " + "y " * 200))
    assert 20 * 201 * 201 > MOST_OF_ALL > 201 * 201
    kinds = [kind for kind, piece in pieces if piece.strip() == "same"]
    assert 0 < len(kinds) < 20
    assert set(kinds) == {"="}
