"""Seals and signatures: what a line carries, and whom they stop."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_runner.errors import RunnerError
from sre_runner.journal.events import JournalError, Noted
from sre_runner.journal.file import Journal, read, whole_lines
from sre_runner.journal.seals import KEY_VARIABLE, Chain, key_of, seal_of

KEY = b"0123456789abcdef"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5), st.sampled_from([b"", KEY]))
def test_each_line_carries_the_seal_of_the_one_before(texts: list[str], key: bytes) -> None:
    chain = Chain(key=key)
    for number, text in enumerate(texts, start=1):
        before = chain
        line, chain = chain.add(json.dumps({"text": text}, ensure_ascii=False) + "\n")
        data, seal = json.loads(line), seal_of(line)
        assert seal
        assert seal.whole
        assert (data["text"], data["line"], data["previous"], data["seal"]) == (text, number, before.seal, chain.seal)
        assert bool(seal.signature) == bool(key) == seal.signed_by(KEY)
        assert not seal.signed_by(b"another key that is long")


def test_a_seal_can_be_computed_with_sha256sum_alone() -> None:
    line, chain = Chain().add('{"event":"noted"}\n')
    assert chain.seal == hashlib.sha256(line[: line.index(b',"seal":')]).hexdigest()


def test_text_that_looks_like_a_seal_is_none() -> None:
    line, _ = Chain().add('{"event":"noted"}\n')
    quoted = json.dumps({"text": line.decode()}).encode() + b"\n"
    assert seal_of(quoted) is None
    assert seal_of(line[:-1]) is None


def test_a_key_that_can_be_guessed_is_refused() -> None:
    assert key_of({}) == key_of({KEY_VARIABLE: ""}) == b""
    assert key_of({KEY_VARIABLE: KEY.decode()}) == KEY
    with pytest.raises(RunnerError, match="has 6 characters, and a key needs at least 16") as refused:
        key_of({KEY_VARIABLE: "secret"})
    assert "secret" not in refused.value.message


def test_a_signed_journal_is_gone_on_with_only_by_its_key(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path, key=KEY)
    journal.append(Noted("one"))
    journal.close()
    for key, said in ((b"", f"is signed, and {KEY_VARIABLE} is not set"), (b"x" * 16, "is not of this key")):
        with pytest.raises(JournalError, match=said):
            Journal(path, reopen=True, key=key)
    journal = Journal(path, reopen=True, key=KEY)
    journal.append(Noted("two"))
    journal.close()
    assert all(seal and seal.signed_by(KEY) for seal in map(seal_of, whole_lines(path)))


def test_what_is_gone_on_with_goes_on_with_its_chain(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    for number in range(3):
        journal = Journal(path, reopen=number > 0, key=KEY if number else b"")
        journal.append(Noted(str(number)))
        journal.close()
    seals = [seal_of(line) for line in whole_lines(path)]
    assert [(seal.line, seal.whole, seal.signature) for seal in seals if seal] == [(n, True, "") for n in (1, 2, 3)]


def test_a_journal_without_seals_stays_without_them(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text('{"event":"noted","at":1,"text":"x"}\n')
    journal = Journal(path, reopen=True, key=KEY)
    journal.append(Noted("y"))
    journal.close()
    assert b"seal" not in path.read_bytes()
    assert [entry.seal for entry in read(path)] == ["", ""]
