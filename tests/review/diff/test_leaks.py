"""What looks like a secret, and that it is never shown."""

from __future__ import annotations

import pytest

from sre_runner.review.diff.changes import Change, Risk, Subject, Words
from sre_runner.review.diff.leaks import ENVIRONMENT, SHAPES, leaks, without_secrets

# In two parts, so that no scanner takes this file for a leak.
SECRETS = {
    "an AWS access key": "AKIA" + "ABCDEFGHIJKLMNOP",
    "an Anthropic API key": "sk-" + "ant-api03-abcdefghijklmnopqrstuvwx",
    "a GitHub token": "ghp" + "_abcdefghijklmnopqrstuvwxyz0123456789",
    "a Google API key": "AIza" + "SyA1234567890abcdefghijklmnopqrstuv",
    "a Slack token": "xoxb" + "-123456789012-abcdef",
    "a JSON Web Token": "eyJ" + "hbGciOiJIUzI1NiJ9.eyJ" + "zdWIiOiIxMjM0NTY3ODkwIn0.abcdefghijklmno",
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEpAIBAAKCAQEA",
    "a password in an address": "postgres://app:" + "hunter2@db.internal/app",
}


@pytest.mark.parametrize("what", SHAPES)
def test_a_secret_is_found_at_its_line_and_masked(what: str) -> None:
    secret = SECRETS[what]
    (leak,) = leaks(f"first\nsecond {secret}\n")
    assert (leak.what, leak.line) == (what, 2)
    change = Change(
        "prompt-changed",
        Risk.LOW,
        Subject("agent", "pods"),
        f"It says {secret}.",
        [secret],
        {"x": {secret: 1}},
        words=(Words(("p",), (("+", secret),), 2),),
    )
    masked = without_secrets(change)
    assert secret.split("\n")[-1] not in repr(masked)
    assert masked.words[0].more == 2


def test_a_secret_is_told_once() -> None:
    secret = SECRETS["an AWS access key"]
    assert len(list(leaks(f"{secret} and {secret}\nand {secret}"))) == 1


def test_ordinary_texts_are_no_secrets() -> None:
    text = "See https://example.com/a@b, mail ops@example.com, AKIA, and ssh://host:22/x; sk-ant is a prefix.\n"
    assert list(leaks(text, {"not-in-the-text"})) == []


def test_values_of_the_environment_are_secrets() -> None:
    (leak,) = leaks("a\nthe word is open-sesame-42\n", {"open-sesame-42"})
    assert (leak.what, leak.line) == (ENVIRONMENT, 2)
    change = Change("prompt-changed", Risk.LOW, Subject("agent", "pods"), "x", "open-sesame-42", 7)
    assert without_secrets(change, {"open-sesame-42"}).before == "[masked]"
    assert without_secrets(change, {"open-sesame-42"}).after == 7
