from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from sre_runner.render.escape import code_block, code_span, inline, paragraphs
from sre_runner.text.output import printable

# A reader with everything on that GitHub and rich have on: tables, strikethrough, raw HTML.
READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
MARKS = "#>-+=*_`~|[]()!<&;:\\ \n\t1.)ax\u202e\x1b/é@"
HOSTILE = (
    st.text(st.sampled_from(MARKS), max_size=40)
    | st.text(max_size=40)
    | st.lists(st.sampled_from([*MARKS, "https://", "www.", "a@b", "mailto:"]), max_size=12).map("".join)
)
TEXT_ONLY = {"text", "code_inline", "text_special", "softbreak", "hardbreak"}


def flat(text: str) -> str:
    return printable(" ".join(text.split()))


def words_of(tokens: list[Token]) -> str:
    return "".join(" " if t.type.endswith("break") else t.content for t in tokens)


@given(HOSTILE)
def test_inline_text_is_read_back_as_the_same_text_and_nothing_else(text: str) -> None:
    tokens = READER.parse(inline(text))
    assert [token.type for token in tokens] in ([], ["paragraph_open", "inline", "paragraph_close"])
    for token in tokens[1:2]:
        assert {child.type for child in token.children or ()} <= TEXT_ONLY
        assert words_of(token.children or []) == flat(text)
    assert bool(tokens) == bool(flat(text))


@pytest.mark.parametrize("lead", ["- ", "1. ", "- **x** ", "## x ", "> "])
@given(HOSTILE)
def test_inline_text_stays_text_wherever_it_stands(lead: str, text: str) -> None:
    plain = [token.type for token in READER.parse(lead + "word")]
    tokens = READER.parse(lead + "word " + inline(text))
    assert [token.type for token in tokens] == plain
    behind = [token.type for token in READER.parse(lead + "word")]
    assert [token.type for token in READER.parse(lead + (inline(text) or "word"))] == behind


@given(HOSTILE)
def test_a_cell_stays_one_cell(text: str) -> None:
    tokens = READER.parse(f"| a | b |\n|---|---|\n| {inline(text)} | x |\n\nafter")
    assert [token.type for token in tokens].count("td_open") == 2
    cells = [tokens[place + 1] for place, token in enumerate(tokens) if token.type == "td_open"]
    assert words_of(cells[0].children or []) == flat(text)


@given(HOSTILE)
def test_paragraphs_are_only_paragraphs(text: str) -> None:
    tokens = READER.parse(f"before\n\n{paragraphs(text)}\n\nafter")
    assert {token.type for token in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    read = [words_of(token.children or []) for token in tokens if token.type == "inline"]
    assert " ".join(read).split() == flat(f"before {text} after").split()


def test_lines_and_empty_lines_are_kept() -> None:
    assert paragraphs("one\ntwo\n \n\nthree") == "one  \ntwo\n\nthree"


@given(HOSTILE)
def test_a_code_span_holds_all_of_the_text(text: str) -> None:
    tokens = READER.parse(f"x {code_span(text)} y")
    children = tokens[1].children or []
    if flat(text):
        assert [child.type for child in children] == ["text", "code_inline", "text"]
        assert children[1].content == flat(text)
    else:
        assert [child.type for child in children] == ["text"]


@given(HOSTILE, st.sampled_from(["", "sh"]))
def test_a_code_block_holds_all_of_the_text(text: str, language: str) -> None:
    tokens = READER.parse(code_block(text, language) + "\n\nafter")
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert tokens[0].content.strip("\n") == printable(text).strip("\n")


@given(HOSTILE)
def test_a_code_block_stays_in_its_list_item(text: str) -> None:
    tokens = READER.parse(f"1. do\n\n{code_block(text, 'sh', indent=3)}\n\n2. next")
    assert [token.type for token in tokens].count("list_item_open") == 2
    assert [token.type for token in tokens].count("ordered_list_open") == 1
    assert [token.content.strip("\n") for token in tokens if token.type == "fence"] == [printable(text).strip("\n")]


@pytest.mark.parametrize(
    "text", ["payment-gateway is at 4.7%", "loadAllTransactions:142", "snake_case_name", "AT&T", "a 2.1M row (big)"]
)
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    assert inline(text) == text


LINKS = re.compile(r"[a-z]://|\bwww\.\w|(?<![\w`])@\w|\w@\w|(?:mailto|xmpp):\w|(?<!\w)#\d")
"""What viewers make links and mentions of."""


@given(HOSTILE)
def test_nothing_becomes_a_link_or_a_mention(text: str) -> None:
    tokens = READER.parse(inline(text))
    children = [child for token in tokens for child in token.children or ()]
    assert not any(LINKS.search(child.content) for child in children if child.type == "text")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://evil.example/a?b=c. now", "see `https://evil.example/a?b=c`. now"),
        ("@everyone: ssh root@db-1", "`@everyone`: ssh `root@db-1`"),
        ("fixed in owner/repo#12, (#3), C# 5", "fixed in `owner/repo#12`, (`#3`), C# 5"),
        ("a|b https://a|b www.evil.example", "a\\|b `https://a`\\|b `www.evil.example`"),
        ("image@sha256:ab12", "`image@sha256`:ab12"),
    ],
)
def test_addresses_and_names_of_people_stand_as_code(text: str, shown: str) -> None:
    assert inline(text) == shown
