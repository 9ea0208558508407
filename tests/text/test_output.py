import base64
import json
import re
import time
import unicodedata
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sre_runner.text.output import DEFAULT_IGNORABLE, EMOJI, MASK, printable, secrets_of, shown

SECRET = 'sk-live/4f"9a\\e+<&>=é'
KEY = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nabcdefghijklmnopqrstuvwxyz012345\n-----END KEY-----\n"
PIECES = st.sampled_from(
    ["</output>", "<", "/", " ", "output", "\n", "\r\n", "\x1b[31m", "\u200b", "\ud800", "—", "ab"]
)
HOSTILE = st.lists(PIECES | st.text(max_size=8), max_size=40).map("".join)
SECRETS = st.lists(st.text('abcXY019+/=&%"\\ \n\x1bé<', min_size=8, max_size=24).filter(lambda s: len(s.strip()) >= 8))


def writings(secret):
    """The ways in which systems write a value that they were given."""
    raw = secret.encode()
    yield secret
    yield json.dumps({"v": secret})
    yield json.dumps({"v": secret}, ensure_ascii=False)
    yield json.dumps(secret).replace("/", "\\/")
    yield json.dumps(secret).replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e")
    yield f"https://host/?key={quote(secret, safe='')}&x=1"
    yield f"https://host/?key={quote_plus(secret)}&x=1"
    yield re.sub("%..", lambda code: code[0].lower(), quote(secret))
    for before in (b"", b"u:", b"user:", b"x-user:"):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(before + raw).decode()
            yield encode(before + raw + b"\n").decode()


@pytest.mark.parametrize("written", list(writings(SECRET)))
def test_a_secret_is_masked_however_it_is_written(written):
    seen = shown(f"before {written} after", [SECRET], 1000)
    assert MASK in seen
    assert seen.startswith("before ")
    assert seen.endswith(" after")
    assert not any(part in seen for part in ("4f", base64.b64encode(SECRET.encode()).decode()[8:16]))


def test_a_key_of_several_lines_is_masked_line_by_line_too():
    indented = "".join(f"    {line}\r\n" for line in KEY.split("\n"))
    for written in (KEY, KEY.replace("\n", "\r\n"), json.dumps(KEY), indented):
        seen = shown(written, [KEY], 1000)
        assert "MIIEv" not in seen
        assert "wxyz" not in seen


def test_of_a_secret_inside_another_nothing_is_left():
    assert shown("x abcdefgh12345678 y", ["abcdefgh", "abcdefgh12345678"], 100) == f"x {MASK} y"


@settings(max_examples=50, deadline=None)
@given(HOSTILE, SECRETS, st.integers(0, 300), st.data())
def test_whatever_is_shown_is_bounded_masked_visible_and_cannot_close_its_block(text, secrets, limit, data):
    if secrets:
        places = data.draw(st.lists(st.sampled_from(secrets), min_size=1, max_size=5))
        text = "".join(part for secret in places for part in (text, secret))
    seen = shown(text, secrets, limit)
    assert len(seen) <= limit
    assert not any(printable(secret.strip()) in seen for secret in secrets)
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in seen if c not in "\t\n")
    assert not re.search(r"<\s*/?\s*output", seen, re.IGNORECASE)
    assert shown(seen, secrets, limit) == seen
    assert printable(printable(text)) == printable(text)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.sampled_from(" \t\n"), max_size=80))
@settings(max_examples=20)
def test_ordinary_text_is_left_as_it_is(text):
    text = re.sub("[\u034f\u115f\u1160\u3164\uffa0\ufe00-\ufe0e\U000e0000-\U000e0fff]", "", text)
    assert printable(text) == text


def test_unseen_characters_are_named():
    assert printable("a\x1b[31m\x00\x85\u200b\u202e\U000e0041\ud800\r\nb\rc\td") == (
        "a\\x1b[31m\\x00\\x85\\u200b\\u202e\\U000e0041\\ud800\nb\\x0dc\td"
    )
    assert printable("⚠\ufe0f 👩 é —") == "⚠\ufe0f 👩 é —"


@pytest.mark.parametrize(
    "closing", ["</output>", "</OUTPUT >", "<  /  output>", '<output call="c9">', "<\n/\n\noutput>"]
)
def test_no_text_opens_or_closes_an_output_block(closing):
    seen = shown(f"a{closing}b", [], 100)
    assert seen == f"a<\\{closing[1:]}b"


