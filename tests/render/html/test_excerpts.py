from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from sre_runner.render.html.excerpts import Mark, Piece, excerpt, level, limits, merged

TEXTS = st.text(st.sampled_from("ab <&\n漢"), max_size=6_000)
SPANS = st.tuples(st.integers(0, 5_999), st.integers(1, 400))


@st.composite
def quoted(draw: st.DrawFn) -> tuple[str, list[Mark]]:
    text = draw(TEXTS)
    spans = [
        (begin, min(begin + size, len(text))) for begin, size in draw(st.lists(SPANS, max_size=5)) if begin < len(text)
    ]
    return text, merged(Mark(span, (f"q{number}",)) for number, span in enumerate(spans))


@given(quoted(), st.integers(0, 7_000))
def test_pieces_are_the_text_in_order_with_every_quote_and_what_is_cut_is_counted(
    given_: tuple[str, list[Mark]], limit: int
) -> None:
    text, marks = given_
    pieces = excerpt(text, marks, limit)
    place = 0
    for piece in pieces:
        assert text[place:].startswith(piece.text)
        place += piece.count if piece.kind == "cut" else len(piece.text)
    assert place == len(text)
    marked = [(piece.text, piece.ids) for piece in pieces if piece.kind == "mark"]
    assert marked == [(text[slice(*mark.span)], mark.ids) for mark in marks]
    shown = sum(len(piece.text) for piece in pieces)
    assert shown <= max(limit, sum(mark.span[1] - mark.span[0] for mark in marks)) + 200 * (2 * len(marks) + 2)


def test_a_quote_is_open_with_what_is_around_it_and_the_rest_is_folded() -> None:
    text = "a" * 5_000 + "quote" + "b" * 5_000
    pieces = excerpt(text, [Mark((5_000, 5_005), ("q",))], 20_000)
    assert [(piece.kind, len(piece.text)) for piece in pieces] == [
        ("fold", 3_500),
        ("open", 1_500),
        ("mark", 5),
        ("open", 1_500),
        ("fold", 3_500),
    ]


def test_quotes_across_each_other_become_one_mark_with_both_names() -> None:
    marks = merged([Mark((5, 9), ("b",)), Mark((0, 6), ("a",)), Mark((9, 12), ("c",))])
    assert marks == [Mark((0, 9), ("a", "b")), Mark((9, 12), ("c",))]
    assert excerpt("0123456789ab", marks, 100) == [Piece("mark", "012345678", ("a", "b")), Piece("mark", "9ab", ("c",))]


@given(st.lists(st.integers(0, 1_000), max_size=20), st.integers(0, 5_000))
def test_what_is_levelled_has_room(sizes: list[int], room: int) -> None:
    most = level(sizes, room)
    assert sum(min(size, most) for size in sizes) <= room or not sizes
    if sizes and most < max(sizes):
        assert sum(min(size, most + 1) for size in sizes) > room


@given(
    st.dictionaries(st.integers(0, 30), st.text(st.sampled_from("a<漢"), max_size=300), max_size=20),
    st.integers(0, 9_000),
)
def test_answers_take_no_more_bytes_than_there_is_room(texts: dict[int, str], room: int) -> None:
    allowed = limits(texts, [number for number in texts if number % 3 == 0], room)
    assert set(allowed) == set(texts)
    assert all(0 <= allowed[number] <= len(text) for number, text in texts.items())
    # Characters are not of the same size; of those that are, no more bytes are taken.
    even = {number: text for number, text in texts.items() if len(set(text)) <= 1}
    taken = sum(len(escape(text[: allowed[number]]).encode()) for number, text in even.items())
    assert taken <= room
