"""The benchmark's configuration is right, and checking it takes steps in proportion to its size."""

from __future__ import annotations

import cProfile
import pstats
import subprocess
import sys
from pathlib import Path

import pytest

from sre_runner.config.loading import Checked, validate

GENERATE = Path(__file__).parents[2] / "bench" / "generate.py"


def generate(folder: Path, number: int) -> Path:
    subprocess.run([sys.executable, str(GENERATE), str(folder), str(number)], check=True)
    return folder


def steps(folder: Path) -> tuple[Checked, int]:
    """What validating a configuration comes to, and how many calls of functions it takes: the same at every time."""
    profile = cProfile.Profile()
    checked = profile.runcall(validate, (folder,))
    return checked, pstats.Stats(profile).total_calls  # type: ignore[attr-defined]


@pytest.mark.parametrize("number", [10, 34])
def test_what_is_generated_is_right_and_all_of_it_is_used(tmp_path: Path, number: int) -> None:
    checked = validate((generate(tmp_path, number),))
    assert checked.problems == ()
    assert len(checked.agents) == number
    assert sum(map(len, checked.tools.values())) == number
    assert len(checked.playbooks) == number // 5


@pytest.mark.no_cover
def test_three_times_as_many_files_take_about_three_times_as_many_steps(tmp_path: Path) -> None:
    validate((generate(tmp_path / "first", 10),))  # what is done once: schemas, templates, imports
    _, few = steps(generate(tmp_path / "few", 40))
    checked, many = steps(generate(tmp_path / "many", 120))
    assert checked.problems == ()
    assert many / few < 3.2