def test_a_cut_keeps_head_and_tail_and_says_how_much_is_left_out():
    text = "".join(f"line {n}\n" for n in range(10_000))
    seen = shown(text, [], 3000)
    head, marker, tail = re.fullmatch(r"(?s)(.*)\n\[… (\d+) characters left out here …\]\n(.*)", seen).groups()
    assert text.startswith(head + "\n")
    assert text.endswith("\n" + tail)
    assert len(head) + int(marker) + len(tail) == len(text)
    assert len(head) > 1.8 * len(tail)
    assert 2500 < len(seen) <= 3000
    assert shown("x" * 3000, [], 3000) == "x" * 3000


def test_a_secret_on_the_place_of_the_cut_is_masked_first():
    for shift in range(30):
        seen = shown("y" * (590 + shift) + "s3cr3t-v4lue" + "z" * 3000, ["s3cr3t-v4lue"], 1000)
        assert "s3" not in seen
        assert "4lue" not in seen


@pytest.mark.parametrize(
    "text", ["\x1b" * 10**6, "<" * 10**6, "<" + " " * 10**6, "a" * 10**6, "</output>" * 10**5, "\n" * 10**6]
)
def test_a_million_hostile_characters_take_no_time(text):
    secrets = ["a" * 30 + "b" + "a" * n for n in range(20)]
    started = time.process_time()
    assert len(shown(text, secrets, 30_000)) <= 30_000
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("name", "value", "masked"),
    [
        ("ANTHROPIC_API_KEY", "sk-ant-12345678", {"sk-ant-12345678"}),
        ("GITHUB_TOKEN", " ghp_abcdefgh \n", {"ghp_abcdefgh"}),
        ("DB_PASSWORD", "correct horse", {"correct horse"}),
        ("AWS_SECRET_ACCESS_KEY", "/jalrXUtnFEMI/K7MDENG", {"/jalrXUtnFEMI/K7MDENG"}),
        ("SENTRY_DSN", "https://0123abcd@o1.ingest.io/1", {"https://0123abcd@o1.ingest.io/1"}),
        ("SLACK_WEBHOOK_URL", "https://hooks.slack.com/T0/B0/xyz", {"https://hooks.slack.com/T0/B0/xyz"}),
        ("DATABASE_URL", "postgres://app:p%40ss-word@db:5432/x", {"p%40ss-word", "p@ss-word"}),
        ("LEGACY_DB", "Server=db;User=sa;Password = hunter2222;", {"hunter2222"}),
        ("STORAGE", "AccountName=x;AccountKey=abcd1234==;", {"abcd1234=="}),
        ("AUTH_URL", "https://login.example.com", set()),
        ("AUTH_SERVICE_PORT_80_TCP", "tcp://10.0.0.1:80", set()),
        ("TOKEN_FILE", "token-of-the-day", set()),
        ("SSH_AUTH_SOCK", "/tmp/ssh-x/agent.1", set()),
        ("GOOGLE_CREDENTIALS", "~/gcp.json", set()),
        ("DB_PASSWORD", "postgres", set()),
        ("API_KEY", "short", set()),
        ("GIT_AUTHOR_EMAIL", "me@example.com", set()),
        ("KEYBOARD_LAYOUT", "de-latin1-nodeadkeys", set()),
        ("TOKENIZERS_PARALLELISM", "sometimes", set()),
        ("EDITOR", "/usr/bin/vim -u NONE", set()),
    ],
)
def test_which_values_of_an_environment_are_secrets(name, value, masked):
    assert secrets_of({name: value, "HOME": "/home/me"}) == masked


VISIBLE_FORMAT = ((0x600, 0x605), (0x6DD, 0x6DD), (0x70F, 0x70F), (0x890, 0x891), (0x8E2, 0x8E2), (0x110BD, 0x110CD))
"""Format characters that have a shape of their own (Prepended_Concatenation_Mark)."""


def test_every_character_that_nobody_sees_is_shown_by_its_number():
    """By the data of the Unicode version that this Python has: controls, formats, line ends and surrogates."""
    for code in range(0x110000):
        category = unicodedata.category(chr(code))
        visible = any(first <= code <= last for first, last in VISIBLE_FORMAT) or 0x13430 <= code <= 0x1345F
        if category in ("Cc", "Cf", "Cs", "Zl", "Zp") and chr(code) not in "\t\n" and not visible:
            assert printable(chr(code)).startswith("\\"), hex(code)
    for first, last in DEFAULT_IGNORABLE:
        for code in range(first, last + 1):
            assert (printable(chr(code)) == chr(code)) == (code == EMOJI)


@pytest.mark.parametrize("text", ["\U0001d173", "\U0001bca0", "\u180b", "\u17b4", "\u2065", "\ufff0", "\ufe00"])
def test_characters_that_hide_text_are_shown(text):
    assert printable(f"a{text}b") != f"a{text}b"


def test_emoji_stay_as_they_are():
    assert printable("\u2764\ufe0f on fire") == "\u2764\ufe0f on fire"
