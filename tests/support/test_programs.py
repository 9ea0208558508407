"""Programs that tests start are up inside their `with` and gone after it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from programs import answers, running


def test_a_program_runs_until_the_end_of_its_with(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(tmp_path)]
    with running(lambda port: [*command, str(port)], "/", tmp_path / "log") as url:
        assert answers(url)
    assert not answers(url)


def test_a_program_that_ends_at_once_says_why(tmp_path: Path) -> None:
    words = "raise SystemExit('no such option')"
    with (
        pytest.raises(AssertionError, match="no such option"),
        running(lambda port: [sys.executable, "-c", words], "/", tmp_path / "log"),
    ):
        pass


def test_a_program_is_ended_when_the_test_fails(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(tmp_path)]
    with pytest.raises(subprocess.SubprocessError), running(lambda p: [*command, str(p)], "/", tmp_path / "log") as url:
        raise subprocess.SubprocessError
    assert not answers(url)
