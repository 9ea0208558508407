"""Whole answers beside the journal: bounded, read back only by the names that were given out."""

from __future__ import annotations

from pathlib import Path

import pytest

from sre_runner.journal import answers
from sre_runner.journal.answers import MOST_KEPT, KeptAnswers


def test_an_answer_is_read_back_to_the_character(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path)
    assert not (tmp_path / "answers").exists()
    name = kept.keep(3, "a\n✓ \ufffd\n")
    assert name == "answers/3.txt"
    assert kept.read(name) == "a\n✓ \ufffd\n"
    assert (tmp_path / "answers").stat().st_mode & 0o777 == 0o700
    assert KeptAnswers(tmp_path).read(name) == "a\n✓ \ufffd\n"


@pytest.mark.parametrize(
    "name", ["answers/../journal.jsonl", "/etc/passwd", "answers/.txt", "answers/1", "1.txt", "answers/²2.txt", ""]
)
def test_no_other_file_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "journal.jsonl").write_text("secret", encoding="utf-8")
    assert KeptAnswers(tmp_path).read(name) is None


def test_what_is_gone_is_none(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path)
    name = kept.keep(1, "x")
    (tmp_path / name).unlink()
    assert kept.read(name) is None


def test_bounds_of_an_answer_and_of_a_run(tmp_path: Path) -> None:
    kept = KeptAnswers(tmp_path)
    assert len(kept.read(kept.keep(1, "x" * (MOST_KEPT + 9))) or "") == MOST_KEPT
    (tmp_path / "answers" / "2.txt").touch()
    with (tmp_path / "answers" / "2.txt").open("r+b") as file:
        file.truncate(answers.MOST_OF_A_RUN - MOST_KEPT - 10)
    again = KeptAnswers(tmp_path)
    assert again.keep(3, "x" * 11) == ""
    assert again.keep(4, "x" * 10) == "answers/4.txt"
    assert again.keep(5, "x") == ""


def test_a_folder_that_cannot_be_written_keeps_nothing_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "answers").write_text("a file", encoding="utf-8")
    assert KeptAnswers(tmp_path).keep(1, "x") == ""
