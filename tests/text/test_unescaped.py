from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sre_runner.text.masking import _BACKSLASHES, _BREAKS, _without_backslashes, _without_breaks
from sre_runner.text.unescaped import View, Without, unescaped

MEANINGS = {
    "\\u0041": "A",
    "\\\\u00e9": "é",
    "\\ud83d\\ude00": "😀",
    "\\u0041\\u200b\\u0042": "AB",
    "\\U0001f600": "😀",
    "\\u{e9}": "é",
    "\\xc3\\xa9": "é",
    "\\xe9": "é",
    "\\x1b[31m": "",
    "\\u200b": "",
    "\ufe0f": "",
    "%41": "A",
    "%c3%a9%42": "éB",
    "&lt;": "<",
    "&#233;": "é",
    "&#xe9;": "é",
    "&unknown;": "&unknown;",
    "%": "%",
    "\\n": "\\n",
    "é ": "é ",
}
_OTHERS = (
    *("\\", "\\\\", "\\ud83d", "\\ude00", "\\xc3", "%C3", "%25", "&amp;", "&#0;", "\\U99999999", "&notit;"),
    *(" ", "\n", "n", "r", "t", "\t", "41", "a", "[31m", "u0041", "x41"),
)
PIECES = st.sampled_from((*MEANINGS, *_OTHERS))
TEXTS = st.lists(PIECES, max_size=30).map("".join)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a%2Fb%c3%A9%e2%82%AC%F0%9f%98%80", "a/bé€😀"),
        ("%ff%41%", "ÿA%"),
        ("&lt;&#39;&#x2F;&quot;&AMP;&unknown;&lt", "<'/\"&&unknown;&lt"),
        ("\\u0041\\\\u00e9\\ud83d\\ude00\\U0001F600\\u{1f600}", "Aé😀😀😀"),
        ("\\x41\\xc3\\xa9 \\xe9 \\\\x41", "Aé é A"),
        ("a\\x1b[31mb\\u001b[0mc\\033[1;2md\\e[Ke", "abcde"),
        ("a\\u200bb\\ufeffc\\xadd\ufe0fe", "abcde"),
        ("%2541 &amp;lt; %26lt; %5Cu0041 \\u0025\\u0034\\u0031", "A < < A A"),
        ("C:\\new\\table 100% &c. a&b;c", "C:\\new\\table 100% &c. a&b;c"),
    ],
)
def test_escapes_are_undone(text: str, read: str) -> None:
    assert unescaped(View(text)).text == read


def test_text_without_escapes_is_the_view_itself() -> None:
    view = View("100% of C:\\x & y")
    assert unescaped(view) is view


@settings(max_examples=300)
@given(st.lists(st.sampled_from(sorted(MEANINGS)), min_size=1))
def test_every_character_knows_where_it_was_written(written: list[str]) -> None:
    view = unescaped(View(".".join(written) + "."))
    assert view.text == ".".join(MEANINGS[each] for each in written) + "."
    read, begin = 0, 0
    for each in written:
        meaning = MEANINGS[each]
        if meaning and "200b" not in each:
            assert view.source(read, read + len(meaning)) == (begin, begin + len(each))
        read, begin = read + len(meaning) + 1, begin + len(each) + 1
        assert view.source(read - 1, read) == (begin - 1, begin)
    assert unescaped(View("-%41%c3%a9%42%43")).source(2, 4) == (4, 13)
    assert unescaped(View("\\u0041\\u200b\\ud83d\\ude00\\u0042")).source(1, 2) == (12, 24)
    assert unescaped(View("%2541%2542")).source(1, 2) == (5, 10)


@settings(max_examples=300)
@given(TEXTS)
def test_places_are_in_order_whatever_the_text(text: str) -> None:
    view = unescaped(View(text))
    places = [view.source(at, at + 1) for at in range(len(view.text))]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)


@settings(max_examples=300)
@given(TEXTS)
def test_what_is_left_out_quickly_is_what_the_pattern_leaves_out(text: str) -> None:
    for quick, pattern in ((_without_backslashes, _BACKSLASHES), (_without_breaks, _BREAKS)):
        view = quick(View(text))
        assert view.text == Without(View(text), pattern).text
        assert "".join(text[slice(*view.source(at, at + 1))] for at in range(len(view.text))) == view.text
